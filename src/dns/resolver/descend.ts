// Finds one type at one name by going down the tree: from the deepest zone whose servers are known, from referral to referral, to the
// servers that answer (RFC 1034 §5.3.3 step 4), telling each server no more of the name than it needs (RFC 9156).
import { extendedError } from '../wire/edns-option.ts';
import type { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import type { KeptAnswer } from './answer-cache.ts';
import { askZone } from './ask-zone.ts';
import type { NamedServer, UsableReading } from './ask-server.ts';
import type { ZoneReply } from './ask-zone.ts';
import type { Delegation, NameServer } from './delegation-cache.ts';
import type { Engine, Sought, Work } from './engine.ts';
import { nextShortened } from './minimise.ts';
import type { AliasLink, AnswerEnd } from './read-reply.ts';
import { apexServers } from './read-reply.ts';
import type { Task } from './task.ts';
import { plainName, referralInWords, referringStep } from './words.ts';

export type Found =
  | {
      readonly kind: 'answer';
      readonly links: readonly AliasLink[];
      readonly end: AnswerEnd;
      /** That was asked for. */
      readonly type: number;
      /** The zone whose servers said so, and the one that did. */
      readonly delegation: Delegation;
      readonly server: NamedServer;
      /** When that server was asked, by the monotonic clock. */
      readonly since: number;
    }
  | { readonly kind: 'failure'; readonly reason: string; readonly extendedError: number };

/** `avoid`: servers that aren't asked, as {@link serverOfZone} names them, because what they said before didn't hold. */
export function* descend(
  engine: Engine,
  work: Work,
  sought: Sought,
  avoid: ReadonlySet<string> = nobody,
): Task<Found> {
  // RFC 4035 §3.1.4.1: a DS record belongs to the parent, whose servers are the ones to ask.
  const within = sought.type === rrType.DS ? (sought.name.parent() ?? sought.name) : sought.name;
  const known = engine.delegations.deepest(within);
  const named = engine.routes.deepest(within);
  let route = named !== undefined && isDeeper(known, named.delegation.zone) ? undefined : named;
  let delegation: Delegation = route?.delegation ?? known ?? (yield* engine.root(work));
  /** Labels known to lead no further down within this zone, and how many shortened questions there were. */
  let told = delegation.zone.labelCount;
  let count = 0;
  let whole = isAskedWhole(engine, delegation);
  for (let steps = 0; steps < engine.limits.descents; steps++) {
    const asked: DomainName = whole ? sought.name : nextShortened(sought.name, told, count);
    const isWhole = asked.labelCount >= sought.name.labelCount;
    // RFC 9156 §2.1: A is the type to ask shortened questions with; it is what servers see most.
    const question: Sought = { name: asked, type: isWhole ? sought.type : rrType.A };
    const hit = isWhole ? undefined : engine.answers.get(asked, question.type, 'any')?.answer;
    if (hit !== undefined && hit.kind !== 'failure') {
      told = asked.labelCount;
      whole = hit.kind === 'nxdomain';
      continue;
    }
    const reply: ZoneReply = yield* askZone(engine, work, delegation, question, !isWhole, avoid);
    if (reply.kind === 'failure') {
      if (isWhole || !reply.answered) {
        if (route?.first !== true) return reply;
        // The servers that the operator named have no answer, and the world may be asked.
        route = undefined;
        delegation = known ?? (yield* engine.root(work));
        told = delegation.zone.labelCount;
        whole = isAskedWhole(engine, delegation);
        continue;
      }
      // RFC 9156 §2.3: servers that can't take a shortened question get the whole one.
      whole = true;
      continue;
    }
    const { reading, server, since } = reply;
    if (reading.kind === 'referral') {
      const referring = referringStep(delegation.zone);
      const wasOwn = delegation.askOwn !== undefined;
      // From here on it is the delegated zone's servers that have no answer, and the world would send us there again.
      route = undefined;
      delegation = delegationFrom(engine, delegation, reading);
      work.journal.add(() => ({
        step: referring,
        since,
        ok: true,
        server,
        text: referralInWords(delegation),
        detail: {
          zone: delegation.zone.toString(),
          servers: delegation.servers.map(({ name }) => plainName(name)),
        },
      }));
      engine.delegations.put(delegation);
      told = delegation.zone.labelCount;
      if (wasOwn) whole = isAskedWhole(engine, delegation);
      continue;
    }
    if (delegation.further === undefined && isDelegated(delegation)) {
      const own = apexServers(reply.message, delegation.zone);
      if (own !== undefined)
        engine.delegations.noteFurther(delegation, withUsable(engine, delegation.zone, own));
    }
    if (isWhole) {
      const { links, end } = reading;
      if (reply.address !== undefined) engine.ways()?.offer(delegation, reply.address, sought.name);
      return { kind: 'answer', links, end, type: sought.type, delegation, server, since };
    }
    count += 1;
    told = asked.labelCount;
    keepShortened(engine, question, reading);
    // RFC 9156 §2.3: many servers deny empty non-terminals, so "no such name" about a part is not believed; and a DNAME on
    // the way concerns the whole name.
    whole = reading.end.kind === 'nxdomain' || reading.links.some((link) => link.rrset.type === rrType.DNAME);
  }
  return {
    kind: 'failure',
    reason: `the way down to ${plainName(sought.name)} is too long`,
    extendedError: extendedError.OTHER,
  };
}

function isDeeper(known: Delegation | undefined, zone: DomainName): boolean {
  return known !== undefined && known.zone.labelCount > zone.labelCount;
}

/** Nothing is kept from a resolver by asking it piece by piece (RFC 9156 §2.3), nor from a zone of our own. */
function isAskedWhole(engine: Engine, { forwards, askOwn }: Delegation): boolean {
  return !engine.minimise || forwards === true || askOwn !== undefined;
}

const nobody: ReadonlySet<string> = new Set();

/** Found by referrals, and not by what the operator says. */
function isDelegated({ zone, forwards, askOwn }: Delegation): boolean {
  return !zone.isRoot && forwards === undefined && askOwn === undefined;
}

/** What a shortened question brought is an answer like any other, and saves the question next time. */
function keepShortened(
  engine: Engine,
  { name, type }: Sought,
  { links, end }: Extract<UsableReading, { readonly kind: 'answer' }>,
): void {
  const { answers, limits } = engine;
  if (links.length > 0 || end.kind === 'elsewhere') return;
  if (end.kind === 'records') {
    const ttl = Math.min(end.rrset.ttl, limits.maxTtl);
    const answer: KeptAnswer = {
      kind: 'records',
      rrset: { ...end.rrset, ttl },
      signatures: [],
      proofs: [],
      security: 'unchecked',
    };
    answers.put(name, type, answer, ttl, end.rank);
  } else {
    const authorities = end.authorities.filter((record) => record.type === rrType.SOA);
    answers.put(
      name,
      type,
      { kind: end.kind, authorities, security: 'unchecked' },
      Math.min(end.ttl, limits.maxNegativeTtl),
      end.rank,
    );
  }
}

function delegationFrom(
  engine: Engine,
  parent: Delegation,
  { zone, servers, ttl, ds }: Extract<UsableReading, { readonly kind: 'referral' }>,
): Delegation {
  const own = engine.clock.monotonic() + Math.min(ttl, engine.limits.maxTtl) * 1000;
  return {
    zone,
    servers: withUsable(engine, zone, servers),
    // The root's list of its own servers says nothing about who is in it.
    expires: parent.zone.isRoot ? own : Math.min(own, parent.expires),
    ds: { ...ds, noted: engine.clock.monotonic() },
  };
}

/** Without the addresses that the zone can't send us to. */
function withUsable(
  { routes, serverAddresses }: Engine,
  zone: DomainName,
  servers: readonly NameServer[],
): readonly NameServer[] {
  const inside = routes.isInside(zone);
  return servers.map(({ name, addresses }) => ({
    name,
    addresses: addresses.filter((address) => serverAddresses.has(address, inside)),
  }));
}
