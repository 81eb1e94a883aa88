// The DNS tree walk of RFC 9989 §4.10: finds a domain's policy records, and by them its organizational domain, in eight questions at most.
import type { DomainName } from '../../dns/wire/name.ts';
import { utf8ToBytes } from '../../lib/bytes.ts';
import type { DnsQuestions } from '../dns-questions.ts';
import { isDmarcRecord, parseDmarcRecord } from './record.ts';
import type { DmarcRecord } from './record.ts';

export interface FoundRecord {
  readonly domain: DomainName;
  readonly record: DmarcRecord;
}

export type Found<Value> =
  { readonly kind: 'found'; readonly value: Value } | { readonly kind: 'failure'; readonly reason: string };

/** RFC 9989 §4.10, step 4: after the whole name, this many labels are left. */
const labelsAfterJump = 7;
const label = utf8ToBytes('_dmarc');

/** The one record at a domain. Several are none (RFC 9989 §4.10, step 2). */
export async function findRecord(
  questions: DnsQuestions,
  domain: DomainName,
): Promise<Found<DmarcRecord | undefined>> {
  const name = domain.prepend(label);
  if (name === undefined) return { kind: 'found', value: undefined };
  const answer = await questions.texts(name);
  if (answer.kind === 'failure') return answer;
  const [text, second] = answer.kind === 'found' ? answer.values.filter(isDmarcRecord) : [];
  const single = text === undefined || second !== undefined ? undefined : parseDmarcRecord(text);
  return { kind: 'found', value: single };
}

/** The records from `start` upwards, the longest name first. */
export async function walkTree(
  questions: DnsQuestions,
  start: DomainName,
): Promise<Found<readonly FoundRecord[]>> {
  const records: FoundRecord[] = [];
  for (let domain = start; !domain.isRoot;) {
    const found = await findRecord(questions, domain);
    if (found.kind === 'failure') return found;
    if (found.value !== undefined) {
      records.push({ domain, record: found.value });
      if (found.value.psd !== 'u') break;
    }
    domain = domain.ancestor(domain.labelCount > labelsAfterJump ? labelsAfterJump : domain.labelCount - 1);
  }
  return { kind: 'found', value: records };
}

/** RFC 9989 §4.10.2. `records`: what a walk from `start` found. */
export function organizationalDomain(start: DomainName, records: readonly FoundRecord[]): DomainName {
  for (const { domain, record } of records) {
    if (record.psd === 'n') return domain;
    if (record.psd === 'y' && !domain.equals(start)) return start.ancestor(domain.labelCount + 1);
  }
  return records.at(-1)?.domain ?? start;
}
