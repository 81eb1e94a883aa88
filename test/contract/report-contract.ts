// What every store must do with what it counts for aggregate reports.
import assert from 'node:assert/strict';
import type { ReportRow } from '../../src/mailauth/dmarc/report-store.ts';
import type { Each } from './store-under-test.ts';

/** What a store under test is to be opened with. */
export const reportBounds = { mostRows: 20, keepDays: 7 } as const;

export const reportedRow: ReportRow = {
  policyDomain: 'example.net',
  published: {
    p: 'reject',
    sp: undefined,
    np: 'quarantine',
    adkim: 'r',
    aspf: 's',
    testing: false,
    fo: '1:d',
    rua: ['mailto:reports@example.net'],
    ruf: [],
  },
  source: '192.0.2.7',
  headerFrom: 'mail.example.net',
  envelopeFrom: 'bounces.example.net',
  disposition: 'reject',
  dkimAligned: false,
  spfAligned: false,
  spf: { result: 'fail', domain: 'bounces.example.net', identity: 'mailfrom' },
  dkim: [{ result: 'permerror', domain: 'example.net', selector: 's1' }],
};

export function reportContract(each: Each): void {
  each(
    'messages that look alike are counted in one row, others in others, by day and domain',
    async (under) => {
      const { reports } = under.store;
      const other = { ...reportedRow, source: '192.0.2.8' };
      const elsewhere = { ...reportedRow, policyDomain: 'example.org' };
      for (const [day, row] of [
        [100, reportedRow],
        [100, other],
        [100, reportedRow],
        [101, reportedRow],
        [100, elsewhere],
      ] as const)
        reports.count(day, row);
      assert.deepEqual(await reports.rows(100, 'example.net'), [
        { ...reportedRow, count: 2 },
        { ...other, count: 1 },
      ]);
      reports.count(100, reportedRow);
      await under.reopen();
      const again = under.store.reports;
      again.count(100, reportedRow);
      assert.deepEqual(
        (await again.rows(100, 'example.net')).map(({ count }) => count),
        [4, 1],
      );
      assert.deepEqual(await again.rows(101, 'example.net'), [{ ...reportedRow, count: 1 }]);
      assert.deepEqual(await again.rows(102, 'example.net'), []);
      assert.deepEqual(await again.domains(100), ['example.net', 'example.org']);
      assert.deepEqual(await again.domains(99), []);
    },
  );

  each(
    'a domain and day has so many rows, and so has a day; what has its row is counted on',
    async (under) => {
      const { reports } = under.store;
      for (let i = 0; i < 30; i++) reports.count(5, { ...reportedRow, source: `192.0.2.${i}` });
      assert.equal((await reports.rows(5, 'example.net')).length, 20);
      reports.count(5, { ...reportedRow, source: '192.0.2.0' });
      reports.count(6, reportedRow);
      const rows = await reports.rows(5, 'example.net');
      assert.equal(rows.find(({ source }) => source === '192.0.2.0')?.count, 2);
      for (let i = 0; i < 300; i++) reports.count(5, { ...reportedRow, policyDomain: `d${i}.example` });
      const domains = await reports.domains(5);
      assert.equal(domains.length, 181);
      assert.equal((await reports.rows(6, 'example.net')).length, 1);
    },
  );

  each('days before one are forgotten, of any length', async (under) => {
    const { reports } = under.store;
    for (let day = 1; day <= 60; day++)
      for (let i = 0; i < 20; i++) reports.count(day, { ...reportedRow, source: `192.0.2.${i}` });
    await reports.domains(1);
    await reports.forgetBefore(60);
    assert.deepEqual(await reports.domains(59), []);
    assert.deepEqual(await reports.rows(59, 'example.net'), []);
    assert.equal((await reports.rows(60, 'example.net')).length, 20);
    reports.count(1, reportedRow);
    assert.equal((await reports.rows(1, 'example.net')).length, 1);
  });
}
