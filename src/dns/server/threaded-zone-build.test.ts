import assert from 'node:assert/strict';
import { test } from 'node:test';
import { record } from '../../../test/support/dns-messages.ts';
import { domainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { threadedZoneBuild } from './threaded-zone-build.ts';

const origin = domainName('example.com');
const head = [
  record('example.com. 300 IN SOA ns.example.net. h.example.net. 7 60 30 90 5'),
  record('example.com. 300 IN NS ns.example.net.'),
];

function hosts(count: number): readonly ResourceRecord[] {
  const one = record('x.example.com. 300 IN A 192.0.2.1');
  return Array.from({ length: count }, (_, i) => ({ ...one, owner: domainName(`h${i}.example.com`) }));
}

for (const count of [5, 20_000]) {
  test(`a zone of ${count} hosts is built of records that come in pieces`, async () => {
    using build = threadedZoneBuild(origin);
    const all = hosts(count);
    build.add(head);
    for (let at = 0; at < count; at += 999) build.add(all.slice(at, at + 999));
    const built = await build.finish();
    assert.ok(built.ok, built.ok ? '' : built.fault.join());
    assert.equal(built.value.serial, 7);
    assert.equal([...built.value.all()].length, count + 2);
    assert.deepEqual(built.value.rrset(domainName(`H${count - 1}.example.com`), 1)?.rdatas, [
      Uint8Array.of(192, 0, 2, 1),
    ]);
  });

  test(`a zone of ${count} hosts that is none is refused in words`, async () => {
    using build = threadedZoneBuild(origin);
    build.add(hosts(count));
    const built = await build.finish();
    assert.deepEqual(built.ok ? [] : built.fault.filter((each) => each.includes('SOA')), [
      'the zone example.com. has no SOA record',
    ]);
  });
}

test('a build that is given up leaves no thread behind', () => {
  const build = threadedZoneBuild(origin);
  build.add(hosts(5_000));
  build[Symbol.dispose]();
});
