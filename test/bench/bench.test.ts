// The parts of the bench that can be wrong without anybody seeing it: options, medians, ratios, CPU time.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readLatencies } from '../../bench/load/dnsperf.ts';
import { readOptions } from '../../bench/options.ts';
import { cpuSeconds, memoryMib, processTree } from '../../bench/process-tree.ts';
import { Recorder } from '../../bench/recorder.ts';
import { median } from '../../bench/result.ts';
import { formatTable } from '../../bench/table.ts';

test('medians', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([7]), 7);
});

test('options', () => {
  const all = readOptions([]);
  assert.ok(typeof all !== 'string');
  assert.deepEqual([...all.parts], ['authority', 'scale', 'updates', 'resolver', 'cold', 'smtp', 'memory']);
  assert.deepEqual([all.rounds, all.authorityRounds, all.manyNames], [5, 7, 1_000_000]);
  const some = readOptions(['--quick', '--only', 'smtp,dns', '--rounds', '3', '--names', '500']);
  assert.ok(typeof some !== 'string');
  assert.deepEqual([...some.parts], ['authority', 'resolver', 'smtp']);
  assert.deepEqual([some.rounds, some.authorityRounds, some.manyNames], [3, 3, 500]);
  for (const wrong of [
    ['--only', 'imap'],
    ['--rounds', '0'],
    ['--fast'],
    ['--seconds', '1.5'],
    ['--names', 'x'],
  ])
    assert.equal(typeof readOptions(wrong), 'string', wrong.join(' '));
});

test('the table keeps figures together and compares with the best of the others', () => {
  const recorder = new Recorder();
  const less = { part: 'authority', figure: 'CPU', unit: 'µs', better: 'less' } as const;
  const more = { part: 'smtp', figure: 'rate', unit: 'per second', better: 'more' } as const;
  for (const round of [0, 1, 2]) {
    recorder.add({ ...less, server: 'Ours', ours: true }, 10 + round);
    recorder.add({ ...more, server: 'Ours', ours: true }, 4000);
    recorder.add({ ...less, server: 'A', ours: false }, 4);
    recorder.add({ ...less, server: 'B', ours: false }, 5.5);
    recorder.add({ ...more, server: 'A', ours: false }, 1000);
  }
  assert.equal(
    formatTable(recorder.findings),
    [
      '| figure                            | server | median | lowest – highest | of the best peer |',
      '|-----------------------------------|--------|--------|------------------|------------------|',
      '| CPU (µs, less is better)          | Ours   |   11.0 |      10.0 – 12.0 |           × 2.75 |',
      '|                                   | A      |   4.00 |      4.00 – 4.00 |           × 1.00 |',
      '|                                   | B      |   5.50 |      5.50 – 5.50 |           × 1.38 |',
      '| rate (per second, more is better) | Ours   |  4,000 |    4,000 – 4,000 |           × 4.00 |',
      '|                                   | A      |  1,000 |    1,000 – 1,000 |           × 1.00 |',
    ].join('\n'),
  );
});

test('no ratio to nothing, and no figure of no samples', () => {
  const recorder = new Recorder();
  const row = { part: 'updates', figure: 'lost', unit: 'queries', better: 'less' } as const;
  recorder.add({ ...row, server: 'Ours', ours: true }, Number.NaN);
  recorder.add({ ...row, server: 'A', ours: false }, 0);
  const [, , ours, theirs] = formatTable(recorder.findings).split('\n');
  assert.match(ours ?? '', /Ours +\| +none \| .* \| +\|$/);
  assert.match(theirs ?? '', /A +\| +0\.00 \| .* \| +\|$/);
});

test('latencies out of what dnsperf says of each query', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'signpost-')), 'each-query.txt');
  writeFileSync(
    path,
    '[Status] x\n> NOERROR a.test A 0.000300\n> T b.test A\n> NXDOMAIN c.test MX 0.000100\n',
  );
  assert.deepEqual(
    [...readLatencies(path)].map((ms) => ms.toFixed(3)),
    ['0.100', '0.300'],
  );
  rmSync(dirname(path), { recursive: true });
});

test(
  'CPU time counts children, those that have ended too',
  { skip: process.platform !== 'linux' },
  async () => {
    // The shell waits for a child that burns CPU, then stays.
    const script = 'i=0; (while [ $i -lt 150000 ]; do i=$((i+1)); done); echo done; read _';
    const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    assert.ok(child.pid);
    await once(child.stdout, 'data');
    assert.ok(cpuSeconds(child.pid) >= 0.02, `${cpuSeconds(child.pid)} s`);
    assert.ok(memoryMib(child.pid) > 0);
    assert.deepEqual(processTree(child.pid), [child.pid]);
    child.stdin.end('\n');
    await once(child, 'close');
  },
);
