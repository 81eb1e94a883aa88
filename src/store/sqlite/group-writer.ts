// The main thread's side of writing: requests wait here while the writer's thread commits, and go to it as one group when it
// is free again. The more wait, the larger the groups, the less each costs.
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { StoreFault } from '../../mailbox/message.ts';
import { unreachable } from '../../lib/result.ts';
import type {
  Changes,
  FromWriter,
  ToWriter,
  WriteOutcome,
  WriteRequest,
  WriteValue,
  WriterData,
} from './write-request.ts';

/**
 * What one group copies: waiting contents are not copied before, so that this is what writing adds to memory. It is shared with
 * the writer once and used again for each group: a new buffer a group costs 8 µs more for each message of 10 KiB, and
 * sending a view of it with each group some 20 µs a group.
 */
const groupOctets = 8 * 1024 * 1024;
/** Of a larger message, what is copied in one turn of the event loop: about 2 ms. */
const pieceOctets = 1024 * 1024;
/** Bounds how long the first of a group waits for its last. */
const groupRequests = 512;

/** Which file is written, and how large it may grow. */
export type WrittenFile = Omit<WriterData, 'arena'>;

interface Waiting {
  readonly request: WriteRequest;
  readonly contents: readonly Uint8Array[];
  readonly resolve: (value: WriteValue) => void;
  readonly reject: (fault: StoreFault) => void;
}

export class GroupWriter {
  readonly #worker: Worker;
  readonly #changed: (changes: Changes) => void;
  readonly #opened = Promise.withResolvers<undefined>();
  readonly #closed = Promise.withResolvers<undefined>();
  /** Belongs to the writer while a group is being committed. */
  readonly #arena: Uint8Array;
  #waiting: Waiting[] = [];
  /** The group that is being committed; empty when the writer is free. */
  #committing: readonly Waiting[] = [];
  #scheduled = false;
  #closing = false;
  #dead: StoreFault | undefined;

  private constructor(file: WrittenFile, changed: (changes: Changes) => void) {
    this.#changed = changed;
    const arena = new SharedArrayBuffer(groupOctets);
    this.#arena = new Uint8Array(arena);
    this.#worker = new Worker(new URL('./writer-thread.ts', import.meta.url), {
      workerData: { ...file, arena } satisfies WriterData,
      name: 'store writer',
      env: compileCacheEnvironment(),
    });
    this.#worker.on('message', (message: FromWriter) => this.#heard(message));
    this.#worker.on('error', (error) => this.#die(`the store's writer failed: ${describe(error)}`));
    this.#worker.on('exit', () => this.#die("the store's writer has ended"));
  }

  /** Opens the file for writing, makes or migrates its tables. `changed` is called after each commit. */
  static async open(file: WrittenFile, changed: (changes: Changes) => void): Promise<GroupWriter> {
    const writer = new GroupWriter(file, changed);
    await writer.#opened.promise;
    return writer;
  }

  /**
   * Resolves once the request is on disk, or throws `StoreFault`: then nothing of it is there.
   * `contents` are those of the request's messages, in order; they must not change until then.
   */
  submit(request: WriteRequest, contents: readonly Uint8Array[] = []): Promise<WriteValue> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    if (this.#closing) return Promise.reject(new StoreFault('closed', 'the store is closed'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, contents, resolve, reject });
      this.#schedule();
    });
  }

  forget(before: number): void {
    if (this.#dead === undefined && !this.#closing) this.#post({ kind: 'forget', before });
  }

  /** Refuses what comes from now on, writes what waits, and closes the file. */
  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      if (this.#dead === undefined && this.#isIdle()) this.#post({ kind: 'close' });
    }
    await this.#closed.promise;
  }

  #isIdle(): boolean {
    return this.#committing.length === 0 && this.#waiting.length === 0;
  }

  /** After the sockets of this turn of the event loop have been read, so that all that they bring shares one commit. */
  #schedule(): void {
    if (this.#scheduled || this.#committing.length > 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#dead === undefined && this.#committing.length === 0) this.#send();
    });
  }

  #send(): void {
    let octets = 0;
    let count = 0;
    for (const { contents } of this.#waiting) {
      const size = totalSize(contents);
      if (count > 0 && (octets + size > groupOctets || count >= groupRequests)) break;
      octets += size;
      count++;
    }
    if (count === 0) return;
    this.#committing = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    if (octets > groupOctets) {
      void this.#sendLarge(octets);
      return;
    }
    let at = 0;
    for (const { contents } of this.#committing) {
      for (const chunk of contents) {
        this.#arena.set(chunk, at);
        at += chunk.length;
      }
    }
    this.#hand(octets, []);
  }

  /** A message may be larger than any group. It is copied in pieces, as 50 MiB take some 100 ms. */
  async #sendLarge(octets: number): Promise<void> {
    const joined = new Uint8Array(octets);
    let at = 0;
    let piece = 0;
    for (const chunk of this.#committing.flatMap(({ contents }) => contents)) {
      joined.set(chunk, at);
      at += chunk.length;
      piece += chunk.length;
      if (piece < pieceOctets) continue;
      piece = 0;
      await nextTurn();
    }
    if (this.#dead === undefined) this.#hand(joined, [joined.buffer]);
  }

  #hand(contents: number | Uint8Array<ArrayBuffer>, transferred: readonly ArrayBuffer[]): void {
    const requests = this.#committing.map((each) => each.request);
    try {
      this.#worker.postMessage({ kind: 'group', requests, contents } satisfies ToWriter, transferred);
    } catch (error) {
      // A value that can't cross is its caller's mistake; nobody may wait for ever because of it.
      const fault = { kind: 'broken', message: `the group can't be written: ${describe(error)}` } as const;
      this.#settle(this.#committing.map(() => ({ ok: false, fault })));
    }
  }

  #heard(message: FromWriter): void {
    switch (message.kind) {
      case 'ready':
        this.#opened.resolve(undefined);
        return;
      case 'failed':
        this.#opened.reject(new StoreFault(message.fault.kind, message.fault.message));
        return;
      case 'outcomes':
        this.#settle(message.outcomes);
        this.#changed(message.changes);
        return;
      case 'closed':
        this.#closed.resolve(undefined);
        return;
      default:
        unreachable(message);
    }
  }

  #settle(outcomes: readonly WriteOutcome[]): void {
    const committed = this.#committing;
    this.#committing = [];
    for (const [index, each] of committed.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok === true) each.resolve(outcome.value);
      else {
        const { kind, message } = outcome?.fault ?? { kind: 'broken', message: 'the writer gave no outcome' };
        each.reject(new StoreFault(kind, message));
      }
    }
    if (this.#waiting.length > 0) this.#schedule();
    else if (this.#closing) this.#post({ kind: 'close' });
  }

  #die(reason: string): void {
    const fault = new StoreFault('broken', reason);
    this.#dead ??= fault;
    for (const each of [...this.#committing, ...this.#waiting]) each.reject(fault);
    this.#committing = [];
    this.#waiting = [];
    this.#opened.reject(fault);
    this.#closed.resolve(undefined);
  }

  #post(message: ToWriter): void {
    this.#worker.postMessage(message, []);
  }
}

/**
 * A thread doesn't share the compile cache that the program has turned on, unless its environment says so; without it, reading
 * TypeScript costs the thread 25 MiB that it never gives back.
 */
function compileCacheEnvironment(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  // What is given back is the folder of this version of Node inside the one that was asked for.
  return folder === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(folder) };
}

function totalSize(chunks: readonly Uint8Array[]): number {
  let size = 0;
  for (const chunk of chunks) size += chunk.length;
  return size;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
