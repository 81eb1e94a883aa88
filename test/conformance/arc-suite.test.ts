// ValiMail's ARC validation suite (RFC 8617). It is read from the folder of shared test data, and is not copied here.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { utf8ToBytes } from '../../src/lib/bytes.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { MailChecker } from '../../src/mailauth/mail-check.ts';
import { ScriptedLookup } from '../support/scripted-lookup.ts';

const file = join(import.meta.dirname, '../../../shared/data/arc/arc-draft-validation-tests.yml');

interface Scenario {
  readonly description: string;
  readonly tests: Readonly<Record<string, { readonly message: string; readonly cv: string }>>;
  readonly 'txt-records': Readonly<Record<string, string>>;
}

describe('ARC suite', { skip: existsSync(file) ? false : `needs the shared test data in ${file}` }, () => {
  const scenarios = existsSync(file)
    ? parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Scenario | null)
    : [];
  for (const scenario of scenarios) {
    if (scenario === null) continue;
    describe(scenario.description, () => {
      const names = Object.fromEntries(
        Object.entries(scenario['txt-records']).map(([name, text]) => [
          name,
          [`TXT ${text.replaceAll('\n', ' ')}`],
        ]),
      );
      for (const [name, { message, cv }] of Object.entries(scenario.tests)) {
        test(name, async () => {
          const check = new MailChecker({
            lookup: new ScriptedLookup(names),
            clock: new VirtualClock(),
            hostname: 'mx.example.net',
          }).begin({ ip: '192.0.2.1', helo: 'client.example', mailFrom: undefined });
          check.push(utf8ToBytes(message.replaceAll(/\r?\n/g, '\r\n')));
          const { arc } = await check.end();
          // Of a chain that its own sealer called broken the suite names no state; RFC 8617 §5.2 step 2 does.
          assert.equal(arc.result, cv.trim() === '' ? 'fail' : cv.trim().toLowerCase(), arc.reason);
        });
      }
    });
  }
});
