import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToLatin1, concatBytes } from '../../lib/bytes.ts';
import { formatChallenge, formatListing, formatReply } from './reply.ts';

test('first lines (RFC 1939 §3, RFC 2449 §8)', () => {
  assert.equal(formatReply({ ok: true, text: '' }), '+OK\r\n');
  assert.equal(formatReply({ ok: true, text: '2 320' }), '+OK 2 320\r\n');
  assert.equal(formatReply({ ok: false, text: 'No.' }), '-ERR No.\r\n');
  assert.equal(formatReply({ ok: false, code: 'IN-USE', text: 'No.' }), '-ERR [IN-USE] No.\r\n');
});

test('challenges (RFC 5034 §4)', () => {
  assert.equal(formatChallenge(new Uint8Array(0)), '+ \r\n');
  assert.equal(formatChallenge(Uint8Array.of(0x55)), '+ VQ==\r\n');
});

test('listings come in pieces, whatever their length', () => {
  for (const count of [0, 1, 511, 512, 513, 2000]) {
    const lines = Array.from({ length: count }, (_, index) => `${index + 1} 10`);
    const pieces = [...formatListing(lines)];
    assert.equal(
      bytesToLatin1(concatBytes(pieces)),
      `${lines.map((line) => `${line}\r\n`).join('')}.\r\n`,
      `${count}`,
    );
    assert.ok(pieces.every((piece) => piece.length < 10_000));
  }
});
