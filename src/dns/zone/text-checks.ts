// TXT records that are read by programs, and by them as one policy: SPF (RFC 7208) and DMARC (RFC 7489).
import { bytesToLatin1 } from '../../lib/bytes.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ZoneFaultList } from './zone-fault.ts';
import type { SurveyedRRset, ZoneSurvey } from './zone-survey.ts';

interface Policy {
  readonly name: string;
  readonly version: RegExp;
  readonly onlyBelow: string | undefined;
  readonly consequence: string;
}

const policies: readonly Policy[] = [
  // RFC 7208 §3.2, §4.5
  {
    name: 'SPF',
    version: /^v=spf1(?: |$)/i,
    onlyBelow: undefined,
    consequence: 'receivers then take none of them (permerror)',
  },
  // RFC 7489 §6.6.3
  {
    name: 'DMARC',
    version: /^v=DMARC1/,
    onlyBelow: '_dmarc',
    consequence: 'receivers then take none of them',
  },
];

export function checkTexts(
  survey: ZoneSurvey,
  node: number,
  rrsets: readonly SurveyedRRset[],
  faults: ZoneFaultList,
): void {
  const txt = rrsets.find(({ type }) => type === rrType.TXT);
  // One text can't be two policies.
  if (txt === undefined || survey.image.rrsetRecords(txt.rrset) < 2) return;
  const owner = survey.name(node);
  const texts = survey.rdatas(node, txt.rrset).map(joined);
  for (const { name, version, onlyBelow, consequence } of policies) {
    if (onlyBelow !== undefined && bytesToLatin1(owner.label(0)).toLowerCase() !== onlyBelow) continue;
    const count = texts.filter((text) => version.test(text)).length;
    if (count < 2) continue;
    const what = `${owner.toString()} has ${count} ${name} policies`;
    faults.add('warning', `${what}; ${consequence}`, { owner, type: rrType.TXT });
  }
}

/** The strings of a TXT record as one, which is how they are read (RFC 7208 §3.3). */
function joined(rdata: Uint8Array): string {
  let text = '';
  for (let at = 0; at < rdata.length; at += (rdata[at] ?? 0) + 1) {
    text += bytesToLatin1(rdata.subarray(at + 1, at + 1 + (rdata[at] ?? 0)));
  }
  return text;
}
