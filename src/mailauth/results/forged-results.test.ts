import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { latin1ToBytes } from '../../lib/bytes.ts';
import { MessageHeader } from '../message-header.ts';
import { forgedResults } from './forged-results.ts';
import { pvalue } from './format-results.ts';

describe('fields that claim to be ours', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ['Authentication-Results: mx.example.com; spf=pass', true],
    ['authentication-results : MX.Example.COM 1; spf=pass', true],
    ['Authentication-Results:\r\n (a (nested\\)) comment) mx.example.com (more);\r\n\tspf=pass', true],
    ['Authentication-Results: "mx.\\example.com"; none', true],
    ['Authentication-Results: mx.example.com. ; none', true],
    ['Authentication-Results: mx.example.com/1; none', true],
    ['Authentication-Results: (mx.example.com; none', true],
    ['Authentication-Results: ; none', true],
    ['Authentication-Results: mx.example.org; spf=pass', false],
    ['Authentication-Results: other (mx.example.com); spf=pass smtp.helo=mx.example.com', false],
    ['X-Authentication-Results: mx.example.com; none', false],
    ['ARC-Authentication-Results: i=1; mx.example.com; none', false],
  ];
  for (const [field, forged] of cases)
    test(field, () => {
      const header = new MessageHeader(latin1ToBytes(`${field}\r\nFrom: a@b.example\r\n\r\n`));
      assert.equal(forgedResults(header, 'mx.example.com').length, forged ? 1 : 0);
    });
});

test("a stranger's words stay one value", () => {
  assert.equal(pvalue('joe@example.com'), 'joe@example.com');
  assert.equal(pvalue('x; dmarc=pass\r\nFrom: "a\\'), '"x; dmarc=pass??From: \\"a\\\\"');
  assert.equal(pvalue(''), '""');
  assert.ok(pvalue('('.repeat(5000)).length < 350);
});
