// A delivery status notification: the report that comes back when a message could not be delivered (RFC 3464, in the
// multipart/report of RFC 6522). Three parts: words for a person, fields for a program, the header of the original message.
// Where an address needs UTF-8, the parts are those of RFC 6533.
import { concatBytes, latin1ToBytes, utf8ToBytes } from '../lib/bytes.ts';
import { formatMailAddress } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import { formatDate } from './date.ts';

export interface DsnRecipient {
  readonly recipient: MailAddress;
  /** Enhanced status code (RFC 3463). */
  readonly status: string;
  /** The server that refused, or was tried last. */
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
  /** At least one; all have failed. */
  readonly recipients: readonly DsnRecipient[];
  /** The original's header fields: whole lines with CRLF, without the empty line. */
  readonly originalHeader: Uint8Array;
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
  const explanation = explain(dsn);
  const eightBit = utf8 || !isAscii(explanation) || !headerIsAscii;
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
        part(utf8 ? 'message/global-headers' : 'text/rfc822-headers', headerIsAscii ? '7bit' : '8bit'),
    ),
    dsn.originalHeader,
    latin1ToBytes(`\r\n--${boundary}--\r\n`),
  ]);
  return { content, eightBit, utf8 };
}

function header(dsn: Dsn, boundary: string, eightBit: boolean): string {
  return lines([
    `Date: ${formatDate(dsn.date)}`,
    `From: Mail Delivery System <mailer-daemon@${dsn.hostname}>`,
    `To: ${formatMailAddress(dsn.to)}`,
    'Subject: Your message could not be delivered',
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

/** The part for a person: what happened to each recipient and what to do, nothing else. */
function explain(dsn: Dsn): string {
  const paragraphs = dsn.recipients.map((each) => {
    const address = formatMailAddress(each.recipient);
    const said = each.reply === undefined ? [] : [`    ${each.reply}`];
    return [
      `<${address}>:`,
      ...wrap(each.text, '  '),
      ...said.flatMap((line) => wrap(line, '    ')),
      ...wrap(advice(each.status), '  '),
    ];
  });
  const whom = dsn.recipients.length === 1 ? 'this address' : 'these addresses';
  return lines([
    ...wrap(
      `This is the mail server ${dsn.hostname}. Your message of ${formatDate(dsn.arrivedAt)} could not be delivered to ${whom}:`,
      '',
    ),
    '',
    ...paragraphs.flatMap((paragraph) => [...paragraph, '']),
    ...wrap('It will not be tried again. The header of your message is attached below.', ''),
  ]);
}

/** What the sender can do about it, by the subject of the status code (RFC 3463 §3). */
function advice(status: string): string {
  const [, subject = '', detail = ''] = status.split('.');
  switch (`${subject}.${detail}`) {
    case '1.2':
    case '1.10':
    case '4.4':
      return 'Check the part of the address after the @: no mail can be sent there as it is written.';
    case '2.2':
      return 'Send the message again later, or reach the recipient in another way: the mailbox has no room.';
    case '2.3':
    case '3.4':
      return 'Send a smaller message: in parts, or with a link instead of an attachment.';
    case '6.7':
      return 'Ask the recipient for an address without special letters: the server does not know them.';
    default:
  }
  switch (subject) {
    case '1':
      return 'Check the address for typing errors, or ask the recipient for the right one.';
    case '4':
    case '3':
      return 'Send the message again later: the fault may be gone. If it stays, tell the postmaster of that domain.';
    case '7':
      return "Ask the recipient's postmaster why the message was refused: this report tells them the reason.";
    default:
      return "If you don't see why, show this report to your postmaster.";
  }
}

/** RFC 3464 §2.2 and §2.3: fields of the message, then a group of fields for each recipient. */
function statusFields(dsn: Dsn, utf8: boolean): string {
  const clean = (text: string): string => (utf8 ? text : text.replaceAll(/[^\u0020-\u007e]/gu, '?'));
  const groups = dsn.recipients.map((each) => {
    const address = formatMailAddress(each.recipient);
    return [
      '',
      // RFC 6533 §3: the address type `utf-8`.
      `Final-Recipient: ${isAscii(address) ? 'rfc822' : 'utf-8'}; ${address}`,
      'Action: failed',
      `Status: ${each.status}`,
      ...(each.remote === undefined ? [] : [`Remote-MTA: dns; ${clean(each.remote)}`]),
      ...(each.reply === undefined ? [] : fold(`Diagnostic-Code: smtp; ${clean(each.reply)}`)),
      `Last-Attempt-Date: ${formatDate(dsn.date)}`,
    ];
  });
  return lines([
    `Reporting-MTA: dns; ${dsn.hostname}`,
    `Arrival-Date: ${formatDate(dsn.arrivedAt)}`,
    ...groups.flat(),
  ]);
}

function lines(each: readonly string[]): string {
  return each.map((line) => `${line}\r\n`).join('');
}

/** The longest reply that is quoted: the rest helps nobody. */
const maxQuoted = 1000;
const columns = 76;

/** Breaks a text at spaces; a word longer than a line is broken too (RFC 5322 §2.1.1: never above 998 octets). */
function wrap(text: string, indent: string): string[] {
  const wrapped: string[] = [];
  let line = '';
  for (const word of text
    .slice(0, maxQuoted)
    .split(/\s+/)
    .flatMap((each) => pieces(each, 200))) {
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
      wrapped.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? wrapped : [...wrapped, indent + line];
}

/** A header field folded at spaces (RFC 5322 §2.2.3). */
function fold(field: string): string[] {
  return wrap(field, '').map((line, index) => (index === 0 ? line : ` ${line}`));
}

function pieces(word: string, length: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < word.length; at += length) parts.push(word.slice(at, at + length));
  return parts;
}

function isAscii(text: string): boolean {
  return /^[\u0000-\u007f]*$/.test(text);
}

function isAsciiBytes(bytes: Uint8Array): boolean {
  return bytes.every((octet) => octet < 0x80);
}
