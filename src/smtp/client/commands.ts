// MAIL and RCPT as we write them, with what the server offers to take (RFC 5321 §4.1.1).
import { formatMailAddress } from '../../lib/mail-address.ts';
import { encodeUtf8Address, encodeXtext } from '../../lib/xtext.ts';
import type { RelayRecipient } from '../queue/relay-transport.ts';
import type { TransactionNeeds } from './transaction.ts';

export function mailCommand({ envelope, extensions, size, needsUtf8, now }: TransactionNeeds): string {
  const { reversePath, eightBit, utf8, binary = false, terms = {} } = envelope;
  const path = reversePath === undefined ? '' : formatMailAddress(reversePath);
  const { deliverBy, priority, returns, envelopeId, requireTls } = terms;
  return written([
    `MAIL FROM:<${path}>`,
    // RFC 1870 §3
    extensions.size !== undefined && `SIZE=${size}`,
    // RFC 6152 §2
    extensions.eightBitMime && eightBit && !binary && 'BODY=8BITMIME',
    // RFC 3030 §3
    extensions.binaryMime && binary && 'BODY=BINARYMIME',
    // RFC 6531 §3.4
    extensions.smtpUtf8 && (utf8 || needsUtf8) && 'SMTPUTF8',
    // RFC 3461 §5.2.1
    extensions.dsn && returns !== undefined && `RET=${returns === 'full' ? 'FULL' : 'HDRS'}`,
    extensions.dsn && envelopeId !== undefined && `ENVID=${encodeXtext(envelopeId)}`,
    // RFC 8689 §4.2.1
    extensions.requireTls && requireTls === true && 'REQUIRETLS',
    // RFC 2852 §4.1.4: the time that is left.
    extensions.deliverBy && deliverBy !== undefined && `BY=${byValue(deliverBy, now)}`,
    // RFC 6710 §4.3
    extensions.priority && priority !== undefined && `MT-PRIORITY=${priority}`,
  ]);
}

export function rcptCommand(
  { report, ...address }: RelayRecipient,
  { extensions }: Pick<TransactionNeeds, 'extensions'>,
): string {
  const { notify, originalRecipient } = report ?? {};
  return written([
    `RCPT TO:<${formatMailAddress(address)}>`,
    // RFC 3461 §5.2.1
    extensions.dsn &&
      notify !== undefined &&
      `NOTIFY=${notify === 'none' ? 'NEVER' : notify.join(',').toUpperCase()}`,
    extensions.dsn && originalRecipient !== undefined && `ORCPT=${originalValue(originalRecipient)}`,
  ]);
}

function written(words: readonly (string | false)[]): string {
  return words.filter((word) => word !== false).join(' ');
}

function byValue(
  { at, mode, trace }: { readonly at: number; readonly mode: 'return' | 'notify'; readonly trace: boolean },
  now: number,
): string {
  const seconds = Math.ceil((at - now) / 1000);
  // RFC 2852 §4: nine digits, and more than 0 where mail is to come back.
  const bounded = Math.min(999_999_999, Math.max(mode === 'return' ? 1 : -999_999_999, seconds));
  return `${bounded};${mode === 'return' ? 'R' : 'N'}${trace ? 'T' : ''}`;
}

/** In ASCII, which RFC 6533 §3 lets stand everywhere. */
function originalValue({ type, address }: { readonly type: string; readonly address: string }): string {
  return `${type};${type === 'utf-8' ? encodeUtf8Address(address) : encodeXtext(address)}`;
}
