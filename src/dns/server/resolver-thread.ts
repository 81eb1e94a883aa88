// What a thread of the resolver answers its datagrams with: the packets in shared memory. What isn't there it asks the zone's servers for where that is
// a plain matter; else it hands it to the main thread, which resolves, and writes the packet for the next who asks.
//
// A hot path: no object is made for a query that a packet answers.
import { AddressBlocks } from '../../lib/address-blocks.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import { answerLater, forMainThread } from '../../net/datagram-worker.ts';
import type { DatagramAnswers } from '../../net/datagram-worker.ts';
import type { KeptDatagram } from '../../net/forwarded.ts';
import type { LateAnswers, LateMeans } from '../../net/late-answers.ts';
import type { AnswerProtocol, ProtocolSettings } from '../protocol/answer-protocol.ts';
import { notKept, PacketAnswers } from '../resolver/packet-answers.ts';
import { HeardRing } from '../resolver/heard-ring.ts';
import { PacketCache } from '../resolver/packet-cache.ts';
import { PacketMemory } from '../resolver/packet-memory.ts';
import { PlainAsker } from '../resolver/plain-asker.ts';
import type { PlainStart } from '../resolver/plain-ways.ts';
import { WayMemory } from '../resolver/way-memory.ts';
import type { DnsThreads } from './dns-listeners.ts';

/** What a thread begins with: plain data that can be cloned to it, but for the shared memory. */
export interface ResolverThreadStart {
  /** `undefined`: all is the main thread's to answer, but for those who may not ask. */
  readonly packets: SharedArrayBuffer | undefined;
  readonly settings: ProtocolSettings;
  readonly allow: readonly string[];
  /** As {@link clockOrigin} of the thread that writes the packets. */
  readonly origin: number;
  /** What it asks others by; `undefined`: the main thread asks. */
  readonly plain: PlainStart | undefined;
}

export interface ResolverThreadsOptions {
  readonly count: number;
  readonly packets: PacketMemory | undefined;
  readonly settings: ProtocolSettings;
  /** CIDR blocks of those who may use the resolver. */
  readonly allow: readonly string[];
  /** For each thread that starts. */
  readonly plain: () => PlainStart | undefined;
  /** Called now and then: answers near their end may have been asked for, and threads may have heard something. */
  readonly renew: () => void;
  readonly clock: Clock;
}

/** How long an answer near its end waits until it is renewed: milliseconds. */
const renewalMs = 200;

/** For `openDnsListeners`. */
export function resolverThreads(options: ResolverThreadsOptions): DnsThreads {
  const { count, packets, settings, allow, plain, renew, clock } = options;
  return {
    count,
    program: new URL('./resolver-worker.ts', import.meta.url),
    start: (): ResolverThreadStart => ({
      packets: packets?.shared,
      settings,
      allow,
      origin: clockOrigin(),
      plain: plain(),
    }),
    watch: () => {
      let timer: Timer | undefined;
      const rest = (): void => {
        timer = clock.after(renewalMs, () => {
          renew();
          rest();
        });
      };
      rest();
      return () => timer?.cancel();
    },
    room: settings.udpSize,
  };
}

/** What the system's monotonic clock showed at the calling thread's `performance.now()` of 0: milliseconds. Threads begin at different times. */
export function clockOrigin(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6 - performance.now();
}

const AF_INET = 2;

export class ResolverThread implements DatagramAnswers {
  readonly openLate: ((means: LateMeans) => LateAnswers) | undefined;
  readonly #packets: PacketAnswers;
  readonly #protocol: AnswerProtocol;
  /** Octets of an answer at most: what there is room for. */
  readonly #most: number;
  #asker: PlainAsker<KeptDatagram> | undefined;

  constructor(start: ResolverThreadStart, protocol: AnswerProtocol, random: Random) {
    const ahead = clockOrigin() - start.origin;
    const now = (): number => performance.now() + ahead;
    const memory = start.packets === undefined ? undefined : new PacketMemory(start.packets);
    this.#protocol = protocol;
    this.#most = start.settings.udpSize;
    this.#packets = new PacketAnswers({ memory, protocol, access: new AddressBlocks(start.allow), now });
    const { plain } = start;
    if (memory === undefined || plain === undefined) return;
    this.openLate = (means) => {
      const asker = new PlainAsker<KeptDatagram>({
        ways: new WayMemory(plain.ways),
        heard: new HeardRing(plain.heard),
        packets: new PacketCache(memory, now),
        answers: this.#packets,
        sockets: means.sockets,
        clients: {
          turnTo: ({ octets, nameAt }) => this.#turnTo(octets, nameAt),
          reply: (client, answer, length) => means.reply(client, answer, length),
          forward: (client) => means.forward(client),
        },
        random,
        limits: plain.limits,
        room: this.#most,
        now,
      });
      this.#asker = asker;
      return asker;
    };
  }

  beginBatch(): void {
    this.#packets.tick();
  }

  answer(
    bytes: Uint8Array,
    at: number,
    length: number,
    replyAt: number,
    _limit: number,
    fromAt: number,
  ): number {
    this.#turnTo(bytes, fromAt);
    const answered = this.#packets.answer(bytes, at, length, bytes, replyAt, this.#most);
    if (answered !== notKept) return answered;
    return this.#asker?.ask(bytes, at, length, fromAt) === true ? answerLater : forMainThread;
  }

  #turnTo(bytes: Uint8Array, nameAt: number): void {
    // struct sockaddr_in has its address behind family and port, struct sockaddr_in6 behind the flow label too.
    if (bytes[nameAt] === AF_INET) this.#protocol.from('udp', bytes, nameAt + 4, 4);
    else this.#protocol.from('udp', bytes, nameAt + 8, 16);
  }
}
