// The messages of one transfer as its client takes them. Read and packed when they are asked for, so that a transfer takes no more memory
// than one message, and one page of the journal, beside the zone itself; a client that takes them too slowly, or not at all, loses its place.
import { Breather } from '../../../lib/breather.ts';
import type { Clock, Timer } from '../../../lib/clock.ts';
import type { ResourceRecord } from '../../wire/record.ts';
import type { MessagePacker } from './message-packer.ts';

export interface StreamSum {
  /** Why it was broken off, for the log; `undefined`: it wasn't. */
  readonly fault: string | undefined;
  readonly messages: number;
  readonly records: number;
  readonly octets: number;
  readonly milliseconds: number;
}

/** A client that takes nothing for so long is cut off. */
const longestPause = 60_000;
/** So is one that, after a minute, has taken less than this in each second: octets. */
const leastRate = 1024;
const tooSlow = 'the client takes the transfer too slowly';

export class OutgoingStream implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #pages: AsyncIterator<Iterable<ResourceRecord>, unknown>;
  #records: Iterator<ResourceRecord, unknown> | undefined;
  readonly #packer: MessagePacker;
  readonly #clock: Clock;
  readonly #breather: Breather;
  readonly #onEnd: (sum: StreamSum) => void;
  readonly #start: number;
  /** Doesn't fit the message before it any more. */
  #waiting: ResourceRecord | undefined;
  #sum = { messages: 0, records: 0, octets: 0 };
  #pause: Timer;
  #over = false;
  #slow = false;

  /** `pages`: the records, a page at a time. `onEnd` is called once, however it ends. */
  constructor(
    pages: AsyncIterator<Iterable<ResourceRecord>, unknown>,
    packer: MessagePacker,
    clock: Clock,
    onEnd: (sum: StreamSum) => void,
  ) {
    this.#pages = pages;
    this.#packer = packer;
    this.#clock = clock;
    this.#breather = new Breather(clock);
    this.#onEnd = onEnd;
    this.#start = clock.monotonic();
    this.#pause = this.#watch();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next message. Throws where the client was too slow, and where the records can't be sent: both end the connection. */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#pause.cancel();
    if (this.#slow || this.#isSlow()) {
      this.#cutOff();
      throw new Error(tooSlow);
    }
    if (this.#over) return { done: true, value: undefined };
    await this.#breather.rest();
    try {
      const message = await this.#pack();
      if (message === undefined) {
        this.#finish(undefined);
        return { done: true, value: undefined };
      }
      this.#pause = this.#watch();
      return { done: false, value: message };
    } catch (error) {
      this.#finish(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#finish('the client went away');
    return Promise.resolve({ done: true, value: undefined });
  }

  /** `undefined` where there are no more records. */
  async #pack(): Promise<Uint8Array | undefined> {
    const packer = this.#packer;
    for (;;) {
      const record = this.#waiting ?? this.#nextRecord();
      if (record === undefined && (await this.#turnPage())) continue;
      if (record === undefined && packer.records === 0) return undefined;
      if (record !== undefined && packer.add(record)) {
        this.#waiting = undefined;
        continue;
      }
      this.#waiting = record;
      if (packer.records === 0) throw new Error(`a record of ${record?.owner.toString()} fits no message`);
      this.#sum.records += packer.records;
      const message = packer.take();
      this.#sum.messages += 1;
      this.#sum.octets += message.length;
      return message;
    }
  }

  #nextRecord(): ResourceRecord | undefined {
    const step = this.#records?.next();
    return step === undefined || step.done === true ? undefined : step.value;
  }

  /** Gives whether there was another page. */
  async #turnPage(): Promise<boolean> {
    const page = await this.#pages.next();
    this.#records = page.done === true ? undefined : page.value[Symbol.iterator]();
    return page.done !== true;
  }

  #isSlow(): boolean {
    const elapsed = this.#clock.monotonic() - this.#start;
    return elapsed > longestPause && this.#sum.octets < (leastRate * elapsed) / 1000;
  }

  #watch(): Timer {
    return this.#clock.after(longestPause, () => this.#cutOff());
  }

  #cutOff(): void {
    this.#slow = true;
    this.#finish(tooSlow);
  }

  #finish(fault: string | undefined): void {
    this.#pause.cancel();
    if (this.#over) return;
    this.#over = true;
    this.#onEnd({ fault, ...this.#sum, milliseconds: Math.round(this.#clock.monotonic() - this.#start) });
  }
}
