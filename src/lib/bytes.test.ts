import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  base64ToBytes,
  bytesToBase64,
  bytesToHex,
  bytesToLatin1,
  bytesToUtf8,
  bytesToUtf8Strict,
  compareBytes,
  concatBytes,
  equalBytes,
  hexToBytes,
  latin1ToBytes,
  utf8ToBytes,
} from './bytes.ts';

test('base64 is strict (RFC 4648 §4), and takes megabytes', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['', ''],
    ['Zg==', '66'],
    ['Zm8=', '666f'],
    ['Zm9v', '666f6f'],
    ['Zg', undefined],
    ['Zg=', undefined],
    ['Z===', undefined],
    ['Zg==Zg==', undefined],
    ['Zm 9v', undefined],
    ['Zm9v\n', undefined],
    ['Zm9-', undefined],
    ['====', undefined],
  ];
  for (const [text, hex] of cases) {
    const bytes = base64ToBytes(text);
    assert.equal(bytes === undefined ? undefined : bytesToHex(bytes), hex, text);
  }
  assert.equal(base64ToBytes('A'.repeat(20_000_000))?.length, 15_000_000);
});

test('hexadecimal has two digits an octet', () => {
  assert.deepEqual(hexToBytes('00fFA0'), Uint8Array.of(0, 255, 160));
  assert.equal(hexToBytes('0'), undefined);
  assert.equal(hexToBytes('0g'), undefined);
  assert.equal(hexToBytes('0x'), undefined);
});

test('any octets survive each text form', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(base64ToBytes(bytesToBase64(bytes)), bytes);
      assert.deepEqual(hexToBytes(bytesToHex(bytes)), bytes);
      assert.deepEqual(latin1ToBytes(bytesToLatin1(bytes)), bytes);
    }),
  );
});

test('UTF-8: lenient and strict', () => {
  assert.equal(bytesToUtf8(utf8ToBytes('grüße, 漢')), 'grüße, 漢');
  assert.equal(bytesToUtf8(Uint8Array.of(0x61, 0xff)), 'a\u{fffd}');
  assert.equal(bytesToUtf8Strict(Uint8Array.of(0x61, 0xff)), undefined);
  assert.equal(bytesToUtf8Strict(Uint8Array.of(0xc0, 0x80)), undefined, 'an overlong form');
  assert.equal(bytesToUtf8Strict(Uint8Array.of(0xed, 0xa0, 0x80)), undefined, 'a surrogate');
  assert.equal(bytesToUtf8Strict(utf8ToBytes('\u{feff}a')), '\u{feff}a', 'a byte order mark stays');
});

test('comparing and joining', () => {
  const [a, b, ab] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(1, 2)];
  assert.deepEqual(concatBytes([a, b]), ab);
  assert.equal(concatBytes([]).length, 0);
  assert.ok(compareBytes(a, b) < 0);
  assert.ok(compareBytes(a, ab) < 0);
  assert.ok(compareBytes(b, ab) > 0);
  assert.ok(equalBytes(ab, Uint8Array.of(1, 2)));
});
