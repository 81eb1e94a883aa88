// Which servers take mail for a domain, in the order to try them (RFC 5321 §5.1, RFC 7505).
import ipaddr from 'ipaddr.js';
import type { Lookup, LookupResult } from '../../dns/lookup.ts';
import { parseName } from '../../dns/wire/name.ts';
import type { DomainName } from '../../dns/wire/name.ts';
import { WireReader } from '../../dns/wire/reader.ts';
import { rrType } from '../../dns/wire/rr-type.ts';
import { parseAddress } from '../../lib/endpoint.ts';
import type { JourneyStep } from '../../lib/journey.ts';
import { shuffle } from '../../lib/random.ts';
import type { Random } from '../../lib/random.ts';
import { unreachable } from '../../lib/result.ts';

export interface MailHost {
  /** Without a trailing dot; for an address literal the literal. */
  readonly name: string;
  readonly preference: number;
  /** In the order to try them; at least one. */
  readonly addresses: readonly string[];
}

export type MailHosts =
  /** At least one. */
  | {
      readonly kind: 'hosts';
      readonly hosts: readonly MailHost[];
      /** DNSSEC proves that it is these. */
      readonly secure: boolean;
      readonly steps: readonly JourneyStep[];
    }
  /** Nobody takes its mail (`refused`), or nobody can say who does at the moment (`deferred`). */
  | {
      readonly kind: 'refused' | 'deferred';
      readonly status: string;
      /** A sentence. */
      readonly text: string;
      readonly steps: readonly JourneyStep[];
    };

export interface MailHostsNeeds {
  readonly lookup: Lookup;
  readonly random: Random;
  readonly hostname: string;
  readonly isOwnAddress: (address: string) => boolean;
}

/** More MX records than this are not looked at: a domain shall not make us ask without end. */
const maxHosts = 12;
const maxAddressesOfHost = 6;
/** Steps of look-ups kept for the journey. */
const maxSteps = 64;

interface Exchange {
  readonly name: DomainName;
  readonly preference: number;
}

interface LocatedExchange extends Exchange {
  readonly addresses: readonly string[];
  /** Why an address could not be had, where a later try may do better. */
  readonly failure: string | undefined;
  readonly ours: boolean;
  readonly steps: readonly JourneyStep[];
}

/** `domain` is that of a recipient: an A-label name or an address literal. Never throws for what DNS says. */
export async function findMailHosts(
  domain: string,
  needs: MailHostsNeeds,
  signal: AbortSignal,
): Promise<MailHosts> {
  if (domain.startsWith('[')) return literalHost(domain, needs);
  const name = parseName(domain);
  if (!name.ok || name.value.isRoot) {
    return { kind: 'refused', status: '5.1.2', text: `${domain} is not a domain name.`, steps: [] };
  }
  const answer = await needs.lookup.lookup(name.value, rrType.MX, signal);
  const steps = answer.journey;
  switch (answer.kind) {
    case 'failure':
      return {
        kind: 'deferred',
        status: '4.4.3',
        text: `DNS could not say who takes mail for ${domain}: ${asClause(answer.reason)}.`,
        steps,
      };
    case 'nxdomain':
      return { kind: 'refused', status: '5.1.2', text: `The domain ${domain} does not exist.`, steps };
    case 'nodata':
      // RFC 5321 §5.1: without MX records the domain itself is its only mail host, at preference 0.
      return await locate(domain, [{ name: name.value, preference: 0 }], true, needs, answer, signal);
    case 'records':
      break;
    default:
      return unreachable(answer);
  }
  const exchanges = readExchanges(answer);
  if (exchanges.length > 0 && exchanges.every((each) => each.name.isRoot)) {
    // RFC 7505 §3 and §4.1: the null MX.
    return {
      kind: 'refused',
      status: '5.1.10',
      text: `The domain ${domain} says that it takes no mail (null MX).`,
      steps,
    };
  }
  const named = exchanges.filter((each) => !each.name.isRoot);
  return await locate(domain, named, false, needs, answer, signal);
}

/** RFC 5321 §4.1.3: `[192.0.2.1]`, `[IPv6:2001:db8::1]`. */
function literalHost(literal: string, needs: MailHostsNeeds): MailHosts {
  const match = /^\[(?:IPv6:([^\]]*:[^\]]*)|([\d.]+))\]$/i.exec(literal);
  const address = parseAddress(match?.[1] ?? match?.[2] ?? '');
  if (address === undefined || !isSendable(address)) {
    return {
      kind: 'refused',
      status: '5.1.2',
      text: `${literal} is not an address to send mail to.`,
      steps: [],
    };
  }
  if (needs.isOwnAddress(address)) return loopsBack(literal, []);
  return {
    kind: 'hosts',
    hosts: [{ name: literal, preference: 0, addresses: [address] }],
    secure: false,
    steps: [],
  };
}

function readExchanges(answer: LookupResult & { readonly kind: 'records' }): Exchange[] {
  const exchanges: Exchange[] = [];
  for (const record of answer.records) {
    // RFC 1035 §3.3.9: preference, then exchange.
    const reader = new WireReader(record.rdata);
    const preference = reader.u16();
    const name = reader.name();
    if (reader.fault === undefined) exchanges.push({ name, preference });
  }
  return exchanges;
}

async function locate(
  domain: string,
  exchanges: readonly Exchange[],
  implicit: boolean,
  needs: MailHostsNeeds,
  mx: LookupResult,
  signal: AbortSignal,
): Promise<MailHosts> {
  // RFC 5321 §5.1: the lowest preference first, equal ones in random order, so that they share the load.
  const ordered = shuffle([...exchanges], needs.random).sort((a, b) => a.preference - b.preference);
  const own = ordered.find((each) => sameHost(each.name, needs.hostname))?.preference;
  const candidates = ordered.filter((each) => own === undefined || each.preference < own).slice(0, maxHosts);
  const located = await Promise.all(candidates.map((each) => locateExchange(each, needs, signal)));
  const steps = [...mx.journey, ...located.flatMap((each) => each.steps)].slice(0, maxSteps);
  // RFC 5321 §5.1: where we are in the list, only hosts that are preferred to us may be tried, or mail would loop.
  const ownByAddress = located.find((each) => each.ours)?.preference;
  const usable = located.filter((each) => ownByAddress === undefined || each.preference < ownByAddress);
  const hosts = usable
    .filter((each) => each.addresses.length > 0)
    .map((each) => ({
      name: hostText(each.name),
      preference: each.preference,
      addresses: each.addresses.slice(0, maxAddressesOfHost),
    }));
  if (hosts.length > 0) return { kind: 'hosts', hosts, secure: mx.secure, steps };
  const failure = usable.find((each) => each.failure !== undefined)?.failure;
  if (failure !== undefined) {
    const text = `DNS could not give the address of a mail host of ${domain}: ${asClause(failure)}.`;
    return { kind: 'deferred', status: '4.4.3', text, steps };
  }
  if (usable.length === 0 && (own !== undefined || ownByAddress !== undefined))
    return loopsBack(domain, steps);
  return implicit
    ? {
        kind: 'refused',
        status: '5.1.2',
        text: `The domain ${domain} has no mail host and no address.`,
        steps,
      }
    : { kind: 'refused', status: '5.4.4', text: `No mail host of ${domain} has an address.`, steps };
}

function loopsBack(domain: string, steps: readonly JourneyStep[]): MailHosts {
  const text = `Mail for ${domain} is sent to this server, which does not take it for that domain: it would go in a loop.`;
  return { kind: 'refused', status: '5.4.6', text, steps };
}

async function locateExchange(
  exchange: Exchange,
  needs: MailHostsNeeds,
  signal: AbortSignal,
): Promise<LocatedExchange> {
  // RFC 5321 §5.2 leaves the order of IPv6 and IPv4 to us: IPv6 first, then by turns, so that one broken family costs one try.
  const [v6, v4] = await Promise.all([
    needs.lookup.lookup(exchange.name, rrType.AAAA, signal),
    needs.lookup.lookup(exchange.name, rrType.A, signal),
  ]);
  const sixes = shuffle(readAddresses(v6), needs.random);
  const fours = shuffle(readAddresses(v4), needs.random);
  const all: string[] = [];
  for (let i = 0; i < Math.max(sixes.length, fours.length); i++) {
    for (const address of [sixes[i], fours[i]]) if (address !== undefined) all.push(address);
  }
  const failed = [v6, v4].find((each) => each.kind === 'failure');
  return {
    ...exchange,
    ours: all.some(needs.isOwnAddress),
    addresses: all.filter(isSendable),
    steps: [...v4.journey, ...v6.journey],
    failure: all.length === 0 && failed?.kind === 'failure' ? failed.reason : undefined,
  };
}

function readAddresses(answer: LookupResult): string[] {
  if (answer.kind !== 'records') return [];
  return answer.records
    .filter((record) => record.rdata.length === 4 || record.rdata.length === 16)
    .map((record) => ipaddr.process(ipaddr.fromByteArray([...record.rdata]).toString()).toString());
}

/** Nobody can be reached at such addresses; some systems take 0.0.0.0 and :: for themselves. */
function isSendable(address: string): boolean {
  return !['unspecified', 'broadcast', 'multicast'].includes(ipaddr.process(address).range());
}

function sameHost(name: DomainName, hostname: string): boolean {
  const own = parseName(hostname);
  return own.ok && own.value.equals(name);
}

function hostText(name: DomainName): string {
  return name.toString().replace(/\.$/, '').toLowerCase();
}

/** A sentence as the end of another one. */
function asClause(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
