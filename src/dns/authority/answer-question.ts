// Answers one question from our zones: RFC 1034 §4.3.2, with wildcards (RFC 4592), DNAME (RFC 6672), negative answers
// (RFC 2308) and DS at the parent's side of a cut (RFC 4035 §3.1.4.1). Each stage ends in an outcome or goes to the next.
import { unreachable } from '../../lib/result.ts';
import type { ZoneFinder } from '../zone/zone-finder.ts';
import { rrsetOf } from '../zone/zone.ts';
import type { Zone, ZoneMatch, ZoneNode, ZoneRRset } from '../zone/zone.ts';
import { rcode, rrClass } from '../wire/codes.ts';
import type { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { Answer, targetOf } from './answer.ts';
import { denialOf } from './denial.ts';
import type { Denial } from './denial.ts';
import type { Outcome } from './answer.ts';

export interface AnswerOptions {
  /**
   * Give one RRset for ANY, not all (RFC 8482 §4.1): for UDP, where a small question with a forged sender must not make a
   * large answer.
   */
  readonly minimalAny: boolean;
  /** Leave out what an answer can do without: the zone's name servers beside the records asked for. */
  readonly minimalResponses: boolean;
  /** The client wants signatures and proofs (RFC 3225 §3), where the zone has them. */
  readonly dnssecOk: boolean;
}

/** CNAMEs and DNAMEs followed for one question. */
const longestChain = 16;

/** A question on its way: `name` changes as CNAMEs are followed. */
interface Search {
  readonly zones: ZoneFinder;
  readonly type: number;
  readonly options: AnswerOptions;
  readonly answer: Answer;
  name: DomainName;
  /** The zone that `name` is looked for in. */
  zone: Zone;
  /** What the answer is about, found by the first name of a chain: what rate limiting tells answers apart by. */
  about: DomainName | undefined;
  /** What proves that the last name or type looked for is not there. */
  proofs: readonly ZoneRRset[];
}

/** What following one link of a chain came to: `name` and `zone` are new, or it is over. */
type Step = { readonly kind: 'again' } | { readonly kind: 'done'; readonly outcome: Outcome };

const again: Step = { kind: 'again' };

export interface FoundAnswer {
  readonly answer: Answer;
  readonly outcome: Outcome;
  /** The node that answers: the name asked for, the wildcard or DNAME above it, the cut; the zone where there is none. */
  readonly about: DomainName | undefined;
}

/** `type` is a data type or ANY. Work is bounded: at most {@link longestChain} look-ups, each by the zone's bound. */
export function answerQuestion(
  zones: ZoneFinder,
  name: DomainName,
  type: number,
  options: AnswerOptions,
): FoundAnswer {
  const answer = new Answer(options.dnssecOk);
  const zone = zoneFor(zones, name, type);
  if (zone === undefined) {
    answer.rcode = rcode.REFUSED;
    return { answer, outcome: 'refused', about: undefined };
  }
  if (zone === 'withheld') {
    answer.rcode = rcode.SERVFAIL;
    return { answer, outcome: 'withheld', about: undefined };
  }
  // RFC 1035 §4.1.1: AA is about the name asked for, and so about the first of a chain.
  answer.authoritative = true;
  const search: Search = { zones, type, options, answer, name, zone, about: undefined, proofs: [] };
  const outcome = follow(search);
  complete(search, outcome);
  return { answer, outcome, about: search.about };
}

/** RFC 1034 §4.3.2 step 2; a DS RRset stands in the zone above the one of its name (RFC 4035 §3.1.4.1). */
function zoneFor(zones: ZoneFinder, name: DomainName, type: number): Zone | 'withheld' | undefined {
  const zone = zones.enclosing(name);
  if (type !== rrType.DS || zone === undefined || zone === 'withheld' || !zone.origin.equals(name))
    return zone;
  return zones.enclosing(name, name.labelCount - 1) ?? zone;
}

function follow(search: Search): Outcome {
  for (let links = 0; links <= longestChain; links++) {
    const step = look(search);
    if (step.kind === 'done') return step.outcome;
  }
  return 'chain-ended';
}

/** RFC 1034 §4.3.2 step 3. */
function look(search: Search): Step {
  const match = search.zone.find(search.name);
  search.about ??= aboutOf(match, search.zone);
  switch (match.kind) {
    case 'exact':
      return atNode(search, match.node, false);
    case 'cut':
      // RFC 4035 §3.1.4.1: at the cut itself the parent has the DS, or says that there is none.
      if (search.type === rrType.DS && match.node.name.equals(search.name))
        return atNode(search, match.node, false);
      return refer(search, match.node);
    case 'dname':
      return redirect(search, match.dname);
    case 'wildcard':
      return atNode(search, match.node, true);
    case 'absent':
      search.proofs = proofs(search)?.absent(search.name, match.encloser.name) ?? [];
      return { kind: 'done', outcome: 'nxdomain' };
    default:
      return unreachable(match);
  }
}

function aboutOf(match: ZoneMatch, zone: Zone): DomainName {
  if (match.kind === 'absent') return zone.origin;
  return match.kind === 'dname' ? match.dname.owner : match.node.name;
}

/** Step 3a, and 3c for a wildcard: the node's RRsets answer for the name asked. */
function atNode(search: Search, node: ZoneNode, isWildcard: boolean): Step {
  const { answer, name, type } = search;
  const cname = rrsetOf(node, rrType.CNAME);
  // A question for the CNAME itself is answered by it (RFC 1034 §3.6.2).
  if (
    cname !== undefined &&
    type !== rrType.CNAME &&
    type !== rrType.ANY &&
    rrsetOf(node, type) === undefined
  )
    return alias(search, cname, isWildcard ? node : undefined);
  const found = type === rrType.ANY ? anyOf(node, search.options) : rrsetsOf(node, type);
  // Asked for all of them, the signatures are among them.
  const signed = type !== rrType.ANY || search.options.minimalAny;
  for (const rrset of found) answer.addAnswer(name, rrset, signed);
  const denial = proofs(search);
  if (found.length === 0)
    search.proofs = (isWildcard ? denial?.wildcardNodata(name, node) : denial?.nodata(name, node)) ?? [];
  else if (isWildcard && denial !== undefined) answer.addProofs(denial.wildcardAnswer(name, node));
  return { kind: 'done', outcome: found.length > 0 ? 'answer' : 'nodata' };
}

/** How the zone at hand proves what is not there; `undefined` where nobody wants to know, or it isn't signed. */
function proofs({ options, zone }: Search): Denial | undefined {
  return options.dnssecOk ? denialOf(zone) : undefined;
}

function rrsetsOf(node: ZoneNode, type: number): readonly ZoneRRset[] {
  // More than one of the type RRSIG alone: signatures of different types can have different TTLs.
  return node.rrsets.filter((rrset) => rrset.type === type);
}

function anyOf(node: ZoneNode, options: AnswerOptions): readonly ZoneRRset[] {
  return options.minimalAny ? node.rrsets.slice(0, 1) : node.rrsets;
}

/** Step 3b. Only the first name of a chain makes an answer authoritative; a referral as the whole answer is not. */
function refer(search: Search, cut: ZoneNode): Step {
  const { answer } = search;
  if (answer.answers.length === 0) answer.authoritative = false;
  const ns = rrsetOf(cut, rrType.NS);
  if (ns !== undefined) answer.addAuthority(ns);
  // RFC 4035 §3.1.4: with the DS records, or the proof that there are none.
  const denial = proofs(search);
  const ds = rrsetOf(cut, rrType.DS);
  if (denial !== undefined && ds !== undefined) answer.addAuthority(ds);
  else if (denial !== undefined) answer.addProofs(denial.nodata(cut.name, cut));
  return { kind: 'done', outcome: 'referral' };
}

/** A CNAME: the search starts again at its target (RFC 1034 §4.3.2 step 3a). */
function alias(search: Search, cname: ZoneRRset, wildcard: ZoneNode | undefined): Step {
  if (!search.answer.addAnswer(search.name, cname)) return { kind: 'done', outcome: 'chain-ended' };
  if (wildcard !== undefined)
    search.answer.addProofs(proofs(search)?.wildcardAnswer(search.name, wildcard) ?? []);
  return restart(search, targetOf(cname));
}

/** A DNAME, and the CNAME made of it (RFC 6672 §3.2). */
function redirect(search: Search, dname: ZoneRRset): Step {
  const { answer, name } = search;
  answer.addAnswer(dname.owner, dname);
  const target = name.rebase(dname.owner, targetOf(dname));
  if (target === undefined) return { kind: 'done', outcome: 'name-too-long' };
  // RFC 6672 §3.1: the CNAME's TTL is that of the DNAME.
  const cname: ZoneRRset = {
    owner: name,
    type: rrType.CNAME,
    class: rrClass.IN,
    ttl: dname.ttl,
    rdatas: [target.wire],
    additional: [],
  };
  if (!answer.addAnswer(name, cname)) return { kind: 'done', outcome: 'chain-ended' };
  // Asked for a CNAME, this one is the answer, as one of the zone's own would be (RFC 1034 §3.6.2).
  if (search.type === rrType.CNAME || search.type === rrType.ANY) return { kind: 'done', outcome: 'alias' };
  // A DNAME to a name below itself makes the name longer for ever: one link shows it, more would only be amplification.
  if (targetOf(dname).isAtOrBelow(dname.owner)) return { kind: 'done', outcome: 'chain-ended' };
  return restart(search, target);
}

function restart(search: Search, target: DomainName): Step {
  const zone = zoneFor(search.zones, target, search.type);
  if (zone === undefined || zone === 'withheld') return { kind: 'done', outcome: 'left-zones' };
  search.name = target;
  // Of one zone all of an answer comes from one version, whatever has been published meanwhile.
  if (!zone.origin.equals(search.zone.origin)) search.zone = zone;
  return again;
}

/** What each outcome needs beside the answer section. */
function complete({ answer, zone, options, proofs }: Search, outcome: Outcome): void {
  switch (outcome) {
    case 'answer':
      // The zone's name servers, as far as there is room (RFC 1034 §4.3.2 leaves it open; RFC 1034 §6.2.1 shows it).
      if (options.minimalResponses) break;
      // Proofs of a wildcard come first, and are needed.
      answer.authoritiesNeeded = answer.authorities.length;
      answer.addAuthority(zone.ns);
      break;
    case 'nodata':
      answer.addAuthority(zone.negativeSoa);
      answer.addProofs(proofs);
      break;
    case 'nxdomain':
      // RFC 6604 §3: the code is that of the last name of a chain.
      answer.rcode = rcode.NXDOMAIN;
      answer.addAuthority(zone.negativeSoa);
      answer.addProofs(proofs);
      break;
    case 'name-too-long':
      answer.rcode = rcode.YXDOMAIN;
      break;
    case 'alias':
    case 'referral':
    case 'left-zones':
    case 'chain-ended':
    case 'refused':
    case 'withheld':
      break;
    default:
      unreachable(outcome);
  }
  answer.addAdditionals();
}
