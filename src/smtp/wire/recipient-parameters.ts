// The parameters of RCPT: NOTIFY and ORCPT (RFC 3461 §4.1, §4.2; the address type `utf-8`: RFC 6533 §3).
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { CommandFault } from './command.ts';
import type { Parameter } from './parameters.ts';
import { decodeUtf8Address, decodeXtext } from '../../lib/xtext.ts';

/** What wasn't said isn't there. */
export interface RecipientParameters {
  /** `none` is NOTIFY=NEVER. */
  readonly notify?: 'none' | readonly ('success' | 'failure' | 'delay')[];
  /** ORCPT: the address type in lower case, and printable text, of ASCII but for the type `utf-8`. */
  readonly originalRecipient?: { readonly type: string; readonly address: string };
}

const kinds = { SUCCESS: 'success', FAILURE: 'failure', DELAY: 'delay' } as const;

/** RFC 3461 §5.4.2: characters of the parameter's value. */
const longestOriginalRecipient = 500;

export function parseRecipientParameters(
  parameters: readonly Parameter[],
): Result<RecipientParameters, CommandFault> {
  let known: RecipientParameters = {};
  for (const { keyword, value } of parameters) {
    if (keyword !== 'NOTIFY' && keyword !== 'ORCPT')
      return fault({ kind: 'parameter', reason: `RCPT takes no parameter ${keyword} here.` });
    const read = keyword === 'NOTIFY' ? readNotify(value) : readOriginalRecipient(value);
    if (!read.ok) return read;
    known = { ...known, ...read.value };
  }
  return ok(known);
}

// notify-esmtp-value = "NEVER" / 1#notify-list-element; notify-list-element = "SUCCESS" / "FAILURE" / "DELAY"
function readNotify(value: string | undefined): Result<RecipientParameters, CommandFault> {
  const words = value?.toUpperCase().split(',', 4) ?? [];
  if (words.length === 1 && words[0] === 'NEVER') return ok({ notify: 'none' });
  const notify = words.flatMap((word) =>
    word === 'SUCCESS' || word === 'FAILURE' || word === 'DELAY' ? [kinds[word]] : [],
  );
  return notify.length > 0 && notify.length === words.length && new Set(notify).size === notify.length
    ? ok({ notify })
    : fault({ kind: 'value', reason: 'NOTIFY is NEVER, or some of SUCCESS, FAILURE and DELAY.' });
}

// original-recipient-address = addr-type ";" xtext; addr-type = atom
function readOriginalRecipient(value: string | undefined): Result<RecipientParameters, CommandFault> {
  const match = /^([A-Za-z0-9!#$%&'*+/?^_`{|}~-]{1,40});(.+)$/u.exec(value ?? '');
  const type = match?.[1]?.toLowerCase();
  const written = match?.[2];
  if (type === undefined || written === undefined || (value ?? '').length > longestOriginalRecipient)
    return wrongOriginalRecipient;
  const address = type === 'utf-8' ? decodeUtf8Address(written) : decodeXtext(written);
  const printable = type === 'utf-8' ? /^[ -~\u00a0-\u{10ffff}]+$/u : /^[ -~]+$/;
  return address !== undefined && printable.test(address)
    ? ok({ originalRecipient: { type, address } })
    : wrongOriginalRecipient;
}

const wrongOriginalRecipient: Result<never, CommandFault> = fault({
  kind: 'value',
  reason: 'ORCPT needs an address type, a semicolon and the address as xtext.',
});
