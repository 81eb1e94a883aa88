// OAUTHBEARER (RFC 7628) and XOAUTH2, its elder that Google made (developers.google.com/workspace/gmail/imap/xoauth2-protocol):
// the client shows an access token that somebody else has given it.
import { bytesToUtf8Strict, emptyBytes, utf8ToBytes } from '../lib/bytes.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { SaslExchange, SaslMechanism, SaslStep } from './mechanism.ts';
import type { TokenProof } from './proof.ts';

/** What a client is told whose token is refused, so that it gets a better one (RFC 7628 §3.2.2). */
export interface OAuthHints {
  /** What the token must be good for. */
  readonly scope?: string | undefined;
  /** The address of the provider's configuration. */
  readonly discovery?: string | undefined;
}

export function oauthMechanisms(hints: OAuthHints): readonly SaslMechanism[] {
  const bearer = {
    status: 'invalid_token',
    ...(hints.scope !== undefined && { scope: hints.scope }),
    ...(hints.discovery !== undefined && { 'openid-configuration': hints.discovery }),
  };
  const elder = {
    status: '401',
    schemes: 'bearer',
    ...(hints.scope !== undefined && { scope: hints.scope }),
  };
  return [
    mechanism('OAUTHBEARER', parseOAuthBearer, utf8ToBytes(JSON.stringify(bearer))),
    mechanism('XOAUTH2', parseXoauth2, utf8ToBytes(JSON.stringify(elder))),
  ];
}

function mechanism(
  name: string,
  parse: (text: string) => Result<TokenProof>,
  refusal: Uint8Array,
): SaslMechanism {
  const respond = (response: Uint8Array): SaslStep => {
    const text = bytesToUtf8Strict(response);
    const proof = text === undefined ? fault('The response must be UTF-8.') : parse(text);
    if (!proof.ok) return { kind: 'fault', reason: proof.fault };
    // RFC 7628 §3.2.3: the error is a challenge, which the client answers by a lone ^A; then the login has failed.
    return {
      kind: 'check',
      proof: proof.value,
      last: (accepted) => (accepted ? undefined : refusal),
    };
  };
  return {
    name,
    fits: () => true,
    begin: (): SaslExchange => ({
      start: (initial) =>
        initial === undefined ? { kind: 'challenge', bytes: emptyBytes } : respond(initial),
      respond,
    }),
  };
}

//     client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep      (RFC 7628 §3.1)
//     kvpair      = key "=" value kvsep;  kvsep = %x01
//     gs2-header  = ("n" / "y") "," [ "a=" saslname ] ","
function parseOAuthBearer(text: string): Result<TokenProof> {
  const [, written, pairs] = /^[ny],(?:a=([^,\x01]*))?,\x01([^]*)\x01$/.exec(text) ?? [];
  if (pairs === undefined)
    return fault('An OAUTHBEARER response is n,a=address, and auth=Bearer with the token, with ^A between.');
  if (written !== undefined && /=(?!2C|3D)/.test(written))
    return fault('A name in OAUTHBEARER writes its commas as =2C and its equal signs as =3D.');
  const actAs = written?.replaceAll('=2C', ',').replaceAll('=3D', '=');
  return proofOf(pairs, actAs);
}

//     "user=" address ^A "auth=Bearer " token ^A ^A
function parseXoauth2(text: string): Result<TokenProof> {
  const [, actAs, pairs] = /^user=([^\x01]*)\x01([^]*)\x01$/.exec(text) ?? [];
  if (actAs === undefined || pairs === undefined)
    return fault('An XOAUTH2 response is user=address and auth=Bearer with the token, with ^A between.');
  return proofOf(pairs, actAs);
}

function proofOf(pairs: string, actAs: string | undefined): Result<TokenProof> {
  const auth = pairs.split('\x01').flatMap((pair) => (pair.startsWith('auth=') ? [pair.slice(5)] : []));
  // RFC 6750 §2.1: b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(auth.length === 1 ? (auth[0] ?? '') : '')?.[1];
  return token === undefined
    ? fault('The response must have one auth=Bearer with an access token.')
    : ok({ kind: 'token', token, ...(actAs !== undefined && actAs !== '' && { actAs }) });
}
