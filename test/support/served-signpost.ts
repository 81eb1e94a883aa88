// A real `bin/signpost serve` in a temporary folder, and the other commands run against it.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { adminClient } from '../../src/admin/client.ts';
import type { Admin } from '../../src/admin/api.ts';
import { parseEndpoint } from '../../src/lib/endpoint.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { runProgram } from './run-program.ts';

const launcher = resolve(import.meta.dirname, '../../bin/signpost');
/** Starting takes a fraction of a second; a busy machine may need much longer. */
const startMs = 60_000;

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary folder with these files in it. */
export class SignpostFolder implements AsyncDisposable {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  static async make(files: Readonly<Record<string, string>>): Promise<SignpostFolder> {
    const folder = new SignpostFolder(await mkdtemp(join(tmpdir(), 'signpost-')));
    for (const [name, text] of Object.entries(files)) await folder.write(name, text);
    return folder;
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.path, name)), { recursive: true });
    await writeFile(join(this.path, name), text);
  }

  /** Runs `signpost …args -c <this folder's signpost.yaml>` to its end. */
  async command(args: readonly string[], input: string = ''): Promise<CommandResult> {
    const config = args.includes('-c') ? [] : ['-c', join(this.path, 'signpost.yaml')];
    const done = await runProgram(launcher, [...args, ...config], { input, timeoutMs: startMs });
    return { code: done.code, stdout: done.stdout.toString(), stderr: done.stderr };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

export class ServedSignpost implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  readonly #said: { stdout: string; stderr: string };
  readonly admin: Admin;

  private constructor(
    child: ChildProcess,
    ended: Promise<number>,
    said: { stdout: string; stderr: string },
    admin: Admin,
  ) {
    this.#child = child;
    this.#ended = ended;
    this.#said = said;
    this.admin = admin;
  }

  /** Starts `serve` with the folder's signpost.yaml (whose data folder must be ./data), and waits for "signpost ready". */
  static async start(folder: SignpostFolder): Promise<ServedSignpost> {
    const child = spawn(launcher, ['serve', '-c', join(folder.path, 'signpost.yaml')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    const ended = new Promise<number>((settle) => child.on('close', (code) => settle(code ?? -1)));
    child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
    const ready = new Promise<void>((settle) =>
      child.stdout.on('data', (chunk: Buffer) => {
        said.stdout += chunk.toString();
        if (said.stdout.includes('\n')) settle();
      }),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((settle) => (timer = setTimeout(() => settle('late'), startMs)));
    const first = await Promise.race([ready.then(() => 'ready' as const), ended, late]);
    clearTimeout(timer);
    if (first !== 'ready') {
      child.kill('SIGKILL');
      throw new Error(`signpost serve did not start (${first}):\n${said.stderr}`);
    }
    return new ServedSignpost(child, ended, said, adminClient(join(folder.path, 'data/control.sock')));
  }

  /** Of the server itself: the launcher becomes it. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the server has no process');
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#said.stdout;
  }

  get stderr(): string {
    return this.#said.stderr;
  }

  /** The first endpoint of a listener, with its real port. */
  async endpoint(name: string): Promise<Endpoint> {
    const status = await this.admin.status({});
    if (!status.ok) throw new Error(status.fault.message);
    const parsed = parseEndpoint(status.value.listeners.find((each) => each.name === name)?.address ?? '');
    if (!parsed.ok) throw new Error(`no listener ${name}: ${parsed.fault}`);
    return parsed.value;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until stderr holds `text`. */
  async logged(text: string): Promise<void> {
    const end = performance.now() + startMs;
    while (!this.stderr.includes(text)) {
      if (performance.now() > end) throw new Error(`'${text}' was never logged:\n${this.stderr}`);
      await new Promise((settle) => setTimeout(settle, 10));
    }
  }

  /** SIGTERM, and the exit code. */
  stop(): Promise<number> {
    this.#child.kill('SIGTERM');
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
