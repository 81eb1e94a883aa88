// What the admin API tells of the resolver's memory, and has it forget. In small pieces: nobody who asks the resolver must wait for it.
import { setImmediate as pause } from 'node:timers/promises';
import type { CacheItem } from '../dns/resolver/answer-cache.ts';
import { credibility, securityOf } from '../dns/resolver/answer-cache.ts';
import type { Resolver } from '../dns/resolver/resolver.ts';
import { parseName } from '../dns/wire/name.ts';
import { formatRdata } from '../dns/wire/rdata/registry.ts';
import { recordsOf } from '../dns/wire/record.ts';
import type { ResourceRecord } from '../dns/wire/record.ts';
import { formatType, parseType } from '../dns/wire/rr-type.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { AdminCalls, AdminFault, CacheItemView } from './api.ts';

type CachePort = Pick<Resolver, 'cacheItems' | 'forgetting'>;

/** So many are told at once at most, which takes a few milliseconds. */
const mostItems = 200;

export function dumpCache(
  resolver: CachePort,
  from: string | undefined,
  limit: number,
): Result<AdminCalls['dumpCache']['output'], AdminFault> {
  const place = /^(\d{1,9})\.(\d{1,15})\.(\d{1,9})$/
    .exec(from ?? '0.0.0')
    ?.slice(1)
    .map(Number);
  if (place === undefined)
    return fault({ kind: 'invalid', message: `'${from ?? ''}' is not where a dump goes on` });
  const [slab = 0, sweeps = 0, at = 0] = place;
  const items: CacheItemView[] = [];
  for (const item of resolver.cacheItems({ slab, sweeps, at })) {
    items.push(viewOf(item));
    if (items.length < Math.min(limit, mostItems)) continue;
    const { next } = item;
    return ok({ items, next: `${next.slab}.${next.sweeps}.${next.at}` });
  }
  return ok({ items, next: null });
}

export async function flushCache(
  resolver: CachePort,
  { name, type, subtree = false }: AdminCalls['flushCache']['input'],
): Promise<Result<Record<string, never>, AdminFault>> {
  const owner = parseName(name);
  if (!owner.ok) return fault({ kind: 'invalid', message: owner.fault });
  const code = type === undefined ? undefined : parseType(type);
  if (type !== undefined && code === undefined)
    return fault({ kind: 'invalid', message: `'${type}' is not a type` });
  if (code !== undefined && subtree)
    return fault({ kind: 'invalid', message: 'a subtree is flushed with all its types: leave the type out' });
  for (const _ of resolver.forgetting(owner.value, code, subtree)) await pause();
  return ok({});
}

function viewOf({ name, type, answer, rank, ttl }: CacheItem): CacheItemView {
  return {
    name: name.toString(),
    type: type === undefined ? null : formatType(type),
    kind: answer.kind,
    ttl,
    security: securityOf(answer),
    authoritative: rank === credibility.authoritativeAnswer,
    records: recordsIn(answer).map(
      (record) => `${formatType(record.type)} ${formatRdata(record.type, record.rdata)}`,
    ),
    reason: answer.kind === 'failure' ? answer.reason : (answer.fault?.reason ?? null),
  };
}

function recordsIn(answer: CacheItem['answer']): readonly ResourceRecord[] {
  switch (answer.kind) {
    case 'records':
      return [...recordsOf(answer.rrset), ...answer.signatures, ...answer.proofs];
    case 'nodata':
    case 'nxdomain':
      return answer.authorities;
    case 'failure':
      return [];
    default:
      return answer satisfies never;
  }
}
