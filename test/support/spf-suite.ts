// The RFC 7208 test suite: 203 cases, in scenarios with a zone each. It is read from the folder of shared test data, and is not copied here.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { MailAddress } from '../../src/lib/mail-address.ts';
import type { ScriptedNames } from './scripted-lookup.ts';

const file = join(import.meta.dirname, '../../../shared/data/spf/rfc7208-tests.yml');

type ZoneRecord =
  'TIMEOUT' | Readonly<Record<string, string | readonly [number, string] | readonly string[]>>;

interface Document {
  readonly description: string;
  readonly tests: Readonly<
    Record<
      string,
      {
        readonly helo: string;
        readonly host: string;
        readonly mailfrom: string;
        readonly result: string | readonly string[];
        readonly explanation?: string;
      }
    >
  >;
  readonly zonedata: Readonly<Record<string, readonly ZoneRecord[]>>;
}

/** The suite's records, as the lookup takes them: its SPF records stand for TXT ones too, unless there are some (its own rule). */
function linesOf(records: readonly ZoneRecord[]): string[] {
  const hasText = records.some((record) => record !== 'TIMEOUT' && 'TXT' in record);
  const lines: string[] = [];
  for (const record of records) {
    if (record === 'TIMEOUT') {
      lines.push('FAILURE');
      continue;
    }
    for (const [type, value] of Object.entries(record)) {
      if (type === 'TXT' || (type === 'SPF' && !hasText)) {
        const text = typeof value === 'string' ? value : value.join('');
        if (text === 'TIMEOUT') lines.push('FAILURE TXT');
        else if (text !== 'NONE') lines.push(`TXT ${text}`);
      } else if (type === 'MX') lines.push(`MX ${value[0]} ${value[1]}`);
      else if (value === 'TIMEOUT') lines.push(`FAILURE ${type}`);
      else if (type !== 'SPF') lines.push(`${type} ${String(value)}`);
    }
  }
  return lines;
}

export interface SpfCase {
  readonly name: string;
  readonly helo: string;
  /** The client's address. */
  readonly host: string;
  /** `undefined` is the null reverse-path. */
  readonly mailFrom: MailAddress | undefined;
  /** Any of these is right. */
  readonly results: readonly string[];
  /** `DEFAULT`: none of the domain's own. */
  readonly explanation: string | undefined;
}

export interface SpfScenario {
  readonly description: string;
  readonly names: ScriptedNames;
  readonly cases: readonly SpfCase[];
}

/** Why the suite can't be run, or false. */
export const spfSuiteMissing: false | string = existsSync(file)
  ? false
  : `needs the shared test data in ${file}`;

/** Empty where the suite is missing. */
export function spfSuite(): readonly SpfScenario[] {
  if (spfSuiteMissing !== false) return [];
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    const { description, tests, zonedata } = document.toJS() as Document;
    return {
      description,
      names: Object.fromEntries(
        Object.entries(zonedata).flatMap(([name, records]) =>
          name.split('.').every((label) => label.length > 0 && label.length < 64)
            ? [[name.replaceAll('\\', '\\\\'), linesOf(records)]]
            : [],
        ),
      ),
      cases: Object.entries(tests).map(([name, { helo, host, mailfrom, result, explanation }]) => ({
        name,
        helo,
        host,
        mailFrom: addressOf(mailfrom),
        results: [result].flat(),
        explanation,
      })),
    };
  });
}

function addressOf(mailFrom: string): MailAddress | undefined {
  const at = mailFrom.lastIndexOf('@');
  return mailFrom === ''
    ? undefined
    : { localPart: mailFrom.slice(0, Math.max(0, at)), domain: mailFrom.slice(at + 1) };
}
