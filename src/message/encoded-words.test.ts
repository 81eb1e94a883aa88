import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeWords } from './encoded-words.ts';

const table: readonly (readonly [text: string, expected: string])[] = [
  ['plain', 'plain'],
  // RFC 2047 §8
  ['=?ISO-8859-1?Q?a?= b', 'a b'],
  ['=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=', 'ab'],
  ['=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=', 'ab'],
  ['=?ISO-8859-1?Q?a_b?=', 'a b'],
  ['=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=', 'a b'],
  ['=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>', 'Keith Moore <moore@cs.utk.edu>'],
  ['=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=', 'If you can read this yo'],
  ['=?utf-8?q?n=C3=A4?= x =?UTF-8?Q?=e2=82=ac?=', 'nä x €'],
  // RFC 2231 §5
  ['=?US-ASCII*EN?Q?Keith_Moore?=', 'Keith Moore'],
  ['=?gb2312?B?xOO6ww==?=', '你好'],
  ['=?koi8-r?Q?=F0?=', 'П'],
  // A character cut in two.
  ['=?utf-8?Q?=e2=82?= =?utf-8?Q?=ac?=', '€'],
  // Not allowed, and common: no blank around, blanks inside, in quotes, no padding.
  ['x=?utf-8?q?=c3=a4?=y', 'xäy'],
  ['=?utf-8?q?a b?=', 'a b'],
  ['=?utf-8?b?w6Q?=', 'ä'],
  ['=?utf-8?b?w6*Q=?=', 'ä'],
  ['=?x-unknown?q?gr=FCn?=', 'grün'],
  ['=?utf-8?q?=zz=3?=', '=zz=3'],
  // No words.
  ['=?utf-8?x?a?=', '=?utf-8?x?a?='],
  ['=?utf-8?q?a', '=?utf-8?q?a'],
  ['=??q?a?=', '=??q?a?='],
  ['=? ?q?a?= =?utf-8?q?b?=', '=? ?q?a?= b'],
];

for (const [text, expected] of table)
  test(`encoded words: ${text}`, () => assert.equal(decodeWords(text), expected));
