// Keys, signatures and proofs of a zone that was signed elsewhere, as far as they can be judged without checking signatures
// themselves: that would take longer than all the rest of loading (RFC 4034, RFC 4035 §2, RFC 5155 §7.1).
import { formatType } from '../wire/rdata/registry.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import { dnskey } from '../wire/rdata/dnskey.ts';
import { nsec3param } from '../wire/rdata/nsec3param.ts';
import { rrsig } from '../wire/rdata/rrsig.ts';
import type { RrsigData } from '../wire/rdata/rrsig.ts';
import { rrType } from '../wire/rr-type.ts';
import { isLater } from '../wire/serial-arithmetic.ts';
import type { FaultyRecords, ZoneFaultList } from './zone-fault.ts';
import type { SurveyedRRset, ZoneSurvey } from './zone-survey.ts';

/** At a cut only these are the zone's own, and so signed (RFC 4035 §2.2). */
const signedAtCut: ReadonlySet<number> = new Set([rrType.DS, rrType.NSEC]);

/** One name that is not hidden. `now`: seconds since the epoch, where the times of signatures count. */
export function checkSigned(
  survey: ZoneSurvey,
  node: number,
  rrsets: readonly SurveyedRRset[],
  now: number | undefined,
  faults: ZoneFaultList,
): void {
  const isApex = node === survey.apex;
  const isCut = !isApex && survey.has(node, rrType.NS);
  for (const each of rrsets) {
    const { type, rrset } = each;
    switch (type) {
      case rrType.DS:
        // RFC 4035 §2.4
        if (!isApex && !isCut)
          warn(survey, node, type, 'mean nothing: there are no NS records, so nothing is delegated', faults);
        break;
      case rrType.DNSKEY:
        if (!isApex) warn(survey, node, type, "mean nothing: a zone's keys stand at its top", faults);
        checkKeys(survey, node, rrset, faults);
        break;
      case rrType.NSEC3PARAM:
        if (isApex) checkParameters(survey, node, rrset, faults);
        else warn(survey, node, type, 'mean nothing: they stand at the top of a zone', faults);
        break;
      case rrType.RRSIG:
        checkSignatures(survey, node, each, now, faults);
        break;
      default:
    }
    if (!survey.isSigned || type === rrType.RRSIG || (isCut && !signedAtCut.has(type))) continue;
    // RFC 4035 §2.2
    if (survey.rrset(node, rrType.RRSIG, type) === 0)
      warn(survey, node, type, 'are not signed, though the zone is', faults);
  }
}

function warn(survey: ZoneSurvey, node: number, type: number, why: string, faults: ZoneFaultList): void {
  const about: FaultyRecords = { owner: survey.name(node), type };
  faults.add('warning', () => `the ${formatType(type)} records of ${about.owner.toString()} ${why}`, about);
}

/** RFC 4034 §2.1 */
function checkKeys(survey: ZoneSurvey, node: number, rrset: number, faults: ZoneFaultList): void {
  for (const rdata of survey.rdatas(node, rrset)) {
    const key = readRdata(dnskey, rdata);
    if (key === undefined) continue;
    if (key.protocol !== 3)
      warn(survey, node, rrType.DNSKEY, `have the protocol ${key.protocol}, which must be 3`, faults);
    if ((key.flags & 0x100) === 0)
      warn(
        survey,
        node,
        rrType.DNSKEY,
        `have a key with the flags ${key.flags}, which is none of a zone`,
        faults,
      );
  }
}

/** RFC 5155 §4.1.2, RFC 9276 §3.1 */
function checkParameters(survey: ZoneSurvey, node: number, rrset: number, faults: ZoneFaultList): void {
  for (const rdata of survey.rdatas(node, rrset)) {
    const data = readRdata(nsec3param, rdata);
    if (data === undefined) continue;
    if (data.hashAlgorithm !== 1)
      warn(survey, node, rrType.NSEC3PARAM, `have the unknown hash algorithm ${data.hashAlgorithm}`, faults);
    if (data.flags !== 0)
      warn(survey, node, rrType.NSEC3PARAM, `have the flags ${data.flags}, which must be 0`, faults);
    if (data.iterations > 0)
      warn(
        survey,
        node,
        rrType.NSEC3PARAM,
        `ask for ${data.iterations} more rounds of hashing; it should be 0`,
        faults,
      );
  }
}

function checkSignatures(
  survey: ZoneSurvey,
  node: number,
  { covered, rrset }: SurveyedRRset,
  now: number | undefined,
  faults: ZoneFaultList,
): void {
  const signed = survey.rrset(node, covered);
  for (const rdata of survey.rdatas(node, rrset)) {
    const data = readRdata(rrsig, rdata);
    if (data === undefined) continue;
    const ttl = signed === 0 ? undefined : survey.ttl(signed);
    const why = signatureFault(survey, node, data, ttl, survey.ttl(rrset), now);
    if (why === undefined) continue;
    const about: FaultyRecords = { owner: survey.name(node), type: rrType.RRSIG };
    faults.add(
      'warning',
      () => `the signature of ${about.owner.toString()} ${formatType(covered)} ${why}`,
      about,
    );
  }
}

/** RFC 4034 §3.1, RFC 4035 §5.3.1 */
function signatureFault(
  survey: ZoneSurvey,
  node: number,
  data: RrsigData,
  signedTtl: number | undefined,
  ttl: number,
  now: number | undefined,
): string | undefined {
  if (signedTtl === undefined) return 'covers records that are not there';
  if (now !== undefined && isLater(now >>> 0, data.expiration))
    return `expired at ${formatTime(data.expiration)}`;
  if (now !== undefined && isLater(data.inception, now >>> 0))
    return `is not valid before ${formatTime(data.inception)}`;
  if (!data.signer.equals(survey.origin)) return `names ${data.signer.toString()} as its signer`;
  const labels = survey.name(node).labelCount - (survey.image.isWildcard(node) ? 1 : 0);
  if (data.labels > labels) return `is for a name of ${data.labels} labels`;
  if (ttl !== signedTtl) return `has a TTL of ${ttl}, where what it signs has ${signedTtl}`;
  return undefined;
}

/** Seconds since the epoch, in the 68 years around 2038 (RFC 4034 §3.1.5). */
function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}
