// The mechanisms that we offer, and the base64 that SMTP and POP3 carry their messages in.
import { base64ToBytes } from '../lib/bytes.ts';
import { external } from './external.ts';
import { login } from './login.ts';
import type { SaslChannel, SaslMechanism } from './mechanism.ts';
import { oauthMechanisms } from './oauth.ts';
import type { OAuthHints } from './oauth.ts';
import { plain } from './plain.ts';
import { scramSha256, scramSha256Plus } from './scram.ts';

/** Those that need no configuration, in the order in which they are announced: the better one first, because some clients take
 * the first they know. */
export const saslMechanisms: readonly SaslMechanism[] = [scramSha256Plus, scramSha256, plain, login];

/** Those of a server whose config is this: with tokens and certificates where it has them. */
export function mechanismsFor(config: {
  readonly tokens: OAuthHints | undefined;
  readonly certificates: object | undefined;
}): readonly SaslMechanism[] {
  return [
    ...(config.certificates === undefined ? [] : [external]),
    ...(config.tokens === undefined ? [] : oauthMechanisms(config.tokens)),
    ...saslMechanisms,
  ];
}

/**
 * Base64 characters in the longest response that is taken: the longest line of RFC 4954 §4, because access tokens are long.
 * A longer line needn't be buffered (RFC 5034 §4).
 */
export const longestEncodedResponse = 12_288;

/** Those of `mechanisms` that can be used over this connection. */
export function fittingMechanisms(
  mechanisms: readonly SaslMechanism[],
  channel: SaslChannel,
): readonly SaslMechanism[] {
  return mechanisms.filter((mechanism) => mechanism.fits(channel));
}

/** Names of mechanisms are compared without case (RFC 4422 §3.1 has upper case only; clients send both). */
export function findSaslMechanism(
  mechanisms: readonly SaslMechanism[],
  name: string,
): SaslMechanism | undefined {
  const upper = name.toUpperCase();
  return mechanisms.find((mechanism) => mechanism.name === upper);
}

/** An initial response beside the command: base64, or `=` for an empty one (RFC 4954 §4, RFC 5034 §4). */
export function decodeInitialResponse(text: string): Uint8Array | undefined {
  return text === '=' ? new Uint8Array(0) : decodeResponse(text);
}

/** A response on a line of its own; the empty line is an empty response. `undefined` where it isn't base64 or is too long. */
export function decodeResponse(text: string): Uint8Array | undefined {
  return text.length > longestEncodedResponse ? undefined : base64ToBytes(text);
}
