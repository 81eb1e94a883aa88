// What a thread of the resolver answers its datagrams with: the packets in shared memory. What isn't there it hands to the main
// thread, which resolves, and writes the packet for the next who asks.
//
// A hot path: no object is made for a query that a packet answers.
import { AddressBlocks } from '../../lib/address-blocks.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { forMainThread } from '../../net/datagram-worker.ts';
import type { DatagramAnswers } from '../../net/datagram-worker.ts';
import type { AnswerProtocol, ProtocolSettings } from '../protocol/answer-protocol.ts';
import { notKept, PacketAnswers } from '../resolver/packet-answers.ts';
import { PacketMemory } from '../resolver/packet-memory.ts';
import type { DnsThreads } from './dns-listeners.ts';

/** What a thread begins with: plain data that can be cloned to it, but for the shared memory. */
export interface ResolverThreadStart {
  /** `undefined`: all is the main thread's to answer, but for those who may not ask. */
  readonly packets: SharedArrayBuffer | undefined;
  readonly settings: ProtocolSettings;
  readonly allow: readonly string[];
  /** As {@link clockOrigin} of the thread that writes the packets. */
  readonly origin: number;
}

export interface ResolverThreadsOptions {
  readonly count: number;
  readonly packets: PacketMemory | undefined;
  readonly settings: ProtocolSettings;
  /** CIDR blocks of those who may use the resolver. */
  readonly allow: readonly string[];
  /** Called now and then: answers near their end may have been asked for. */
  readonly renew: () => void;
  readonly clock: Clock;
}

/** How long an answer near its end waits until it is renewed: milliseconds. */
const renewalMs = 200;

/** For `openDnsListeners`. */
export function resolverThreads(options: ResolverThreadsOptions): DnsThreads {
  const { count, packets, settings, allow, renew, clock } = options;
  return {
    count,
    program: new URL('./resolver-worker.ts', import.meta.url),
    start: (): ResolverThreadStart => ({ packets: packets?.shared, settings, allow, origin: clockOrigin() }),
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
  readonly #packets: PacketAnswers;
  readonly #protocol: AnswerProtocol;
  /** Octets of an answer at most: what there is room for. */
  readonly #most: number;

  constructor(start: ResolverThreadStart, protocol: AnswerProtocol) {
    const ahead = clockOrigin() - start.origin;
    this.#protocol = protocol;
    this.#most = start.settings.udpSize;
    this.#packets = new PacketAnswers({
      memory: start.packets === undefined ? undefined : new PacketMemory(start.packets),
      protocol,
      access: new AddressBlocks(start.allow),
      now: () => performance.now() + ahead,
    });
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
    // struct sockaddr_in has its address behind family and port, struct sockaddr_in6 behind the flow label too.
    if (bytes[fromAt] === AF_INET) this.#protocol.from('udp', bytes, fromAt + 4, 4);
    else this.#protocol.from('udp', bytes, fromAt + 8, 16);
    const answered = this.#packets.answer(bytes, at, length, bytes, replyAt, this.#most);
    return answered === notKept ? forMainThread : answered;
  }
}
