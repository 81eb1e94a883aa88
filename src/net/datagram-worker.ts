// A thread that does nothing but receive datagrams, answer them and send the answers, a batch at a time. It never gets to its event
// loop before its end: it waits in the system, and whatever others tell it, it looks for after each wait. So what was
// told before a client was told (an update that was acknowledged) is known before that client's next question is answered.
//
// A hot path: no allocation for datagrams that the thread answers itself. What costs is told in native.ts.
import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { Forwarder, KeptDatagram } from './forwarded.ts';
import type { ForwardedBatch } from './forwarded.ts';
import { LateLoop } from './late-answers.ts';
import type { LateAnswers, LateMeans } from './late-answers.ts';
import type { DatagramBatch, SocketPoll } from './datagram-batch.ts';
import type { Native } from './native.ts';
import { portAt } from './socket-name.ts';
import { WorkerMemory } from './worker-memory.ts';

/** Nothing is replied. */
export const noReply = 0;
/** The main thread is to answer. */
export const forMainThread = -1;
/** It is answered later, by what `openLate` gave. */
export const answerLater = -2;

/** What answers, without allocating. */
export interface DatagramAnswers {
  /**
   * For answers that are the main thread's, all of them: where that is behind, it is waited for, and what comes meanwhile waits in
   * the socket. Else datagrams for the main thread are dropped then.
   */
  readonly patient?: boolean;
  /**
   * Answers the datagram that lies in `bytes` from `at` into `bytes` from `replyAt`; gives the reply's length, `limit` at most, or
   * {@link noReply}, {@link forMainThread} or {@link answerLater}. `fromAt`: where the sender's sockaddr lies (`socket-name.ts` reads it).
   * It shouldn't throw on input: then that datagram gets no reply, and the log an error.
   */
  answer(
    bytes: Uint8Array,
    at: number,
    length: number,
    replyAt: number,
    limit: number,
    fromAt: number,
  ): number;
  /** Before the first answer to a batch. */
  beginBatch?(): void;
  /** After messages of the main thread were taken, and while no answer is being made. */
  caughtUp?(): void;
  /** Where there are answers that come later: what gives them, made before the first question. */
  readonly openLate?: ((means: LateMeans) => LateAnswers) | undefined;
}

/** What a worker is started with, beside what its answers need. */
export interface WorkerPost {
  readonly sockets: readonly WorkerSocket[];
  /** Of {@link WorkerMemory}. */
  readonly memory: SharedArrayBuffer;
  readonly port: MessagePort;
  /** Octets of the largest datagram taken or sent. */
  readonly room: number;
  readonly batchSize: number;
}

export interface WorkerSocket {
  readonly fd: number;
  readonly family: 4 | 6;
  readonly wildcard: boolean;
}

/** What a thread posts: that it answers from now on, what it can't answer, or that something threw. */
export type WorkerMessage =
  | { readonly kind: 'running' }
  | ({ readonly kind: 'forwarded' } & ForwardedBatch)
  | { readonly kind: 'fault'; readonly error: string };

export class DatagramWorker {
  readonly #lanes: readonly Lane[];
  readonly #memory: WorkerMemory;
  readonly #port: MessagePort;
  readonly #poll: SocketPoll;
  readonly #native: Native;
  readonly #room: number;
  #late: LateLoop | undefined;
  #seen: number;
  #toldFaultAt = Number.NEGATIVE_INFINITY;
  #take: ((message: unknown) => void) | undefined;

  constructor(native: Native, post: WorkerPost) {
    this.#native = native;
    this.#room = post.room;
    this.#memory = new WorkerMemory(post.memory);
    this.#port = post.port;
    this.#poll = native.makePoll(post.sockets.map(({ fd }) => fd));
    this.#seen = this.#memory.changes;
    this.#lanes = post.sockets.map((socket, index) => {
      const { family, wildcard, fd } = socket;
      const { batchSize: size, room } = post;
      const batch = native.makeBatch({ family, size, room, withLocalAddress: wildcard });
      return { index, fd, family, wildcard, batch, forwarder: new Forwarder(batch) };
    });
  }

  /** Takes the messages that have come since; before `run` they wait. */
  readonly takeMessages = (): void => {
    const take = this.#take;
    if (take === undefined) return;
    for (
      let got = receiveMessageOnPort(this.#port);
      got !== undefined;
      got = receiveMessageOnPort(this.#port)
    )
      take(got.message);
  };

  /** Answers until the main thread says to stop; `take` gets each message that it posts. */
  run(answers: DatagramAnswers, take: (message: unknown) => void): void {
    this.#take = take;
    this.takeMessages();
    const late = this.#openLate(answers);
    this.#late = late;
    const [only] = this.#lanes;
    // Nothing but one socket: it waits for its datagrams by the call that receives them.
    const single = this.#lanes.length === 1 ? only : undefined;
    while (!this.#memory.stopping) {
      if (late !== undefined && late.answers.underWay > 0) {
        late.wait(pollMs);
        for (const lane of this.#lanes) if (late.isReady(lane.index)) this.#serve(lane, answers, false);
      } else if (single !== undefined) this.#serve(single, answers, true);
      else if (this.#poll.wait(pollMs))
        for (const lane of this.#lanes) if (this.#poll.has(lane.index)) this.#serve(lane, answers, false);
      if (this.#memory.changes !== this.#seen) this.#catchUp(answers);
    }
    // What had come before is still answered.
    for (const lane of this.#lanes)
      for (let left = drainBatches; left > 0 && this.#serve(lane, answers, false) > 0;) left--;
    if (late === undefined) return;
    late.stopHearing();
    for (let left = drainWaits; left > 0 && late.answers.underWay > 0;) {
      late.wait(drainWaitMs);
      left--;
    }
    late.close();
  }

  #openLate(answers: DatagramAnswers): LateLoop | undefined {
    const { openLate: open } = answers;
    if (open === undefined) return undefined;
    const memory = this.#memory;
    return new LateLoop({
      native: this.#native,
      lanes: this.#lanes,
      room: this.#room,
      open,
      forward: (batch) => {
        const isTaken = this.#handOver(batch, false);
        memory.add(isTaken ? 'forwarded' : 'dropped', batch.count);
      },
      count: (sent, lost) => {
        memory.add('answered', sent);
        if (lost > 0) memory.add('failed', lost);
      },
    });
  }

  #catchUp(answers: DatagramAnswers): void {
    this.#seen = this.#memory.changes;
    this.takeMessages();
    answers.caughtUp?.();
  }

  /** One batch of one socket; gives how many datagrams it had. */
  #serve(lane: Lane, answers: DatagramAnswers, wait: boolean): number {
    const { batch, forwarder } = lane;
    const count = batch.receive(lane.fd, wait);
    if (this.#memory.changes !== this.#seen) this.#catchUp(answers);
    if (count === 0) return 0;
    const { bytes, room } = batch;
    let kept = 0;
    answers.beginBatch?.();
    for (let slot = 0; slot < count; slot++) {
      const length = batch.lengthOf(slot);
      const fromAt = batch.nameAt(slot);
      // To port 0 nothing can be sent, and what was cut off isn't what was sent.
      if (length < 0 || portAt(bytes, fromAt) === 0) continue;
      try {
        const reply = answers.answer(bytes, batch.at(slot), length, batch.replyAt(), room, fromAt);
        if (reply > 0) batch.reply(slot, reply);
        else if (reply === forMainThread) forwarder.add(slot, length);
        else if (reply === answerLater) {
          kept += 1;
          this.#late?.answers.wait(new KeptDatagram(batch, slot, length, lane.index));
        }
      } catch (error) {
        this.#tellFault(error);
      }
    }
    const answered = batch.replies;
    const forwarded = forwarder.count === 0 ? 0 : this.#forward(lane, answers.patient === true);
    const memory = this.#memory;
    // Before they leave: who has an answer finds it counted.
    memory.add('received', count);
    memory.add('answered', answered);
    memory.add('batches', 1);
    if (forwarded > 0) memory.add('forwarded', forwarded);
    const left = count - answered - forwarded - kept;
    if (left > 0) memory.add('dropped', left);
    if (answered > 0) {
      const failed = batch.send(lane.fd);
      if (failed > 0) memory.add('failed', failed);
    }
    return count;
  }

  /** Gives how many datagrams the main thread gets. */
  #forward(lane: Lane, patient: boolean): number {
    const { forwarder } = lane;
    const { count } = forwarder;
    return this.#handOver({ socket: lane.index, count, octets: forwarder.take() }, patient) ? count : 0;
  }

  /** Gives whether the main thread gets it; not where that is behind. */
  #handOver(batch: ForwardedBatch, patient: boolean): boolean {
    while (!this.#memory.enterQueue(batch.count)) {
      if (!patient || this.#memory.stopping) return false;
      this.#memory.waitForQueue();
    }
    const message: WorkerMessage = { kind: 'forwarded', ...batch };
    this.#port.postMessage(message, [batch.octets.buffer]);
    return true;
  }

  /** A bug of ours that datagrams bring out: whoever sends many of them must not fill the log. */
  #tellFault(error: unknown): void {
    const now = performance.now();
    if (now - this.#toldFaultAt < faultPauseMs) return;
    this.#toldFaultAt = now;
    const message: WorkerMessage = {
      kind: 'fault',
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
    this.#port.postMessage(message, []);
  }
}

interface Lane {
  readonly index: number;
  readonly fd: number;
  readonly family: 4 | 6;
  readonly wildcard: boolean;
  readonly batch: DatagramBatch;
  readonly forwarder: Forwarder;
}

/** How long a worker of several sockets waits before it looks around; one of a single socket has the socket's time-out for that. */
const pollMs = 1000;
const faultPauseMs = 1000;
/** Batches that are answered after the end at most. */
const drainBatches = 64;
/** How often, and for how long each time, what is under way at the end is waited for. */
const drainWaits = 100;
const drainWaitMs = 10;
