// What a sender asks of whoever carries a mail, beside the mail itself: the parameters of MAIL and RCPT that stay with it until it
// is delivered (RFC 3461, RFC 8689, RFC 2852, RFC 4865, RFC 6710).

/** Of the whole message. What wasn't asked for isn't there. */
export interface MailTerms {
  /** How much of the message a report gives back (RFC 3461 §4.3). */
  readonly returns?: 'full' | 'headers';
  /** The sender's own name for this mail, to stand in reports (RFC 3461 §4.4): printable ASCII. */
  readonly envelopeId?: string;
  /** Only over TLS whose server is proven, and only to servers that ask the same of the next (RFC 8689 §4.2.1). */
  readonly requireTls?: true;
  /** The field `TLS-Required: No`: better in clear than not at all (RFC 8689 §5). */
  readonly tlsOptional?: true;
  readonly deliverBy?: DeliverBy;
  /** -9 (may wait) to 9 (is urgent); 0 is what mail has without it (RFC 6710 §4.1). */
  readonly priority?: number;
  /** Not to be delivered before then (RFC 4865), milliseconds since the epoch. */
  readonly releaseAt?: number;
}

/** RFC 2852 §4: by when the mail is to arrive, and what happens where it doesn't. */
export interface DeliverBy {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `return`: it is given up and comes back. `notify`: its sender is told, and it goes on. */
  readonly mode: 'return' | 'notify';
  /** The sender wants to hear of each server that passes it on. */
  readonly trace: boolean;
}

/** Of one recipient: which reports the sender wants of it (RFC 3461 §4.1, §4.2). */
export interface ReportTerms {
  /** Left out: reports of failures, and of delays if the server likes. */
  readonly notify?: Notify;
  /** The recipient as the sender first wrote it: an address type and printable text. */
  readonly originalRecipient?: { readonly type: string; readonly address: string };
}

/** `none` is NOTIFY=NEVER. */
export type Notify = 'none' | readonly ReportKind[];

export type ReportKind = 'success' | 'failure' | 'delay';

/** Whether a report of that kind was asked for, or is due where nothing was said. */
export function wantsReport(terms: ReportTerms | undefined, kind: ReportKind): boolean {
  const notify = terms?.notify;
  // RFC 3461 §4.1: without NOTIFY failures are reported; of delays we speak only where we are asked to.
  if (notify === undefined) return kind === 'failure';
  return notify !== 'none' && notify.includes(kind);
}
