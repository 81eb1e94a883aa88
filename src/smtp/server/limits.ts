// How long and how much an SMTP connection may take.

export interface SmtpLimits {
  /** Milliseconds for the next command to be whole: 5 minutes at least (RFC 5321 §4.5.3.2.7). */
  readonly commandMs: number;
  /** Milliseconds without an octet of content: more than the 3 minutes that RFC 5321 §4.5.3.2.5 gives the client. */
  readonly contentIdleMs: number;
  /** Milliseconds for the whole content. */
  readonly contentMs: number;
  /** Milliseconds that a message waits for memory before it is refused. */
  readonly roomMs: number;
  /** Refused commands since the last message that was taken. */
  readonly maxErrors: number;
  /** Commands since the last message that was taken, besides RCPT. */
  readonly maxCommands: number;
}

export const usualSmtpLimits: SmtpLimits = {
  commandMs: 300_000,
  contentIdleMs: 300_000,
  contentMs: 3_600_000,
  roomMs: 60_000,
  maxErrors: 50,
  maxCommands: 250,
};
