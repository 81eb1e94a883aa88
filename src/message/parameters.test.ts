import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parameterValue, parseParameters } from './parameters.ts';

const table: readonly (readonly [text: string, kept: string, name: string, value: string | undefined])[] = [
  ['', '', 'a', undefined],
  ['; charset=utf-8', 'charset=utf-8', 'charset', 'utf-8'],
  ['; CHARSET = "utf-8" (comment) ; b=c', 'charset=utf-8 b=c', 'b', 'c'],
  ['; name="a \\"b\\"; c.txt"', 'name=a "b"; c.txt', 'name', 'a "b"; c.txt'],
  // RFC 2231 §3, §4 and §4.1
  ['; u*0="ftp://"; u*1="cs.example"', 'u=ftp://cs.example', 'u', 'ftp://cs.example'],
  ["; title*=us-ascii'en-us'This%20is", "title*=us-ascii'en-us'This%20is", 'title', 'This is'],
  [
    "; t*1*=%2a%2a; t*0*=us-ascii'en'This%20; t*2=\"isn't 5%25\"",
    "t*=us-ascii'en'This%20%2a%2aisn't 5%2525",
    't',
    "This **isn't 5%25",
  ],
  [
    "; filename=euro; filename*=utf-8''%e2%82%ac",
    "filename=euro filename*=utf-8''%e2%82%ac",
    'filename',
    '€',
  ],
  // Not allowed, and common.
  ['; name="=?utf-8?Q?n=C3=A4?="', 'name==?utf-8?Q?n=C3=A4?=', 'name', 'nä'],
  [' boundary=b', 'boundary=b', 'boundary', 'b'],
  ['; name=two words.txt; x=y', 'name=two words.txt x=y', 'name', 'two words.txt'],
  ['; a=b c=d', 'a=b c=d', 'c', 'd'],
  ['; a="b', 'a=b', 'a', 'b'],
  ['; a=1; a=2', 'a=1', 'a', '1'],
  [';;; =x; y; "z"; a=1', 'a=1', 'a', '1'],
  ['; a*=%e4', 'a*=%e4', 'a', 'ä'],
  ['; a*x=1', 'a*x=1', 'a', undefined],
];

for (const [text, kept, name, value] of table) {
  test(`parameters: ${text}`, () => {
    const parameters = parseParameters(text, 0, 100);
    assert.equal(parameters.map((each) => `${each.name}=${each.value}`).join(' '), kept);
    assert.equal(parameterValue(parameters, name), value);
  });
}

test('no more parameters than asked for', () => {
  assert.equal(parseParameters(Array.from({ length: 50 }, (_, i) => `;p${i}=1`).join(''), 0, 7).length, 7);
});
