// Holds the table of replies, the code that gives them and docs/smtp-replies.md together.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { replyTable } from './replies.ts';

const root = resolve(import.meta.dirname, '../../..');

interface Row {
  readonly code: number;
  readonly enhancedCode?: string;
  readonly text: string;
  readonly when: string;
}

const rows: readonly (readonly [string, Row])[] = Object.entries(replyTable);

function sourceOf(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .filter((entry) => entry.name !== 'replies.ts')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

test('every reply is given somewhere, and every reply that is given is in the table', () => {
  const source = sourceOf('src/smtp/session') + sourceOf('src/smtp/server');
  const unused = rows.map(([name]) => name).filter((name) => !source.includes(`'${name}'`));
  assert.deepEqual(unused, []);
  // No other file makes a reply by hand.
  assert.doesNotMatch(source, /enhancedCode: '|code: \d{3}/);
});

test('the codes fit together (RFC 3463 §2, RFC 5321 §4.2.1)', () => {
  for (const [name, { code, enhancedCode, text, when }] of rows) {
    assert.ok(code >= 200 && code <= 559, name);
    if (enhancedCode !== undefined) {
      assert.match(enhancedCode, /^[245]\.\d{1,3}\.\d{1,3}$/, name);
      assert.equal(enhancedCode[0], String(code)[0], name);
      // RFC 2034 §3: not in the greeting and not in 3yz.
    } else assert.ok(['greeting', 'lmtpGreeting', 'hello', 'challenge', 'startContent'].includes(name), name);
    assert.match(text, /^[ -~]+$/, `${name}: replies are ASCII`);
    assert.match(when, /\.$/, `${name}: 'when' is a sentence`);
  }
});

test('docs/smtp-replies.md shows the table', () => {
  const expected = rows.map(([, { code, enhancedCode, text, when }]) => {
    const cell = (value: string): string => value.replaceAll('|', '\\|').replaceAll(/\{(\w+)\}/g, '_$1_');
    return `| ${code} | ${enhancedCode ?? ''} | ${cell(text)} | ${cell(when)} |`;
  });
  const page = readFileSync(join(root, 'docs/smtp-replies.md'), 'utf8');
  const shown = page
    .split('\n')
    .filter((line) => /^\| \d{3}/.test(line))
    .map((line) => line.replaceAll(/ +/g, ' '));
  assert.deepEqual(
    shown,
    expected.map((line) => line.replaceAll(/ +/g, ' ')),
  );
});
