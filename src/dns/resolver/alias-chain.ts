// The CNAMEs and DNAMEs that one resolution follows (RFC 1034 §3.6.2, RFC 6672), with what they add to the answer. Bounded by the
// client query's budget; a name that comes again is a loop.
import { weakest } from '../dnssec/security.ts';
import type { Checked, Security } from '../dnssec/security.ts';
import { rrClass, rcode } from '../wire/codes.ts';
import { extendedError } from '../wire/edns-option.ts';
import { nameFromWire } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { recordsOf } from '../wire/record.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { securityOf } from './answer-cache.ts';
import type { AnswerCache, CachedAnswer, Use } from './answer-cache.ts';
import type { Budget } from './budget.ts';
import type { Outcome } from './engine.ts';
import { plainName } from './words.ts';

export interface Alias extends Checked {
  /** A CNAME at `from`, or a DNAME above it. */
  readonly rrset: RRset;
  readonly signatures: readonly ResourceRecord[];
  /** What proves that a wildcard may stand for the owner. */
  readonly proofs: readonly ResourceRecord[];
  readonly from: DomainName;
  /** `undefined`: the DNAME would make a name that is too long. */
  readonly to: DomainName | undefined;
  readonly ttl: number;
  /** It is in the last tenth of its time. */
  readonly nearEnd?: boolean;
}

export class AliasChain {
  /** Where it begins: what was asked for. */
  readonly first: DomainName;
  readonly #records: ResourceRecord[] = [];
  readonly #proofs: ResourceRecord[] = [];
  readonly #seen: DomainName[] = [];
  readonly #budget: Budget;
  readonly #type: number;
  #name: DomainName;
  #ttl = Number.POSITIVE_INFINITY;
  #security: Security = 'secure';
  #nearEnd = false;

  /** `type`: what is sought at the end. */
  constructor(name: DomainName, type: number, budget: Budget) {
    this.first = name;
    this.#name = name;
    this.#type = type;
    this.#budget = budget;
    this.#seen.push(name);
  }

  /** Where the chain has led to. */
  get name(): DomainName {
    return this.#name;
  }

  /** Takes one step, or gives the outcome of a chain that can't be followed. */
  follow(alias: Alias): Outcome | undefined {
    const { rrset, ttl, from, to, signatures } = alias;
    this.#ttl = Math.min(this.#ttl, ttl);
    this.#security = weakest(this.#security, alias.security);
    this.#nearEnd ||= alias.nearEnd === true;
    this.#records.push(...recordsOf({ ...rrset, ttl }));
    for (const signature of signatures) this.#records.push({ ...signature, ttl });
    for (const proof of alias.proofs) this.#proofs.push({ ...proof, ttl });
    if (to === undefined) {
      // RFC 6672 §2.2: the one case that has a response code of its own.
      const reason = `the DNAME at ${plainName(rrset.owner)} makes a name of more than 255 octets`;
      return this.end(
        { kind: 'failure', reason, extendedError: extendedError.OTHER, rcode: rcode.YXDOMAIN },
        0,
      );
    }
    if (rrset.type === rrType.DNAME && this.#type === rrType.CNAME) {
      // The CNAME that the DNAME stands for is what was asked for, as one of the zone's own would be.
      const { security, fault } = alias;
      const cname = { owner: from, type: rrType.CNAME, class: rrClass.IN, ttl, rdatas: [to.wire] };
      return this.end({ kind: 'records', rrset: cname, signatures: [], proofs: [], security, fault }, ttl);
    }
    if (rrset.type === rrType.DNAME) {
      // RFC 6672 §3.1: the CNAME that the DNAME stands for, for those who don't know DNAME, with its TTL.
      this.#records.push({ owner: from, type: rrType.CNAME, class: rrClass.IN, ttl, rdata: to.wire });
    }
    // Whoever has an alias doesn't decide how others are told the name that it leads to.
    this.#name = to.lowerCase();
    // A few names: the budget bounds the chain.
    if (this.#seen.some((each) => each.equals(to)))
      return this.fail(`the aliases lead from ${plainName(to)} back to itself`);
    this.#seen.push(to);
    if (!this.#budget.takeAlias()) return this.fail('too many aliases follow one another');
    return undefined;
  }

  /** Ends with `answer` about the name reached, which stays valid for `ttl` seconds. */
  end(answer: CachedAnswer, ttl: number, nearEnd = false): Outcome {
    return {
      aliases: this.#records,
      aliasProofs: this.#proofs,
      name: this.#name,
      end: answer,
      security: weakest(this.#security, securityOf(answer)),
      endTtl: ttl,
      ttl: Math.min(ttl, this.#ttl),
      nearEnd: this.#nearEnd || nearEnd,
    };
  }

  fail(reason: string): Outcome {
    return this.end(
      { kind: 'failure', reason, extendedError: extendedError.OTHER, rcode: rcode.SERVFAIL },
      0,
    );
  }
}

/** What is known of names: all that aliases are looked up by. */
export type KnownAnswers = Pick<AnswerCache, 'get' | 'hasDnames'>;

/** The alias that is known for the name: its CNAME, or the DNAME nearest above it. */
export function cachedAlias(answers: KnownAnswers, name: DomainName, use: Use): Alias | undefined {
  const cname = answers.get(name, rrType.CNAME, use);
  const alias = cname?.answer.kind === 'records' ? cname.answer : undefined;
  const target = nameIn(alias?.rrset);
  if (cname !== undefined && alias !== undefined && target !== undefined)
    return {
      ...checkedOf(alias),
      rrset: alias.rrset,
      signatures: alias.signatures,
      proofs: alias.proofs,
      from: name,
      to: target,
      ttl: cname.ttl,
      nearEnd: cname.nearEnd,
    };
  if (!answers.hasDnames) return undefined;
  for (let labels = name.labelCount - 1; labels > 0; labels--) {
    const dname = answers.get(name.ancestor(labels), rrType.DNAME, use);
    // An unproved DNAME holds for the name that it came for alone: it would speak for all names below it, and one forged answer for a whole zone.
    if (dname?.answer.kind !== 'records' || dname.answer.security !== 'secure') continue;
    const { rrset, signatures, proofs } = dname.answer;
    const to = nameIn(rrset);
    if (to === undefined) continue;
    return {
      ...checkedOf(dname.answer),
      rrset,
      signatures,
      proofs,
      from: name,
      to: name.rebase(rrset.owner, to),
      ttl: dname.ttl,
      nearEnd: dname.nearEnd,
    };
  }
  return undefined;
}

function checkedOf({ security, fault }: Checked): Checked {
  return { security, fault };
}

function nameIn(rrset: RRset | undefined): DomainName | undefined {
  const rdata = rrset?.rdatas[0];
  if (rdata === undefined) return undefined;
  const name = nameFromWire(rdata);
  return name.ok ? name.value : undefined;
}
