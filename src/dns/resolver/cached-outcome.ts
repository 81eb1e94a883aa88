// What the cache can say without asking anybody: while it holds, and, where nobody can be asked, when it has expired (RFC 8767): better an address
// of yesterday than none while a zone's servers are under attack.
import type { ValidationFault } from '../dnssec/security.ts';
import { rcode } from '../wire/codes.ts';
import { extendedError } from '../wire/edns-option.ts';
import { AliasChain, cachedAlias } from './alias-chain.ts';
import type { KnownAnswers } from './alias-chain.ts';
import type { AnswerCache, CachedAnswer, Failure } from './answer-cache.ts';
import { Budget } from './budget.ts';
import type { Engine, Outcome, Sought } from './engine.ts';
import { takeLocal } from './local-outcome.ts';
import { withoutPrivate } from './take-out.ts';

/** Whom an answer is for, as far as it depends on that. */
export interface Asker {
  readonly checking: boolean;
  readonly filtered: boolean;
}

/** What the cache alone says, aliases followed; without journey or budget to speak of. */
export function cachedOutcome(
  engine: Engine,
  sought: Sought,
  asker: Asker,
  answers: KnownAnswers = engine.answers,
): Outcome | undefined {
  const outcome = outcomeIn(engine, sought, asker, answers);
  return outcome !== undefined && asker.filtered ? withoutPrivate(engine, outcome) : outcome;
}

function outcomeIn(
  engine: Engine,
  sought: Sought,
  { checking, filtered }: Asker,
  answers: KnownAnswers,
): Outcome | undefined {
  const chain = new AliasChain(sought.name, sought.type, new Budget(engine.limits, engine.clock));
  const use = checking ? 'checked' : 'any';
  for (;;) {
    const answer = engine.local({ name: chain.name, type: sought.type }, filtered);
    const own = answer && takeLocal(chain, answer);
    if (own === 'followed') continue;
    if (own !== undefined) return own;
    const hit = answers.get(chain.name, sought.type, use);
    const broken = checking ? faultOf(hit?.answer) : undefined;
    if (broken !== undefined) return chain.end(failureOf(broken), 0);
    if (hit !== undefined) return chain.end(hit.answer, hit.ttl);
    const alias = cachedAlias(answers, chain.name, use);
    if (alias === undefined) return undefined;
    if (checking && alias.security === 'bogus' && alias.fault !== undefined)
      return chain.end(failureOf(alias.fault), 0);
    const ended = chain.follow(alias);
    if (ended !== undefined) return ended;
  }
}

/** What the cache would say if nothing had expired, or `undefined`. Its TTLs are short (RFC 8767 §5). */
export function staleOutcome(engine: Engine, sought: Sought, asker: Asker): Outcome | undefined {
  if (engine.limits.maxStale === 0 || !engine.answers.mayKnow(sought.name, sought.type)) return undefined;
  const outcome = cachedOutcome(engine, sought, asker, withExpired(engine.answers));
  // What DNS64 would have made of it isn't kept, and a denial would take its place.
  const untranslated =
    engine.translation.dns64 !== undefined && asker.filtered && outcome?.end.kind === 'nodata';
  return outcome === undefined || outcome.end.kind === 'failure' || untranslated
    ? undefined
    : { ...outcome, stale: true };
}

function withExpired(answers: AnswerCache): KnownAnswers {
  return {
    hasDnames: answers.hasDnames,
    get: (name, type, use) => {
      const hit = answers.get(name, type, use);
      const isGood = hit !== undefined && hit.answer.kind !== 'failure' && hit.answer.security !== 'bogus';
      return isGood ? hit : answers.stale(name, type, use);
    },
  };
}

/** Why it is bogus, or `undefined` where it isn't. */
export function faultOf(answer: CachedAnswer | undefined): ValidationFault | undefined {
  if (answer === undefined || answer.kind === 'failure' || answer.security !== 'bogus') return undefined;
  return answer.fault ?? { code: extendedError.DNSSEC_BOGUS, reason: 'the answer is not signed rightly' };
}

/** RFC 4035 §5.5: bogus data is never given to whoever doesn't check for himself. */
export function failureOf({ code, reason }: ValidationFault): Failure {
  return { kind: 'failure', reason, extendedError: code, rcode: rcode.SERVFAIL };
}
