// Flows in numbers (see `Network.openFlow`): sockets made by the system's own calls, and a thread that hears them all. For few questions that
// thread isn't worth its start, so the first go by node:dgram, and so do all where the system hasn't got the calls.
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Endpoint } from '../lib/endpoint.ts';
import type { DatagramFlow } from '../lib/transport.ts';
import { FlowMemory } from './flow-memory.ts';
import type { FlowSockets } from './flow-sockets.ts';
import { heardHead } from './heard.ts';
import type { FlowThreadStart, HeardMessage } from './heard.ts';
import { SystemFault } from './libc.ts';
import { loadNative } from './native.ts';
import { socketName } from './socket-name.ts';

/** Flows before the thread is started. */
const fewFlows = 64;

interface OpenFlow {
  readonly fd: number;
  readonly onDatagram: (bytes: Uint8Array) => void;
  readonly onError: (error: Error) => void;
}

interface Running {
  readonly sockets: FlowSockets;
  readonly worker: Worker;
  readonly port: MessagePort;
}

export class Flows implements AsyncDisposable {
  readonly #open = new Map<number, OpenFlow>();
  readonly #names = new WeakMap<Endpoint, Uint8Array>();
  readonly #memory = new FlowMemory();
  #opened = 0;
  #running: Running | undefined;
  #starting: Promise<void> | undefined;
  #closed = false;
  #next = 1;

  /** As `Network.openFlow`; `undefined` as long as flows are few, or this system hasn't got the calls. Throws where the system refuses. */
  open(
    to: Endpoint,
    onDatagram: (bytes: Uint8Array) => void,
    onError: (error: Error) => void,
  ): DatagramFlow | undefined {
    this.#opened += 1;
    if (this.#opened > fewFlows) this.#starting ??= this.#start();
    if (this.#running === undefined) return undefined;
    const { sockets } = this.#running;
    const flow = this.#next;
    this.#next = (this.#next + 1) >>> 0;
    const fd = sockets.open(this.#nameOf(to), flow);
    this.#open.set(flow, { fd, onDatagram, onError });
    return {
      send: (bytes) => {
        if (!this.#open.has(flow)) return;
        try {
          sockets.send(fd, bytes);
        } catch (error) {
          onError(error instanceof Error ? error : new Error(String(error)));
        }
      },
      [Symbol.dispose]: () => {
        if (this.#open.delete(flow)) this.#memory.handOver(fd);
      },
    };
  }

  /** Ends the thread and all flows. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#starting;
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    for (const { fd } of this.#open.values()) this.#memory.handOver(fd);
    this.#open.clear();
    const ended = new Promise((resolve) => running.worker.once('exit', resolve));
    // Now its end is waited for.
    running.worker.ref();
    this.#memory.stop();
    await ended;
    running.sockets.close(running.sockets.epoll);
  }

  async #start(): Promise<void> {
    const native = await loadNative();
    if (native === undefined || this.#closed) return;
    const sockets = native.makeFlowSockets();
    const { port1: port, port2: theirs } = new MessageChannel();
    const start: FlowThreadStart = { epoll: sockets.epoll, memory: this.#memory.shared, port: theirs };
    const worker = new Worker(new URL('./flow-thread.ts', import.meta.url), {
      workerData: start,
      transferList: [theirs],
    });
    // The program may end without it.
    worker.unref();
    await new Promise<void>((resolve) => {
      port.on('message', (message: 'running' | HeardMessage) => {
        if (message !== 'running') {
          this.#hear(message);
          return;
        }
        this.#running = { sockets, worker, port };
        resolve();
      });
      worker.once('error', () => undefined);
      worker.once('exit', () => {
        port.close();
        // Flows of which nothing is heard any more end by their time-outs, and those to come go by node:dgram.
        if (this.#running?.worker === worker) this.#running = undefined;
        resolve();
      });
      port.unref();
    });
  }

  #hear({ count, octets }: HeardMessage): void {
    this.#memory.leaveQueue(count);
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    for (let at = 0; at < octets.length;) {
      const flow = this.#open.get(view.getUint32(at));
      const length = view.getInt32(at + 4);
      at += heardHead;
      if (length < 0) flow?.onError(new SystemFault('recv', -length));
      else {
        flow?.onDatagram(octets.subarray(at, at + length));
        at += length;
      }
    }
  }

  #nameOf(to: Endpoint): Uint8Array {
    const known = this.#names.get(to);
    if (known !== undefined) return known;
    const name = socketName(to);
    this.#names.set(to, name);
    return name;
  }
}
