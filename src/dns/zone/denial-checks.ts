// The chains by which a signed zone proves that a name does not exist: NSEC (RFC 4034 §4, RFC 4035 §2.3) and NSEC3 (RFC 5155 §7.1).
// A chain is whole if each record's next name has one too, no two have the same next name, and only the last leads back to the start.
import { latin1ToBytes } from '../../lib/bytes.ts';
import { nsec3Hash } from '../dnssec/nsec3-hash.ts';
import { bytesToBase32Hex } from '../wire/rdata/base32hex.ts';
import { nsec } from '../wire/rdata/nsec.ts';
import { nsec3 } from '../wire/rdata/nsec3.ts';
import type { Nsec3Data } from '../wire/rdata/nsec3.ts';
import { nsec3param } from '../wire/rdata/nsec3param.ts';
import type { Nsec3paramData } from '../wire/rdata/nsec3param.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import { rrType } from '../wire/rr-type.ts';
import type { DomainName } from '../wire/name.ts';
import type { FaultyRecords, ZoneFaultList } from './zone-fault.ts';
import { dnssecTypes } from './zone-survey.ts';
import type { ZoneSurvey } from './zone-survey.ts';

/** Names whose hashes are worth computing to see whether each has its NSEC3: some 2 µs each. */
const mostHashed = 100_000;
const mostIterations = 150;

export function checkDenial(survey: ZoneSurvey, faults: ZoneFaultList): void {
  if (!survey.isSigned) return;
  const [first] = rdatasOf(survey, survey.apex, rrType.NSEC3PARAM);
  const parameters = first === undefined ? undefined : readRdata(nsec3param, first);
  if (parameters !== undefined) checkNsec3(survey, parameters, faults);
  else if (survey.has(survey.apex, rrType.NSEC)) checkNsec(survey, faults);
  else faults.add('warning', `the zone ${survey.origin.toString()} has keys, but no NSEC or NSEC3 records`);
}

function checkNsec(survey: ZoneSurvey, faults: ZoneFaultList): void {
  const chain = new Chain(faults, 'NSEC');
  for (const node of survey.nodes) {
    const [rdata] = rdatasOf(survey, node, rrType.NSEC);
    const about = (type: number): FaultyRecords => ({ owner: survey.name(node), type });
    if (rdata === undefined) {
      const own = survey.rrsets(node).find(({ type }) => !dnssecTypes.has(type));
      // RFC 4035 §2.3: every name with records of the zone's own, and every delegation.
      if (own !== undefined && survey.hiddenBy(node) === 0) chain.missing(survey.name(node), about(own.type));
      continue;
    }
    const data = readRdata(nsec, rdata);
    if (data === undefined) continue;
    const next = survey.find(data.next);
    const owner = survey.name(node);
    const leads = next !== 0 && survey.has(next, rrType.NSEC) ? next : undefined;
    chain.link(
      owner,
      leads,
      data.next.toString(),
      data.next.compare(owner) > 0,
      next === survey.apex,
      about(rrType.NSEC),
    );
  }
  chain.end(survey.origin);
}

function checkNsec3(survey: ZoneSurvey, parameters: Nsec3paramData, faults: ZoneFaultList): void {
  const chain = new Chain(faults, 'NSEC3');
  let optOut = false;
  for (const node of survey.nodes) {
    for (const rdata of rdatasOf(survey, node, rrType.NSEC3)) {
      const data = readRdata(nsec3, rdata);
      // Another chain may be on its way in or out.
      if (data === undefined || !isOfChain(data, parameters)) continue;
      optOut ||= (data.flags & 1) !== 0;
      const owner = survey.name(node);
      const label = bytesToBase32Hex(data.nextHashed);
      const next = survey.origin.prepend(latin1ToBytes(label));
      const found = next === undefined ? 0 : survey.find(next);
      const leads = found !== 0 && survey.has(found, rrType.NSEC3) ? found : undefined;
      const isLater = next !== undefined && next.compare(owner) > 0;
      chain.link(owner, leads, label, isLater, !isLater, { owner, type: rrType.NSEC3 });
    }
  }
  chain.end(survey.origin);
  if (survey.nodes.length > mostHashed || parameters.iterations > mostIterations) return;
  for (const node of survey.nodes) {
    if (!survey.exists(node) || survey.has(node, rrType.NSEC3) || survey.hiddenBy(node) !== 0) continue;
    const owner = survey.name(node);
    const isDelegated = node !== survey.apex && survey.has(node, rrType.NS);
    const [first] = survey.rrsets(node);
    // RFC 5155 §7.1: opt-out leaves out delegations that are not signed, and empty non-terminals that lead to such only.
    if (optOut && (first === undefined || (isDelegated && !survey.has(node, rrType.DS)))) continue;
    const hashed = survey.origin.prepend(latin1ToBytes(bytesToBase32Hex(nsec3Hash(owner, parameters))));
    if (hashed !== undefined && survey.has(survey.find(hashed), rrType.NSEC3)) continue;
    chain.missing(owner, { owner, type: first?.type ?? rrType.NSEC3 });
  }
}

function isOfChain(data: Nsec3Data, { hashAlgorithm, iterations, salt }: Nsec3paramData): boolean {
  return (
    data.hashAlgorithm === hashAlgorithm &&
    data.iterations === iterations &&
    data.salt.length === salt.length &&
    data.salt.every((octet, i) => octet === salt[i])
  );
}

function rdatasOf(survey: ZoneSurvey, node: number, type: number): readonly Uint8Array[] {
  const rrset = survey.rrset(node, type);
  return rrset === 0 ? [] : survey.rdatas(node, rrset);
}

class Chain {
  readonly #faults: ZoneFaultList;
  readonly #type: string;
  readonly #reached = new Set<number>();
  #links = 0;
  #ends = 0;

  constructor(faults: ZoneFaultList, type: string) {
    this.#faults = faults;
    this.#type = type;
  }

  /** A record of the chain. `next`: the node it leads to, if that has one too. */
  link(
    owner: DomainName,
    next: number | undefined,
    nextName: string,
    isLater: boolean,
    mayLeadBack: boolean,
    about: FaultyRecords,
  ): void {
    this.#links += 1;
    const what = (why: string) => (): string => `the ${this.#type} record of ${owner.toString()} ${why}`;
    if (next === undefined) this.#faults.add('warning', what(`leads to ${nextName}, which has none`), about);
    else if (this.#reached.has(next))
      this.#faults.add('warning', what(`leads to ${nextName}, as another one does`), about);
    else if (!isLater && !mayLeadBack)
      this.#faults.add('warning', what(`leads back to ${nextName}, which is not the first name`), about);
    if (next !== undefined) this.#reached.add(next);
    if (!isLater) this.#ends += 1;
  }

  missing(owner: DomainName, about: FaultyRecords): void {
    this.#faults.add('warning', () => `${owner.toString()} has no ${this.#type} record`, about);
  }

  end(origin: DomainName): void {
    if (this.#links > 0 && this.#ends === 1) return;
    const why = this.#links === 0 ? 'has no records' : `leads back ${this.#ends} times instead of once`;
    this.#faults.add('warning', `the ${this.#type} chain of ${origin.toString()} ${why}`);
  }
}
