// A resolver's front as the server has it: with the packets that are forgotten when the resolver forgets.
import { PacketCache } from '../../src/dns/resolver/packet-cache.ts';
import { ResolverFront } from '../../src/dns/resolver/resolver-front.ts';
import type { ResolverFrontOptions } from '../../src/dns/resolver/resolver-front.ts';
import type { Resolver } from '../../src/dns/resolver/resolver.ts';

/** `allow`: who may ask. */
export function frontWithPackets(
  resolver: Resolver,
  allow: readonly string[],
  options: Partial<ResolverFrontOptions> = {},
): ResolverFront {
  const packets = PacketCache.make(resolver.limits.cacheOctets / 4, resolver.random, () =>
    resolver.clock.monotonic(),
  );
  resolver.onFlush(() => packets.clear());
  return new ResolverFront({ resolver, allow, packets, ...options });
}
