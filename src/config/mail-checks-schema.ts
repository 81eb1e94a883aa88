// The shape of `mail-checks`: what is done with mail for what SPF, DKIM, DMARC and reverse DNS say of its sender.
import { z } from 'zod';
import { addressBlock, count, section, truth } from './values.ts';

export interface MailChecksConfig {
  readonly enabled: boolean;
  /** CIDR blocks of clients whose mail is taken unchecked. */
  readonly exempt: readonly string[];
  /** `mark`: the message is taken, and a field of its header tells. */
  readonly spfFail: 'mark' | 'quarantine' | 'reject';
  readonly iprevFail: 'mark' | 'reject';
  /** `quarantine`: what is to be rejected is quarantined, too. */
  readonly dmarc: 'obey' | 'quarantine' | 'mark';
  /** Where DNS doesn't say what would decide. */
  readonly temporary: 'accept' | 'defer';
  /** Where quarantined mail goes, in accounts that have a mailbox of that name. */
  readonly quarantineMailbox: string;
  readonly reports: DmarcReportsConfig;
}

/** What is counted for the aggregate reports that domains ask for (RFC 9990). */
export interface DmarcReportsConfig {
  /** Days that counts are kept; 0: nothing is counted. */
  readonly days: number;
  /** Rows of one domain and day, at most. */
  readonly rows: number;
}

/** These keys, under the file's own names. */
export interface MailChecksValues {
  readonly enabled: boolean;
  readonly exempt: readonly string[];
  readonly 'spf-fail': MailChecksConfig['spfFail'];
  readonly 'reverse-dns-fail': MailChecksConfig['iprevFail'];
  readonly dmarc: MailChecksConfig['dmarc'];
  readonly temporary: MailChecksConfig['temporary'];
  readonly 'quarantine-mailbox': string;
  readonly 'dmarc-reports': { readonly days: number; readonly 'rows-per-domain': number };
}

const mailboxName = z
  .string({ error: "a mailbox's name, like Junk" })
  .regex(/^[^\p{Cc}]{1,200}$/u, { error: "a mailbox's name of 1 to 200 characters, like Junk" });

export const mailChecksSchema: z.ZodType<MailChecksValues> = z.strictObject(
  {
    enabled: truth.default(true),
    // What comes from this host was handed in here: a program, a filter, a proxy.
    exempt: z
      .array(addressBlock, { error: 'a list of address blocks, like ["127.0.0.0/8", "::1/128"]' })
      .default(['127.0.0.0/8', '::1/128']),
    'spf-fail': z
      .enum(['mark', 'quarantine', 'reject'], { error: 'mark, quarantine or reject' })
      .default('mark'),
    'reverse-dns-fail': z.enum(['mark', 'reject'], { error: 'mark or reject' }).default('mark'),
    dmarc: z.enum(['obey', 'quarantine', 'mark'], { error: 'obey, quarantine or mark' }).default('obey'),
    temporary: z.enum(['accept', 'defer'], { error: 'accept or defer' }).default('accept'),
    'quarantine-mailbox': mailboxName.default('Junk'),
    'dmarc-reports': z
      .strictObject(
        { days: count(0, 90).default(7), 'rows-per-domain': count(1, 1_000_000).default(10_000) },
        { error: section },
      )
      .prefault({}),
  },
  { error: section },
);

export function mailChecksOf(values: MailChecksValues): MailChecksConfig {
  return {
    enabled: values.enabled,
    exempt: values.exempt,
    spfFail: values['spf-fail'],
    iprevFail: values['reverse-dns-fail'],
    dmarc: values.dmarc,
    temporary: values.temporary,
    quarantineMailbox: values['quarantine-mailbox'],
    reports: { days: values['dmarc-reports'].days, rows: values['dmarc-reports']['rows-per-domain'] },
  };
}
