// What a client's side of SMTP may do, without sockets: a dialogue is a generator that yields acts, and is told what came of each.
// It reads like the RFC, and runs alike over a connection and over a test's script.
import type { ServerReply } from '../wire/reply-decoder.ts';

export type Act =
  /** Whole command lines, CRLF included. */
  | { readonly kind: 'send'; readonly text: string }
  /** The next reply, complete within `waitMs`. */
  | { readonly kind: 'reply'; readonly waitMs: number }
  /** The content of the message, dot-stuffed, and its end of data. */
  | { readonly kind: 'content' }
  /** The content as it is, in chunks by BDAT (RFC 3030 §2); then the reply to the last, or to the first that is refused. */
  | { readonly kind: 'chunks' }
  /** The TLS handshake; nothing that was received before it may be used after it. */
  | { readonly kind: 'tls' };

export type Heard =
  /** Of `reply`; also of `content`, where the server answers before it has all. */
  | { readonly kind: 'reply'; readonly reply: ServerReply }
  | { readonly kind: 'done' }
  /** The connection is of no more use; `reason` is a clause: `the connection was closed`. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** Of `content`: it may not be sent, as `reason` (a clause) says. The connection is closed before an end of data. */
  | { readonly kind: 'unsendable'; readonly reason: string };

export type Dialogue<Outcome> = Generator<Act, Outcome, Heard>;

/** Sends a line and waits for its reply. */
export function* ask(line: string, waitMs: number): Dialogue<Heard> {
  const sent = yield { kind: 'send', text: `${line}\r\n` };
  return sent.kind === 'done' ? yield { kind: 'reply', waitMs } : sent;
}

/** RFC 5321 §3.8: with 421 the server closes the connection, whatever it was asked. */
export function closes(reply: ServerReply): boolean {
  return reply.code === 421;
}

/** How long each reply is waited for, milliseconds. */
export interface Patience {
  readonly greeting: number;
  readonly command: number;
  readonly dataStart: number;
  /** Each block of content. */
  readonly dataBlock: number;
  /** The whole content, however slowly it is taken. */
  readonly content: number;
  readonly dataEnd: number;
  readonly quit: number;
}

const minute = 60_000;

/** RFC 5321 §4.5.3.2.1 to §4.5.3.2.6; the two that it doesn't name are ours. */
export const defaultPatience: Patience = {
  greeting: 5 * minute,
  command: 5 * minute,
  dataStart: 2 * minute,
  dataBlock: 3 * minute,
  content: 60 * minute,
  dataEnd: 10 * minute,
  quit: 5000,
};
