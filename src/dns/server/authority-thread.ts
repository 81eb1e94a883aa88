// What a thread of the authority answers its datagrams with: the zones in shared memory, and what else an answer depends on.
//
// A hot path: no object is made for a query that zone data answers.
import type { AnswerProtocol, ProtocolSettings } from '../protocol/answer-protocol.ts';
import type { Authority } from '../authority/authority.ts';
import type { DatagramAnswers } from '../../net/datagram-worker.ts';
import type { ZoneSet } from '../zone/zone-set.ts';
import type { ZoneShare } from '../zone/zone-share.ts';
import type { DnsThreads } from './dns-listeners.ts';
import type { SharedGarbage } from './shared-garbage.ts';

/** What a thread begins with: plain data that can be cloned to it, but for the shared memory. */
export interface AuthorityThreadStart {
  readonly share: ZoneShare;
  readonly settings: ProtocolSettings;
  readonly minimalResponses: boolean;
}

export interface AuthorityThreadsOptions {
  readonly count: number;
  /** Followed in all its changes as long as the threads run. */
  readonly zones: ZoneSet;
  readonly settings: ProtocolSettings;
  readonly minimalResponses: boolean;
}

/** For `openDnsListeners`: threads that answer from these zones, and hand what is the desk's to the main thread. */
export function authorityThreads(options: AuthorityThreadsOptions): DnsThreads {
  const { count, zones, settings, minimalResponses } = options;
  return {
    count,
    program: new URL('./authority-worker.ts', import.meta.url),
    start: (): AuthorityThreadStart => ({ share: zones.share(), settings, minimalResponses }),
    watch: (post) => zones.onShareChange(post),
    room: settings.udpSize,
  };
}

const AF_INET = 2;

export class AuthorityThread implements DatagramAnswers {
  readonly #authority: Authority;
  readonly #protocol: AnswerProtocol;
  /** Octets of an answer at most: what the config says, which is what there is room for. */
  readonly #most: number;

  readonly #garbage: SharedGarbage;

  /** `authority` asks `protocol` about the client. */
  constructor(authority: Authority, protocol: AnswerProtocol, garbage: SharedGarbage) {
    this.#authority = authority;
    this.#protocol = protocol;
    this.#garbage = garbage;
    this.#most = protocol.settings.udpSize;
  }

  beginBatch(): void {
    this.#protocol.tick();
  }

  caughtUp(): void {
    this.#garbage.look();
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
    return this.#authority.answerHere(bytes, at, length, bytes, replyAt, this.#most);
  }
}
