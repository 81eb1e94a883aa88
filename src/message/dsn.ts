// A delivery status notification: the report of what became of a message (RFC 3464, in the multipart/report of RFC 6522). Three
// parts: words for a person, fields for a program, the original message or its header.
// Where an address needs UTF-8, the parts are those of RFC 6533.
import { concatBytes, latin1ToBytes, utf8ToBytes } from '../lib/bytes.ts';
import { formatMailAddress } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import { encodeUtf8Address } from '../lib/xtext.ts';
import { formatDate } from './date.ts';
import { explain, subjectOf } from './dsn-words.ts';
import { fold } from './wrap-text.ts';

/** RFC 3464 §2.3.3 */
export type DsnAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

export interface DsnRecipient {
  readonly recipient: MailAddress;
  readonly action: DsnAction;
  /** ORCPT (RFC 3461 §4.2), where it was given. */
  readonly originalRecipient?: { readonly type: string; readonly address: string };
  /** Enhanced status code (RFC 3463). */
  readonly status: string;
  /** Of a delay: milliseconds since the epoch. */
  readonly willRetryUntil?: number;
  /** The server that was asked last. */
  readonly remote: string | undefined;
  /** What that server said, where it said something. */
  readonly reply: string | undefined;
  /** One sentence: what happened. */
  readonly text: string;
}

export interface Dsn {
  /** Unique: in Message-ID and boundary. */
  readonly id: string;
  /** Now, milliseconds since the epoch. */
  readonly date: number;
  readonly hostname: string;
  /** The original message's reverse-path. */
  readonly to: MailAddress;
  /** When we took the original. */
  readonly arrivedAt: number;
  /** ENVID (RFC 3461 §4.4), where it was given. */
  readonly envelopeId?: string;
  /** At least one. */
  readonly recipients: readonly DsnRecipient[];
  /** The original's header fields: whole lines with CRLF, without the empty line. */
  readonly originalHeader: Uint8Array;
  /** The whole original, where it is given back (RFC 3461 §4.3). */
  readonly original?: Uint8Array;
  /** The original came with SMTPUTF8, so that its sender can read UTF-8 (RFC 6533 §3). */
  readonly utf8: boolean;
}

export interface DsnContent {
  /** CRLF line ends. */
  readonly content: Uint8Array;
  readonly eightBit: boolean;
  /** Can only travel by SMTPUTF8. */
  readonly utf8: boolean;
}

/** The notification's content, ready to be queued from the null reverse-path. */
export function formatDsn(dsn: Dsn): DsnContent {
  const addresses = [dsn.to, ...dsn.recipients.map((each) => each.recipient)].map(formatMailAddress);
  const headerIsAscii = isAsciiBytes(dsn.originalHeader);
  const utf8 = !isAscii(addresses.join('')) || (dsn.utf8 && !headerIsAscii);
  const explanation = lines(explain(dsn));
  const attached = dsn.original ?? dsn.originalHeader;
  const attachedIsAscii = headerIsAscii && (dsn.original === undefined || isAsciiBytes(dsn.original));
  const eightBit = utf8 || !isAscii(explanation) || !attachedIsAscii;
  const boundary = `=_${dsn.id}_report`;
  const part = (type: string, encoding: string): string =>
    `\r\n--${boundary}\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  const content = concatBytes([
    utf8ToBytes(
      header(dsn, boundary, eightBit) +
        'This is a report in MIME format.\r\n' +
        part('text/plain; charset=utf-8', isAscii(explanation) ? '7bit' : '8bit') +
        explanation +
        // RFC 6533 §4: the global type where fields hold UTF-8; RFC 3464 §2.1: the plain one is always 7bit.
        part(utf8 ? 'message/global-delivery-status' : 'message/delivery-status', utf8 ? '8bit' : '7bit') +
        statusFields(dsn, utf8) +
        part(attachedType(dsn, utf8), attachedIsAscii ? '7bit' : '8bit'),
    ),
    attached,
    latin1ToBytes(`\r\n--${boundary}--\r\n`),
  ]);
  return { content, eightBit, utf8 };
}

/** RFC 3461 §6.2, and RFC 6533 §5 where the header may hold UTF-8. */
function attachedType({ original }: Dsn, utf8: boolean): string {
  if (original === undefined) return utf8 ? 'message/global-headers' : 'text/rfc822-headers';
  return utf8 ? 'message/global' : 'message/rfc822';
}

function header(dsn: Dsn, boundary: string, eightBit: boolean): string {
  return lines([
    `Date: ${formatDate(dsn.date)}`,
    `From: Mail Delivery System <mailer-daemon@${dsn.hostname}>`,
    `To: ${formatMailAddress(dsn.to)}`,
    `Subject: ${subjectOf(dsn)}`,
    `Message-ID: <${dsn.id}@${dsn.hostname}>`,
    // RFC 3834 §5: nobody's autoresponder shall answer this.
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status;`,
    `\tboundary="${boundary}"`,
    `Content-Transfer-Encoding: ${eightBit ? '8bit' : '7bit'}`,
    '',
  ]);
}

/** RFC 3464 §2.2 and §2.3: fields of the message, then a group of fields for each recipient. */
function statusFields(dsn: Dsn, utf8: boolean): string {
  const clean = (text: string): string => (utf8 ? text : text.replaceAll(/[^\u0020-\u007e]/gu, '?'));
  const groups = dsn.recipients.map((each) => {
    const address = formatMailAddress(each.recipient);
    return [
      '',
      ...(each.originalRecipient === undefined
        ? []
        : fold(`Original-Recipient: ${shownOriginal(each.originalRecipient, utf8)}`)),
      // RFC 6533 §3: the address type `utf-8`.
      `Final-Recipient: ${isAscii(address) ? 'rfc822' : 'utf-8'}; ${address}`,
      `Action: ${each.action}`,
      `Status: ${each.status}`,
      ...(each.remote === undefined ? [] : [`Remote-MTA: dns; ${clean(each.remote)}`]),
      ...(each.reply === undefined ? [] : fold(`Diagnostic-Code: smtp; ${clean(each.reply)}`)),
      `Last-Attempt-Date: ${formatDate(dsn.date)}`,
      ...(each.willRetryUntil === undefined ? [] : [`Will-Retry-Until: ${formatDate(each.willRetryUntil)}`]),
    ];
  });
  return lines([
    // RFC 3464 §2.2.1
    ...(dsn.envelopeId === undefined ? [] : fold(`Original-Envelope-Id: ${dsn.envelopeId}`)),
    `Reporting-MTA: dns; ${dsn.hostname}`,
    `Arrival-Date: ${formatDate(dsn.arrivedAt)}`,
    ...groups.flat(),
  ]);
}

/** In ASCII where the report is (RFC 6533 §3). */
function shownOriginal({ type, address }: { type: string; address: string }, utf8: boolean): string {
  return `${type}; ${type === 'utf-8' && !utf8 ? encodeUtf8Address(address) : address}`;
}

function lines(each: readonly string[]): string {
  return each.map((line) => `${line}\r\n`).join('');
}

function isAscii(text: string): boolean {
  return /^[\u0000-\u007f]*$/.test(text);
}

function isAsciiBytes(bytes: Uint8Array): boolean {
  return bytes.every((octet) => octet < 0x80);
}
