import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../lib/bytes.ts';
import { transferDecoder } from './transfer-decoder.ts';

const table: readonly (readonly [encoding: string, encoded: string, decoded: string])[] = [
  ['7bit', 'a=41\r\n', 'a=41\r\n'],
  ['base64', '', ''],
  ['base64', 'QUJD\r\nREVG\r\n', 'ABCDEF'],
  ['base64', 'QQ==', 'A'],
  ['base64', 'QUI', 'AB'],
  ['base64', 'Q', ''],
  ['base64', 'Q U\0J*D', 'ABC'],
  ['base64', 'QQ==QUI=QUJD', 'AABABC'],
  ['base64', '+/+/', '\u00fb\u00ff\u00bf'],
  ['base64', 'QUJD'.repeat(1500), 'ABC'.repeat(1500)],
  ['quoted-printable', 'a=3D=e2=82=AC', 'a=\u00e2\u0082\u00ac'],
  ['quoted-printable', 'soft =\r\nbreak=\nand= \t\r\nblanks', 'soft breakandblanks'],
  ['quoted-printable', 'end \t \r\nof line \n', 'end\r\nof line\n'],
  ['quoted-printable', 'a b\tc', 'a b\tc'],
  ['quoted-printable', '=zz =4 =', '=zz =4 ='],
  ['quoted-printable', '==41=4=41= x', '=A=4A= x'],
  ['quoted-printable', 'last \t', 'last'],
  ['quoted-printable', `${' '.repeat(1200)}x`, `${' '.repeat(1200)}x`],
];

function decode(encoding: string, chunks: readonly Uint8Array[]): readonly [string, number, number] {
  const written: Uint8Array[] = [];
  const decoder = transferDecoder(encoding, {
    write: (octets, from, to) => written.push(octets.slice(from, to)),
  });
  const counter = transferDecoder(encoding, undefined);
  for (const chunk of chunks) {
    decoder.push(chunk, 0, chunk.length);
    counter.push(chunk, 0, chunk.length);
  }
  decoder.finish();
  counter.finish();
  return [bytesToLatin1(concatBytes(written)), decoder.size, counter.size];
}

for (const [encoding, encoded, decoded] of table) {
  test(`${encoding}: ${JSON.stringify(encoded.slice(0, 40))}`, () => {
    const octets = latin1ToBytes(encoded);
    const expected = [decoded, decoded.length, decoded.length];
    for (let cut = 0; cut <= octets.length; cut++)
      assert.deepEqual(
        decode(encoding, [octets.subarray(0, cut), octets.subarray(cut)]),
        expected,
        `cut at ${cut}`,
      );
    const single = [...octets].map((octet) => Uint8Array.of(octet));
    assert.deepEqual(decode(encoding, single), expected, 'octet by octet');
  });
}
