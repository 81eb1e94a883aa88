import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { bytesToHex, latin1ToBytes } from '../lib/bytes.ts';
import { seededRandom } from '../lib/random.ts';
import { BodyHash } from './body-hash.ts';

/** RFC 6376 §3.4.3, §3.4.4, said another way. */
function canonical(text: string, form: 'simple' | 'relaxed'): string {
  const lines = form === 'simple' ? text : text.replaceAll(/[ \t]+/g, ' ').replaceAll(/ (?=\r\n|$)/g, '');
  const body = lines.replace(/(?:\r\n)+$/, '');
  return form === 'relaxed' && body === '' ? '' : `${body}\r\n`;
}

test('bodies of all kinds and sizes, cut anywhere, have the hash of their canonical form', () => {
  const random = seededRandom(5);
  const words = ['\r\n', '\r\n', ' ', '\t', ' \t ', 'a', 'word', '.', '\r', '\n', 'x'.repeat(3000)];
  for (let round = 0; round < 600; round++) {
    let text = '';
    for (let left = random.below(60); left > 0; left--) text += words[random.below(words.length)] ?? '';
    const octets = latin1ToBytes(text);
    for (const form of ['simple', 'relaxed'] as const) {
      const expected = canonical(text, form);
      const limit = random.below(2) === 0 ? undefined : random.below(expected.length + 10);
      const hash = new BodyHash(form, limit);
      for (let at = 0; at < octets.length;) {
        const length = 1 + random.below(round % 2 === 0 ? 3 : 20_000);
        hash.push(octets.subarray(at, at + length));
        at += length;
      }
      const { digest, length } = hash.end();
      assert.equal(length, expected.length, JSON.stringify(text.slice(0, 200)));
      assert.equal(
        bytesToHex(digest),
        createHash('sha256').update(expected.slice(0, limit), 'latin1').digest('hex'),
        JSON.stringify(text.slice(0, 200)),
      );
    }
  }
});
