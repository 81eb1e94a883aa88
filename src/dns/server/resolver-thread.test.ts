import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { PacketReading } from '../../../test/support/packet-reading-thread.ts';
import { seededRandom } from '../../lib/random.ts';
import { PacketCache } from '../resolver/packet-cache.ts';

/** A question for A of that name, without EDNS. */
function question(label: string): Uint8Array {
  const name = [label.length, ...new TextEncoder().encode(label), 0];
  return Uint8Array.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name, 0, 1, 0, 1]);
}

/** Its answer: one record with `length` octets of data, all of them `octet`. */
function answer(query: Uint8Array, octet: number, length: number): Uint8Array {
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, length >>> 8, length & 255];
  const head = query.with(2, 0x81).with(3, 0x80).with(7, 1);
  return Uint8Array.from([...head, ...record, ...new Uint8Array(length).fill(octet)]);
}

test('an answer is whole though it is overwritten while threads read it', async () => {
  // So small that the log comes round every few hundred answers.
  const packets = PacketCache.make(80_000, seededRandom(1), () => 0);
  const queries = Array.from({ length: 60 }, (_, i) => question(`name${i}`));
  const stop = new SharedArrayBuffer(4);
  const reading: PacketReading = { packets: packets.memory.shared, queries, stop };
  const program = new URL('../../../test/support/packet-reading-thread.ts', import.meta.url);
  const threads = [1, 2].map(() => new Worker(program, { workerData: reading }));
  await Promise.all(threads.map((thread) => once(thread, 'message')));
  const random = seededRandom(2);
  for (let i = 0; i < 20_000; i++) {
    const query = queries[random.below(queries.length)] ?? new Uint8Array();
    packets.keep(
      {
        body: answer(query, i & 255, 1 + random.below(400)),
        questionEnd: query.length,
        authentic: false,
        dnssecOk: false,
        checkingDisabled: false,
        error: new Uint8Array(0),
      },
      100,
      0,
    );
  }
  const told = threads.map((thread) => once(thread, 'message'));
  Atomics.store(new Int32Array(stop), 0, 1);
  for (const [said] of await Promise.all(told)) {
    const { answered, torn } = said as { answered: number; torn: string };
    assert.equal(torn, '');
    assert.ok(answered > 0);
  }
});
