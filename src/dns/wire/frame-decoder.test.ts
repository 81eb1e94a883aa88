import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '../../lib/bytes.ts';
import { DnsFrameDecoder, frameMessage } from './frame-decoder.ts';

function message(length: number, fill: number): Uint8Array {
  return new Uint8Array(length).fill(fill);
}

function decode(chunks: readonly Uint8Array[]): {
  messages: string[];
  fault: string | undefined;
  pending: number;
} {
  const decoder = new DnsFrameDecoder();
  const messages: string[] = [];
  for (const chunk of chunks) {
    const step = decoder.push(chunk);
    messages.push(...step.messages.map((each) => each.toHex()));
    if (step.fault !== undefined) return { messages, fault: step.fault, pending: decoder.pending };
  }
  return { messages, fault: undefined, pending: decoder.pending };
}

const streams: readonly (readonly [what: string, stream: Uint8Array, expected: ReturnType<typeof decode>])[] =
  [
    ['nothing', new Uint8Array(0), { messages: [], fault: undefined, pending: 0 }],
    [
      'two messages',
      concatBytes([frameMessage(message(3, 1)), frameMessage(message(1, 2))]),
      { messages: ['010101', '02'], fault: undefined, pending: 0 },
    ],
    [
      'a long message',
      frameMessage(message(300, 7)),
      { messages: [message(300, 7).toHex()], fault: undefined, pending: 0 },
    ],
    ['half a length', Uint8Array.of(0), { messages: [], fault: undefined, pending: 1 }],
    ['half a message', Uint8Array.of(0, 3, 1), { messages: [], fault: undefined, pending: 3 }],
  ];

for (const [what, stream, expected] of streams) {
  test(`DNS frames: ${what}, split at every octet`, () => {
    assert.deepEqual(decode([stream]), expected);
    assert.deepEqual(decode([...stream].map((octet) => Uint8Array.of(octet))), expected);
    for (let at = 0; at <= stream.length; at++)
      assert.deepEqual(decode([stream.subarray(0, at), stream.subarray(at)]), expected, `split at ${at}`);
  });
}

test('DNS frames: an empty message is a fault, and what came before it is given', () => {
  const stream = concatBytes([frameMessage(message(1, 9)), Uint8Array.of(0, 0, 1)]);
  for (let at = 0; at <= stream.length; at++) {
    const { messages, fault } = decode([stream.subarray(0, at), stream.subarray(at)]);
    assert.deepEqual([messages, fault], [['09'], 'empty-message'], `split at ${at}`);
  }
});

test('DNS frames: the longest message, an octet at a time', () => {
  const stream = frameMessage(message(65535, 5));
  assert.deepEqual(decode([...stream].map((octet) => Uint8Array.of(octet))).messages.length, 1);
});

test('DNS frames: nothing kept refers to what was pushed', () => {
  const decoder = new DnsFrameDecoder();
  const chunk = Uint8Array.of(0, 2, 8);
  decoder.push(chunk);
  chunk.fill(0);
  assert.deepEqual(decoder.push(Uint8Array.of(9)).messages, [Uint8Array.of(8, 9)]);
});
