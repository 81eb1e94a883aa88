// The RFC 7208 test suite, 203 cases: what SPF says where each case's own zone answers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VirtualClock } from '../../src/lib/clock.ts';
import { DnsQuestions } from '../../src/mailauth/dns-questions.ts';
import { checkSpf } from '../../src/mailauth/spf/check-spf.ts';
import { ScriptedLookup } from '../support/scripted-lookup.ts';
import { spfSuite, spfSuiteMissing } from '../support/spf-suite.ts';

describe('RFC 7208 suite', { skip: spfSuiteMissing }, () => {
  const scenarios = spfSuite();

  test('has all its cases', () => {
    assert.equal(
      scenarios.reduce((sum, { cases }) => sum + cases.length, 0),
      203,
    );
  });

  for (const { description, names, cases } of scenarios) {
    describe(description, () => {
      for (const { name, helo, host, mailFrom, results, explanation } of cases) {
        test(name, async () => {
          const verdict = await checkSpf(
            { ip: host, helo, mailFrom },
            {
              questions: new DnsQuestions(new ScriptedLookup(names)),
              clock: new VirtualClock(),
              hostname: 'mx.example.net',
            },
          );
          assert.ok(results.includes(verdict.result), `${verdict.result}: ${verdict.reason}`);
          if (explanation !== undefined)
            assert.equal(verdict.explanation ?? 'DEFAULT', explanation, verdict.reason);
        });
      }
    });
  }
});
