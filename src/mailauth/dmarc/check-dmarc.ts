// DMARC (RFC 9989 §5.3): whether what SPF and DKIM have proved is the author's domain, and what that domain asks for where it isn't.
import type { DomainName } from '../../dns/wire/name.ts';
import { questionName, shownName } from '../dns-questions.ts';
import type { DnsQuestions } from '../dns-questions.ts';
import type { MessageHeader } from '../message-header.ts';
import type { DkimVerdict, DmarcPolicy, DmarcVerdict, SpfVerdict } from '../verdicts.ts';
import { authorDomains } from './author-domains.ts';
import type { DmarcRecord } from './record.ts';
import { findRecord, organizationalDomain, walkTree } from './tree-walk.ts';
import type { Found, FoundRecord } from './tree-walk.ts';

/** A From field with more different domains is nobody's. */
const mostDomains = 4;

export interface Proofs {
  readonly spf: SpfVerdict;
  readonly dkim: readonly DkimVerdict[];
}

/**
 * Where From has several domains, each is checked, and the verdict is the one that asks for most: a second address must not free the
 * first one of its owner's policy (RFC 9989 §5.3.1 leaves it to the receiver).
 */
export async function checkDmarc(
  header: MessageHeader,
  proofs: Proofs,
  questions: DnsQuestions,
): Promise<DmarcVerdict> {
  const { domains, broken } = authorDomains(header);
  const [first] = domains;
  if (first === undefined) return nobody('permerror', '', 'From names no domain');
  if (broken || domains.length > mostDomains)
    return nobody('permerror', shownName(first), "From has addresses that can't be read, or too many");
  let worst: DmarcVerdict | undefined;
  for (const domain of domains) {
    const verdict = await checkDomain(domain, proofs, questions);
    if (worst === undefined || severity(verdict) > severity(worst)) worst = verdict;
  }
  return worst ?? nobody('permerror', '', 'From names no domain');
}

const severities = { none: 0, quarantine: 4, reject: 5 } as const;

function severity(verdict: DmarcVerdict): number {
  const results = { pass: 0, none: 0, fail: 1, permerror: 2, temperror: 3 } as const;
  return Math.max(severities[verdict.disposition], results[verdict.result]);
}

function nobody(
  result: 'none' | 'temperror' | 'permerror',
  authorDomain: string,
  reason: string,
): DmarcVerdict {
  return {
    result,
    reason,
    authorDomain,
    policyDomain: '',
    policy: 'none',
    testing: false,
    disposition: 'none',
    spfAligned: false,
    dkimAligned: false,
  };
}

async function checkDomain(
  author: DomainName,
  proofs: Proofs,
  questions: DnsQuestions,
): Promise<DmarcVerdict> {
  const shown = shownName(author);
  const found = await findPolicy(author, questions);
  if (found.kind === 'failure')
    return nobody('temperror', shown, `its policy can't be looked up: ${found.reason}`);
  if (found.value === undefined) return nobody('none', shown, `${shown} has no DMARC record`);
  const { domain, record } = found.value;
  const asked = await policyFor(author, domain, record, questions);
  if (asked.kind === 'failure')
    return nobody('temperror', shown, `whether it exists can't be looked up: ${asked.reason}`);
  const alignment = new Alignment(author, questions);
  const spf = proofs.spf.result === 'pass' ? await alignment.of(proofs.spf.domain, record.aspf) : 'no';
  const dkim = await anyAligned(alignment, proofs.dkim, record);
  const [spfAligned, dkimAligned] = [spf === 'yes', dkim === 'yes'];
  const passed = spfAligned || dkimAligned;
  const facts = {
    authorDomain: shown,
    policyDomain: shownName(domain),
    policy: asked.value,
    testing: record.testing,
    spfAligned,
    dkimAligned,
    published: record,
  };
  if (passed) {
    const by = !spfAligned ? 'DKIM speaks' : dkimAligned ? 'DKIM and SPF speak' : 'SPF speaks';
    return { ...facts, result: 'pass', reason: `${by} for ${shown}`, disposition: 'none' };
  }
  // RFC 9989 §5.3.6: what DNS couldn't say might have been the proof.
  const open =
    [spf, dkim].includes('unknown') ||
    (proofs.spf.result === 'temperror' && (await alignment.of(proofs.spf.domain, record.aspf)) !== 'no') ||
    (await anyOpen(alignment, proofs.dkim, record));
  if (open)
    return { ...facts, result: 'temperror', reason: "a proof can't be looked up", disposition: 'none' };
  const disposition = record.testing ? oneLess(asked.value) : asked.value;
  return { ...facts, result: 'fail', reason: `neither SPF nor DKIM speaks for ${shown}`, disposition };
}

/** RFC 9989 §4.10.1: the author's own record, else its organization's, else its public suffix's. */
async function findPolicy(
  author: DomainName,
  questions: DnsQuestions,
): Promise<Found<FoundRecord | undefined>> {
  const own = await findRecord(questions, author);
  if (own.kind === 'failure') return own;
  if (own.value !== undefined) return usable({ domain: author, record: own.value });
  const walk = await walkTree(questions, author);
  if (walk.kind === 'failure') return walk;
  const organization = organizationalDomain(author, walk.value);
  return usable(
    walk.value.find(({ domain }) => domain.equals(organization)) ??
      walk.value.find(({ record }) => record.psd === 'y'),
  );
}

function usable(found: FoundRecord | undefined): Found<FoundRecord | undefined> {
  return { kind: 'found', value: found?.record.applies === true ? found : undefined };
}

async function policyFor(
  author: DomainName,
  domain: DomainName,
  record: DmarcRecord,
  questions: DnsQuestions,
): Promise<Found<DmarcPolicy>> {
  if (author.equals(domain)) return { kind: 'found', value: record.p };
  const existing = record.sp ?? record.p;
  if (record.np === undefined || record.np === existing) return { kind: 'found', value: existing };
  // RFC 9989 §3.2.13: a name doesn't exist if DNS says so of it, whatever is asked for.
  const answer = await questions.texts(author);
  if (answer.kind === 'failure') return answer;
  const absent = answer.kind === 'void' && !answer.exists;
  return { kind: 'found', value: absent ? record.np : existing };
}

/** RFC 9989 §4.7, `t`. */
function oneLess(policy: DmarcPolicy): DmarcPolicy {
  return policy === 'reject' ? 'quarantine' : 'none';
}

type Aligned = 'yes' | 'no' | 'unknown';

/** RFC 9989 §4.4, §4.10.2. */
class Alignment {
  readonly #author: DomainName;
  readonly #questions: DnsQuestions;
  #organization: Promise<DomainName | undefined> | undefined;

  constructor(author: DomainName, questions: DnsQuestions) {
    this.#author = author;
    this.#questions = questions;
  }

  async of(identifier: string, mode: 'r' | 's'): Promise<Aligned> {
    const domain = questionName(identifier);
    if (domain === undefined) return 'no';
    if (domain.equals(this.#author)) return 'yes';
    if (mode === 's' || domain.commonLabels(this.#author) === 0) return 'no';
    this.#organization ??= this.#organizationOf(this.#author);
    const organization = await this.#organization;
    if (organization === undefined) return 'unknown';
    // What isn't in the author's organization needs no walk of its own.
    if (!domain.isAtOrBelow(organization)) return 'no';
    const other = await this.#organizationOf(domain);
    return other === undefined ? 'unknown' : other.equals(organization) ? 'yes' : 'no';
  }

  async #organizationOf(domain: DomainName): Promise<DomainName | undefined> {
    const walk = await walkTree(this.#questions, domain);
    return walk.kind === 'failure' ? undefined : organizationalDomain(domain, walk.value);
  }
}

async function anyAligned(
  alignment: Alignment,
  verdicts: readonly DkimVerdict[],
  record: DmarcRecord,
): Promise<Aligned> {
  let best: Aligned = 'no';
  for (const { result, domain, testing } of verdicts) {
    // RFC 6376 §3.6.1: a signature of a domain that tests counts as little as none.
    if (result !== 'pass' || testing === true) continue;
    const aligned = await alignment.of(domain, record.adkim);
    if (aligned === 'yes') return aligned;
    if (aligned === 'unknown') best = aligned;
  }
  return best;
}

async function anyOpen(
  alignment: Alignment,
  verdicts: readonly DkimVerdict[],
  record: DmarcRecord,
): Promise<boolean> {
  for (const { result, domain } of verdicts) {
    if (result === 'temperror' && (await alignment.of(domain, record.adkim)) !== 'no') return true;
  }
  return false;
}
