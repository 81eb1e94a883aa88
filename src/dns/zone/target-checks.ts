// Names in the data of records that the zone itself should know: those of name servers, mail servers and services.
import type { DomainName } from '../wire/name.ts';
import { formatType } from '../wire/rdata/registry.ts';
import { rrType } from '../wire/rr-type.ts';
import { rrsetEntry, targetFlag } from './image-layout.ts';
import { isHostLabel } from './host-name-checks.ts';
import { targetOf } from './targets.ts';
import type { ZoneFaultList } from './zone-fault.ts';
import { ending } from './zone-image.ts';
import type { SurveyedRRset, ZoneSurvey } from './zone-survey.ts';

/** RFC 952, RFC 1123 §2.1: the targets of these are hosts. How many octets of their data come before the name. */
const hostTypes: ReadonlyMap<number, number> = new Map([
  [rrType.NS, 0],
  [rrType.MX, 2],
  [rrType.SRV, 6],
]);

export function checkTargets(
  survey: ZoneSurvey,
  node: number,
  rrsets: readonly SurveyedRRset[],
  faults: ZoneFaultList,
): void {
  for (const { type, rrset } of rrsets) {
    const wrong = wrongTargets(survey, type, rrset);
    if (wrong === undefined && type !== rrType.CNAME && !hasOddName(survey, type, rrset)) continue;
    const owner = survey.name(node);
    for (const rdata of survey.rdatas(node, rrset)) {
      const target = targetName(owner, type, rdata);
      if (target === undefined) continue;
      const problem = wrong?.get(target.key) ?? nameProblem(owner, target, type);
      if (problem === undefined) continue;
      wrong?.delete(target.key);
      const what = `the ${formatType(type)} of ${owner.toString()} names ${target.toString()}`;
      faults.add('warning', `${what}, ${problem}`, { owner, type });
    }
  }
}

/** Names of this zone that an RRset points to, by key, and what is wrong with them. */
function wrongTargets(survey: ZoneSurvey, type: number, rrset: number): Map<string, string> | undefined {
  const { image } = survey;
  const targets = image.rrsetTargets(rrset);
  const first = image.fixesAt(rrset) + image.rrsetFixes(rrset);
  let wrong: Map<string, string> | undefined;
  for (let i = 0; i < targets; i++) {
    const below = ((image.words[first + i * 2] ?? 0) & targetFlag.inDomain) !== 0;
    const target = image.words[first + i * 2 + 1] ?? 0;
    const problem = target === 0 ? undefined : targetProblem(survey, target, type, below);
    if (problem === undefined) continue;
    wrong ??= new Map();
    wrong.set(survey.name(target).key, problem);
  }
  return wrong;
}

/**
 * Whether some name in the data deserves a closer look: it has a label that is no host's, or one of digits only. The octets are looked at
 * where they lie, as a zone of delegations has little else than such names; what a pointer leads to was looked at before.
 */
function hasOddName(survey: ZoneSurvey, type: number, rrset: number): boolean {
  const skip = hostTypes.get(type);
  if (skip === undefined) return false;
  const { image } = survey;
  const { bytes } = image;
  let record = (rrset + rrsetEntry.octets) * 4;
  for (let count = image.rrsetRecords(rrset); count > 0; count--) {
    const length = ((bytes[record + 10] ?? 0) << 8) | (bytes[record + 11] ?? 0);
    let at = record + 12 + skip;
    for (let label = bytes[at] ?? 0; label > 0 && label < 0xc0; label = bytes[at] ?? 0) {
      if (!isHostLabel(bytes, at + 1, at + 1 + label) || isNumber(bytes, at + 1, at + 1 + label)) return true;
      at += label + 1;
    }
    record += 12 + length;
  }
  return false;
}

function isNumber(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((bytes[at] ?? 0) > 0x39 || (bytes[at] ?? 0) < 0x30) return false;
  return true;
}

function targetName(owner: DomainName, type: number, rdata: Uint8Array): DomainName | undefined {
  // An alias has no additional data, and so is no target of its own.
  return type === rrType.CNAME ? targetOf(owner, rrType.NS, rdata)?.name : targetOf(owner, type, rdata)?.name;
}

/** What is wrong with a target in this zone. */
function targetProblem(
  survey: ZoneSurvey,
  target: number,
  type: number,
  isBelowCut: boolean,
): string | undefined {
  const isService = type === rrType.SVCB || type === rrType.HTTPS;
  if (survey.exists(target)) {
    // RFC 2181 §10.3, RFC 2782; a service binding's target may be one (RFC 9460 §3).
    if (survey.has(target, rrType.CNAME))
      return isService ? undefined : 'which is an alias (CNAME) and must not be';
    if (survey.hasAddress(target)) return undefined;
    if (survey.rrsets(target).length > 0 || survey.hiddenBy(target) === 0) return 'which has no address';
  }
  const found = survey.search(target);
  switch (found.ending) {
    case ending.cut:
      // Below another cut the address may come from there; below its own nobody else has it (RFC 1034 §4.2.1).
      return type === rrType.NS && isBelowCut ? 'which needs an address here (glue)' : undefined;
    case ending.dname:
      return isService ? undefined : 'which a DNAME makes an alias, and must not be one';
    case ending.wildcard:
      if (survey.has(found.node, rrType.CNAME))
        return isService ? undefined : 'which is an alias (CNAME) and must not be';
      return survey.hasAddress(found.node) ? undefined : 'which has no address';
    default:
      return 'which does not exist';
  }
}

/** What can be seen of a name by itself. */
function nameProblem(owner: DomainName, target: DomainName, type: number): string | undefined {
  if (type === rrType.CNAME) return target.equals(owner) ? 'which is itself' : undefined;
  if (!hostTypes.has(type)) return undefined;
  if (isAddress(target)) return 'which is an address; a name must stand there';
  for (let i = 0; i < target.labelCount; i++) {
    const label = target.label(i);
    if (!isHostLabel(label, 0, label.length))
      return 'which is no host name: letters, digits and hyphens make one';
  }
  return undefined;
}

/** An IPv4 address that was taken for a name. */
function isAddress(name: DomainName): boolean {
  return name.labelCount === 4 && /^(?:\d{1,3}\.){4}$/.test(name.toString());
}
