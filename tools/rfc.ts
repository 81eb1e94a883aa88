// Keeps docs/rfc.tsv true: `check` fails where the code cites an RFC that is not listed, or an RFC said to be supported is cited
// nowhere in src/; `write` makes docs/rfc-support.md from the list.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const listPath = join(root, 'docs/rfc.tsv');
const pagePath = join(root, 'docs/rfc-support.md');
const states = ['full', 'partial', 'planned', 'reference'] as const;

type State = (typeof states)[number];

export interface Rfc {
  readonly number: number;
  readonly state: State;
  readonly title: string;
  /** What is missing; needed for `partial`. */
  readonly note: string;
}

/** Reads `number TAB state TAB title [TAB note]` lines; `#` starts a comment. Faults are sentences with their line. */
export function parseRfcList(text: string): {
  readonly rfcs: readonly Rfc[];
  readonly faults: readonly string[];
} {
  const rfcs: Rfc[] = [];
  const faults: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const at = `docs/rfc.tsv:${index + 1}`;
    const [number = '', state = '', title = '', note = '', ...more] = line.split('\t');
    const known = states.find((each) => each === state);
    if (!/^\d+$/.test(number) || title === '' || more.length > 0)
      faults.push(`${at}: expected number, state, title and maybe a note, between tabs`);
    else if (known === undefined) faults.push(`${at}: state '${state}' is none of ${states.join(', ')}`);
    else if (known === 'partial' && note === '')
      faults.push(`${at}: RFC ${number} is partial and doesn't say what is missing`);
    else if (rfcs.some((rfc) => rfc.number === Number(number)))
      faults.push(`${at}: RFC ${number} is listed twice`);
    else rfcs.push({ number: Number(number), state: known, title, note });
  }
  for (const [index, rfc] of rfcs.entries()) {
    const before = rfcs[index - 1];
    if (before !== undefined && before.number > rfc.number)
      faults.push(`RFC ${rfc.number} stands below RFC ${before.number}: sort by number`);
  }
  return { rfcs, faults };
}

/** The RFC numbers cited in a text: `RFC 5321 §4.5.2`, `RFC 4033–4035`, `RFCs 1034 and 1035`. */
export function citedRfcs(text: string): Set<number> {
  const cited = new Set<number>();
  for (const match of text.matchAll(/\bRFCs? (\d{3,5})((?:(?:, | and |–|\/)\d{3,5}(?![\d.]))*)/g)) {
    cited.add(Number(match[1]));
    for (const more of (match[2] ?? '').matchAll(/\d{3,5}/g)) cited.add(Number(more[0]));
  }
  return cited;
}

function readCitations(folder: string, endings: readonly string[]): Map<number, string> {
  const citations = new Map<number, string>();
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !endings.some((ending) => entry.name.endsWith(ending))) continue;
    const path = join(entry.parentPath, entry.name);
    for (const number of citedRfcs(readFileSync(path, 'utf8'))) {
      if (!citations.has(number)) citations.set(number, relative(root, path));
    }
  }
  return citations;
}

function supportPage(rfcs: readonly Rfc[]): string {
  const sections: readonly (readonly [State, string])[] = [
    ['full', 'Supported'],
    ['partial', 'Supported in part'],
    ['planned', 'Planned'],
    ['reference', 'Referred to'],
  ];
  let page =
    '# Standards\n\nWritten from `docs/rfc.tsv` by `npm run rfc:write`. The code cites the section beside each line that obeys it.\n';
  for (const [state, heading] of sections) {
    const rows = rfcs.filter((rfc) => rfc.state === state);
    if (rows.length === 0) continue;
    page += `\n## ${heading}\n\n| RFC | title | ${state === 'partial' ? 'missing' : 'note'} |\n| --- | --- | --- |\n`;
    for (const rfc of rows)
      page += `| [${rfc.number}](https://www.rfc-editor.org/rfc/rfc${rfc.number}) | ${rfc.title} | ${rfc.note} |\n`;
  }
  return page;
}

function check(): readonly string[] {
  const { rfcs, faults } = parseRfcList(readFileSync(listPath, 'utf8'));
  const listed = new Map(rfcs.map((rfc) => [rfc.number, rfc]));
  const inSource = readCitations('src', ['.ts']);
  const wrong = [...faults];
  for (const citations of [
    inSource,
    readCitations('test', ['.ts', '.scenario', '.txt']),
    readCitations('docs', ['.md']),
  ]) {
    for (const [number, path] of citations) {
      if (!listed.has(number)) wrong.push(`${path} cites RFC ${number}, which docs/rfc.tsv doesn't list`);
    }
  }
  for (const rfc of rfcs) {
    if ((rfc.state === 'full' || rfc.state === 'partial') && !inSource.has(rfc.number)) {
      wrong.push(`docs/rfc.tsv says RFC ${rfc.number} is ${rfc.state}, but src/ never cites it`);
    }
  }
  let written = '';
  try {
    written = readFileSync(pagePath, 'utf8');
  } catch {
    // Not written yet: told apart from a stale one below, by the same words.
  }
  if (written !== supportPage(rfcs)) wrong.push("docs/rfc-support.md is stale: run 'npm run rfc:write'");
  return wrong;
}

function run(command: string | undefined): void {
  if (command === 'write') {
    writeFileSync(pagePath, supportPage(parseRfcList(readFileSync(listPath, 'utf8')).rfcs));
  } else if (command === 'check') {
    const wrong = check();
    for (const fault of wrong) console.error(fault);
    if (wrong.length > 0) process.exitCode = 1;
  } else {
    console.error('usage: node tools/rfc.ts check|write');
    process.exitCode = 2;
  }
}

if (import.meta.main) run(process.argv[2]);
