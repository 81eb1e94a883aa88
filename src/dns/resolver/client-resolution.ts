// One resolution for a client: as any other, but with private addresses of foreign names taken out, and translated for networks that have IPv6
// and a NAT64 (DNS64, RFC 6147).
import type { Dns64 } from '../policy/dns64.ts';
import type { PrivateAddresses } from '../policy/private-addresses.ts';
import { ipv6OfReverse, reverseName } from '../policy/reverse-name.ts';
import { weakest } from '../dnssec/security.ts';
import { rrClass } from '../wire/codes.ts';
import { extendedError } from '../wire/edns-option.ts';
import { rrType } from '../wire/rr-type.ts';
import type { Engine, Outcome, Sought, Work } from './engine.ts';
import { resolution } from './resolution.ts';
import { without, withoutPrivate } from './take-out.ts';
import type { Task } from './task.ts';

/** What is done to answers for clients. */
export interface Translation {
  readonly dns64: Dns64 | undefined;
  readonly privateAddresses: PrivateAddresses | undefined;
}

/** RFC 6147 §5.1.7: seconds, where the denial has no SOA to tell. */
const ttlWithoutSoa = 600;

export function* clientResolution(engine: Engine, work: Work, sought: Sought): Task<Outcome> {
  const { dns64 } = engine.translation;
  // RFC 6147 §5.5: whoever checks for himself (CD) would find our addresses unsigned; he may translate himself.
  if (dns64 === undefined || !work.checking) return yield* guarded(engine, work, sought);
  if (sought.type === rrType.AAAA) return yield* translated(engine, work, sought, dns64);
  if (sought.type === rrType.PTR) return yield* reverse(engine, work, sought, dns64);
  return yield* guarded(engine, work, sought);
}

/** RFC 6147 §5.1: IPv6 addresses made of IPv4 ones where the name has none of its own. */
function* translated(engine: Engine, work: Work, sought: Sought, dns64: Dns64): Task<Outcome> {
  const own = usable(yield* guarded(engine, work, sought), dns64);
  if (!lacksAddress(own)) return own;
  const ipv4 = { name: sought.name, type: rrType.A };
  const found = yield* guarded(engine, { ...work, trail: { sought: ipv4, above: work.trail } }, ipv4);
  if (found.end.kind === 'failure') return found;
  if (found.end.kind !== 'records') return own;
  const rdatas = found.end.rrset.rdatas.flatMap((rdata) => dns64.embed(rdata) ?? []);
  if (rdatas.length === 0) return own;
  // RFC 6147 §5.1.7: no longer than the denial is good for.
  const endTtl = Math.min(found.endTtl, own.endTtl > 0 ? own.endTtl : ttlWithoutSoa);
  const { owner } = found.end.rrset;
  const rrset = { owner, type: rrType.AAAA, class: rrClass.IN, ttl: endTtl, rdatas };
  // Both parts are proved, or it isn't; our own address is what the proved ones come to (RFC 6147 §5.5).
  const security = weakest(own.security, found.security);
  return {
    ...found,
    end: { kind: 'records', rrset, signatures: [], proofs: [], security },
    security,
    endTtl,
    ttl: Math.min(found.ttl, endTtl),
  };
}

/** Without the addresses that count as none (RFC 6147 §5.1.4). */
function usable(outcome: Outcome, dns64: Dns64): Outcome {
  return without(outcome, (rdata) => dns64.excludes(rdata));
}

/** RFC 6147 §5.1.2: a name that doesn't exist has no other address either; servers that fail for one type may know the other. */
function lacksAddress({ end }: Outcome): boolean {
  if (end.kind === 'failure') return end.extendedError === extendedError.NO_REACHABLE_AUTHORITY;
  return end.kind === 'nodata';
}

/** RFC 6147 §5.3.1: the name of a translated address is that of the address in it, by an alias. */
function* reverse(engine: Engine, work: Work, sought: Sought, dns64: Dns64): Task<Outcome> {
  const address = ipv6OfReverse(sought.name);
  const ipv4 = address && dns64.extract(address);
  if (ipv4 === undefined) return yield* guarded(engine, work, sought);
  const name = reverseName(ipv4);
  const there = { name, type: rrType.PTR };
  const found = yield* guarded(engine, { ...work, trail: { sought: there, above: work.trail } }, there);
  const alias = {
    owner: sought.name,
    type: rrType.CNAME,
    class: rrClass.IN,
    ttl: ttlWithoutSoa,
    rdata: name.wire,
  };
  const { authoritative: _, ...rest } = found;
  const security = weakest(found.security, 'insecure');
  return { ...rest, aliases: [alias, ...found.aliases], security, ttl: Math.min(found.ttl, ttlWithoutSoa) };
}

/** Without the private addresses of names that aren't the operator's. */
function* guarded(engine: Engine, work: Work, sought: Sought): Task<Outcome> {
  return withoutPrivate(engine, yield* resolution(engine, work, sought));
}
