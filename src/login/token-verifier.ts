// Access tokens as a provider signs them (JWT, RFC 7519, as RFC 9068 has it for access tokens): whether one is good for us, and whose
// account it opens.
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import type { JSONWebKeySet, JWTPayload } from 'jose';
import type { Clock } from '../lib/clock.ts';

export interface TokenRules {
  /** Who must have given it (`iss`). */
  readonly issuer: string;
  /** Whom it must be for (`aud`): one of these. */
  readonly audience: readonly string[];
  /** The claim that holds the account's address. */
  readonly claim: string;
  /** What it must be good for: all of these words must be among those of `scope`; none where absent. */
  readonly scope?: string | undefined;
}

/** The provider's keys. */
export interface KeySource {
  /** `fresh`: what is known doesn't have the key that is looked for. Throws where there are none to be had. */
  keys(fresh: boolean): Promise<JSONWebKeySet>;
}

export type TokenVerdict =
  /** `address` as the token has it. */
  | { readonly kind: 'good'; readonly address: string }
  /** `reason` is for the log. */
  | { readonly kind: 'bad'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Signatures only: what is made by a secret that we share, anybody could make who has it, and `none` anybody at all. */
const algorithms: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Seconds that clocks may be apart. */
const tolerance = 60;

export class TokenVerifier {
  readonly #rules: TokenRules;
  readonly #source: KeySource;
  readonly #clock: Clock;

  constructor(rules: TokenRules, source: KeySource, clock: Clock) {
    this.#rules = rules;
    this.#source = source;
    this.#clock = clock;
  }

  /** Never throws. */
  async verify(token: string): Promise<TokenVerdict> {
    try {
      return this.#judge(await this.#payload(token));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return error instanceof errors.JOSEError
        ? { kind: 'bad', reason }
        : { kind: 'unavailable', reason: `the token can't be checked: ${reason}` };
    }
  }

  async #payload(token: string): Promise<JWTPayload> {
    try {
      return await this.#check(token, await this.#source.keys(false));
    } catch (error) {
      // The provider may have changed its keys since.
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return await this.#check(token, await this.#source.keys(true));
    }
  }

  async #check(token: string, keys: JSONWebKeySet): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer: this.#rules.issuer,
      audience: [...this.#rules.audience],
      algorithms: [...algorithms],
      requiredClaims: ['exp'],
      clockTolerance: tolerance,
      currentDate: new Date(this.#clock.now()),
    });
    return payload;
  }

  #judge(payload: JWTPayload): TokenVerdict {
    const { claim, scope } = this.#rules;
    const address = payload[claim];
    if (typeof address !== 'string' || address === '')
      return { kind: 'bad', reason: `the token has no claim '${claim}' with an address` };
    // OpenID Connect Core 1.0 §5.1: an address that its owner hasn't shown to be his may be anybody's.
    if (claim === 'email' && payload['email_verified'] === false)
      return { kind: 'bad', reason: 'the provider has not verified the address' };
    const granted = wordsOf(payload['scope'] ?? payload['scp']);
    const missing = wordsOf(scope).find((word) => !granted.includes(word));
    return missing === undefined
      ? { kind: 'good', address }
      : { kind: 'bad', reason: `the token is not good for '${missing}'` };
  }
}

/** RFC 6749 §3.3: with blanks between; some providers write a list. */
function wordsOf(scope: unknown): readonly string[] {
  if (Array.isArray(scope)) return scope.filter((word) => typeof word === 'string');
  return typeof scope === 'string' ? scope.split(' ').filter((word) => word !== '') : [];
}
