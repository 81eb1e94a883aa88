// A temporary folder and the child processes of a run: all gone when it ends, however it ends.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSocket } from 'node:dgram';
import { setTimeout as wait } from 'node:timers/promises';
import { processTree } from './process-tree.ts';

export class Workspace implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'signpost-bench-'));
  readonly #children = new Set<ChildProcess>();

  constructor() {
    // A run that is interrupted must leave no server behind.
    process.on('exit', () => this.#killNow());
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => process.exit(130));
    }
  }

  /** A new folder in the temporary one. */
  makeFolder(name: string): string {
    const folder = mkdtempSync(join(this.folder, `${name}-`));
    chmodSync(folder, 0o755);
    return folder;
  }

  /** Starts a server; what it says goes into `NAME.log`. */
  start(
    name: string,
    program: string,
    args: readonly string[],
    cwd: string = this.folder,
    environment: NodeJS.ProcessEnv = {},
  ): ChildProcess {
    const log = openSync(this.logOf(name), 'a');
    const env = { ...process.env, ...environment };
    const child = spawn(program, args, { stdio: ['ignore', log, log], cwd, env });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  logOf(name: string): string {
    return join(this.folder, `${name}.log`);
  }

  /** The last lines that a server wrote, for errors. */
  lastWords(name: string): string {
    try {
      const lines = readFileSync(this.logOf(name), 'utf8').trim().split('\n');
      return lines.slice(-5).join(' / ');
    } catch {
      return '';
    }
  }

  /** Ends a server kindly, then for good. */
  async stop(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const family = processTree(child.pid);
    const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const graceful = await Promise.race([ended.then(() => true), wait(8000, false)]);
    for (const pid of graceful ? family.slice(1) : family) killQuietly(pid);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#children, (child) => this.stop(child)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #killNow(): void {
    for (const child of this.#children) {
      if (child.pid === undefined) continue;
      for (const pid of processTree(child.pid)) killQuietly(pid);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** A port of 127.0.0.1 that is free for TCP and UDP now. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const udpFree = await new Promise<boolean>((resolve) => {
      const socket = createSocket('udp4');
      socket.once('error', () => resolve(false));
      socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
    });
    await new Promise<void>((resolve) => void server.close(() => resolve()));
    if (udpFree) return port;
  }
  throw new Error('no port is free for TCP and UDP');
}
