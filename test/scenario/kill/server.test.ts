// The whole server, over real sockets: `kill -9` at 20 random moments of runs of 2,000 messages from 20 connections.
import '../../support/compile-cache.ts';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { checkIntegrity, readNewNames } from './kept.ts';
import { sendLetters } from './smtp-sender.ts';
import type { Letter } from './smtp-sender.ts';

const kills = 20;
const messages = 2000;
const connections = 20;
const launcher = resolve(import.meta.dirname, '../../../bin/signpost');

test('no message that got its 250 is lost, and none is doubled, by kill -9', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signpost-kill-'));
  const data = join(folder, 'data');
  try {
    await makeAccount(data);
    // One that ends in peace leaves its compiled code behind, which halves the cost of the 20 others; those never get to it.
    await startAndStop(folder);
    const promised = new Set<string>();
    const kept = new Set<string>();
    for (let run = 0; run < kills; run++) {
      // Cubed: most moments early, where a run is short, and some up to the end.
      const killAfter = Math.floor(Math.random() ** 3 * messages);
      await runAndKill(folder, run, killAfter, (name) => promised.add(name));
      await using store = await openSqliteStore(data);
      await readNewNames(store, kept);
      for (const name of promised) {
        assert.ok(kept.has(name), `message ${name} got its 250 and is lost (killed after ${killAfter})`);
      }
    }
    assert.ok(promised.size > 0, 'no run got so far as one 250');
    checkIntegrity(data);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function makeAccount(data: string): Promise<void> {
  await using store = await openSqliteStore(data);
  await store.addDomain('example.com');
  await store.addAccount({ localPart: 'alice', domain: 'example.com' }, { argon2id: '', scramSha256: '' });
}

interface Started {
  readonly server: ChildProcess;
  readonly port: number;
  readonly ended: Promise<unknown>;
}

async function startServer(folder: string): Promise<Started> {
  const port = await freePort();
  const config = join(folder, 'signpost.yaml');
  writeFileSync(
    config,
    `hostname: mx.example.com\ndata: ./data\nlisteners:\n  smtp: ["127.0.0.1:${port}"]\n`,
  );
  const server = spawn(launcher, ['serve', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  await untilReady(server);
  return { server, port, ended };
}

async function startAndStop(folder: string): Promise<void> {
  const { server, ended } = await startServer(folder);
  server.kill('SIGTERM');
  await ended;
}

async function runAndKill(
  folder: string,
  run: number,
  killAfter: number,
  promised: (name: string) => void,
): Promise<void> {
  const { server, port, ended } = await startServer(folder);
  let number = 0;
  let count = 0;
  const next = (): Letter | undefined => (number < messages ? letter(`${run}-${number++}`) : undefined);
  const accepted = ({ name }: Letter): void => {
    promised(name);
    if (++count >= killAfter) server.kill('SIGKILL');
  };
  if (killAfter === 0) server.kill('SIGKILL');
  await Promise.all(Array.from({ length: connections }, () => sendLetters(port, next, accepted)));
  server.kill('SIGKILL');
  await ended;
}

function letter(name: string): Letter {
  const length = (Number(name.split('-')[1]) * 7919) % 8000;
  const text = `${'x'.repeat(70)}\r\n`.repeat(Math.ceil(length / 72));
  return {
    name,
    from: 'sender@example.net',
    to: 'alice@example.com',
    content: `Subject: ${name}\r\n\r\n${text}`,
  };
}

async function untilReady(server: ChildProcess): Promise<void> {
  let told = '';
  server.stderr?.on('data', (chunk) => (told += String(chunk)));
  assert.ok(server.stdout);
  let text = '';
  for await (const chunk of server.stdout) {
    text += String(chunk);
    if (text.includes('signpost ready\n')) return;
  }
  assert.fail(`serve ended before it was ready: ${text}${told}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
