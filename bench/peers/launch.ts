// Starting a peer: find the program, wait until it answers, give its last words where it doesn't.
import { accessSync, constants } from 'node:fs';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { execFile } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { Unavailable } from './peer.ts';
import type { RunningServer } from './peer.ts';
import type { Workspace } from '../workspace.ts';

const patienceMs = 120_000;
const pollMs = 10;

/** The path of an installed program; throws `Unavailable` with what to install. */
export function findProgram(name: string, debianPackage: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  throw new Unavailable(`${name} is not installed (apt-get install ${debianPackage})`);
}

/** What a program says of itself, on either output; for `--version`. */
export function ask(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 10_000 }, (_, stdout, stderr) => resolve(`${stdout}${stderr}`));
  });
}

/** Waits until `ready` holds, and throws the server's last words where it ends or takes too long. */
export async function whenReady(
  workspace: Workspace,
  name: string,
  child: ChildProcess,
  port: number,
  ready: () => Promise<boolean>,
): Promise<RunningServer> {
  const { pid } = child;
  if (pid === undefined) throw new Unavailable(`${name} can't be started`);
  const deadline = Date.now() + patienceMs;
  while (!(await ready())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await workspace.stop(child);
      throw new Unavailable(`${name} doesn't answer: ${workspace.lastWords(name)}`);
    }
    await wait(pollMs);
  }
  return { pid, port, stop: () => workspace.stop(child) };
}

/** Whether a DNS server answers `name` A without SERVFAIL or REFUSED, within a second. Asks often, so that the moment is met. */
export async function answersDns(port: number, name: string): Promise<boolean> {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  const query = Buffer.concat([
    Buffer.of(0x5a, 0x5a, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0),
    ...labels,
    Buffer.of(0, 0, 1, 0, 1),
  ]);
  const socket = createSocket('udp4');
  const timers = new AbortController();
  try {
    return await new Promise<boolean>((resolve) => {
      socket.on('message', (answer) => {
        if (((answer[3] ?? 15) & 15) === 0 && answer.readUInt16BE(6) > 0) resolve(true);
      });
      socket.on('error', () => resolve(false));
      // Connected, so that a closed port is told at once.
      socket.connect(port, '127.0.0.1', () => void askAgain(socket, query, timers.signal));
      setTimeout(() => resolve(false), 1000).unref();
    });
  } finally {
    timers.abort();
    socket.close();
  }
}

async function askAgain(socket: Socket, query: Buffer, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    socket.send(query);
    await wait(pollMs);
  }
}

/** Whether an SMTP server greets. */
export async function greetsSmtp(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    return await new Promise<boolean>((resolve) => {
      socket.on('data', (bytes) => resolve(bytes.toString('latin1').startsWith('220')));
      socket.on('error', () => resolve(false));
      socket.setTimeout(2000, () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
