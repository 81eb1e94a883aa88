import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareOpaqueString } from './opaque-string.ts';

const table: readonly (readonly [string, string | RegExp])[] = [
  // RFC 8265 §4.3, the examples.
  ['correct horse battery staple', 'correct horse battery staple'],
  ['Correct Horse Battery Staple', 'Correct Horse Battery Staple'],
  ['\u03c0\u00df\u00e5', '\u03c0\u00df\u00e5'],
  ['Jack of \u2666s', 'Jack of \u2666s'],
  ['foo\u1680bar', 'foo bar'],
  ['', /is empty/],
  ['my cat is a \u0009by', /control character/],
  // RFC 8264 §4.3.2: compatibility characters are kept as they are; §5.2.4: NFC.
  ['\u2168', '\u2168'],
  ['\uff21', '\uff21'],
  ['A\u030a', '\u00c5'],
  ['\ud83d\ude00', '\ud83d\ude00'],
  // §4.3.3
  ['a\u200db', /U\+200D/],
  ['a\u00adb', /U\+00AD/],
  ['a\ufeffb', /U\+FEFF/],
  ['a\ue000b', /U\+E000/],
  ['a\ufdd0b', /U\+FDD0/],
  ['a\u0378b', /U\+0378/],
  ['a\u1100', /U\+1100/],
  ['a\u2028', /U\+2028/],
  ['\ud800', /U\+D800/],
  // §9.6
  ['\u0640', /U\+0640/],
  ['\u302e', /U\+302E/],
  ['\u3007\u00df\u03c2', '\u3007\u00df\u03c2'],
  // RFC 5892 appendix A.3 to A.9
  ['l\u00b7l', 'l\u00b7l'],
  ['a\u00b7l', /U\+00B7/],
  ['l\u00b7', /U\+00B7/],
  ['\u0375\u03b1', '\u0375\u03b1'],
  ['\u0375a', /U\+0375/],
  ['\u05d0\u05f3', '\u05d0\u05f3'],
  ['a\u05f4', /U\+05F4/],
  ['\u30fb\u30a2', '\u30fb\u30a2'],
  ['a\u30fb', /U\+30FB/],
  ['\u0661\u0662', '\u0661\u0662'],
  ['\u0661\u06f1', /U\+0661/],
];

for (const [text, expected] of table) {
  test(`${JSON.stringify(text)} is ${String(expected)}`, () => {
    const result = prepareOpaqueString(text);
    if (typeof expected === 'string') assert.deepEqual(result, { ok: true, value: expected });
    else assert.match(result.ok ? 'taken' : result.fault, expected);
  });
}
