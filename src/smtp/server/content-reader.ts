// Reads the octets of messages off a connection: up to the dot that ends DATA, or as many as BDAT announced, or as many as are to
// be passed over. Within the limits of size, memory and time.
import type { Clock } from '../../lib/clock.ts';
import type { MailCheck } from '../../mailauth/mail-check.ts';
import type { Content } from '../session/acceptance.ts';
import type { ChunkWanted } from '../session/move.ts';
import { DataDecoder } from '../wire/data-decoder.ts';
import { ContentCollector } from './content-collector.ts';
import type { ContentMemory } from './content-memory.ts';
import type { SmtpLimits } from './limits.ts';

/** Where the octets come from. */
export interface OctetSource {
  /** What was received and not yet used. */
  takeRest(): Uint8Array;
  /** What of it belongs to others. */
  giveBack(bytes: Uint8Array): void;
  /** More, or `undefined` where the client has closed. `deadline` is on the monotonic clock. */
  read(deadline: number): Promise<Uint8Array | undefined>;
}

/** Why reading has ended before the octets did. `endless`: whoever was told the limit and sends so much more won't stop. */
export type Broken = 'closed' | 'endless';

interface Arriving {
  readonly collector: ContentCollector;
  /** Of binary content every octet is content. */
  readonly decoder: DataDecoder | undefined;
  /** When it must be whole. */
  readonly latest: number;
  /** Sees the content as it comes. */
  readonly check: MailCheck | undefined;
  /** Octets. */
  seen: number;
}

/** Beyond twice the limit of a message, in octets. */
const slack = 16_384;

export class ContentReader implements Disposable {
  readonly #source: OctetSource;
  readonly #memory: ContentMemory;
  readonly #clock: Clock;
  readonly #limits: SmtpLimits;
  readonly #maxSize: number;
  #arriving: Arriving | undefined;

  constructor(source: OctetSource, memory: ContentMemory, clock: Clock, limits: SmtpLimits, maxSize: number) {
    this.#source = source;
    this.#memory = memory;
    this.#clock = clock;
    this.#limits = limits;
    this.#maxSize = maxSize;
  }

  /** Whether octets of a message are kept, of which more are to come. */
  get underWay(): boolean {
    return this.#arriving !== undefined;
  }

  /** The content that follows DATA. Its memory stays reserved until {@link drop}. */
  async untilDot(check: MailCheck | undefined): Promise<Content | Broken> {
    const arriving = this.#begin(false, 'dot', check);
    for (;;) {
      const bytes = await this.#next(arriving.latest);
      // RFC 5321 §4.1.1.4: without its end there is no message.
      if (bytes === undefined) return 'closed';
      const used = arriving.decoder?.push(bytes);
      showCheck(arriving);
      if (used !== undefined) {
        this.#source.giveBack(bytes.subarray(used));
        return contentOf(arriving);
      }
      arriving.seen += bytes.length;
      if (this.#isEndless(arriving.seen)) return 'endless';
    }
  }

  /** RFC 3030 §2: one chunk. Gives the content with the last one, or as soon as it can't be taken. */
  async chunk({ first, size, last, binary, check }: ChunkWanted): Promise<Content | 'more' | Broken> {
    const arriving = first ? this.#begin(binary, 'count', check) : this.#arriving;
    if (arriving === undefined) throw new Error('a chunk of a message that was not begun');
    arriving.seen += size;
    if (this.#isEndless(arriving.seen)) return 'endless';
    const { collector, decoder } = arriving;
    const broken = await this.#count(size, arriving.latest, (bytes) => {
      if (decoder === undefined) collector.write(bytes, 0, bytes.length);
      else decoder.push(bytes);
      showCheck(arriving);
    });
    if (broken !== undefined) return broken;
    if (last) decoder?.finish();
    return last || (decoder?.fault ?? collector.fault) !== undefined ? contentOf(arriving) : 'more';
  }

  /** Octets that were announced, and that nobody wants: were they left, they would be read as commands. */
  async skip(size: number): Promise<Broken | undefined> {
    if (this.#isEndless(size)) return 'endless';
    return await this.#count(size, this.#clock.monotonic() + this.#limits.contentMs, () => undefined);
  }

  /** Gives the memory back; what was begun is forgotten. */
  drop(): void {
    this.#arriving?.collector[Symbol.dispose]();
    this.#arriving = undefined;
  }

  [Symbol.dispose](): void {
    this.drop();
  }

  #begin(binary: boolean, framing: 'dot' | 'count', check: MailCheck | undefined): Arriving {
    this.drop();
    const collector = new ContentCollector(this.#memory, this.#maxSize);
    this.#arriving = {
      collector,
      decoder: binary ? undefined : new DataDecoder(collector, framing),
      latest: this.#clock.monotonic() + this.#limits.contentMs,
      check,
      seen: 0,
    };
    return this.#arriving;
  }

  async #count(size: number, latest: number, take: (bytes: Uint8Array) => void): Promise<Broken | undefined> {
    for (let left = size; left > 0;) {
      const bytes = await this.#next(latest);
      if (bytes === undefined) return 'closed';
      const taken = Math.min(left, bytes.length);
      take(bytes.subarray(0, taken));
      left -= taken;
      this.#source.giveBack(bytes.subarray(taken));
    }
    return undefined;
  }

  async #next(latest: number): Promise<Uint8Array | undefined> {
    const rest = this.#source.takeRest();
    if (rest.length > 0) return rest;
    const idleUntil = this.#clock.monotonic() + this.#limits.contentIdleMs;
    return await this.#source.read(Math.min(latest, idleUntil));
  }

  #isEndless(octets: number): boolean {
    return octets > 2 * this.#maxSize + slack;
  }
}

function showCheck({ collector, check }: Arriving): void {
  if (check !== undefined) for (const octets of collector.takeNew()) check.push(octets);
}

function contentOf({ collector, decoder }: Arriving): Content {
  const fault = decoder?.fault ?? collector.fault;
  if (fault !== undefined) return { kind: 'refused', fault };
  return {
    kind: 'whole',
    octets: collector.take(),
    size: collector.size,
    eightBit: decoder?.eightBit ?? true,
  };
}
