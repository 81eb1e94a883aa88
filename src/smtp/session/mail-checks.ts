// What is done with a message for what its checks say (RFC 7208 §8, RFC 8601, RFC 9989 §5.4): the operator's choices, and what they come to.
import type { DmarcPolicy, IprevVerdict, MailVerdicts, SpfVerdict } from '../../mailauth/verdicts.ts';
import type { Reply } from '../wire/reply.ts';
import { reply } from './replies.ts';

/** `mark`: the message is taken, and only its Authentication-Results field tells. */
export interface MailCheckPolicy {
  /** Where the client may not send for the domain, and DMARC doesn't pass all the same. `reject` answers RCPT, before DMARC is known. */
  readonly spfFail: 'mark' | 'quarantine' | 'reject';
  /** Where the client's address has no name that leads back to it. */
  readonly iprevFail: 'mark' | 'reject';
  /** `quarantine`: what is to be rejected is quarantined, too. */
  readonly dmarc: 'obey' | 'quarantine' | 'mark';
  /** Where DNS doesn't say what would decide. `defer`: try again later. */
  readonly temporary: 'accept' | 'defer';
  /** The mailbox for what is quarantined, in accounts that have it. */
  readonly quarantineMailbox: string;
}

export const usualMailCheckPolicy: MailCheckPolicy = {
  spfFail: 'mark',
  iprevFail: 'mark',
  dmarc: 'obey',
  temporary: 'accept',
  quarantineMailbox: 'Junk',
};

export interface MailChecks {
  readonly policy: MailCheckPolicy;
  /** Clients whose mail is taken unchecked, by address: our own hosts. */
  readonly isExempt: (address: string) => boolean;
}

/** What is known before the content comes. */
export interface SenderVerdicts {
  readonly spf: SpfVerdict;
  readonly iprev: IprevVerdict;
}

/** Whether a recipient's answer depends on who sends. */
export function decidesBySender({ spfFail, iprevFail }: MailCheckPolicy): boolean {
  return spfFail === 'reject' || iprevFail === 'reject';
}

/** The refusal of a recipient for the sender's sake; `undefined` where there is none. */
export function refuseSender(
  policy: MailCheckPolicy,
  { spf, iprev }: SenderVerdicts,
  address: string,
): Reply | undefined {
  if (policy.iprevFail === 'reject') {
    if (iprev.result === 'fail' || iprev.result === 'permerror') return reply('noReverseName', { address });
    if (iprev.result === 'temperror' && policy.temporary === 'defer')
      return reply('reverseNameUnknown', { address });
  }
  if (policy.spfFail === 'reject') {
    if (spf.result === 'fail') return refuseBySpf(spf, address);
    if (spf.result === 'temperror' && policy.temporary === 'defer')
      return reply('spfUnknown', { domain: spf.domain });
  }
  return undefined;
}

/** RFC 7208 §6.2, §8.4: what the domain's owner says of it is told as the owner's words; a reply has one line, of ASCII, whatever they are. */
function refuseBySpf({ domain, explanation }: SpfVerdict, address: string): Reply {
  return explanation === undefined
    ? reply('spfFail', { domain, address })
    : reply('spfFailExplained', { domain, address, explanation });
}

export type Judgement =
  | { readonly kind: 'take'; readonly applied: 'none' | 'quarantine' }
  | { readonly kind: 'refuse'; readonly applied: 'reject' | 'none'; readonly reply: Reply };

/** At the content's end. `applied`: what is done about the message, in DMARC's words. */
export function judge(policy: MailCheckPolicy, { spf, dmarc, temporary }: MailVerdicts): Judgement {
  const applied = dispositionOf(policy, dmarc.disposition);
  if (applied === 'reject') {
    const refusal = reply('dmarcFail', { domain: dmarc.authorDomain });
    return { kind: 'refuse', applied, reply: refusal };
  }
  if (temporary && policy.temporary === 'defer' && policy.dmarc !== 'mark') {
    const refusal = reply('dmarcUnknown', { domain: dmarc.authorDomain });
    return { kind: 'refuse', applied: 'none', reply: refusal };
  }
  const failsSpf = policy.spfFail === 'quarantine' && spf.result === 'fail' && dmarc.result !== 'pass';
  return { kind: 'take', applied: failsSpf ? 'quarantine' : applied };
}

function dispositionOf({ dmarc }: MailCheckPolicy, asked: DmarcPolicy): DmarcPolicy {
  if (dmarc === 'mark') return 'none';
  return dmarc === 'quarantine' && asked === 'reject' ? 'quarantine' : asked;
}
