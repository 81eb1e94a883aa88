// The RFC 7208 test suite: 203 cases, each with its own zone. It is read from the folder of shared test data, and is not copied here.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { VirtualClock } from '../../src/lib/clock.ts';
import { checkSpf } from '../../src/mailauth/spf/check-spf.ts';
import { ScriptedLookup } from '../support/scripted-lookup.ts';

const file = join(import.meta.dirname, '../../../shared/data/spf/rfc7208-tests.yml');

type ZoneRecord =
  'TIMEOUT' | Readonly<Record<string, string | readonly [number, string] | readonly string[]>>;

interface Scenario {
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

describe(
  'RFC 7208 suite',
  { skip: existsSync(file) ? false : `needs the shared test data in ${file}` },
  () => {
    const scenarios = existsSync(file)
      ? parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Scenario)
      : [];

    test('has all its cases', () => {
      assert.equal(
        scenarios.reduce((sum, scenario) => sum + Object.keys(scenario.tests).length, 0),
        203,
      );
    });

    for (const { description, tests, zonedata } of scenarios) {
      describe(description, () => {
        const names = Object.fromEntries(
          Object.entries(zonedata).flatMap(([name, records]) =>
            name.split('.').every((label) => label.length > 0 && label.length < 64)
              ? [[name.replaceAll('\\', '\\\\'), linesOf(records)]]
              : [],
          ),
        );
        for (const [name, { helo, host, mailfrom, result, explanation }] of Object.entries(tests)) {
          test(name, async () => {
            const at = mailfrom.lastIndexOf('@');
            const verdict = await checkSpf(
              {
                ip: host,
                helo,
                mailFrom:
                  mailfrom === ''
                    ? undefined
                    : { localPart: mailfrom.slice(0, Math.max(0, at)), domain: mailfrom.slice(at + 1) },
              },
              { lookup: new ScriptedLookup(names), clock: new VirtualClock(), hostname: 'mx.example.net' },
            );
            assert.ok([result].flat().includes(verdict.result), `${verdict.result}: ${verdict.reason}`);
            if (explanation !== undefined)
              assert.equal(verdict.explanation ?? 'DEFAULT', explanation, verdict.reason);
          });
        }
      });
    }
  },
);
