import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8Address, decodeXtext, encodeUtf8Address, encodeXtext } from './xtext.ts';

const texts: readonly (readonly [string, string])[] = [
  ['', ''],
  ['plain@example.com', 'plain@example.com'],
  ['a+b=c d', 'a+2Bb+3Dc+20d'],
  ['"odd name"@example.com', '"odd+20name"@example.com'],
  ['ä', '+C3+A4'],
];

for (const [text, xtext] of texts) {
  test(`xtext: ${JSON.stringify(text)}`, () => {
    assert.equal(encodeXtext(text), xtext);
    assert.equal(decodeXtext(xtext), text);
  });
}

for (const wrong of ['a b', 'a=b', 'a+', 'a+4', 'a+2b', '+FF', 'ä', 'a\nb'])
  test(`no xtext: ${JSON.stringify(wrong)}`, () => assert.equal(decodeXtext(wrong), undefined));

const addresses: readonly (readonly [string, string])[] = [
  ['plain@example.com', 'plain@example.com'],
  ['jörg+x@bücher.example', 'j\\x{F6}rg\\x{2B}x@b\\x{FC}cher.example'],
  ['a\\b=c@例.example', 'a\\x{5C}b\\x{3D}c@\\x{4F8B}.example'],
  ['🐟@example.com', '\\x{1F41F}@example.com'],
];

for (const [text, written] of addresses) {
  test(`utf-8 address: ${text}`, () => {
    assert.equal(encodeUtf8Address(text), written);
    assert.equal(decodeUtf8Address(written), text);
  });
}

test('a utf-8 address may hold letters as they are (RFC 6533 §3)', () =>
  assert.equal(decodeUtf8Address('jörg@例.example'), 'jörg@例.example'));

for (const wrong of ['', 'a+b', 'a=b', 'a b', '\\x{D800}', '\\x{110000}', '\\x{f6}', '\\x{', 'a\\b'])
  test(`no utf-8 address: ${JSON.stringify(wrong)}`, () => assert.equal(decodeUtf8Address(wrong), undefined));
