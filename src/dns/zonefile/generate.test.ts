import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillGenerateTemplate, parseGenerateRange, parseGenerateTemplate } from './generate.ts';

test('$GENERATE ranges', () => {
  assert.deepEqual(parseGenerateRange('1-254'), { ok: true, value: { start: 1, stop: 254, step: 1 } });
  assert.deepEqual(parseGenerateRange('0-100/10'), { ok: true, value: { start: 0, stop: 100, step: 10 } });
  for (const text of ['', '1', '5-1', '1-5/0', 'a-b', '1-', '0-65536', '0-9999999999', '1--2'])
    assert.equal(parseGenerateRange(text).ok, false, text);
  assert.equal(parseGenerateRange('0-65535').ok, true);
});

test('$GENERATE templates', () => {
  const cases: readonly (readonly [template: string, counter: number, expected: string])[] = [
    ['host-$', 7, 'host-7'],
    ['$.$', 7, '7.7'],
    ['\\$', 7, '$'],
    ['$$', 7, '$'],
    ['a\\.b$', 7, 'a\\.b7'],
    ['${0}', 7, '7'],
    ['${+3}', 7, '10'],
    ['${-3}', 7, '4'],
    ['${0,3}', 7, '007'],
    ['${0,3,d}', 1234, '1234'],
    ['${0,2,o}', 9, '11'],
    ['${0,4,x}', 255, '00ff'],
    ['${0,4,X}', 255, '00FF'],
    ['${0,0,n}', 0x1af, 'f.a.1'],
    ['${0,7,n}', 0x1af, 'f.a.1.0'],
    ['${0,0,N}', 0x1af, 'F.A.1'],
    ['${1,3}-${-1,3,x}', 16, '017-00f'],
  ];
  for (const [text, counter, expected] of cases) {
    const template = parseGenerateTemplate(text);
    assert.ok(template.ok, text);
    assert.deepEqual(fillGenerateTemplate(template.value, counter), { ok: true, value: expected }, text);
  }
});

test('$GENERATE templates that are wrong', () => {
  for (const text of ['${', '${}', '${a}', '${0,1,q}', '${0,999}', '${0,1,d,x}', '${0'])
    assert.equal(parseGenerateTemplate(text).ok, false, text);
  const below = parseGenerateTemplate('${-5}');
  assert.ok(below.ok);
  assert.equal(fillGenerateTemplate(below.value, 4).ok, false);
});
