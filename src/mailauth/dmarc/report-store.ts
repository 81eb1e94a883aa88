// What aggregate reports (RFC 9990) are made of: a row for all messages of a day that look alike. The store implements the port.
import type { DkimVerdict, DmarcPolicy, DmarcVerdict, PublishedPolicy, SpfVerdict } from '../verdicts.ts';

export interface ReportRow {
  /** Where the policy was found: whom the report is for. */
  readonly policyDomain: string;
  readonly published: PublishedPolicy;
  /** The client's address. */
  readonly source: string;
  readonly headerFrom: string;
  /** Empty for the empty reverse path. */
  readonly envelopeFrom: string;
  readonly disposition: DmarcPolicy;
  /** Why that isn't what the record asks for (RFC 9990 §3.1): its domain tests, or we do otherwise. */
  readonly override?: 'policy_test_mode' | 'local_policy';
  readonly dkimAligned: boolean;
  readonly spfAligned: boolean;
  readonly spf: Pick<SpfVerdict, 'result' | 'domain' | 'identity'>;
  readonly dkim: readonly Pick<DkimVerdict, 'result' | 'domain' | 'selector'>[];
}

export interface CountedRow extends ReportRow {
  readonly count: number;
}

export interface ReportStore {
  /** Counts one message. `day`: days since the epoch, in UTC. Rows beyond the store's bound for a day are dropped and told of in the log. */
  count(day: number, row: ReportRow): void;
  /** Domains with rows on the day. */
  domains(day: number): Promise<readonly string[]>;
  rows(day: number, policyDomain: string): Promise<readonly CountedRow[]>;
  /** Forgets days before this one. */
  forgetBefore(day: number): Promise<void>;
}

/** The day that a moment (milliseconds since the epoch) is of. */
export function dayOf(moment: number): number {
  return Math.floor(moment / 86_400_000);
}

/** `undefined` where nobody asks for reports. `applied`: what was done with the message, which is ours to decide. */
export function reportRow(
  source: string,
  envelopeFrom: string,
  verdicts: { readonly spf: SpfVerdict; readonly dkim: readonly DkimVerdict[]; readonly dmarc: DmarcVerdict },
  applied: DmarcPolicy,
): ReportRow | undefined {
  const { spf, dkim, dmarc } = verdicts;
  const { published } = dmarc;
  // RFC 9989 §4.7: no report without `rua`. What couldn't be looked up would only make the report wrong.
  if (published === undefined || published.rua.length === 0 || dmarc.result === 'temperror') return undefined;
  const override =
    applied !== dmarc.disposition
      ? 'local_policy'
      : dmarc.result === 'fail' && dmarc.disposition !== dmarc.policy
        ? 'policy_test_mode'
        : undefined;
  return {
    policyDomain: dmarc.policyDomain,
    published,
    source,
    headerFrom: dmarc.authorDomain,
    envelopeFrom,
    disposition: applied,
    ...(override !== undefined && { override }),
    dkimAligned: dmarc.dkimAligned,
    spfAligned: dmarc.spfAligned,
    spf: { result: spf.result, domain: spf.domain, identity: spf.identity },
    dkim: dkim.map(({ result, domain, selector }) => ({ result, domain, selector })),
  };
}
