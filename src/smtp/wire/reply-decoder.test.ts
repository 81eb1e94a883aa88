import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concatBytes, latin1ToBytes, utf8ToBytes } from '../../lib/bytes.ts';
import { ReplyDecoder, formatServerReply, maxReplyLine, maxReplyLines, statusOf } from './reply-decoder.ts';
import type { ServerReply } from './reply-decoder.ts';

/** What a decoder gives for these pieces: replies on one line each, then the fault if any. */
function decode(pieces: readonly Uint8Array[]): string[] {
  const decoder = new ReplyDecoder();
  const seen: string[] = [];
  for (const piece of pieces) {
    const decoded = decoder.push(piece);
    if (!decoded.ok) return [...seen, `fault: ${decoded.fault}`];
    seen.push(...decoded.value.map(formatServerReply));
  }
  return decoder.pending ? [...seen, 'pending'] : seen;
}

const cases: readonly (readonly [what: string, input: string, expected: readonly string[]])[] = [
  ['one line', '220 mx.example.org ESMTP\r\n', ['220 mx.example.org ESMTP']],
  ['no text', '250\r\n', ['250']],
  ['no text after a space', '250 \r\n', ['250']],
  ['several lines', '250-mx\r\n250-PIPELINING\r\n250 SIZE 10\r\n', ['250 mx PIPELINING SIZE 10']],
  ['an empty line of several', '250-\r\n250 last\r\n', ['250 last']],
  ['two replies', '250 a\r\n354 b\r\n', ['250 a', '354 b']],
  ['an enhanced code', '550 5.1.1 no such user\r\n', ['550 5.1.1 no such user']],
  ['an enhanced code on each line', '550-5.1.1 no\r\n550 5.1.1 user\r\n', ['550 5.1.1 no user']],
  ['an enhanced code alone', '250 2.0.0\r\n', ['250 2.0.0']],
  ['an enhanced code of another class is text', '550 4.1.1 odd\r\n', ['550 4.1.1 odd']],
  ['a bare LF ends a line', '220-a\n220 b\n', ['220 a b']],
  ['a CR inside a line is shown as ?', '220 a\rb\r\n', ['220 a?b']],
  ['control characters are shown as ?', '220 \u001b[2Ja\0\r\n', ['220 ?[2Ja?']],
  ['an unfinished line', '220 mx', ['pending']],
  ['an unfinished reply', '220-mx\r\n', ['pending']],
  ['nothing', '', []],
  ['no code', 'hello\r\n', ["fault: 'hello' is not a reply"]],
  ['an empty line', '\r\n', ["fault: '' is not a reply"]],
  ['a code below 200', '199 a\r\n', ["fault: '199 a' is not a reply"]],
  ['a code above 599', '600 a\r\n', ["fault: '600 a' is not a reply"]],
  ['a code of four digits', '2500 a\r\n', ["fault: '2500 a' is not a reply"]],
  ['two codes in one reply', '250-a\r\n550 b\r\n', ['fault: one reply has the codes 250 and 550']],
  ['a good reply before a bad one', '250 a\r\nx\r\n', ["fault: 'x' is not a reply"]],
];

describe('reply decoder (RFC 5321 §4.2)', () => {
  for (const [what, input, expected] of cases) {
    test(`${what}: whole, split at every octet, and octet by octet`, () => {
      const bytes = latin1ToBytes(input);
      const last = expected.at(-1)?.startsWith('fault') === true ? [expected.at(-1)] : expected;
      const outcome = (pieces: Uint8Array[]): readonly (string | undefined)[] => {
        const seen = decode(pieces);
        return seen.at(-1)?.startsWith('fault') === true ? [seen.at(-1)] : seen;
      };
      assert.deepEqual(outcome([bytes]), last);
      for (let at = 0; at <= bytes.length; at++) {
        assert.deepEqual(outcome([bytes.subarray(0, at), bytes.subarray(at)]), last, `split at ${at}`);
      }
      assert.deepEqual(outcome(Array.from(bytes, (octet) => Uint8Array.of(octet))), last);
    });
  }

  test('lines and codes are kept apart', () => {
    const decoded = new ReplyDecoder().push(latin1ToBytes('250-2.1.0 a\r\n250 2.1.0 b\r\n'));
    const expected: ServerReply = { code: 250, enhancedCode: '2.1.0', lines: ['a', 'b'] };
    assert.deepEqual(decoded, { ok: true, value: [expected] });
  });

  test('UTF-8 is kept, anything else becomes U+FFFD (RFC 6531 §3.7.4.2)', () => {
    assert.deepEqual(decode([utf8ToBytes('550 kein Bär\r\n')]), ['550 kein Bär']);
    assert.deepEqual(decode([latin1ToBytes('550 kein B\u00e4r\r\n')]), ['550 kein B\ufffdr']);
  });

  test('a line and a reply are bounded, whatever the pieces', () => {
    const line = new Uint8Array(maxReplyLine + 1).fill(0x61);
    assert.match(decode([line]).join(), /fault: a reply line is longer/);
    const decoder = new ReplyDecoder();
    let pushed = 0;
    while (decoder.push(new Uint8Array(1000).fill(0x61)).ok) pushed += 1000;
    assert.ok(pushed <= maxReplyLine, `${pushed} octets were held`);
    assert.deepEqual(
      decode([concatBytes(Array.from({ length: maxReplyLines + 1 }, () => latin1ToBytes('250-a\r\n')))]),
      [`fault: a reply has more than ${maxReplyLines} lines`],
    );
  });

  test('a fault stays', () => {
    const decoder = new ReplyDecoder();
    assert.equal(decoder.push(latin1ToBytes('x\r\n')).ok, false);
    assert.equal(decoder.push(latin1ToBytes('250 fine\r\n')).ok, false);
    assert.equal(decoder.pending, false);
  });

  test('a status is the enhanced code, or made of the reply code', () => {
    const [one, two] = ['550 5.7.1 no\r\n', '451 later\r\n'].map((text) => {
      const decoded = new ReplyDecoder().push(latin1ToBytes(text));
      return decoded.ok ? decoded.value.map(statusOf) : [];
    });
    assert.deepEqual([one, two], [['5.7.1'], ['4.0.0']]);
  });
});
