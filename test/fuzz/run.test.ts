import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function fuzz(...options: readonly string[]): Promise<Ended> {
  return new Promise((done) => {
    const file = join(import.meta.dirname, 'run.ts');
    const child = execFile(process.execPath, [file, ...options], (_, stdout, stderr) =>
      done({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

test('campaigns run in processes of their own, and say count, rate, memory and seed', async () => {
  const targets = ['--target', 'dns-name', '--target', 'dns-message'];
  const { code, stdout, stderr } = await fuzz(...targets, '--count', '5', '--seed', '7', '--jobs', '2');
  assert.deepEqual([code, stderr], [0, '']);
  const line = /^([\w-]+): 5 steps, \d+ a second, memory [\d.]+ MiB → [\d.]+ MiB, seed 7$/gm;
  const named = [...stdout.matchAll(line)].map(([, name]) => name ?? '');
  assert.deepEqual(named.sort(), ['dns-message', 'dns-name']);
});

test('an unknown target is misuse, and the known ones are told', async () => {
  const { code, stderr } = await fuzz('--target', 'nope');
  assert.equal(code, 2);
  assert.match(stderr, /no target 'nope'; there are .*dns-message/);
});
