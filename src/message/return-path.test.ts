import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../lib/bytes.ts';
import { formatReturnPath, withoutReturnPath } from './return-path.ts';

async function strip(chunks: readonly Uint8Array[]): Promise<string> {
  const kept: Uint8Array[] = [];
  for await (const chunk of withoutReturnPath(
    (async function* () {
      yield* chunks;
    })(),
  ))
    kept.push(chunk);
  return bytesToLatin1(concatBytes(kept));
}

const table: readonly (readonly [string, string])[] = [
  ['', ''],
  ['Return-Path: <>\r\nReceived: x\r\n', 'Received: x\r\n'],
  ['Return-Path: <a@example.com>\r\n\r\nReturn-Path: <b>\r\n', '\r\nReturn-Path: <b>\r\n'],
  ['Return-Path: <a@example.com>\r\n', ''],
  ['Received: x\r\nReturn-Path: <a>\r\n', 'Received: x\r\nReturn-Path: <a>\r\n'],
  ['Return-Pa', 'Return-Pa'],
  ['Return-Path: <never ends', 'Return-Path: <never ends'],
  [`Return-Path: <${'x'.repeat(5000)}>\r\n`, `Return-Path: <${'x'.repeat(5000)}>\r\n`],
];

for (const [text, expected] of table) {
  test(`what is relayed of ${JSON.stringify(text.slice(0, 50))}`, async () => {
    const bytes = latin1ToBytes(text);
    assert.equal(await strip([bytes]), expected);
    for (let cut = 0; cut <= Math.min(100, bytes.length); cut++)
      assert.equal(await strip([bytes.subarray(0, cut), bytes.subarray(cut)]), expected, `cut at ${cut}`);
    assert.equal(await strip(Array.from(bytes, (octet) => Uint8Array.of(octet))), expected, 'octet by octet');
  });
}

test('the field for an address and for none', () => {
  assert.equal(formatReturnPath(undefined), 'Return-Path: <>\r\n');
  assert.equal(
    formatReturnPath({ localPart: 'odd name', domain: 'example.com' }),
    'Return-Path: <"odd name"@example.com>\r\n',
  );
});
