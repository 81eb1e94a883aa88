// How a datagram thread answers from zones in shared memory: raw octets of a query in, raw octets of the answer out, without an object for
// the plain shapes of queries. The thread program makes one `WorkerAnswers` of what it was started with.
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import { SharedZones } from '../zone/shared-zones.ts';
import type { ZoneShare, ZoneShareChange } from '../zone/zone-share.ts';
import { AnswerProtocol } from './answer-protocol.ts';
import type { ProtocolSettings } from './answer-protocol.ts';
import { Authority } from './authority.ts';

/** Nothing must be said: garbage below a header's length, or a response (answering one could make two servers talk for ever). */
export const saysNothing = 0;
/** Not a question that zone data answers: another opcode, a transfer, a query signed by TSIG. It belongs to the desk on the main thread. */
export const forTheDesk = -1;

/** What a thread is started with; can be cloned to it. */
export interface WorkerAnswersStart {
  /** `ZoneSet.share()`, taken after `ZoneSet.onShareChange` was subscribed to, so that no message is missed. */
  readonly share: ZoneShare;
  readonly settings: ProtocolSettings;
  /** As `AuthorityOptions.minimalResponses`. */
  readonly minimalResponses: boolean;
}

export class WorkerAnswers {
  readonly #zones: SharedZones;
  readonly #protocol: AnswerProtocol;
  readonly #authority: Authority;
  readonly #most: number;

  /**
   * `takeMessages` must hand all messages that have come to {@link take} before it returns: it is called where memory is met that no message
   * has told of yet. The owner posts them before the memory points to what they bring, so they are there.
   */
  constructor(start: WorkerAnswersStart, clock: Clock, random: Random, takeMessages: () => void) {
    this.#zones = new SharedZones(start.share, takeMessages);
    this.#protocol = new AnswerProtocol(start.settings, clock, random);
    this.#authority = new Authority(this.#zones, {
      protocol: this.#protocol,
      minimalResponses: start.minimalResponses,
    });
    this.#most = Math.max(512, start.settings.udpSize);
  }

  /** Takes a message that the main thread posted: `ZoneSet.onShareChange` gives them, and they must be taken in their order. */
  take(change: ZoneShareChange): void {
    this.#zones.take(change);
  }

  /** Before the first answer to a batch. */
  beginBatch(): void {
    this.#protocol.tick();
  }

  /**
   * Answers the datagram that lies in `query` from `at`, `length` octets of it, into `out` from `outAt`. The sender's address is `addressLength`
   * (4 or 16) octets of `addresses`. Gives the answer's length, which is at most `limit`, `authority.udp-size` and what the client takes, or
   * {@link saysNothing} or {@link forTheDesk} (then `out` may have been scribbled on). `limit` is 512 at least. Doesn't throw on input;
   * never writes to `query`, which may be of one arena with `out`, but not overlap it.
   */
  answer(
    query: Uint8Array,
    at: number,
    length: number,
    out: Uint8Array,
    outAt: number,
    limit: number,
    addresses: Uint8Array,
    addressAt: number,
    addressLength: number,
  ): number {
    this.#protocol.from('udp', addresses, addressAt, addressLength);
    const most = limit < this.#most ? limit : this.#most;
    return this.#authority.answerHere(query, at, length, out, outAt, most);
  }
}
