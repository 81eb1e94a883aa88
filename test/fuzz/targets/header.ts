// Header sections: found alike in any pieces; fields stand in order, without gaps, inside the section.
import assert from 'node:assert/strict';
import { concatBytes, latin1ToBytes } from '../../../src/lib/bytes.ts';
import { fieldValue, HeaderScanner, scanHeader } from '../../../src/message/header.ts';
import { pieces } from '../pieces.ts';
import type { FuzzTarget } from '../target.ts';

const limits = { octets: 120, fields: 6 };

export const target: FuzzTarget = {
  name: 'header',
  seeds: [
    'From: a@example.com\r\nSubject: one\r\n two\r\n\r\nbody\r\n',
    'A: 1\nB : 2\n\tx\n\nbody',
    'A: 1\r\nno field here\r\nB: 2\r\n',
    '\r\nbody',
    ' A: 1\r\n',
    `${'A: 1\r\n'.repeat(9)}\r\n`,
  ].map(latin1ToBytes),
  words: ['\r\n', '\n', '\r', ' ', '\t', ':', 'A: 1\r\n', '\r\n\r\n', '\0', '\u00ff'].map(latin1ToBytes),
  run(input, random) {
    const whole = scanHeader(input, limits);
    const scanner = new HeaderScanner(limits, 0);
    let there: Uint8Array = new Uint8Array(0);
    let ended = false;
    for (const piece of pieces(input, random)) {
      there = concatBytes([there, piece]);
      ended = scanner.scan(there, false);
      if (ended) break;
    }
    if (!ended) assert.ok(scanner.scan(there, true));
    assert.deepEqual(scanner.result(), whole);
    let at = 0;
    for (const field of whole.fields) {
      assert.equal(field.start, at);
      assert.ok(field.valueStart > field.start && field.valueStart <= field.end);
      fieldValue(input, field);
      at = field.end;
    }
    assert.equal(whole.end, at);
    assert.ok(whole.bodyStart >= at && whole.bodyStart <= input.length);
  },
};
