// A real name server of somebody else's, started for one test: Knot DNS, NSD or BIND, as a primary or a secondary.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from '../../../src/lib/endpoint.ts';
import { freePort } from '../free-port.ts';

/** The one key that all transfers, NOTIFYs and updates of a test are signed with. */
export const transferKey = {
  name: 'transfer-key',
  algorithm: 'hmac-sha256',
  secret: 'c2lnbnBvc3QgdGVzdHMgb25seSwgbm90IHNlY3JldCE=',
} as const;

export interface PeerZone {
  /** Without the last dot. */
  readonly name: string;
  /** A primary's content at the start. */
  readonly text?: string;
  /** Makes a secondary. */
  readonly primary?: Endpoint;
  /** Who is told of a new serial. */
  readonly notify?: Endpoint;
  /**
   * RFC 9432: `consumer`: a catalog whose members are secondaries of `primary` too; `producer`: made of the zones with `memberOf`
   * (Knot alone does that).
   */
  readonly catalog?: 'consumer' | 'producer';
  readonly memberOf?: string;
}

/** How one program is set up: its files, and its command line. */
export interface PeerProgram {
  readonly name: string;
  /** The text of its config file. Zone files are `NAME.zone` in `folder`. */
  config(folder: string, port: number, zones: readonly PeerZone[]): string;
  command(configFile: string): readonly [string, ...string[]];
}

export class DnsPeer implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly #program: PeerProgram;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #said = '';

  private constructor(program: PeerProgram, folder: string, child: ChildProcess, port: number) {
    this.#program = program;
    this.#folder = folder;
    this.#child = child;
    this.endpoint = { address: '127.0.0.1', port };
    this.#ended = new Promise((settle) => void child.once('close', () => settle()));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
    }
  }

  /** `port`: from `freePort`, where somebody must know it before the start. It may not answer yet when this returns. */
  static async start(program: PeerProgram, zones: readonly PeerZone[], port?: number): Promise<DnsPeer> {
    const folder = await mkdtemp(join(tmpdir(), `signpost-${program.name}-`));
    const listenOn = port ?? (await freePort());
    for (const { name, text } of zones) {
      if (text !== undefined) await writeFile(join(folder, `${name}.zone`), text);
    }
    const config = join(folder, 'server.conf');
    await writeFile(config, program.config(folder, listenOn, zones));
    const [command, ...args] = program.command(config);
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder });
    await new Promise((settle, fail) => child.once('spawn', settle).once('error', fail));
    return new DnsPeer(program, folder, child, listenOn);
  }

  get name(): string {
    return this.#program.name;
  }

  /** What it has logged. */
  get said(): string {
    return this.#said;
  }

  /** Writes a primary's file anew and has it read: the server makes one step of the difference. */
  async replaceZone(name: string, text: string): Promise<void> {
    await writeFile(join(this.#folder, `${name}.zone`), text);
    this.#child.kill('SIGHUP');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.#ended;
    clearTimeout(timer);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
