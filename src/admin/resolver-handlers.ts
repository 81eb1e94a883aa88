// What the admin API tells of the resolver: what it is at, what its clients asked last, and how its upstream servers answer.
import type { Resolver } from '../dns/resolver/resolver.ts';
import type { QueryLog } from '../dns/resolver/query-log.ts';
import type { UpstreamFigure } from '../dns/resolver/upstream-figures.ts';
import { otherRcodes } from '../dns/resolver/upstream-figures.ts';
import { formatRcode } from '../dns/wire/codes.ts';
import { fault, ok } from '../lib/result.ts';
import type { Admin, UpstreamView } from './api.ts';
import { dumpCache, flushCache } from './cache-handlers.ts';

export type ResolverPort = Pick<
  Resolver,
  'cachedAnswers' | 'cacheOctets' | 'cacheItems' | 'forgetting' | 'figures' | 'inFlight' | 'limits'
>;

const usualLimit = 50;

/** `resolver` is `undefined` where no server runs, `queries` where it logs none. */
export function resolverHandlers(
  resolver: ResolverPort | undefined,
  queries: Pick<QueryLog, 'latest'> | undefined,
): Pick<Admin, 'showResolver' | 'listUpstreams' | 'listQueries' | 'dumpCache' | 'flushCache'> {
  const none = fault({
    kind: 'unavailable',
    message: 'no server is running, so there is no resolver to ask about',
  } as const);
  const notLogged = fault({
    kind: 'unavailable',
    message: 'this server logs no questions: its config has no resolver.query-log',
  } as const);
  return {
    showResolver: () => {
      if (resolver === undefined) return Promise.resolve(none);
      const { figures, limits } = resolver;
      return Promise.resolve(
        ok({
          inFlight: resolver.inFlight,
          mostInFlight: limits.inFlight,
          cachedAnswers: resolver.cachedAnswers,
          cacheOctets: resolver.cacheOctets,
          mostCacheOctets: limits.cacheOctets,
          servers: figures.servers,
          upstream: { ...figures.totals },
        }),
      );
    },
    dumpCache: ({ from, limit = usualLimit }) =>
      Promise.resolve(resolver === undefined ? none : dumpCache(resolver, from, limit)),
    flushCache: (input) => (resolver === undefined ? Promise.resolve(none) : flushCache(resolver, input)),
    listQueries: ({ limit = usualLimit }) => {
      if (resolver === undefined) return Promise.resolve(none);
      return Promise.resolve(queries === undefined ? notLogged : ok(queries.latest(limit)));
    },
    listUpstreams: ({ limit = usualLimit }) =>
      Promise.resolve(resolver === undefined ? none : ok(resolver.figures.list(limit).map(upstreamView))),
  };
}

function upstreamView({ medianMs, p95Ms, rcodes, ...figure }: UpstreamFigure): UpstreamView {
  const named = [...rcodes].map(([code, count]) => [
    code === otherRcodes ? 'other' : formatRcode(code),
    count,
  ]);
  return {
    ...figure,
    medianMs: medianMs === undefined ? null : tenths(medianMs),
    p95Ms: p95Ms === undefined ? null : tenths(p95Ms),
    rcodes: Object.fromEntries(named),
  };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
