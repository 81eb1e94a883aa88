// Things heard whose every part follows from their number.
import assert from 'node:assert/strict';
import type { Heard } from '../../src/dns/resolver/heard-ring.ts';

export function numberedHeard(number: number): Omit<Heard, 'reply'> {
  return {
    kind: 1 + (number % 4),
    server: number,
    ttl: number * 7,
    generation: number >>> 3,
    zoneLength: number % 256,
    ms: number / 4,
    asked: number * 1000 + 0.5,
    query: new Uint8Array(12 + (number % 50)).fill(number),
  };
}

export function numberedReply(number: number): Uint8Array {
  return new Uint8Array((number * 37) % 1233).fill(number + 1);
}

/** Whether it is all of one. Its octets are another's when the next is read. */
export function assertNumbered(heard: Heard): void {
  const { query, ...parts } = numberedHeard(heard.server);
  const reply = numberedReply(heard.server);
  assert.deepEqual({ ...heard, query: '', reply: '' }, { ...parts, query: '', reply: '' });
  assert.equal(heard.query.toHex(), query.toHex());
  assert.equal(heard.reply.toHex(), reply.toHex());
}
