import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { latin1ToBytes } from '../../../lib/bytes.ts';
import { base32HexToBytes, bytesToBase32Hex } from './base32hex.ts';

test('the vectors of RFC 4648 §10, without padding', () => {
  const vectors = [
    ['', ''],
    ['f', 'CO'],
    ['fo', 'CPNG'],
    ['foo', 'CPNMU'],
    ['foob', 'CPNMUOG'],
    ['fooba', 'CPNMUOJ1'],
    ['foobar', 'CPNMUOJ1E8'],
  ] as const;
  for (const [text, encoded] of vectors) {
    assert.equal(bytesToBase32Hex(latin1ToBytes(text)), encoded);
    assert.deepEqual(base32HexToBytes(encoded), latin1ToBytes(text));
    assert.deepEqual(base32HexToBytes(encoded.toLowerCase()), latin1ToBytes(text));
  }
});

test('refuses other characters, lengths that no octets have, and bits left over', () => {
  for (const text of ['W0', 'C', 'CPN', 'CPNMUO', 'CO======', 'CP', 'C O', 'CÖ', 'ßa', 'C\u0130'])
    assert.equal(base32HexToBytes(text), undefined, text);
});

test('any octets survive', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (octets) =>
      assert.deepEqual(base32HexToBytes(bytesToBase32Hex(octets)), octets),
    ),
  );
});
