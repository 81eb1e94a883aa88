// Holds docs/smtp-protocol.md to what it says: each command, extension and reply that the server has is in its table, with the RFC's
// state and a test that there really is.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { bytesToLatin1, utf8ToBytes } from '../../src/lib/bytes.ts';
import { replyTable } from '../../src/smtp/session/replies.ts';
import { parseCommand } from '../../src/smtp/wire/command.ts';
import { ScriptedConnection } from '../support/scripted-connection.ts';
import { SmtpWorld } from '../support/smtp-world.ts';

const root = resolve(import.meta.dirname, '../..');

interface Row {
  readonly kind: string;
  readonly what: string;
  readonly standard: string;
  readonly state: string;
  readonly file: string;
  /** Of the test in the file, where it is not the whole. */
  readonly title: string;
}

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const rows: readonly Row[] = textOf('docs/smtp-protocol.md')
  .split('\n')
  .filter((line) => /^\| (command|extension|reply) /.test(line))
  .map((line) => {
    const [, kind = '', what = '', standard = '', state = '', test = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    const [, file = '', title = ''] = /^`([^`]+)`(?: › (.+))?$/.exec(test) ?? [];
    return { kind, what, standard, state, file, title };
  });

const states = new Map(
  textOf('docs/rfc.tsv')
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([number, state]) => [number, state]),
);

function named(kind: string): readonly string[] {
  return rows.filter((row) => row.kind === kind).map(({ what }) => what.replace(' (not offered)', ''));
}

for (const { kind, what, standard, state, file, title } of rows) {
  test(`${kind} ${what}: its RFC has that state, and its test is there`, () => {
    const number = /^RFC (\d+) §[\d.]+$/.exec(standard)?.[1];
    // XCLIENT is nobody's standard.
    assert.ok(number !== undefined || (standard === '' && what === 'XCLIENT'), standard);
    assert.equal(state, number === undefined ? '' : states.get(number));
    assert.ok(existsSync(join(root, file)), `there is no ${file}`);
    assert.ok(textOf(file).includes(title), `${file} has no test '${title}'`);
    assert.ok(
      standard === '' || title === '' || title.startsWith(`${standard}:`),
      'filed by another section',
    );
  });
}

test('every command that is known is in the table', () => {
  const source = textOf('src/smtp/wire/command.ts');
  const verbs = [...source.matchAll(/^ {4}case '([A-Z]+)':/gm)].map((match) => match[1] ?? '');
  const commands = verbs.filter((verb) => {
    const parsed = parseCommand(`${verb} x`);
    return !parsed.ok || parsed.value.verb !== 'foreign';
  });
  assert.ok(commands.length >= 20);
  assert.deepEqual(named('command').toSorted(), [...new Set(commands)].toSorted());
});

test('every extension that is offered is in the table', async () => {
  const offered = new Set<string>();
  for (const role of ['mx', 'submission', 'lmtp'] as const) {
    for (const tls of [false, true]) {
      const world = new SmtpWorld({ role, proxy: true });
      const connection = new ScriptedConnection('198.51.100.9', tls);
      const running = world.handler(connection, new AbortController().signal);
      connection.feed(utf8ToBytes(`${role === 'lmtp' ? 'LHLO' : 'EHLO'} client.example\r\n`));
      await connection.idle();
      connection.feedEnd();
      await running;
      const reply = bytesToLatin1(connection.takeSent());
      for (const [, keyword = ''] of reply.matchAll(/^250[- ]([A-Z0-9-]+)(?= |\r)/gm)) offered.add(keyword);
    }
  }
  assert.deepEqual(named('extension').toSorted(), [...offered].toSorted());
});

test('every reply is in the table, and its test expects it', () => {
  const replies = Object.entries(replyTable);
  const coded = replies.map(([name, entry]) => ({
    name,
    code: 'enhancedCode' in entry ? `${entry.code} ${entry.enhancedCode}` : String(entry.code),
    text: entry.text,
  }));
  assert.deepEqual(
    named('reply'),
    coded.map(({ name, code }) => `${code} \`${name}\``),
  );
  for (const { name, code, text } of coded) {
    const row = rows.find(({ kind, what }) => kind === 'reply' && what.endsWith(`\`${name}\``));
    // In regular expressions the points are escaped.
    const source = textOf(row?.file ?? '').replaceAll('\\', '');
    assert.ok(source.includes(code), `${row?.file} expects no ${code} (${name})`);
    if (coded.filter((other) => other.code === code).length === 1) continue;
    const words = text.split(/\{\w+\}/).map((each) => each.trim().slice(0, 12));
    const said = words.filter((each) => each.length >= 8);
    assert.ok(
      said.length === 0 || said.some((each) => source.includes(each)),
      `${row?.file} doesn't expect '${text}' (${name})`,
    );
  }
});
