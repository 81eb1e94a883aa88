// Reads what a zone's server answered, and takes only what that zone's servers may say (RFC 2181 §5.4, RFC 5452 §6, "bailiwick"): answers to the
// very question, aliases as long as they stay in the zone, a referral to a zone below on the way to the name, a denial with the
// zone's own SOA. Everything else in the message is as if it weren't there.
import { rcode } from '../wire/codes.ts';
import { formatRcode } from '../wire/codes.ts';
import { formatIpv4, formatIpv6 } from '../wire/ip-address.ts';
import type { Message } from '../wire/message.ts';
import { nameFromWire } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { WireReader } from '../wire/reader.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { credibility } from './answer-cache.ts';
import type { Credibility } from './answer-cache.ts';
import type { NameServer } from './delegation-cache.ts';
import { rrsetOf, signaturesOf } from './rrset-of.ts';

/** A CNAME, or a DNAME with the CNAME that it stands for. */
export interface AliasLink {
  readonly rrset: RRset;
  readonly signatures: readonly ResourceRecord[];
  /** What proves that a wildcard may stand for its owner, where one does (RFC 4035 §3.1.3.3). */
  readonly proofs: readonly ResourceRecord[];
  /** The name that the alias was found for. */
  readonly from: DomainName;
  /** `undefined` where a DNAME makes a name that is too long (RFC 6672 §2.2): the last link then. */
  readonly to: DomainName | undefined;
  readonly rank: Credibility;
}

/** What a referral says of the keys of the zone below (RFC 4035 §3.1.4.1): its DS records, or the proof that it has none. Nobody has validated it yet. */
export interface DsNote {
  readonly rrset: RRset | undefined;
  readonly signatures: readonly ResourceRecord[];
  readonly proofs: readonly ResourceRecord[];
}

export type AnswerEnd =
  | {
      readonly kind: 'records';
      readonly rrset: RRset;
      readonly signatures: readonly ResourceRecord[];
      readonly proofs: readonly ResourceRecord[];
      readonly rank: Credibility;
    }
  | {
      readonly kind: 'nodata' | 'nxdomain';
      readonly name: DomainName;
      readonly authorities: readonly ResourceRecord[];
      /** Seconds that it may be kept; 0 without a SOA (RFC 2308 §5). */
      readonly ttl: number;
      readonly rank: Credibility;
    }
  /** The aliases lead on to `name`, about which this server isn't asked, or said nothing. */
  | { readonly kind: 'elsewhere'; readonly name: DomainName };

export interface AnswerReading {
  readonly kind: 'answer';
  readonly links: readonly AliasLink[];
  readonly end: AnswerEnd;
}

/** `ttl` in seconds. */
export interface ReferralReading {
  readonly kind: 'referral';
  readonly zone: DomainName;
  readonly servers: readonly NameServer[];
  readonly ttl: number;
  readonly ds: DsNote;
}

export type Reading =
  | AnswerReading
  | ReferralReading
  /** The server doesn't serve the zone that it was asked for. `otherwise`: what it says from its cache, if nobody else says anything. */
  | { readonly kind: 'lame'; readonly reason: string; readonly otherwise?: AnswerReading }
  /** The server can't or won't say. */
  | { readonly kind: 'error'; readonly rcode: number; readonly reason: string };

/** More servers of one zone are of no use; the rest of a long list is left out (it is a way to make us work). */
const mostServers = 20;
/** Of one server. */
export const mostAddresses = 8;
/** Of all the servers of one zone, IPv4 and IPv6. */
const mostGlue = mostServers * mostAddresses;
const mostLinks = 12;

export interface Asked {
  readonly zone: DomainName;
  readonly name: DomainName;
  readonly type: number;
  /**
   * The server is a resolver that was asked to recurse: all of a chain of aliases in the zone is believed, and nothing but an answer will do. A zone's server speaks for the first name alone (RFC 1035 §4.1.1), and
   * is asked about the next one again.
   */
  readonly wholeChain: boolean;
}

export function readReply(message: Message, asked: Asked): Reading {
  if (
    message.rcode !== rcode.NOERROR &&
    message.rcode !== rcode.NXDOMAIN &&
    message.rcode !== rcode.YXDOMAIN
  ) {
    return { kind: 'error', rcode: message.rcode, reason: formatRcode(message.rcode) };
  }
  const reading = readAnswer(withinZone(message, asked.zone), asked);
  if (asked.wholeChain && reading.kind === 'referral')
    return { kind: 'lame', reason: 'it refers to other servers instead of asking them' };
  if (reading.kind !== 'answer' || asked.wholeChain || message.authoritative || !message.recursionAvailable)
    return reading;
  // An answer from somebody's cache: this server doesn't serve the zone, it resolves (RFC 1034 §4.3.1).
  const reason = 'it answers from a cache, not as a server of the zone';
  return { kind: 'lame', reason, otherwise: reading };
}

/** Without NSEC records that reach beyond the zone, and would deny names that aren't its own (RFC 4034 §4.1.1: the next name is the zone's). */
function withinZone(message: Message, zone: DomainName): Message {
  const reachesOut = ({ type, rdata }: ResourceRecord): boolean =>
    type === rrType.NSEC && !new WireReader(rdata).name().isAtOrBelow(zone);
  const { answers, authorities } = message;
  if (!answers.some(reachesOut) && !authorities.some(reachesOut)) return message;
  const kept = (section: readonly ResourceRecord[]): readonly ResourceRecord[] =>
    section.filter((record) => !reachesOut(record));
  return { ...message, answers: kept(answers), authorities: kept(authorities) };
}

function readAnswer(message: Message, asked: Asked): Reading {
  const { links, name } = followAliases(message, asked);
  const last = links.at(-1);
  if (last !== undefined && (last.to === undefined || !asked.wholeChain))
    return { kind: 'answer', links, end: { kind: 'elsewhere', name } };
  const rank =
    message.authoritative && links.length === 0 ? credibility.authoritativeAnswer : credibility.answer;
  const inZone = name.isAtOrBelow(asked.zone);
  const rrset = inZone ? rrsetOf(message.answers, name, asked.type) : undefined;
  if (rrset !== undefined) {
    const signatures = answerSignatures(message, name, asked.type);
    const proofs = wildcardProofs(message, asked.zone, name, signatures);
    return { kind: 'answer', links, end: { kind: 'records', rrset, signatures, proofs, rank } };
  }
  const soa = inZone ? soaFor(message, asked.zone, name) : undefined;
  if (message.rcode === rcode.NXDOMAIN && inZone) {
    // RFC 2308 §2.1: it speaks of the last name of the chain.
    return denial('nxdomain');
  }
  // A resolver that has a zone's proofs has resolved, whatever else it gives on with them.
  const isDenied =
    soa !== undefined || (asked.wholeChain && inZone && proofsIn(message.authorities, asked.zone).length > 0);
  if (isDenied) return denial('nodata');
  if (links.length > 0) return { kind: 'answer', links, end: { kind: 'elsewhere', name } };
  const referral = referralIn(message, asked);
  if (referral !== undefined && !(asked.type === rrType.DS && referral.zone.equals(name))) return referral;
  // RFC 4035 §3.1.4.1: what a zone's DS records are is the parent's to say, and it has said so beside the referral. The servers below don't know.
  if (referral?.ds.rrset !== undefined)
    return {
      kind: 'answer',
      links,
      end: { kind: 'records', ...referral.ds, rrset: referral.ds.rrset, proofs: [], rank },
    };
  if (referral !== undefined) return denial('nodata');
  // RFC 2308 §2.2: NOERROR with nothing is a denial, too; without AA and with other zones' servers it is an upward referral. Only who serves the
  // zone has its proofs.
  const isDenial =
    message.authoritative ||
    (asked.wholeChain && message.authorities.length === 0) ||
    (inZone && proofsIn(message.authorities, asked.zone).length > 0);
  if (isDenial) return denial('nodata');
  return message.authorities.some((record) => record.type === rrType.NS)
    ? { kind: 'lame', reason: 'it refers to servers that are not nearer to the name' }
    : { kind: 'lame', reason: 'it has nothing to say about the zone' };

  function denial(kind: 'nodata' | 'nxdomain'): Reading {
    const proofs = proofsIn(message.authorities, asked.zone);
    const authorities = soa === undefined ? proofs : [soa.record, ...soa.signatures, ...proofs];
    return { kind: 'answer', links, end: { kind, name, authorities, ttl: soa?.ttl ?? 0, rank } };
  }
}

/** Follows CNAMEs and DNAMEs in the answer section for as long as they stay in the zone (RFC 1034 §4.3.2 step 3a, RFC 6672 §3.4). */
function followAliases(
  message: Message,
  asked: Asked,
): { readonly links: readonly AliasLink[]; readonly name: DomainName } {
  const links: AliasLink[] = [];
  let name = asked.name;
  const most = asked.wholeChain ? mostLinks : 1;
  while (links.length < most && name.isAtOrBelow(asked.zone)) {
    const rank =
      message.authoritative && links.length === 0 ? credibility.authoritativeAnswer : credibility.answer;
    const link =
      dnameLink(message, asked, name, rank) ??
      (asked.type === rrType.CNAME ? undefined : cnameLink(message, asked, name, rank));
    if (link === undefined) break;
    links.push(link);
    if (link.to === undefined) break;
    name = link.to;
  }
  return { links, name };
}

function cnameLink(
  message: Message,
  asked: Asked,
  name: DomainName,
  rank: Credibility,
): AliasLink | undefined {
  const all = rrsetOf(message.answers, name, rrType.CNAME);
  const target = all?.rdatas[0] === undefined ? undefined : nameIn(all.rdatas[0]);
  if (all?.rdatas[0] === undefined || target === undefined) return undefined;
  // RFC 2181 §10.1: a name has one CNAME; of several the first is taken.
  const rrset = { ...all, rdatas: [all.rdatas[0]] };
  const signatures = answerSignatures(message, name, rrType.CNAME);
  const proofs = wildcardProofs(message, asked.zone, name, signatures);
  return { rrset, signatures, proofs, from: name, to: target, rank };
}

/** A DNAME above the name and within the zone. The CNAME that comes with it is not looked at: we make our own (RFC 6672 §3.4.1). */
function dnameLink(
  message: Message,
  asked: Asked,
  name: DomainName,
  rank: Credibility,
): AliasLink | undefined {
  const found = message.answers.find(
    ({ type, owner }) => type === rrType.DNAME && name.isBelow(owner) && owner.isAtOrBelow(asked.zone),
  );
  if (found === undefined) return undefined;
  const rrset = rrsetOf(message.answers, found.owner, rrType.DNAME);
  const target = rrset?.rdatas[0] === undefined ? undefined : nameIn(rrset.rdatas[0]);
  if (rrset === undefined || target === undefined) return undefined;
  const signatures = answerSignatures(message, found.owner, rrType.DNAME);
  const proofs = wildcardProofs(message, asked.zone, found.owner, signatures);
  return { rrset, signatures, proofs, from: name, to: name.rebase(rrset.owner, target), rank };
}

/** The zone's own SOA, from a zone at or below the one asked that the name is in (RFC 2308 §2, §5). */
function soaFor(
  message: Message,
  zone: DomainName,
  name: DomainName,
):
  | {
      readonly record: ResourceRecord;
      readonly signatures: readonly ResourceRecord[];
      readonly ttl: number;
    }
  | undefined {
  const record = message.authorities.find(
    ({ type, owner }) => type === rrType.SOA && owner.isAtOrBelow(zone) && name.isAtOrBelow(owner),
  );
  if (record === undefined) return undefined;
  const signatures = signaturesOf(message.authorities, record.owner, rrType.SOA);
  // RFC 2308 §5: the least of the SOA's TTL and its last field, "minimum".
  const minimum = new WireReader(record.rdata, record.rdata.length - 4).u32();
  return { record, signatures, ttl: Math.min(record.ttl, minimum) };
}

/**
 * The RRSIGs over a set of the answer section. They belong there, too (RFC 4035 §3.1.1); but what proves a set is as good where a server put it
 * elsewhere.
 */
function answerSignatures(message: Message, owner: DomainName, type: number): readonly ResourceRecord[] {
  return [message.answers, message.authorities, message.additionals].flatMap((section) =>
    signaturesOf(section, owner, type),
  );
}

/** The proofs that come with a set which a wildcard stands for: one whose RRSIG has fewer labels than its owner (RFC 4035 §5.3.4). */
function wildcardProofs(
  message: Message,
  zone: DomainName,
  owner: DomainName,
  signatures: readonly ResourceRecord[],
): readonly ResourceRecord[] {
  // RFC 4034 §3.1.3: the labels of the owner, without the root and a leading `*`.
  const labels = owner.labelCount - (owner.isWildcard ? 1 : 0);
  const isExpanded = signatures.some(({ rdata }) => (rdata[3] ?? 0) < labels);
  return isExpanded ? proofsIn(message.authorities, zone) : [];
}

function proofsIn(section: readonly ResourceRecord[], zone: DomainName): readonly ResourceRecord[] {
  return section.filter(({ type, owner, rdata }) => {
    if (!owner.isAtOrBelow(zone)) return false;
    const covered = type === rrType.RRSIG ? ((rdata[0] ?? 0) << 8) | (rdata[1] ?? 0) : type;
    return covered === rrType.NSEC || covered === rrType.NSEC3;
  });
}

/** NS records of a zone below the one asked and on the way to the name: RFC 1034 §4.3.2 step 3b, as its receiver sees it. */
function referralIn(message: Message, asked: Asked): ReferralReading | undefined {
  let cut: DomainName | undefined;
  for (const { type, owner } of message.authorities) {
    if (type !== rrType.NS || !owner.isBelow(asked.zone) || !asked.name.isAtOrBelow(owner)) continue;
    if (cut === undefined || owner.labelCount > cut.labelCount) cut = owner;
  }
  const ns = cut === undefined ? undefined : rrsetOf(message.authorities, cut, rrType.NS);
  if (ns === undefined) return undefined;
  const { servers, ttl } = serversIn(ns, message, asked.zone);
  const ds: DsNote = {
    rrset: rrsetOf(message.authorities, ns.owner, rrType.DS),
    signatures: signaturesOf(message.authorities, ns.owner, rrType.DS),
    proofs: proofsIn(message.authorities, asked.zone),
  };
  return { kind: 'referral', zone: ns.owner, servers, ttl, ds };
}

/** The zone's servers, where the message answers a question for them (priming: RFC 8109 §4.1). */
export function nsOf(
  message: Message,
  zone: DomainName,
): { readonly servers: readonly NameServer[]; readonly ttl: number } | undefined {
  const ns = rrsetOf(message.answers, zone, rrType.NS);
  return ns === undefined ? undefined : serversIn(ns, message, zone);
}

/** The zone's servers, where it names them beside an answer of its own. */
export function apexServers(message: Message, zone: DomainName): readonly NameServer[] | undefined {
  const ns = message.authoritative ? rrsetOf(message.authorities, zone, rrType.NS) : undefined;
  return ns && serversIn(ns, message, zone).servers;
}

function serversIn(
  ns: RRset,
  message: Message,
  zone: DomainName,
): { readonly servers: readonly NameServer[]; readonly ttl: number } {
  const servers: NameServer[] = [];
  const addresses = message.additionals
    .filter(({ type }) => type === rrType.A || type === rrType.AAAA)
    .slice(0, mostGlue);
  let { ttl } = ns;
  for (const rdata of ns.rdatas) {
    if (servers.length === mostServers) break;
    const name = nameIn(rdata);
    if (name === undefined) continue;
    const glue = glueFor(addresses, zone, name);
    if (glue !== undefined) ttl = Math.min(ttl, glue.ttl);
    servers.push({ name, addresses: glue?.addresses ?? [] });
  }
  return { servers, ttl };
}

/**
 * Addresses for a server of the cut. They are taken only from within the asked zone, whose servers can send us anywhere below it anyway, and
 * are used for this delegation alone (RFC 9471 §2.2: glue may belong to a sibling zone).
 */
function glueFor(
  addresses: readonly ResourceRecord[],
  zone: DomainName,
  server: DomainName,
): { readonly addresses: readonly string[]; readonly ttl: number } | undefined {
  if (!server.isAtOrBelow(zone)) return undefined;
  const v4 = rrsetOf(addresses, server, rrType.A);
  const v6 = rrsetOf(addresses, server, rrType.AAAA);
  if (v4 === undefined && v6 === undefined) return undefined;
  return {
    addresses: [...addressesIn(v4), ...addressesIn(v6)].slice(0, mostAddresses),
    ttl: Math.min(v4?.ttl ?? Number.POSITIVE_INFINITY, v6?.ttl ?? Number.POSITIVE_INFINITY),
  };
}

/** The addresses of an A or AAAA set, in text form. */
export function addressesIn(rrset: RRset | undefined): readonly string[] {
  if (rrset === undefined) return [];
  const addresses: string[] = [];
  for (const rdata of rrset.rdatas) {
    if (rrset.type === rrType.A && rdata.length === 4) addresses.push(formatIpv4(rdata));
    if (rrset.type === rrType.AAAA && rdata.length === 16) addresses.push(formatIpv6(rdata));
  }
  return addresses;
}

function nameIn(rdata: Uint8Array): DomainName | undefined {
  const name = nameFromWire(rdata);
  return name.ok ? name.value : undefined;
}
