// The resolver's listeners, put together: the front and the packets that it shares with the datagram threads.
import { availableParallelism } from 'node:os';
import type { Clock } from '../../lib/clock.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import type { Log } from '../../lib/log.ts';
import { AnswerProtocol } from '../protocol/answer-protocol.ts';
import type { ProtocolSettings } from '../protocol/answer-protocol.ts';
import { PacketCache } from '../resolver/packet-cache.ts';
import { needsFront, ResolverFront } from '../resolver/resolver-front.ts';
import type { ResolverFrontOptions } from '../resolver/resolver-front.ts';
import type { PlainStart } from '../resolver/plain-ways.ts';
import type { Resolver } from '../resolver/resolver.ts';
import { dnsDatagramHandler } from './datagram.ts';
import { openDnsListeners } from './dns-listeners.ts';
import type { DnsListeners, DnsListenersOptions } from './dns-listeners.ts';
import { resolverThreads } from './resolver-thread.ts';

export interface ResolverServiceOptions extends Pick<
  ResolverFrontOptions,
  'allow' | 'watch' | 'onAnswered' | 'pendingPerClient'
> {
  readonly resolver: Resolver;
  readonly settings: ProtocolSettings;
}

/** The front of a resolver, and what its threads begin with. */
export class ResolverService {
  readonly front: ResolverFront;
  readonly #options: ResolverServiceOptions;
  readonly #packets: PacketCache;

  constructor(options: ResolverServiceOptions) {
    const { resolver, allow, settings, watch, onAnswered, pendingPerClient } = options;
    const { clock, random, limits } = resolver;
    this.#options = options;
    this.#packets = PacketCache.make(limits.cacheOctets / 4, random, () => clock.monotonic());
    resolver.onFlush(() => this.#packets.clear());
    this.front = new ResolverFront({
      resolver,
      allow,
      packets: this.#packets,
      protocol: new AnswerProtocol(settings, clock, random),
      ...(watch !== undefined && { watch }),
      ...(onAnswered !== undefined && { onAnswered }),
      ...(pendingPerClient !== undefined && { pendingPerClient }),
    });
  }

  /** Whoever must see every question must see those, too, that a thread could ask. */
  #plainWays(): () => PlainStart | undefined {
    const { resolver, pendingPerClient: perClient = Number.POSITIVE_INFINITY } = this.#options;
    if (needsFront(this.#options)) return () => undefined;
    const { memory } = this.#packets;
    return resolver.openPlainWays({ generation: () => memory.generation, perClient }) ?? (() => undefined);
  }

  /** Opens all of them; throws a `ListenFault` where the system refuses one, and then none is open. `count`: threads; one a core, unless given. */
  listen(
    endpoints: readonly Endpoint[],
    means: Pick<DnsListenersOptions, 'onConnection' | 'limits' | 'giveUp' | 'onError' | 'portable'> & {
      readonly count: number | undefined;
      readonly clock: Clock;
      readonly log: Log;
    },
  ): Promise<DnsListeners> {
    const { front } = this;
    const { settings, allow } = this.#options;
    const { count, clock, ...others } = means;
    return openDnsListeners({
      ...others,
      endpoints,
      clock,
      onDatagram: dnsDatagramHandler(front),
      threads: resolverThreads({
        count: count ?? availableParallelism(),
        packets: needsFront(this.#options) ? undefined : this.#packets.memory,
        plain: this.#plainWays(),
        settings,
        allow,
        renew: () => front.renew(),
        clock,
      }),
    });
  }
}
