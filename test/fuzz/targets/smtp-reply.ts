// Replies of an SMTP server: however they are cut, the decoder gives the same, holds little, and what it gives fits on one line.
import assert from 'node:assert/strict';
import { latin1ToBytes } from '../../../src/lib/bytes.ts';
import {
  ReplyDecoder,
  formatServerReply,
  maxReplyLine,
  maxReplyLines,
} from '../../../src/smtp/wire/reply-decoder.ts';
import type { FuzzTarget } from '../target.ts';

/** One line a reply; after a fault nothing counts, because the pieces decide how much came before it. */
function decode(input: Uint8Array, pieceSize: number): readonly string[] | 'fault' {
  const decoder = new ReplyDecoder();
  const replies: string[] = [];
  for (let at = 0; at < input.length; at += pieceSize) {
    const decoded = decoder.push(input.subarray(at, at + pieceSize));
    if (!decoded.ok) return 'fault';
    for (const reply of decoded.value) {
      assert.ok(reply.code >= 200 && reply.code <= 599);
      assert.ok(reply.lines.length >= 1 && reply.lines.length <= maxReplyLines);
      for (const line of reply.lines) assert.ok(line.length <= maxReplyLine);
      const text = formatServerReply(reply);
      assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      replies.push(text);
    }
  }
  return replies;
}

export const target: FuzzTarget = {
  name: 'smtp-reply',
  seeds: [
    '220 mx.example.org ESMTP\r\n',
    '250-mx.example.org\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-STARTTLS\r\n250 8BITMIME\r\n',
    '550-5.1.1 no\r\n550 5.1.1 such user\r\n421 4.3.2 bye\r\n',
    '250\r\n250 \r\n250-\r\n250\n',
    '250-a\r\n550 b\r\n',
    '\r\n\r\n',
    `250 ${'x'.repeat(2040)}\r\n`,
    '250-x\r\n'.repeat(130),
    '550 \u00e4\u00ff\u0000\u001b[31m\r\n',
  ].map(latin1ToBytes),
  words: ['250-', '250 ', '\r\n', '\n', '5.1.1 ', '421 ', '\0', '\u0085'].map(latin1ToBytes),
  run(input, random) {
    const whole = decode(input, Math.max(1, input.length));
    assert.deepEqual(decode(input, 1 + random.below(20)), whole);
  },
};
