import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { latin1ToBytes, utf8ToBytes } from '../../lib/bytes.ts';
import { longestCommand, parseCommand } from './command.ts';
import type { Command, CommandFault } from './command.ts';

const good: readonly (readonly [string, Command])[] = [
  ['USER mrose', { verb: 'USER', name: 'mrose' }],
  ['user mrose@example.com', { verb: 'USER', name: 'mrose@example.com' }],
  ['USER two words', { verb: 'USER', name: 'two words' }],
  ['USER ünï', { verb: 'USER', name: 'ünï' }],
  ['PASS secret', { verb: 'PASS', password: 'secret' }],
  ['PASS  two  spaces ', { verb: 'PASS', password: ' two  spaces ' }],
  ['APOP mrose c4c9334bac560ecc979e58001b3e22fb', { verb: 'APOP' }],
  ['APOP', { verb: 'APOP' }],
  ['AUTH', { verb: 'AUTH', mechanism: undefined, initial: undefined }],
  ['AUTH PLAIN', { verb: 'AUTH', mechanism: 'PLAIN', initial: undefined }],
  ['auth plain =', { verb: 'AUTH', mechanism: 'plain', initial: '=' }],
  ['AUTH PLAIN dGVzdA==', { verb: 'AUTH', mechanism: 'PLAIN', initial: 'dGVzdA==' }],
  ['LIST', { verb: 'LIST', message: undefined }],
  ['LIST ', { verb: 'LIST', message: undefined }],
  ['LIST 2', { verb: 'LIST', message: 2 }],
  ['UIDL', { verb: 'UIDL', message: undefined }],
  ['UIDL 0002', { verb: 'UIDL', message: 2 }],
  ['RETR 1', { verb: 'RETR', message: 1 }],
  ['Retr  1 ', { verb: 'RETR', message: 1 }],
  ['DELE 0', { verb: 'DELE', message: 0 }],
  ['TOP 1 0', { verb: 'TOP', message: 1, lines: 0 }],
  ['TOP 9999999999 9999999999', { verb: 'TOP', message: 9_999_999_999, lines: 9_999_999_999 }],
  ...(['CAPA', 'STLS', 'UTF8', 'STAT', 'NOOP', 'RSET', 'QUIT'] as const).flatMap(
    (verb): [string, Command][] => [
      [verb, { verb }],
      [`${verb.toLowerCase()} `, { verb }],
    ],
  ),
];

const bad: readonly (readonly [string, CommandFault['kind']])[] = [
  ['', 'unknown'],
  [' NOOP', 'unknown'],
  ['NOOPS', 'unknown'],
  ['NOOP\tx', 'characters'],
  ['constructor', 'unknown'],
  ['USER', 'arguments'],
  ['USER ', 'arguments'],
  ['PASS', 'arguments'],
  ['PASS ', 'arguments'],
  ['RETR', 'arguments'],
  ['RETR one', 'arguments'],
  ['RETR 1 2', 'arguments'],
  ['RETR -1', 'arguments'],
  ['RETR 1.5', 'arguments'],
  ['RETR 0x1', 'arguments'],
  ['RETR 10000000000', 'arguments'],
  ['DELE', 'arguments'],
  ['LIST 1 2', 'arguments'],
  ['TOP 1', 'arguments'],
  ['TOP 1 2 3', 'arguments'],
  ['QUIT now', 'arguments'],
  ['AUTH PLAIN a b', 'arguments'],
  [`USER ${'x'.repeat(longestCommand)}`, 'too-long'],
];

describe('parseCommand', () => {
  for (const [line, command] of good) {
    test(JSON.stringify(line), () =>
      assert.deepEqual(parseCommand(utf8ToBytes(line)), { ok: true, value: command }),
    );
  }
  for (const [line, kind] of bad) {
    test(`${JSON.stringify(line.slice(0, 40))} is refused: ${kind}`, () => {
      const result = parseCommand(utf8ToBytes(line));
      assert.equal(result.ok ? 'taken' : result.fault.kind, kind);
    });
  }

  test('the longest command is taken (RFC 2449 §4: 255 octets with CRLF)', () => {
    const result = parseCommand(utf8ToBytes(`PASS ${'x'.repeat(longestCommand - 5)}`));
    assert.ok(result.ok);
  });

  test('octets that are not UTF-8 and control characters are refused', () => {
    for (const line of ['USER \xff', 'USER a\0', 'USER a\x7f', 'USER \xc3', 'PASS \x1b[2J']) {
      const result = parseCommand(latin1ToBytes(line));
      assert.equal(result.ok ? 'taken' : result.fault.kind, 'characters', JSON.stringify(line));
    }
  });
});
