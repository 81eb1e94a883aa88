// The first line of every answer (RFC 1939 §3) and its response code (RFC 2449 §8, RFC 3206).
import { utf8ToBytes } from '../../lib/bytes.ts';

/** The registered response codes that we send. */
export type ResponseCode = 'AUTH' | 'IN-USE' | 'LOGIN-DELAY' | 'SYS/TEMP' | 'SYS/PERM';

export interface Reply {
  readonly ok: boolean;
  readonly code?: ResponseCode;
  /** One line; may be empty. */
  readonly text: string;
}

/** Octets of a first line with its CRLF (RFC 2449 §4). */
export const longestReply = 512;

/**
 *     single-line = status [SP text] CRLF ; status = "+OK" / "-ERR"    (RFC 2449 §3)
 */
export function formatReply(reply: Reply): string {
  const code = reply.code === undefined ? '' : ` [${reply.code}]`;
  const text = reply.text === '' ? '' : ` ${reply.text}`;
  return `${reply.ok ? '+OK' : '-ERR'}${code}${text}\r\n`;
}

/**
 *     challenge = "+" SP [base64] CRLF    (RFC 5034 §4; the space stands there even where nothing follows)
 */
export function formatChallenge(challenge: Uint8Array): string {
  return `+ ${challenge.toBase64()}\r\n`;
}

/** Lines of a multi-line answer that are worth joining before they become bytes. */
const linesAtOnce = 512;

/**
 * The lines of a CAPA, LIST or UIDL and the final dot, as bytes in pieces of some KiB (RFC 1939 §3). The lines begin with a
 * letter or a digit, so none of them needs stuffing.
 */
export function* formatListing(lines: Iterable<string>): Iterable<Uint8Array> {
  let text = '';
  let count = 0;
  for (const line of lines) {
    text += `${line}\r\n`;
    if (++count < linesAtOnce) continue;
    yield utf8ToBytes(text);
    text = '';
    count = 0;
  }
  yield utf8ToBytes(`${text}.\r\n`);
}
