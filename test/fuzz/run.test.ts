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

test('a campaign says its count, rate, memory and seed', async () => {
  const { code, stdout, stderr } = await fuzz('--target', 'dns-name', '--count', '20', '--seed', '7');
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^dns-name: 20 steps, \d+ a second, memory [\d.]+ MiB → [\d.]+ MiB, seed 7\n$/);
});

test('an unknown target is misuse, and the known ones are told', async () => {
  const { code, stderr } = await fuzz('--target', 'nope');
  assert.equal(code, 2);
  assert.match(stderr, /no target 'nope'; there are .*dns-message/);
});
