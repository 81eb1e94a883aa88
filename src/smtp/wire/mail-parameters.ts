// The parameters of MAIL: SIZE (RFC 1870), BODY (RFC 6152, RFC 3030), SMTPUTF8 (RFC 6531), AUTH (RFC 4954 §5), RET and ENVID (RFC
// 3461), REQUIRETLS (RFC 8689), BY (RFC 2852), HOLDFOR and HOLDUNTIL (RFC 4865), MT-PRIORITY (RFC 6710). Whether one is offered here is the
// session's matter.
import type { MailAddress } from '../../lib/mail-address.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { CommandFault } from './command.ts';
import type { Parameter } from './parameters.ts';
import { parseMailAddress } from './path.ts';
import { decodeXtext } from '../../lib/xtext.ts';

/** What wasn't said isn't there. */
export interface MailParameters {
  /** Octets that the client says the message has; infinite where it wrote more digits than a number holds. */
  readonly size?: number;
  readonly body?: '7BIT' | '8BITMIME' | 'BINARYMIME';
  readonly smtpUtf8?: true;
  /** Who submitted the message first, as the client says; `none` is `AUTH=<>`. */
  readonly submitter?: MailAddress | 'none';
  /** RET */
  readonly returns?: 'full' | 'headers';
  /** ENVID: printable ASCII. */
  readonly envelopeId?: string;
  readonly requireTls?: true;
  /** BY. `seconds` from now; 0 and less only for `notify`. */
  readonly deliverBy?: {
    readonly seconds: number;
    readonly mode: 'return' | 'notify';
    readonly trace: boolean;
  };
  /** HOLDFOR: seconds from now. */
  readonly holdFor?: number;
  /** HOLDUNTIL: milliseconds since the epoch. */
  readonly holdUntil?: number;
  /** -9 to 9. */
  readonly priority?: number;
}

/** Where an extension isn't offered everywhere, its keywords are looked for by this. */
export const mailKeywords: {
  readonly RET: 'returns';
  readonly ENVID: 'envelopeId';
  readonly REQUIRETLS: 'requireTls';
  readonly BY: 'deliverBy';
  readonly HOLDFOR: 'holdFor';
  readonly HOLDUNTIL: 'holdUntil';
  readonly 'MT-PRIORITY': 'priority';
} = {
  RET: 'returns',
  ENVID: 'envelopeId',
  REQUIRETLS: 'requireTls',
  BY: 'deliverBy',
  HOLDFOR: 'holdFor',
  HOLDUNTIL: 'holdUntil',
  'MT-PRIORITY': 'priority',
};

export function parseMailParameters(parameters: readonly Parameter[]): Result<MailParameters, CommandFault> {
  let known: MailParameters = {};
  for (const { keyword, value } of parameters) {
    const read = readMailParameter(keyword, value);
    if (!read.ok) return read;
    known = { ...known, ...read.value };
  }
  return ok(known);
}

function readMailParameter(keyword: string, value: string | undefined): Result<MailParameters, CommandFault> {
  switch (keyword) {
    // size-value = 1*20DIGIT                               (RFC 1870 §4)
    case 'SIZE':
      return value !== undefined && /^[0-9]{1,20}$/.test(value)
        ? ok({ size: Number(value) })
        : wrong('SIZE needs a number of octets.');
    // body-value = "7BIT" / "8BITMIME" / "BINARYMIME"      (RFC 6152 §2, RFC 3030 §3)
    case 'BODY': {
      const body = value?.toUpperCase();
      return body === '7BIT' || body === '8BITMIME' || body === 'BINARYMIME'
        ? ok({ body })
        : wrong('BODY is 7BIT, 8BITMIME or BINARYMIME.');
    }
    // RFC 6531 §3.4: without a value
    case 'SMTPUTF8':
      return value === undefined ? ok({ smtpUtf8: true }) : wrong('SMTPUTF8 takes no value.');
    // "AUTH=" xtext, which stands for a mailbox or <>      (RFC 4954 §5)
    case 'AUTH': {
      const submitter = value === undefined ? undefined : readSubmitter(value);
      return submitter === undefined ? wrong('AUTH needs an address as xtext, or <>.') : ok({ submitter });
    }
    // ret-value = "FULL" / "HDRS"                          (RFC 3461 §4.3)
    case 'RET': {
      const returns = value?.toUpperCase();
      if (returns === 'FULL') return ok({ returns: 'full' });
      return returns === 'HDRS' ? ok({ returns: 'headers' }) : wrong('RET is FULL or HDRS.');
    }
    // "ENVID=" xtext, of 100 characters at most, which stands for printable ASCII      (RFC 3461 §4.4)
    case 'ENVID': {
      const envelopeId = value === undefined || value.length > 100 ? undefined : decodeXtext(value);
      return envelopeId !== undefined && /^[ -~]+$/.test(envelopeId)
        ? ok({ envelopeId })
        : wrong('ENVID needs printable ASCII as xtext, of 100 characters at most.');
    }
    // RFC 8689 §2: without a value
    case 'REQUIRETLS':
      return value === undefined ? ok({ requireTls: true }) : wrong('REQUIRETLS takes no value.');
    case 'BY':
      return readDeliverBy(value);
    // future-release-integer = 1*9DIGIT of seconds, not 0  (RFC 4865 §5)
    case 'HOLDFOR':
      return value !== undefined && /^0*[1-9][0-9]*$/.test(value) && value.length <= 9
        ? ok({ holdFor: Number(value) })
        : wrong('HOLDFOR needs a number of seconds, of nine digits at most.');
    case 'HOLDUNTIL': {
      const holdUntil = value === undefined ? undefined : readInternetTime(value);
      return holdUntil === undefined
        ? wrong('HOLDUNTIL needs a time like 2027-01-31T12:00:00Z.')
        : ok({ holdUntil });
    }
    // priority-value = (["-"] NZDIGIT) / "0"               (RFC 6710 §6)
    case 'MT-PRIORITY':
      return value !== undefined && /^(?:-?[1-9]|0)$/.test(value)
        ? ok({ priority: Number(value) })
        : wrong('MT-PRIORITY is a number from -9 to 9.');
    default:
      return fault({ kind: 'parameter', reason: `MAIL takes no parameter ${keyword} here.` });
  }
}

function wrong(reason: string): Result<never, CommandFault> {
  return fault({ kind: 'value', reason });
}

function readSubmitter(value: string): MailAddress | 'none' | undefined {
  const text = decodeXtext(value);
  if (text === undefined || text === '<>') return text === undefined ? undefined : 'none';
  const address = parseMailAddress(text);
  return address.ok ? address.value : undefined;
}

// by-value = by-time ";" by-mode [by-trace]                (RFC 2852 §4)
// by-time = ["-" / "+"] 1*9DIGIT; by-mode = "N" / "R"; by-trace = "T"
function readDeliverBy(value: string | undefined): Result<MailParameters, CommandFault> {
  const match = /^([+-]?[0-9]{1,9});([NR])(T?)$/i.exec(value ?? '');
  if (match === null) return wrong('BY needs seconds, a semicolon and N or R, like 3600;R.');
  const seconds = Number(match[1]);
  const mode = match[2]?.toUpperCase() === 'R' ? 'return' : 'notify';
  // A time that is over can only be told of: RFC 2852 §4 wants more than 0 where mail is to come back.
  if (mode === 'return' && seconds <= 0) return wrong('BY with R needs a time that is still to come.');
  return ok({ deliverBy: { seconds, mode, trace: match[3] !== '' } });
}

/** A date and time of RFC 3339 §5.6, as milliseconds since the epoch. */
function readInternetTime(value: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i.test(value)) return undefined;
  const time = Date.parse(value.toUpperCase());
  return Number.isNaN(time) ? undefined : time;
}
