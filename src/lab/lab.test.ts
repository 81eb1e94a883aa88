import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { silentLog } from '../lib/log.ts';
import { runLab } from './lab.ts';
import { humanReport, jsonReport } from './report.ts';
import { journeyOrder } from './sequence.ts';

const steps = ['S1', 'S2', 'S3', 'D1', 'D2', 'D3', 'D4', 'D5', 'D6', 'D7', 'D8', 'S4', 'S5', 'S6'];

test('a mail finds its way, and each step names the server that took it', async () => {
  let output = '';
  const report = jsonReport((text) => (output += text));
  const good = await runLab({ report, log: silentLog, once: true, signal: AbortSignal.abort() });
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map((line) => line['step']),
    steps,
  );
  assert.deepEqual(journeyOrder, steps);
  const servers: Readonly<Record<string, string>> = {
    S1: 'mx.example.com',
    D1: 'resolver.example.net',
    D3: 'a.root-servers.net',
    D5: 'a0.org.afilias-nst.info',
    D7: 'ns1.example.org',
    S5: 'mx.example.org',
    S6: 'mx.example.org',
  };
  for (const line of lines) {
    assert.deepEqual(Object.keys(line), ['step', 'ok', 'ms', 'server', 'text']);
    assert.equal(line['ok'], true, JSON.stringify(line));
    assert.equal(typeof line['ms'], 'number');
    assert.match(String(line['text']), /^[A-Za-z].*\.$/);
    const server = line['server'] as { readonly name: string; readonly address: string };
    assert.match(server.address, /^\d+\.\d+\.\d+\.\d+:\d+$/);
    const expected = servers[String(line['step'])];
    if (expected !== undefined) assert.equal(server.name, expected);
  }
  assert.ok(good);
});

test('the visitor is told who is there and what to try, and the folder goes when the lab does', async () => {
  const before = new Set(readdirSync(tmpdir()));
  const stop = new AbortController();
  let output = '';
  const report = humanReport((text) => {
    output += text;
    if (text.includes('What you do is shown below')) stop.abort();
  }, false);
  assert.ok(await runLab({ report, log: silentLog, once: false, signal: stop.signal }));
  const folder = /data in (\S+)/.exec(output)?.[1] ?? '';
  assert.match(folder, /signpost-lab-/);
  assert.ok(!before.has(folder) && !existsSync(folder));
  for (const step of steps) assert.ok(output.includes(`✓ ${step}`), step);
  for (const command of ['dig @127.0.0.1 -p', 'swaks --server', 'curl -k --user', 'bin/signpost journey 1']) {
    assert.ok(output.includes(command), command);
  }
});
