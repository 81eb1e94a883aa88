import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8ToBytes } from '../../lib/bytes.ts';
import { ZoneLexer } from './zone-lexer.ts';

/** Each entry as a line: `~` for an omitted owner, tokens with their place, `!` for a fault. */
function lex(text: string): string[] {
  const lexer = new ZoneLexer(utf8ToBytes(text));
  const lines: string[] = [];
  for (let entry = lexer.next(); entry !== undefined; entry = lexer.next()) {
    lines.push(
      entry.ok
        ? (entry.value.ownerOmitted ? '~ ' : '') +
            entry.value.tokens
              .map(
                ({ text: word, quoted, line, at }) =>
                  `${line}:${columnOf(text, at)}=${quoted ? `"${word}"` : word}`,
              )
              .join(' ')
        : `! ${entry.fault.line}:${columnOf(text, entry.fault.at)} ${entry.fault.message}`,
    );
  }
  return lines;
}

function columnOf(text: string, at: number): number {
  return at - text.lastIndexOf('\n', at - 1);
}

const cases: readonly (readonly [what: string, text: string, expected: readonly string[]])[] = [
  ['nothing', '', []],
  ['blank lines and comments', '\n  \n; a comment\n \t; another', []],
  ['a record', 'a A 1.2.3.4', ['1:1=a 1:3=A 1:5=1.2.3.4']],
  ['an omitted owner', '\tA\n a', ['~ 1:2=A', '~ 2:2=a']],
  ['CRLF', 'a A\r\nb B\r\n', ['1:1=a 1:3=A', '2:1=b 2:3=B']],
  ['a comment after a word', 'a;b\nc', ['1:1=a', '2:1=c']],
  ['parentheses over lines', 'a (\n b ; c )\n c)d\ne', ['1:1=a 2:2=b 3:2=c 3:4=d', '4:1=e']],
  ['empty parentheses', 'a()b', ['1:1=a 1:4=b']],
  ['an entry that begins with a parenthesis', '(a\n b)', ['1:2=a 2:2=b']],
  ['quotes', 'a "b c" "" "d;e(f)"', ['1:1=a 1:3="b c" 1:9="" 1:12="d;e(f)"']],
  ['quotes that touch', '"a""b"c', ['1:1="a" 1:4="b" 1:7=c']],
  ['a quoted part of a word', 'a="b c",d e', ['1:1=a="b c",d 1:11=e']],
  ['escapes', 'a\\ b c\\;d "e\\"f" \\065', ['1:1=a\\ b 1:6=c\\;d 1:11="e\\"f" 1:18=\\065']],
  ['an open quote', 'a "b\nc', ['! 1:3 this quote is not closed on its line', '2:1=c']],
  ['an open quote at the end', 'a "b', ['! 1:3 this quote is not closed on its line']],
  ['an escaped newline in a quote', 'a "b\\\nc', ['! 1:3 this quote is not closed on its line', '2:1=c']],
  ['an open quote in a word', 'a=" b\nc', ['! 1:3 this quote is not closed on its line', '2:1=c']],
  ['a backslash at the end', 'a\\\nb', ['! 1:2 a backslash at the end of a line', '2:1=b']],
  ['a backslash at the very end', 'a\\', ['! 1:2 a backslash at the end of a line']],
  [
    'an open parenthesis, the rest of the file still read',
    'a (b\nc d\ne',
    ['! 1:3 this ( is never closed (parentheses do not nest)', '2:1=c 2:3=d', '3:1=e'],
  ],
  [
    'a second opening one',
    'a (b\nc (d)\ne',
    ['! 1:3 this ( is never closed (parentheses do not nest)', '2:1=c 2:4=d', '3:1=e'],
  ],
  ['a closing one alone', 'a ) b\nc', ['! 1:3 there is no ( before this )', '2:1=c']],
];

for (const [what, text, expected] of cases) {
  test(`zone lexer: ${what}`, () => assert.deepEqual(lex(text), expected));
}

test('zone lexer: work stays linear on input made of openers', () => {
  for (const unit of ['(', '"', '\\', '(\n', '"\n', 'a(\n']) {
    const started = performance.now();
    lex(unit.repeat(300_000));
    // Quadratic work would take minutes.
    assert.ok(performance.now() - started < 15_000, JSON.stringify(unit));
  }
});
