// Threads that answer datagrams, each with a socket of its own for every address that is listened on: the system spreads the clients
// among them. What a thread can't answer comes to the main thread, and leaves by the same socket. A thread that dies is
// replaced; its socket stays, so that what came meanwhile is answered by the next.
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../lib/clock.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import type { Log } from '../lib/log.ts';
import { unreachable } from '../lib/result.ts';
import type { DatagramHandler } from '../lib/transport.ts';
import { closeDatagramSockets } from './datagram-socket.ts';
import type { DatagramSockets } from './datagram-socket.ts';
import type { WorkerMessage, WorkerPost } from './datagram-worker.ts';
import { readForwarded } from './forwarded.ts';
import type { ForwardedBatch } from './forwarded.ts';
import type { Native } from './native.ts';
import { ReplySender } from './reply-sender.ts';
import { endpointAt } from './socket-name.ts';
import { WorkerMemory } from './worker-memory.ts';
import type { WorkerCounters } from './worker-memory.ts';

export interface DatagramWorkersOptions {
  readonly native: Native;
  /** The threads' program: it calls `serveDatagrams` (`worker-thread.ts`). */
  readonly program: URL;
  /** What is listened on. All have the same number of sockets, one for each thread. */
  readonly sockets: readonly DatagramSockets[];
  /** What a new thread needs to begin with; asked for at each start. */
  readonly start: () => unknown;
  /** Called once with what posts every later change to all threads; gives how to stop. */
  readonly watch?: (post: (change: unknown) => void) => () => void;
  /** Answers what a thread can't. */
  readonly onDatagram: DatagramHandler;
  readonly log: Log;
  readonly clock: Clock;
  /** Octets of the largest datagram taken or sent: default 4,096. */
  readonly room?: number;
  /** Datagrams that are received by one call: default 64. */
  readonly batchSize?: number;
}

/** What a thread is given as `workerData`. */
export interface WorkerStart {
  readonly post: WorkerPost;
  readonly start: unknown;
}

const defaults = { room: 4096, batchSize: 64 } as const;
/** A thread that died within that time of its start is started again no sooner. */
const restartMs = 1000;
/** A thread that hasn't ended so long after it was told to is ended by force. */
const stopMs = 2000;
/** Replies of the main thread that leave by one call at most. */
const senderSize = 32;

export class DatagramWorkers implements AsyncDisposable {
  readonly #options: DatagramWorkersOptions;
  readonly #places: readonly Place[];
  readonly #senders: readonly ReplySender[];
  readonly #unwatch: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: DatagramWorkersOptions) {
    this.#options = options;
    const { native, sockets, log } = options;
    const room = options.room ?? defaults.room;
    this.#senders = sockets.map(({ family, wildcard, fds: [fd = -1] }) => {
      const batch = native.makeBatch({ family, size: senderSize, room, withLocalAddress: wildcard });
      return new ReplySender(fd, batch, (reason) => log.warn('a datagram could not be sent', { reason }));
    });
    const count = Math.min(...sockets.map(({ fds }) => fds.length));
    this.#places = Array.from({ length: count }, (_, index) => new Place(index, options, this.#onForwarded));
    // Before any thread begins: no change falls between what it begins with and what it is told.
    this.#unwatch = options.watch?.((change) => this.post(change));
  }

  /** Starts the threads. Resolves when all of them answer; throws where one can't start, and then none is left, nor a socket. */
  static async start(options: DatagramWorkersOptions): Promise<DatagramWorkers> {
    const workers = new DatagramWorkers(options);
    try {
      await Promise.all(workers.#places.map((place) => place.start()));
    } catch (error) {
      await workers.close();
      throw error;
    }
    return workers;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#options.sockets.map(({ endpoint }) => endpoint);
  }

  /** Tells every thread: each has the message before it answers whatever it receives after this returns. */
  post(message: unknown): void {
    for (const place of this.#places) place.post(message);
  }

  /** For each thread. */
  counters(): readonly WorkerCounters[] {
    return this.#places.map((place) => place.memory.counters());
  }

  /** Answers what has come, ends the threads and closes the sockets. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { native, sockets } = this.#options;
    this.#unwatch?.();
    const stopped = this.#places.map((place) => place.stop());
    for (const { fds } of sockets) for (const fd of fds) native.stopReceiving(fd);
    await Promise.all(stopped);
    for (const sender of this.#senders) sender.close();
    for (const one of sockets) closeDatagramSockets(native, one);
  }

  readonly #onForwarded = (batch: ForwardedBatch): void => {
    const sender = this.#senders[batch.socket];
    if (sender === undefined) return;
    for (const datagram of readForwarded(batch.octets)) {
      const from = endpointAt(datagram.name, 0);
      try {
        this.#options.onDatagram(datagram.bytes, from, (reply) => sender.reply(datagram, reply));
      } catch (error) {
        this.#options.log.error('a datagram could not be answered', { error: storyOf(error) });
      }
    }
    sender.flush();
  };
}

/** Where one thread runs, and after its death the next. */
class Place {
  readonly memory: WorkerMemory = new WorkerMemory();
  readonly #index: number;
  readonly #options: DatagramWorkersOptions;
  readonly #onForwarded: (batch: ForwardedBatch) => void;
  #port: MessagePort | undefined;
  #worker: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #startedAt = 0;
  #restart: { cancel(): void } | undefined;

  constructor(index: number, options: DatagramWorkersOptions, onForwarded: (batch: ForwardedBatch) => void) {
    this.#index = index;
    this.#options = options;
    this.#onForwarded = onForwarded;
  }

  /** Resolves when the thread answers; rejects where it ends before. */
  start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { port1: ours, port2: theirs } = new MessageChannel();
    const { program, sockets, start, clock, room, batchSize } = this.#options;
    const post: WorkerPost = {
      sockets: sockets.map(({ fds, family, wildcard }) => ({ fd: fds[this.#index] ?? -1, family, wildcard })),
      memory: this.memory.shared,
      port: theirs,
      room: room ?? defaults.room,
      batchSize: batchSize ?? defaults.batchSize,
    };
    this.memory.emptyQueue();
    // From here on changes are posted to this thread; `start` tells all that was before.
    this.#port = ours;
    const workerData: WorkerStart = { post, start: start() };
    const worker = new Worker(program, { workerData, transferList: [theirs] });
    this.#worker = worker;
    this.#startedAt = clock.monotonic();
    let fault: unknown = new Error('the thread ended by itself');
    ours.on('message', (message: WorkerMessage) => {
      switch (message.kind) {
        case 'running':
          resolve();
          break;
        case 'forwarded':
          this.#onForwarded(message);
          this.memory.leaveQueue(message.count);
          break;
        case 'fault':
          this.#options.log.error('a datagram could not be answered', { error: message.error });
          break;
        default:
          unreachable(message);
      }
    });
    worker.on('error', (error) => (fault = error));
    this.#ended = new Promise((ended) => {
      worker.once('exit', () => {
        // Whatever it said last comes first.
        setImmediate(() => {
          ours.close();
          if (this.#worker === worker) this.#onDeath(fault);
          reject(fault instanceof Error ? fault : new Error(String(fault)));
          ended();
        });
      });
    });
    return promise;
  }

  post(message: unknown): void {
    this.#port?.postMessage(message);
    this.memory.countChange();
  }

  /** Resolves when the thread has ended; the caller wakes it. */
  async stop(): Promise<void> {
    this.memory.stopping = true;
    this.#restart?.cancel();
    const worker = this.#worker;
    this.#worker = undefined;
    const late = setTimeout(() => void worker?.terminate(), stopMs);
    await this.#ended;
    clearTimeout(late);
  }

  #onDeath(fault: unknown): void {
    const { log, clock } = this.#options;
    log.error('a thread that answers datagrams has died, and another takes its place', {
      worker: this.#index,
      error: storyOf(fault),
    });
    const lived = clock.monotonic() - this.#startedAt;
    this.#restart = clock.after(lived >= restartMs ? 0 : restartMs, () => {
      // A thread that can't start is told of by its death.
      this.start().catch(() => undefined);
    });
  }
}

function storyOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
