// Cookies towards other servers (RFC 7873, RFC 9018): a server that has sent one before is believed over UDP only if it sends ours again, which
// a forger who doesn't see our packets can't.
import { concatBytes, equalBytes } from '../../lib/bytes.ts';
import { ednsOption } from '../wire/edns-option.ts';
import type { Edns } from '../wire/message.ts';
import type { EdnsOption } from '../wire/rdata/opt.ts';

/** Octets (RFC 7873 §4). */
export const clientCookieLength = 8;
export const shortestServerCookie = 8;
export const longestServerCookie = 32;

/** What is sent to one server. */
export interface UpstreamCookie {
  /** Random, for this server alone (RFC 9018 §3), so that no two servers can tell that it is us. */
  readonly client: Uint8Array;
  /** What that server sent last. */
  readonly server: Uint8Array | undefined;
  /** Whether an answer by UDP must have a cookie. */
  readonly required: boolean;
}

export type CookieReading =
  /** The server doesn't know cookies, as far as is known. */
  | { readonly kind: 'none' }
  | { readonly kind: 'cookie'; readonly server: Uint8Array | undefined }
  /** None, from a server that sends them. */
  | { readonly kind: 'lost' }
  /** RFC 7873 §5.3: the client cookie isn't ours, or the option is malformed; the answer is no answer to us. */
  | { readonly kind: 'foreign' };

export function cookieOption({ client, server }: UpstreamCookie): EdnsOption {
  return { code: ednsOption.COOKIE, bytes: server === undefined ? client : concatBytes([client, server]) };
}

export function readCookie(edns: Edns | undefined, sent: UpstreamCookie): CookieReading {
  const option = edns?.options.find(({ code }) => code === ednsOption.COOKIE);
  if (option === undefined) return { kind: sent.required ? 'lost' : 'none' };
  const { bytes } = option;
  if (!equalBytes(bytes.subarray(0, clientCookieLength), sent.client)) return { kind: 'foreign' };
  const server = bytes.subarray(clientCookieLength);
  // A server that only repeats what it doesn't understand sends no cookie of its own.
  if (server.length === 0) return { kind: sent.required ? 'lost' : 'none' };
  if (server.length < shortestServerCookie || server.length > longestServerCookie) return { kind: 'foreign' };
  return { kind: 'cookie', server: server.slice() };
}
