// A message as it is accepted: envelope, content, and where it goes. Words of RFC 5321 §2.3.
import type { JourneyId, JourneyStep } from '../lib/journey.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import type { MailTerms, ReportTerms } from './terms.ts';

declare const accountIdBrand: unique symbol;
declare const mailboxIdBrand: unique symbol;
declare const contentIdBrand: unique symbol;
declare const uidBrand: unique symbol;
declare const modSeqBrand: unique symbol;

export type AccountId = number & { readonly [accountIdBrand]: true };
export type MailboxId = number & { readonly [mailboxIdBrand]: true };
/** One stored content, shared by all entries and queue entries of the message. */
export type ContentId = number & { readonly [contentIdBrand]: true };
/** RFC 9051 §2.3.1.1: 1 to 2^32 - 1, ascending in a mailbox, never reused. */
export type Uid = number & { readonly [uidBrand]: true };
/** The one clock of changes of a mailbox (RFC 7162 §3.1). */
export type ModSeq = number & { readonly [modSeqBrand]: true };

export interface Envelope {
  /** MAIL FROM; `undefined` is the null reverse-path `<>` (RFC 5321 §4.5.5). */
  readonly reversePath: MailAddress | undefined;
  /** BODY=8BITMIME was declared, or 8-bit octets were found. */
  readonly eightBit: boolean;
  /** SMTPUTF8 was declared (RFC 6531 §3.4). */
  readonly utf8: boolean;
  /** BODY=BINARYMIME was declared (RFC 3030 §3): lines may be of any length, and CR, LF and NUL stand anywhere. */
  readonly binary?: true;
  readonly terms?: MailTerms;
}

/** Where one recipient's copy goes. */
export type Destination = MailboxDestination | RelayDestination;

interface Addressed {
  readonly recipient: MailAddress;
  /** The address that the sender wrote, where that stood for this one: an alias, a group. */
  readonly via?: MailAddress;
  readonly report?: ReportTerms;
}

export interface MailboxDestination extends Addressed {
  readonly kind: 'mailbox';
  readonly account: AccountId;
  readonly mailbox: string;
}

/** Into the queue; at once, or where the envelope has a `releaseAt`, to wait there until then. */
export interface RelayDestination extends Addressed {
  readonly kind: 'relay';
  /** Stands in the envelope in place of the sender, and is told of what fails (RFC 5321 §3.9.2). */
  readonly owner?: MailAddress;
}

/** All that is made durable by one `accept`. */
export interface AcceptedMessage {
  readonly id: JourneyId;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly envelope: Envelope;
  /** The whole content, our trace header fields in front, CRLF line ends; never rewritten after. */
  readonly content: readonly Uint8Array[];
  /** What mailboxes ask of the content most, by `encodeParsedMessage`; `undefined` where all copies are relayed: nobody here asks. */
  readonly parsed: Uint8Array | undefined;
  readonly destinations: readonly Destination[];
  /** Steps to keep with the message: how it came. */
  readonly journey: readonly JourneyStep[];
}

/** The store's side of accepting: implemented by `store`. */
export interface Intake {
  /**
   * Writes content, mailbox entries, queue entries and journey in one transaction, and resolves after it is on disk.
   * `reports` that the message is delivered are accepted together with it.
   * Throws `StoreFault` when that can't be had now (a temporary error for the peer); then nothing of it is there.
   */
  accept(message: AcceptedMessage, reports?: readonly AcceptedMessage[]): Promise<void>;
}

export class StoreFault extends Error {
  /** `full`: the disk or a quota; `closed`: shutting down; `broken`: anything else. */
  readonly kind: 'full' | 'closed' | 'broken';
  constructor(kind: StoreFault['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreFault';
    this.kind = kind;
  }
}
