// The top of a zone: its SOA and NS records.
import { formatType } from '../wire/rdata/registry.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import { soa } from '../wire/rdata/soa.ts';
import type { SoaData } from '../wire/rdata/soa.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ZoneFaultList } from './zone-fault.ts';
import type { ZoneSurvey } from './zone-survey.ts';

/** RFC 2308 §5: more than a day of "no such name" has caused trouble. */
const longestNegativeTtl = 86_400;

export function checkApex(survey: ZoneSurvey, faults: ZoneFaultList): void {
  const { apex, origin } = survey;
  const name = origin.toString();
  const rrset = survey.rrset(apex, rrType.SOA);
  // RFC 1035 §5.2
  if (rrset === 0) faults.add('error', `the zone ${name} has no SOA record`);
  // RFC 1034 §4.2.1
  if (!survey.has(apex, rrType.NS)) faults.add('error', `the zone ${name} has no NS record`);
  // RFC 4035 §2.4: the parent zone holds it.
  if (survey.has(apex, rrType.DS))
    faults.add('warning', `DS records of ${name} belong to its parent zone`, {
      owner: origin,
      type: rrType.DS,
    });
  const [rdata] = rrset === 0 ? [] : survey.rdatas(apex, rrset);
  const data = rdata === undefined ? undefined : readRdata(soa, rdata);
  if (data === undefined) return;
  for (const message of soaFaults(data))
    faults.add('warning', `the ${formatType(rrType.SOA)} of ${name} ${message}`, {
      owner: origin,
      type: rrType.SOA,
    });
}

/** RFC 1912 §2.2 has the reasons. */
function soaFaults(data: SoaData): readonly string[] {
  const { primary, mailbox, serial, refresh, retry, expire, minimum } = data;
  const messages: string[] = [];
  const add = (wrong: boolean, message: string): void => {
    if (wrong) messages.push(message);
  };
  add(primary.isRoot, 'names no primary server');
  add(mailbox.isRoot, 'names no mailbox');
  add(
    mailbox.label(0).includes(0x40),
    `has the mailbox ${mailbox.toString()}, in which @ must be written as a dot`,
  );
  // RFC 2136 §4.2 and RFC 1982 give 0 no meaning of its own, yet some take it for none.
  add(serial === 0, 'has the serial 0, which some servers take for none');
  add(refresh === 0 || retry === 0, 'makes secondaries ask without a pause: refresh and retry must not be 0');
  add(retry > refresh, `has a retry of ${retry} s, which is longer than its refresh of ${refresh} s`);
  add(
    expire < refresh + retry,
    `has an expire of ${expire} s, so that secondaries give the zone up before they have asked twice`,
  );
  add(
    minimum > longestNegativeTtl,
    `has a minimum of ${minimum} s: so long will resolvers remember that a name does not exist`,
  );
  return messages;
}
