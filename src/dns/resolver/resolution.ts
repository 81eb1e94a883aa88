// One resolution, in the stages of RFC 1034 §5.3.3: look at what is known; else find the servers and ask them; keep what they say;
// follow aliases, and begin again with the name they lead to.
import { unreachable } from '../../lib/result.ts';
import { rcode } from '../wire/codes.ts';
import { rrType } from '../wire/rr-type.ts';
import { AliasChain, cachedAlias } from './alias-chain.ts';
import { credibility } from './answer-cache.ts';
import type { CachedAnswer } from './answer-cache.ts';
import { Budget } from './budget.ts';
import { descend } from './descend.ts';
import type { Engine, Outcome, Sought, Work } from './engine.ts';
import type { AliasLink } from './read-reply.ts';
import type { Task } from './task.ts';
import { validate } from './validate.ts';
import { aliasInWords, answerInWords, plainName, sentence } from './words.ts';

export function* resolution(engine: Engine, work: Work, sought: Sought): Task<Outcome> {
  const chain = new AliasChain(sought.name, work.budget);
  for (;;) {
    const known = fromCache(engine, work, chain, sought.type);
    if (known === 'followed') continue;
    if (known !== 'unknown') return known;
    const found = yield* fromServers(engine, work, chain, sought.type);
    if (found !== 'followed') return found;
  }
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
  const hit = engine.answers.get(name, type, work.dnssec);
  if (hit !== undefined) {
    const ok = hit.answer.kind !== 'failure';
    const text = ok
      ? `In the cache, for ${hit.ttl.toLocaleString('en')} s more.`
      : 'Asking failed a moment ago: nobody is asked again yet.';
    work.journal.add({ step: 'D2', ok: true, server, text, detail: { cached: true } });
    const words = answerInWords({ name, type }, hit.answer);
    work.journal.add({
      step: 'D8',
      ok,
      server,
      text: sentence(`${ok ? 'Answers' : 'Gives up'}: ${words}`),
      detail: { cached: true, ttl: hit.ttl, ...(ok ? {} : { error: words }) },
    });
    return chain.end(hit.answer, hit.ttl);
  }
  const alias = type === rrType.CNAME ? undefined : cachedAlias(engine.answers, name, work.dnssec);
  if (alias !== undefined) {
    const text = `In the cache: ${aliasInWords(name, alias.to)}.`;
    work.journal.add({ step: 'D2', ok: true, server, text, detail: { cached: true } });
    return chain.follow(alias) ?? 'followed';
  }
  const zone = engine.delegations.deepest(name)?.zone;
  const text =
    zone === undefined
      ? `Nothing about ${plainName(name)} in the cache: begins at the root.`
      : `No answer in the cache, but the servers of ${plainName(zone)} are known.`;
  work.journal.add({ step: 'D2', ok: true, server, text, detail: { cached: false } });
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
  const found = yield* descend(engine, work, { name: asked, type });
  if (found.kind === 'failure') {
    const { reason, extendedError } = found;
    work.journal.add({
      step: 'D8',
      since: began,
      ok: false,
      server: self,
      text: sentence(`Gives up: ${reason}`),
      detail: { error: reason },
    });
    const failure: CachedAnswer = { kind: 'failure', reason, extendedError, rcode: rcode.SERVFAIL };
    // RFC 9520 §3.2: nobody is asked the same again at once. What failed on the way to something else (in a loop with it, or for want of budget) may
    // do better as a question of its own.
    if (work.depth === 0)
      answers.put(asked, type, work.dnssec, failure, limits.failureTtl, credibility.answer);
    return chain.end(failure, 0);
  }
  const { links, end, secure } = yield* validate(found);
  const noteAnswer = (words: string): void => {
    const { since } = found;
    const detail = { cached: false, zone: found.delegation.zone.toString() };
    work.journal.add({
      step: 'D8',
      since,
      ok: true,
      server: found.server,
      text: sentence(`Answers: ${words}`),
      detail,
    });
  };
  const aliasWords = links.map((link) => aliasInWords(link.from, link.to));
  for (const link of links) {
    const ttl = Math.min(link.rrset.ttl, limits.maxTtl);
    keepAlias(engine, work, link, ttl, secure);
    const ended = chain.follow({ ...link, ttl });
    if (ended === undefined) continue;
    noteAnswer(aliasWords.join('; '));
    return ended;
  }
  const { name } = chain;
  switch (end.kind) {
    case 'elsewhere':
      noteAnswer(aliasWords.join('; '));
      return 'followed';
    case 'records': {
      const ttl = Math.min(end.rrset.ttl, limits.maxTtl);
      const { signatures, proofs } = end;
      const answer: CachedAnswer = {
        kind: 'records',
        rrset: { ...end.rrset, ttl },
        signatures,
        proofs,
        secure,
      };
      answers.put(name, type, work.dnssec, answer, ttl, end.rank);
      noteAnswer([...aliasWords, answerInWords({ name, type }, answer)].join('; '));
      return chain.end(answer, ttl);
    }
    case 'nodata':
    case 'nxdomain': {
      // RFC 2308 §5: a cap against mistakes that would last.
      const ttl = Math.min(end.ttl, limits.maxNegativeTtl);
      const answer: CachedAnswer = { kind: end.kind, authorities: end.authorities, secure };
      answers.put(name, type, work.dnssec, answer, ttl, end.rank);
      noteAnswer([...aliasWords, answerInWords({ name, type }, answer)].join('; '));
      return chain.end(answer, ttl);
    }
    default:
      return unreachable(end);
  }
}

/** What the cache alone says, aliases followed; without journey or budget to speak of. */
export function cachedOutcome(engine: Engine, sought: Sought, dnssec: boolean): Outcome | undefined {
  const chain = new AliasChain(sought.name, new Budget(engine.limits, engine.clock));
  for (;;) {
    const hit = engine.answers.get(chain.name, sought.type, dnssec);
    if (hit !== undefined) return chain.end(hit.answer, hit.ttl);
    const alias = sought.type === rrType.CNAME ? undefined : cachedAlias(engine.answers, chain.name, dnssec);
    if (alias === undefined) return undefined;
    const ended = chain.follow(alias);
    if (ended !== undefined) return ended;
  }
}

function keepAlias(engine: Engine, work: Work, link: AliasLink, ttl: number, secure: boolean): void {
  const { rrset, signatures, rank } = link;
  const answer: CachedAnswer = { kind: 'records', rrset: { ...rrset, ttl }, signatures, proofs: [], secure };
  engine.answers.put(rrset.owner, rrset.type, work.dnssec, answer, ttl, rank);
}
