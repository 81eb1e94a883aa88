// The opening of a connection: greeting, EHLO or HELO, STARTTLS where it is offered, AUTH where we have credentials.
import { bytesToBase64, utf8ToBytes } from '../../lib/bytes.ts';
import { formatServerReply } from '../wire/reply-decoder.ts';
import type { ServerReply } from '../wire/reply-decoder.ts';
import { ask, closes } from './dialogue.ts';
import type { Dialogue, Heard, Patience } from './dialogue.ts';
import { noExtensions, readExtensions } from './extensions.ts';
import type { Extensions } from './extensions.ts';

export interface OpeningNeeds {
  /** What we call ourselves. */
  readonly hostname: string;
  /** `never`: a handshake has failed before, so the message goes in clear. `must`: no mail without TLS. */
  readonly tls: 'may' | 'must' | 'never';
  readonly credentials: { readonly identity: string; readonly password: string } | undefined;
  readonly patience: Patience;
}

export type Opening =
  | {
      readonly kind: 'open';
      readonly extensions: Extensions;
      readonly banner: string;
      /** Why TLS was offered and didn't come about. */
      readonly tlsFailure: string | undefined;
    }
  /** The handshake failed, as `reason` (a clause) says: a new connection may try without. */
  | { readonly kind: 'tls-failed'; readonly reason: string; readonly banner: string }
  /** `reason` is a sentence. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly reply: string | undefined;
      readonly banner: string | undefined;
    };

export function* openSession(needs: OpeningNeeds): Dialogue<Opening> {
  const greeting = yield { kind: 'reply', waitMs: needs.patience.greeting };
  if (greeting.kind !== 'reply') return { ...failed('Before its greeting', greeting), banner: undefined };
  const banner = formatServerReply(greeting.reply);
  // RFC 5321 §3.1: anything but 220 (554 above all) is a server that takes no mail at the moment.
  if (greeting.reply.code !== 220)
    return { ...refused('It takes no mail at the moment', greeting.reply), banner };

  let hello = yield* greet(needs);
  if (hello.kind !== 'greeted') return { ...hello, banner };
  let tlsFailure: string | undefined;
  if (hello.extensions.startTls && needs.tls !== 'never') {
    const start = yield* ask('STARTTLS', needs.patience.command);
    if (start.kind !== 'reply') return { ...failed('After STARTTLS', start), banner };
    if (start.reply.code === 220) {
      const handshake = yield { kind: 'tls' };
      if (handshake.kind !== 'done') return { kind: 'tls-failed', reason: reasonOf(handshake), banner };
      // RFC 3207 §4.2: all that was learned before is forgotten.
      hello = yield* greet(needs);
      if (hello.kind !== 'greeted') return { ...hello, banner };
    } else if (closes(start.reply) || needs.tls === 'must') {
      return { ...refused('It offers TLS, but does not start it', start.reply), banner };
    } else tlsFailure = formatServerReply(start.reply);
  } else if (needs.tls === 'must') {
    const reason = 'It does not offer TLS, without which no password is sent.';
    return { kind: 'failed', reason, reply: undefined, banner };
  }
  if (needs.credentials !== undefined) {
    const failure = yield* logIn(hello.extensions, needs.credentials, needs.patience);
    if (failure !== undefined) return { ...failure, banner };
  }
  return { kind: 'open', extensions: hello.extensions, banner, tlsFailure };
}

type Failure = { readonly kind: 'failed'; readonly reason: string; readonly reply: string | undefined };

/** RFC 5321 §4.1.4: EHLO, and HELO where the server doesn't know it. */
function* greet(
  needs: OpeningNeeds,
): Dialogue<{ readonly kind: 'greeted'; readonly extensions: Extensions } | Failure> {
  const ehlo = yield* ask(`EHLO ${needs.hostname}`, needs.patience.command);
  if (ehlo.kind !== 'reply') return failed('After EHLO', ehlo);
  if (ehlo.reply.code === 250) return { kind: 'greeted', extensions: readExtensions(ehlo.reply) };
  if (ehlo.reply.code < 500) return refused('It refuses our greeting', ehlo.reply);
  const helo = yield* ask(`HELO ${needs.hostname}`, needs.patience.command);
  if (helo.kind !== 'reply') return failed('After HELO', helo);
  if (helo.reply.code !== 250) return refused('It refuses our greeting', helo.reply);
  return { kind: 'greeted', extensions: noExtensions };
}

/** AUTH PLAIN with an initial response (RFC 4954 §4, RFC 4616 §2). Gives the failure, if any. */
function* logIn(
  extensions: Extensions,
  credentials: { readonly identity: string; readonly password: string },
  patience: Patience,
): Dialogue<Failure | undefined> {
  if (!extensions.auth.includes('PLAIN')) {
    return { kind: 'failed', reason: 'It does not offer AUTH PLAIN, by which we log in.', reply: undefined };
  }
  const response = bytesToBase64(utf8ToBytes(`\0${credentials.identity}\0${credentials.password}`));
  const heard = yield* ask(`AUTH PLAIN ${response}`, patience.command);
  if (heard.kind !== 'reply') return failed('After AUTH', heard);
  return heard.reply.code === 235 ? undefined : refused('It does not let us log in', heard.reply);
}

function refused(what: string, reply: ServerReply): Failure {
  const said = formatServerReply(reply);
  return { kind: 'failed', reason: `${what}: ${said}`, reply: said };
}

function failed(when: string, heard: Heard): Failure {
  return { kind: 'failed', reason: `${when}, ${reasonOf(heard)}.`, reply: undefined };
}

function reasonOf(heard: Heard): string {
  return heard.kind === 'lost' || heard.kind === 'unsendable' ? heard.reason : 'it answered out of order';
}
