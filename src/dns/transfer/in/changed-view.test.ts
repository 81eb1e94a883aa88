import assert from 'node:assert/strict';
import { test } from 'node:test';
import { record } from '../../../../test/support/dns-messages.ts';
import { MemoryZoneKeeper } from '../../../../test/support/memory-zone-keeper.ts';
import { zoneFromText } from '../../../../test/support/dns-authority.ts';
import { ok } from '../../../lib/result.ts';
import { seededRandom } from '../../../lib/random.ts';
import { domainName } from '../../wire/name.ts';
import { recordsOf } from '../../wire/record.ts';
import type { ResourceRecord } from '../../wire/record.ts';
import { rrType } from '../../wire/rr-type.ts';
import type { ZoneChange } from '../../zone/zone-change.ts';
import type { ZoneView } from '../../zone/zone-view.ts';
import { ZoneSet } from '../../zone/zone-set.ts';
import { computeZonemd } from '../../zone/zonemd-digest.ts';
import { ChangedView } from './changed-view.ts';

const origin = domainName('example.com');
const text =
  '$TTL 300\n@ SOA ns h 1 60 30 90 5\n@ NS ns\nns A 192.0.2.1\na TXT x\na TXT y\n*.w A 192.0.2.9\n';

function soa(serial: number): ResourceRecord {
  return record(`example.com. 300 IN SOA ns.example.com. h.example.com. ${serial} 60 30 90 5`);
}

test('a zone seen before its steps are made is what it is after them', async () => {
  const random = seededRandom(3);
  const keeper = new MemoryZoneKeeper(new ZoneSet([zoneFromText('example.com.', text)]));
  for (let round = 0; round < 30; round++) {
    const base = keeper.view(origin) ?? assert.fail();
    const ahead = new ChangedView(base);
    const changes: ZoneChange[] = [];
    let now: ZoneView = base;
    for (let step = 0; step < 3; step++) {
      const all = [...now.all()].flatMap(recordsOf);
      const loose = all.filter(({ type }) => type === rrType.TXT || type === rrType.MX);
      const removed = loose.filter(() => random.below(3) === 0);
      const host = `h${random.below(5)}.example.com.`;
      const added = [
        record(`${host} 300 IN TXT "${round}.${step}"`),
        record(`${host} 300 IN MX ${1 + step} m${round}.example.net.`),
      ];
      const change = { from: soa(now.serial), to: soa(now.serial + 1), removed, added };
      const applied = ahead.apply(change);
      assert.ok(applied.ok, applied.ok ? '' : applied.fault);
      changes.push(change);
      now = ahead;
    }
    for (const change of changes) assert.ok((await keeper.change(origin, () => ok(change))).ok);
    const after = keeper.view(origin) ?? assert.fail();
    assert.equal(ahead.serial, after.serial);
    assert.equal(computeZonemd(ahead, 'sha384').toHex(), computeZonemd(after, 'sha384').toHex());
  }
});

test('steps that are not exact are told', () => {
  const base = zoneFromText('example.com.', text);
  const cases: readonly (readonly [Partial<ZoneChange>, RegExp])[] = [
    [{ from: soa(2) }, /a step from serial 2, where 1 is what we have/],
    [
      { removed: [record('a.example.com. 300 IN TXT "z"')] },
      /removes a record a\.example\.com\. TXT, which isn't there/,
    ],
    [
      { added: [record('a.example.com. 300 IN TXT "x"')] },
      /adds a record a\.example\.com\. TXT, which is there already/,
    ],
  ];
  for (const [part, expected] of cases) {
    const applied = new ChangedView(base).apply({
      from: soa(1),
      to: soa(2),
      removed: [],
      added: [],
      ...part,
    });
    assert.match(applied.ok ? '' : applied.fault, expected);
  }
});
