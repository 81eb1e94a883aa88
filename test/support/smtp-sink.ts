// Postfix's smtp-sink: a mail server that takes (or refuses) everything, and writes what it took into files.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoint } from '../../src/lib/endpoint.ts';

export interface SunkMessage {
  /** `ESMTP`, the EHLO argument, MAIL's and RCPT's, as smtp-sink notes them. */
  readonly facts: Readonly<Record<string, readonly string[]>>;
  /** With LF line ends, behind smtp-sink's own Received field. */
  readonly content: string;
}

export class SmtpSink implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(endpoint: Endpoint, child: ChildProcess, folder: string) {
    this.endpoint = endpoint;
    this.#child = child;
    this.#folder = folder;
  }

  /** `options` are smtp-sink's own. Resolves when it answers. */
  static async start(...options: readonly string[]): Promise<SmtpSink> {
    const folder = await mkdtemp(join(tmpdir(), 'signpost-sink-'));
    for (let tries = 5; ; tries--) {
      const endpoint = await freeEndpoint();
      // As root, smtp-sink wants to be told as whom to run.
      const user = userInfo().uid === 0 ? ['-u', userInfo().username] : [];
      const args = [
        ...options,
        ...user,
        '-d',
        join(folder, '%S.'),
        `${endpoint.address}:${endpoint.port}`,
        '64',
      ];
      const path = [process.env['PATH'] ?? '', '/usr/sbin'].join(delimiter);
      const child = spawn('smtp-sink', args, { stdio: 'ignore', env: { ...process.env, PATH: path } });
      const sink = new SmtpSink(endpoint, child, folder);
      if (await sink.#answers()) return sink;
      child.kill('SIGKILL');
      // Somebody may have taken the port in between.
      if (tries === 1) throw new Error(`smtp-sink does not start: smtp-sink ${args.join(' ')}`);
    }
  }

  /** What was taken so far, in no order. */
  async messages(): Promise<SunkMessage[]> {
    const files = await readdir(this.#folder);
    return await Promise.all(
      files.map(async (file) => parse(await readFile(join(this.#folder, file), 'utf8'))),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    for (let tries = 200; tries > 0 && this.#child.exitCode === null; tries--) {
      const socket = connect(this.endpoint.port, this.endpoint.address);
      const open = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      socket.destroy();
      if (open) return true;
      await delay(10);
    }
    return false;
  }
}

/** A port that was free a moment ago: smtp-sink can't tell which one it got. */
async function freeEndpoint(): Promise<Endpoint> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const found = server.address();
  if (found === null || typeof found === 'string') throw new Error('no port');
  server.close();
  await once(server, 'close');
  return { address: '127.0.0.1', port: found.port };
}

/** `X-Mail-Args: ...` lines, then its Received field (three lines), then the message. */
function parse(text: string): SunkMessage {
  const facts: Record<string, string[]> = {};
  const lines = text.split('\n');
  let at = 0;
  for (; lines[at]?.startsWith('X-') === true; at++) {
    const [, name = '', value = ''] = /^X-([^:]+): (.*)$/.exec(lines[at] ?? '') ?? [];
    (facts[name] ??= []).push(value);
  }
  do at++;
  while (lines[at]?.startsWith('\t') === true);
  return { facts, content: lines.slice(at).join('\n') };
}
