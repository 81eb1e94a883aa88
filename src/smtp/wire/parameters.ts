// The parameters of MAIL and RCPT (RFC 5321 §4.1.2, "esmtp-param"): SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531)
// and AUTH (RFC 4954 §5).
import type { MailAddress } from '../../lib/mail-address.ts';
import { bytesToUtf8Strict, latin1ToBytes } from '../../lib/bytes.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { CommandFault } from './command.ts';
import { parseMailAddress } from './path.ts';

export interface MailParameters {
  /** Octets that the client says the message has; infinite where it wrote more digits than a number holds. */
  readonly size: number | undefined;
  readonly body: '7BIT' | '8BITMIME' | 'BINARYMIME' | undefined;
  readonly smtpUtf8: boolean;
  /** Who submitted the message first, as the client says; `none` is `AUTH=<>`. */
  readonly submitter: MailAddress | 'none' | undefined;
}

export interface Parameter {
  /** In upper case. */
  readonly keyword: string;
  readonly value: string | undefined;
}

/** No extension gives a command as many as this. */
const mostParameters = 20;

// Mail-parameters = esmtp-param *(SP esmtp-param)
// esmtp-param = esmtp-keyword ["=" esmtp-value]
// esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
// esmtp-value = 1*(%d33-60 / %d62-126)                    (RFC 6531 §3.3 adds UTF-8)
/** Reads what stands behind a path: nothing, or blanks and parameters. */
export function splitParameters(text: string): Result<readonly Parameter[], CommandFault> {
  if (text === '') return ok([]);
  if (!/^[ \t]/.test(text))
    return fault({ kind: 'syntax', reason: 'Only parameters may stand behind the >, after a blank.' });
  const words = text.split(/[ \t]+/, mostParameters + 2).filter((word) => word !== '');
  if (words.length > mostParameters)
    return fault({ kind: 'syntax', reason: 'These are too many parameters.' });
  const parameters: Parameter[] = [];
  for (const word of words) {
    const match = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\u0080-\u{10ffff}]+))?$/u.exec(word);
    if (match?.[1] === undefined)
      return fault({ kind: 'syntax', reason: 'A parameter is written KEYWORD or KEYWORD=value.' });
    const keyword = match[1].toUpperCase().slice(0, 40);
    if (parameters.some((parameter) => parameter.keyword === keyword))
      return fault({ kind: 'syntax', reason: `The parameter ${keyword} stands twice.` });
    parameters.push({ keyword, value: match[2] });
  }
  return ok(parameters);
}

export function parseMailParameters(parameters: readonly Parameter[]): Result<MailParameters, CommandFault> {
  let known: MailParameters = { size: undefined, body: undefined, smtpUtf8: false, submitter: undefined };
  for (const { keyword, value } of parameters) {
    const read = readMailParameter(keyword, value);
    if (!read.ok) return read;
    known = { ...known, ...read.value };
  }
  return ok(known);
}

function readMailParameter(
  keyword: string,
  value: string | undefined,
): Result<Partial<MailParameters>, CommandFault> {
  switch (keyword) {
    // size-value = 1*20DIGIT                               (RFC 1870 §4)
    case 'SIZE':
      return value !== undefined && /^[0-9]{1,20}$/.test(value)
        ? ok({ size: Number(value) })
        : fault({ kind: 'value', reason: 'SIZE needs a number of octets.' });
    // body-value = "7BIT" / "8BITMIME" / "BINARYMIME"      (RFC 6152 §2, RFC 3030 §3)
    case 'BODY': {
      const body = value?.toUpperCase();
      return body === '7BIT' || body === '8BITMIME' || body === 'BINARYMIME'
        ? ok({ body })
        : fault({ kind: 'value', reason: 'BODY is 7BIT, 8BITMIME or BINARYMIME.' });
    }
    // RFC 6531 §3.4: without a value
    case 'SMTPUTF8':
      return value === undefined
        ? ok({ smtpUtf8: true })
        : fault({ kind: 'value', reason: 'SMTPUTF8 takes no value.' });
    // "AUTH=" xtext, which stands for a mailbox or <>      (RFC 4954 §5)
    case 'AUTH': {
      const submitter = value === undefined ? undefined : readSubmitter(value);
      return submitter === undefined
        ? fault({ kind: 'value', reason: 'AUTH needs an address as xtext, or <>.' })
        : ok({ submitter });
    }
    default:
      return fault({ kind: 'parameter', reason: `MAIL takes no parameter ${keyword} here.` });
  }
}

function readSubmitter(value: string): MailAddress | 'none' | undefined {
  const text = decodeXtext(value);
  if (text === undefined || text === '<>') return text === undefined ? undefined : 'none';
  const address = parseMailAddress(text);
  return address.ok ? address.value : undefined;
}

// xtext = *( xchar / hexchar ); hexchar = "+" two upper-case hexadecimal digits       (RFC 3461 §4)
function decodeXtext(value: string): string | undefined {
  if (!/^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/.test(value)) return undefined;
  const octets = value.replaceAll(/\+([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return bytesToUtf8Strict(latin1ToBytes(octets));
}
