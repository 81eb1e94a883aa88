// Other threads answer from zones while this one changes, moves and replaces them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { MessageChannel, Worker } from 'node:worker_threads';
import { queryFor, zoneFromText } from '../../../test/support/dns-authority.ts';
import { record } from '../../../test/support/dns-messages.ts';
import type { ReadingThreadStart } from '../../../test/support/zone-reading-thread.ts';
import { domainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { NameProbe } from './name-probe.ts';
import { SharedZones } from './shared-zones.ts';
import { zoneStatus } from './zone-index.ts';
import { ZoneSet } from './zone-set.ts';
import type { Zone } from './zone.ts';

const origin = domainName('example.');

/** Each record's TTL is the serial. */
function linesOf(serial: number): readonly string[] {
  return [
    `example. ${serial} IN SOA ns.example. h.example. ${serial} 1 1 1 100000000`,
    `example. ${serial} IN NS ns.example.`,
    `ns.example. ${serial} IN A 192.0.2.1`,
    `m.example. ${serial} IN MX 1 ns.example.`,
    `m.example. ${serial} IN MX 2 a.b.example.`,
    `a.b.example. ${serial} IN AAAA 2001:db8::1`,
    `c.example. ${serial} IN CNAME m.example.`,
    `*.w.example. ${serial} IN MX 1 ns.example.`,
    `sub.example. ${serial} IN NS ns.sub.example.`,
    `ns.sub.example. ${serial} IN A 192.0.2.2`,
  ];
}

function zoneAt(serial: number): Zone {
  return zoneFromText('example.', linesOf(serial).join('\n'));
}

const questions = ['m', 'c', 'x.w', 'www.sub', 'none', 'b'].map((name) => queryFor(`${name}.example. MX`));

test('another thread sees each answer at one version, and never an older one than was published', async () => {
  const zones = new ZoneSet([zoneAt(1)]);
  const { port1, port2 } = new MessageChannel();
  zones.onShareChange((change) => port1.postMessage(change));
  const control = new SharedArrayBuffer(12);
  const words = new Int32Array(control);
  words[1] = 1;
  const start: ReadingThreadStart = {
    share: zones.share(),
    port: port2,
    queries: questions,
    control,
  };
  const thread = new Worker(new URL('../../../test/support/zone-reading-thread.ts', import.meta.url), {
    workerData: start,
    transferList: [port2],
  });
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(async () => {
    port1.close();
    await thread.terminate();
  });
  const told = once(port1, 'message');
  const failed = once(thread, 'error').then(([error]) => Promise.reject(error as Error));
  const before = linesOf(1).map((line) => record(line));
  let held: readonly ResourceRecord[] = before;
  for (let serial = 2; serial <= 1500; serial++) {
    const next = linesOf(serial).map((line) => record(line));
    const [from, to] = [held[0], next[0]];
    assert.ok(from && to);
    if (serial % 500 === 0) {
      zones.put(zoneAt(serial));
    } else {
      const change = { from, to, removed: held.slice(1), added: next.slice(1) };
      const prepared = zones.prepare(origin, change);
      assert.ok(prepared.ok, prepared.ok ? '' : prepared.fault.map(({ message }) => message).join());
      zones.publish(origin, serial);
    }
    Atomics.store(words, 1, serial);
    held = next;
    if (serial % 7 === 0) zones.step(1, () => performance.now());
    // The other thread gets its turn, however few processors there are.
    if (serial % 50 === 0) {
      const answered = Atomics.load(words, 2);
      while (Atomics.load(words, 2) < answered + 20 && thread.threadId !== -1)
        await new Promise((resolve) => setImmediate(resolve));
    }
  }
  Atomics.store(words, 0, 1);
  const [wrong] = (await Promise.race([told, failed])) as [readonly string[]];
  assert.deepEqual(wrong, []);
  assert.ok((words[2] ?? 0) > 500, `only ${words[2]} answers`);
});

test('a reader asks for its messages where it meets what it was not told of', () => {
  const zones = new ZoneSet();
  const waiting: Parameters<SharedZones['take']>[0][] = [];
  zones.onShareChange((change) => waiting.push(change));
  let asked = 0;
  const reader = new SharedZones(zones.share(), () => {
    asked += 1;
    for (const change of waiting.splice(0)) reader.take(change);
  });
  const found = (name: string): number => {
    const { wire } = domainName(name);
    const probe = new NameProbe();
    probe.read(wire, 0, wire.length);
    return reader.find(probe, probe.labels);
  };
  assert.equal(found('a.example.'), zoneStatus.none);
  zones.put(zoneAt(1));
  assert.equal(found('a.example.'), zoneStatus.served);
  assert.equal(asked, 1);
  zones.withhold(origin);
  assert.equal(found('a.example.'), zoneStatus.withheld);
  assert.ok(zones.restore(origin));
  assert.equal(found('a.example.'), zoneStatus.served);
  // More zones than the first index has room for.
  for (let i = 0; i < 500; i++) zones.put(zoneFromText(`z${i}.`, '@ 5 SOA a. b. 1 2 3 4 5\n@ 5 NS a.'));
  assert.equal(found('www.z499.'), zoneStatus.served);
  assert.ok(zones.delete(origin));
  assert.equal(found('a.example.'), zoneStatus.none);
  assert.equal(zones.size, 500);
});

test('zones without content are ours all the same', () => {
  const zones = new ZoneSet();
  zones.withhold(origin);
  assert.equal(zones.enclosing(domainName('www.example.')), 'withheld');
  assert.equal(zones.restore(origin), false);
  assert.equal(zones.get(origin), undefined);
  assert.equal(zones.size, 0);
  zones.put(zoneAt(1));
  assert.notEqual(zones.enclosing(domainName('www.example.')), 'withheld');
});
