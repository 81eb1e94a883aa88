// Answers that a datagram thread gives later, when others have told it what it needs: it asks them by sockets of its own, and waits for those and for
// its clients at one time. Once nothing is under way, it waits for clients alone, as it does without this.
import type { DatagramBatch } from './datagram-batch.ts';
import type { FlowSockets } from './flow-sockets.ts';
import { joinKept } from './forwarded.ts';
import type { ForwardedBatch, KeptDatagram } from './forwarded.ts';
import type { Native } from './native.ts';

/** Whoever asks others, as the thread sees it. */
export interface LateAnswers {
  /** Questions under way. */
  readonly underWay: number;
  /** Milliseconds until `tick` has something to do. */
  readonly waitMs: number;
  /** The client that `answerLater` was given for. */
  wait(client: KeptDatagram): void;
  /** What a flow's socket has: `length` octets of `bytes`, which are valid during the call; less than 0 for what the system told instead. */
  hear(flow: number, bytes: Uint8Array, length: number): void;
  /** Gives up what has waited too long. */
  tick(): void;
}

/** What they answer by. */
export interface LateMeans {
  /** Flows have numbers from {@link firstFlow} on. */
  readonly sockets: FlowSockets;
  /** Sends what lies at the beginning of `bytes`, from the address that was asked. */
  reply(client: KeptDatagram, bytes: Uint8Array, length: number): void;
  /** The main thread is to answer. */
  forward(client: KeptDatagram): void;
}

export const firstFlow = 512;
/** Replies that leave by one call at most. */
const batchSize = 32;
const nothing = new Uint8Array(0);

/** One of the sockets that clients are heard on. */
export interface LateLane {
  readonly index: number;
  readonly fd: number;
  readonly family: 4 | 6;
  readonly wildcard: boolean;
}

export interface LateLoopOptions {
  readonly native: Native;
  readonly lanes: readonly LateLane[];
  /** Octets of the largest reply. */
  readonly room: number;
  /** Hands a batch to the main thread. Where that is behind, it is dropped, as all are then. */
  readonly forward: (batch: ForwardedBatch) => void;
  /** Counts what was sent, and what of it was lost. */
  readonly count: (sent: number, lost: number) => void;
  readonly open: (means: LateMeans) => LateAnswers;
}

export class LateLoop {
  readonly answers: LateAnswers;
  readonly #options: LateLoopOptions;
  readonly #sockets: FlowSockets;
  readonly #batches: readonly DatagramBatch[];
  /** What the main thread gets, by lane. */
  readonly #forwarded: KeptDatagram[][];
  readonly #ready: boolean[];

  constructor(options: LateLoopOptions) {
    const { native, lanes, room } = options;
    this.#options = options;
    this.#sockets = native.makeFlowSockets();
    for (const { fd, index } of lanes) this.#sockets.watch(fd, index);
    this.#batches = lanes.map(({ family, wildcard }) =>
      native.makeBatch({ family, size: batchSize, room, withLocalAddress: wildcard }),
    );
    this.#forwarded = lanes.map(() => []);
    this.#ready = lanes.map(() => false);
    this.answers = options.open({
      sockets: this.#sockets,
      reply: (client, bytes, length) => this.#reply(client, bytes, length),
      forward: (client) => void this.#forwarded[client.socket]?.push(client),
    });
  }

  /** Waits for anything at all, so long at most, and takes what others have told. Then `isReady` says which lanes have something. */
  wait(mostMs: number): void {
    const { answers } = this;
    this.#ready.fill(false);
    const count = this.#sockets.wait(Math.ceil(Math.min(mostMs, answers.waitMs)));
    for (let index = 0; index < count; index++) {
      const flow = this.#sockets.flowOf(index) >>> 0;
      if (flow < firstFlow) {
        this.#ready[flow] = true;
        continue;
      }
      const heard = this.#sockets.receive(index);
      if (typeof heard === 'number') answers.hear(flow, nothing, -heard);
      else if (heard !== undefined) answers.hear(flow, heard, heard.length);
    }
    answers.tick();
    this.flush();
  }

  isReady(lane: number): boolean {
    return this.#ready[lane] ?? false;
  }

  /** Sends and hands over what waits for that. */
  flush(): void {
    for (const lane of this.#options.lanes) {
      this.#send(lane);
      const forwarded = this.#forwarded[lane.index] ?? [];
      if (forwarded.length === 0) continue;
      this.#options.forward({ socket: lane.index, count: forwarded.length, octets: joinKept(forwarded) });
      forwarded.length = 0;
    }
  }

  /** Clients are heard no more. */
  stopHearing(): void {
    for (const { fd } of this.#options.lanes) this.#sockets.unwatch(fd);
  }

  close(): void {
    this.#sockets.close(this.#sockets.epoll);
  }

  #reply(client: KeptDatagram, bytes: Uint8Array, length: number): void {
    const { socket, octets, nameAt, controlAt } = client;
    const batch = this.#batches[socket];
    const lane = this.#options.lanes[socket];
    if (batch === undefined || lane === undefined || length > batch.room) return;
    const slot = batch.replies;
    for (let i = 0, at = batch.nameAt(slot); nameAt + i < controlAt; i++)
      batch.bytes[at + i] = octets[nameAt + i] ?? 0;
    for (let i = 0, at = batch.controlAt(slot); controlAt + i < client.at; i++)
      batch.bytes[at + i] = octets[controlAt + i] ?? 0;
    for (let i = 0, at = batch.replyAt(); i < length; i++) batch.bytes[at + i] = bytes[i] ?? 0;
    batch.reply(slot, length);
    if (batch.replies === batch.size) this.#send(lane);
  }

  #send(lane: LateLane): void {
    const batch = this.#batches[lane.index];
    if (batch === undefined || batch.replies === 0) return;
    const { replies } = batch;
    this.#options.count(replies, batch.send(lane.fd));
  }
}
