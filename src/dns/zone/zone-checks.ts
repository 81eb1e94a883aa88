// What makes the records in an image a zone that can be served, and what only looks like a mistake in one. An error refuses the
// zone. One pass over its names; the parts are in `*-checks.ts`.
import { unreachable } from '../../lib/result.ts';
import { formatType } from '../wire/rdata/registry.ts';
import { rrType } from '../wire/rr-type.ts';
import { checkApex } from './apex-checks.ts';
import { checkDenial } from './denial-checks.ts';
import { checkSigned } from './dnssec-checks.ts';
import { checkHostNames } from './host-name-checks.ts';
import type { BuildNote } from './image-builder.ts';
import { nodeState, stateFlag } from './image-layout.ts';
import { checkTargets } from './target-checks.ts';
import { checkTexts } from './text-checks.ts';
import type { ZoneFaultList } from './zone-fault.ts';
import type { ZoneImage } from './zone-image.ts';
import { ZoneSurvey, dnssecTypes } from './zone-survey.ts';
import type { SurveyedRRset } from './zone-survey.ts';

/** At a cut these have a use (RFC 2181 §6.1); a DNAME there is an error of its own. */
const cutTypes: ReadonlySet<number> = new Set([
  rrType.NS,
  rrType.DS,
  rrType.DNAME,
  rrType.A,
  rrType.AAAA,
  ...dnssecTypes,
]);
/** Below a cut: glue, and what a signer may have left. */
const glueTypes: ReadonlySet<number> = new Set([rrType.A, rrType.AAAA, ...dnssecTypes]);

/**
 * Looks at the zone that stands there in the image. `notes`: what building it came across. `now`: seconds since the epoch, for
 * signatures; without it their times are not looked at. The zone may have no SOA.
 */
export function checkZone(
  image: ZoneImage,
  zone: number,
  notes: readonly BuildNote[],
  now: number | undefined,
  faults: ZoneFaultList,
): void {
  checkNotes(notes, faults);
  const survey = new ZoneSurvey(image, zone);
  checkApex(survey, faults);
  for (const node of survey.nodes) {
    if (!survey.exists(node)) continue;
    checkHostNames(survey, node, faults);
    if (isPlain(survey, node)) continue;
    const rrsets = survey.rrsets(node);
    checkSingles(survey, node, rrsets, faults);
    checkBesides(survey, node, rrsets, faults);
    const hidden = checkHidden(survey, node, rrsets, faults);
    if (!hidden) {
      checkTargets(survey, node, rrsets, faults);
      checkSigned(survey, node, rrsets, now, faults);
    }
    checkTexts(survey, node, rrsets, faults);
  }
  checkDenial(survey, faults);
}

/** Addresses and nothing else, in a zone where that can't be wrong: nearly every name of a large zone. */
function isPlain(survey: ZoneSurvey, node: number): boolean {
  if (survey.hasDnames || survey.isSigned) return false;
  const { words } = survey.image;
  const state = survey.state(node);
  const count = (words[state + nodeState.meta] ?? 0) & 0xffff;
  for (let i = 0; i < count; i++) {
    const type = (words[state + nodeState.directory + i * 2] ?? 0) >>> 16;
    if (type !== rrType.A && type !== rrType.AAAA) return false;
  }
  return true;
}

function checkNotes(notes: readonly BuildNote[], faults: ZoneFaultList): void {
  for (const note of notes) {
    const { kind, owner, type, ttl, octets } = note;
    const what = `the records of ${owner.toString()} ${formatType(type)}`;
    switch (kind) {
      case 'ttls':
        // RFC 2181 §5.2: the records of a set have one TTL; where they don't, the least is safe for all of them.
        faults.add('warning', `${what} have different TTLs; ${ttl} is used for all`, note);
        break;
      case 'repeated':
        // RFC 2181 §5
        faults.add(
          'warning',
          `${what} are not all different: what is there more than once counts once`,
          note,
        );
        break;
      case 'too-large':
        faults.add('error', `${what} have ${octets} octets, too many for one message`, note);
        break;
      default:
        unreachable(kind);
    }
  }
}

/** Types that a name has one record of at most. */
function checkSingles(
  survey: ZoneSurvey,
  node: number,
  rrsets: readonly SurveyedRRset[],
  faults: ZoneFaultList,
): void {
  for (const { type, rrset } of rrsets) {
    if (type !== rrType.SOA && type !== rrType.CNAME && type !== rrType.DNAME) continue;
    const records = survey.image.rrsetRecords(rrset);
    if (records < 2) continue;
    const owner = survey.name(node);
    // RFC 1035 §5.2, RFC 2181 §10.1, RFC 6672 §2.4
    const what = `${owner.toString()} has ${records} ${formatType(type)} records`;
    faults.add('error', `${what}; one is all there can be`, { owner, type });
  }
}

function checkBesides(
  survey: ZoneSurvey,
  node: number,
  rrsets: readonly SurveyedRRset[],
  faults: ZoneFaultList,
): void {
  if (survey.has(node, rrType.CNAME)) {
    const owner = survey.name(node);
    const other = rrsets.find(({ type }) => type !== rrType.CNAME && !dnssecTypes.has(type));
    // RFC 1034 §3.6.2, RFC 2181 §10.1
    if (other !== undefined)
      faults.add('error', `${owner.toString()} has a CNAME and also ${formatType(other.type)} records`, {
        owner,
        type: rrType.CNAME,
      });
  }
  const redirected = survey.has(node, rrType.DNAME);
  const delegated = survey.has(node, rrType.NS) && node !== survey.apex;
  // RFC 6672 §2.3
  if (redirected && delegated)
    faults.add('error', `${survey.name(node).toString()} is delegated by NS records and can have no DNAME`, {
      owner: survey.name(node),
      type: rrType.DNAME,
    });
  if (!survey.image.isWildcard(node) || node === survey.apex) return;
  // RFC 4592 §4.2 and §4.4 leave open what these mean, and servers differ.
  for (const type of [rrType.DNAME, rrType.NS]) {
    if (!survey.has(node, type)) continue;
    const owner = survey.name(node);
    const what = `${formatType(type)} records of a wildcard, ${owner.toString()}, mean nothing`;
    faults.add('warning', what, { owner, type });
  }
}

/** What a cut or a DNAME hides; gives whether the name is below one. */
function checkHidden(
  survey: ZoneSurvey,
  node: number,
  rrsets: readonly SurveyedRRset[],
  faults: ZoneFaultList,
): boolean {
  const isCut = node !== survey.apex && survey.has(node, rrType.NS);
  const above = survey.hiddenBy(node);
  if (above === 0 && !isCut) return false;
  const owner = survey.name(node);
  const redirected = above !== 0 && !survey.image.has(survey.state(above), stateFlag.cut);
  if (redirected) {
    const first = rrsets.find(({ type }) => !dnssecTypes.has(type));
    // RFC 6672 §2.4. NSEC3 records and their signatures stand below the apex whatever the apex has.
    if (first !== undefined)
      faults.add(
        'error',
        `${owner.toString()} stands below ${survey.name(above).toString()}, which a DNAME redirects`,
        { owner, type: first.type },
      );
    return true;
  }
  for (const { type } of rrsets) {
    if ((above === 0 ? cutTypes : glueTypes).has(type)) continue;
    const cut = above === 0 ? owner : survey.name(above);
    const why = `${cut.toString()} is delegated to other servers`;
    faults.add('warning', `${owner.toString()} ${formatType(type)} is never given out: ${why}`, {
      owner,
      type,
    });
  }
  return above !== 0;
}
