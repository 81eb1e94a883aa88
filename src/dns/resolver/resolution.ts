// One resolution, in the stages of RFC 1034 §5.3.3: look at what is known; else find the servers and ask them; keep what they say;
// follow aliases, and begin again with the name they lead to.
import { unreachable } from '../../lib/result.ts';
import { rcode } from '../wire/codes.ts';
import type { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import type { Checked, ValidationFault } from '../dnssec/security.ts';
import { AliasChain, cachedAlias } from './alias-chain.ts';
import type { CachedAnswer, Credibility, Failure, KeptAnswer, Use } from './answer-cache.ts';
import { failureOf, faultOf, staleOutcome } from './cached-outcome.ts';
import type { Engine, Outcome, Sought, Work } from './engine.ts';
import type { ResolverLimits } from './limits.ts';
import { inferred, learn } from './inferred.ts';
import { askUntilItHolds } from './second-opinion.ts';
import { takeLocal } from './local-outcome.ts';
import { judgeOwn } from './judge-own.ts';
import type { Task } from './task.ts';
import { trustOf } from './chain-of-trust.ts';
import { validate } from './validate.ts';
import type { CheckedLink } from './validate.ts';
import { aliasInWords, answerInWords, plainName, sentence } from './words.ts';

export function* resolution(engine: Engine, work: Work, sought: Sought): Task<Outcome> {
  const chain = new AliasChain(sought.name, sought.type, work.budget);
  for (;;) {
    const own = fromHere(engine, work, chain, sought.type);
    if (own === 'followed') continue;
    if (own !== undefined) return own;
    const known = fromCache(engine, work, chain, sought.type);
    if (known === 'followed') continue;
    if (known !== 'unknown') return known;
    const found = yield* fromServers(engine, work, chain, sought.type);
    if (found !== 'followed') return found;
  }
}

/** What is said of the chain's present name without asking anybody. */
function fromHere(
  engine: Engine,
  work: Work,
  chain: AliasChain,
  type: number,
): Outcome | 'followed' | undefined {
  const { name } = chain;
  const answer = engine.local({ name, type }, work.filtered);
  if (answer === undefined) return undefined;
  work.journal.add(() => ({
    step: 'D8',
    ok: true,
    server: engine.self,
    text: sentence(answer.note?.reason ?? `Answers itself: nobody is asked about ${plainName(name)}`),
    detail: { cached: false },
  }));
  return takeLocal(chain, answer);
}

/** Looks for the chain's present name in the cache (RFC 1034 §5.3.3 step 1). */
function fromCache(
  engine: Engine,
  work: Work,
  chain: AliasChain,
  type: number,
): Outcome | 'followed' | 'unknown' {
  const { name } = chain;
  const server = engine.self;
  const hit = unlessRenewed(work, engine.answers.get(name, type, useOf(work)));
  const broken = work.checking ? faultOf(hit?.answer) : undefined;
  if (broken !== undefined) return giveUp(chain, work, server, broken);
  if (hit !== undefined) {
    const ok = hit.answer.kind !== 'failure';
    work.journal.add(() => ({
      step: 'D2',
      ok: true,
      server,
      text: ok
        ? `In the cache, for ${hit.ttl.toLocaleString('en')} s more.`
        : 'Asking failed a moment ago: nobody is asked again yet.',
      detail: { cached: true },
    }));
    work.journal.add(() => {
      const words = answerInWords({ name, type }, hit.answer);
      const text = sentence(`${ok ? 'Answers' : 'Gives up'}: ${words}`);
      const detail = { cached: true, ttl: hit.ttl, ...(ok ? {} : { error: words }) };
      return { step: 'D8', ok, server, text, detail };
    });
    return chain.end(hit.answer, hit.ttl, hit.nearEnd);
  }
  // A CNAME that isn't signed may stand at a cut, where DS records are the parent's to tell.
  const alias =
    type === rrType.DS ? undefined : unlessRenewed(work, cachedAlias(engine.answers, name, useOf(work)));
  if (work.checking && alias?.fault !== undefined && alias.security === 'bogus')
    return giveUp(chain, work, server, alias.fault);
  if (alias !== undefined) {
    work.journal.add(() => {
      const text = `In the cache: ${aliasInWords(name, alias.to)}.`;
      return { step: 'D2', ok: true, server, text, detail: { cached: true } };
    });
    return chain.follow(alias) ?? 'followed';
  }
  const known = inferred(engine, work, name, type);
  if (known !== undefined) {
    const { ttl } = known.kind === 'alias' ? known.alias : known;
    work.journal.add(() => {
      const text =
        known.kind === 'answer' && known.answer.kind !== 'records'
          ? `Answers from the cache: it is proved already that ${plainName(name)} can't have it.`
          : `In the cache: a wildcard that is proved to stand for ${plainName(name)}.`;
      return { step: 'D8', ok: true, server, text, detail: { cached: true, ttl } };
    });
    return known.kind === 'answer' ? chain.end(known.answer, ttl) : (chain.follow(known.alias) ?? 'followed');
  }
  work.journal.add(() => {
    const zone = engine.delegations.deepest(name)?.zone;
    const text =
      zone === undefined
        ? `Nothing about ${plainName(name)} in the cache: begins at the root.`
        : `No answer in the cache, but the servers of ${plainName(zone)} are known.`;
    return { step: 'D2', ok: true, server, text, detail: { cached: false } };
  });
  return 'unknown';
}

/** Asks the servers, and keeps what they say (RFC 1034 §5.3.3 steps 2 to 4). */
function* fromServers(
  engine: Engine,
  work: Work,
  chain: AliasChain,
  type: number,
): Task<Outcome | 'followed'> {
  const { answers, limits, self } = engine;
  const asked = chain.name;
  const began = engine.clock.monotonic();
  if (type === rrType.DNSKEY && work.checking && engine.trust.anchors.closest(asked) !== undefined) {
    // What validating them would ask for is the very answer.
    yield* trustOf(engine, work, asked);
    if (unlessRenewed(work, engine.answers.get(asked, type, 'checked')) !== undefined) return 'followed';
  }
  const opinion = yield* askUntilItHolds(engine, work, { name: asked, type }, (found) =>
    found.delegation.ours === true ? judgeOwn(engine, work, found) : validate(engine, work, found),
  );
  if (opinion.kind === 'failure') {
    const { reason, extendedError } = opinion;
    work.journal.add(() => ({
      step: 'D8',
      since: began,
      ok: false,
      server: self,
      text: sentence(`Gives up: ${reason}`),
      detail: { error: reason },
    }));
    const failure: Failure = { kind: 'failure', reason, extendedError, rcode: rcode.SERVFAIL };
    // RFC 9520 §3.2: nobody is asked the same again at once. What failed on the way to something else (in a loop with it) may do better as a
    // question of its own; and so may a name that aliases led to when there was no budget left for it, or whoever has a zone
    // could make others' names fail.
    if (work.depth === 0) {
      const failed = work.budget.spent ? chain.first : asked;
      const ttl = failureTtl(engine, work, failed, type);
      answers.putFailure(failed, type, failure, ttl, limits.longestFailureTtl);
    }
    return chain.end(failure, 0);
  }
  const { found } = opinion;
  const { links, end } = opinion.verdict;
  const noteAnswer = (answer?: CachedAnswer): void => {
    work.journal.add(() => {
      const words = links.map((link) => aliasInWords(link.from, link.to));
      if (answer !== undefined) words.push(answerInWords({ name: chain.name, type }, answer));
      return {
        step: 'D8',
        since: found.since,
        ok: true,
        server: found.server,
        text: sentence(`Answers: ${words.join('; ')}`),
        detail: { cached: false, zone: found.delegation.zone.toString() },
      };
    });
  };
  // What is our own is asked of memory each time: nothing that has changed is kept.
  for (const link of links) {
    const ttl = lifeOf(link, link.rrset.ttl, work, limits);
    if (found.delegation.ours !== true) keepAlias(engine, work, link, ttl);
    if (work.checking && link.security === 'bogus' && link.fault !== undefined)
      return giveUp(chain, work, found.server, link.fault);
    const ended = chain.follow({ ...link, ttl });
    if (ended === undefined) continue;
    noteAnswer();
    return ended;
  }
  const { name } = chain;
  switch (end.kind) {
    case 'elsewhere':
      noteAnswer();
      return 'followed';
    case 'records': {
      const ttl = lifeOf(end, end.rrset.ttl, work, limits);
      const { signatures, proofs, security, fault } = end;
      const answer: KeptAnswer = {
        kind: 'records',
        rrset: { ...end.rrset, ttl },
        signatures,
        proofs,
        security,
        fault,
      };
      if (found.delegation.ours !== true) keep(engine, work, { name, type }, answer, ttl, end.rank);
      const broken = work.checking ? faultOf(answer) : undefined;
      if (broken !== undefined) return giveUp(chain, work, found.server, broken);
      noteAnswer(answer);
      return chain.end(answer, ttl);
    }
    case 'nodata':
    case 'nxdomain': {
      // RFC 2308 §5: a cap against mistakes that would last.
      const ttl = lifeOf(end, Math.min(end.ttl, limits.maxNegativeTtl), work, limits);
      const answer: KeptAnswer = {
        kind: end.kind,
        authorities: end.authorities,
        security: end.security,
        fault: end.fault,
      };
      if (found.delegation.ours !== true) keep(engine, work, { name, type }, answer, ttl, end.rank);
      const broken = work.checking ? faultOf(answer) : undefined;
      if (broken !== undefined) return giveUp(chain, work, found.server, broken);
      noteAnswer(answer);
      return chain.end(answer, ttl);
    }
    default:
      return unreachable(end);
  }
}

/** Whoever renews an answer takes none that is near its end. */
function unlessRenewed<Hit extends { readonly nearEnd?: boolean }>(
  work: Work,
  hit: Hit | undefined,
): Hit | undefined {
  return work.renew && hit?.nearEnd === true ? undefined : hit;
}

function keepAlias(engine: Engine, work: Work, link: CheckedLink, ttl: number): void {
  const { rrset, signatures, proofs, rank, security, fault } = link;
  const answer: KeptAnswer = {
    kind: 'records',
    rrset: { ...rrset, ttl },
    signatures,
    proofs,
    security,
    fault,
  };
  keep(engine, work, { name: rrset.owner, type: rrset.type }, answer, ttl, rank);
}

/** Keeps an answer. One that is bogus doesn't take the place of what has expired and may be given in its stead (RFC 8767 §4). */
function keep(
  engine: Engine,
  work: Work,
  { name, type }: Sought,
  answer: KeptAnswer,
  ttl: number,
  rank: Credibility,
): void {
  const { answers, limits } = engine;
  const fault = faultOf(answer);
  if (fault !== undefined && answers.stale(name, type, useOf(work)) !== undefined)
    answers.putFailure(name, type, failureOf(fault), limits.staleRecheck, limits.longestFailureTtl);
  else {
    answers.put(name, type, answer, ttl, rank);
    learn(engine, answer, ttl, rank);
  }
}

/** Seconds until they are asked again whom nothing was to be had from. */
function failureTtl(engine: Engine, work: Work, name: DomainName, type: number): number {
  const { limits } = engine;
  return staleOutcome(engine, { name, type }, work) === undefined ? limits.failureTtl : limits.staleRecheck;
}

function useOf(work: Work): Use {
  return work.checking ? 'checked' : 'any';
}

/** Seconds that an answer is kept. */
function lifeOf({ security }: Checked, ttl: number, { budget }: Work, limits: ResolverLimits): number {
  if (security !== 'bogus') return Math.max(limits.minTtl, Math.min(ttl, limits.maxTtl));
  // RFC 4035 §4.7: no TTL of such data can be believed, and asking again at once would bring the same.
  // What this question had no budget for may hold for another.
  return budget.validationSpent ? 0 : limits.bogusTtl;
}

function giveUp(
  chain: AliasChain,
  work: Work,
  server: { readonly name: string; readonly address: string } | undefined,
  fault: ValidationFault,
): Outcome {
  work.journal.add(() => ({
    step: 'D8',
    ok: false,
    server,
    text: sentence(`Gives up: ${fault.reason}`),
    detail: { error: fault.reason },
  }));
  return chain.end(failureOf(fault), 0);
}
