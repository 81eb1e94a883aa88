// The shape of `login`: ways to log in beside passwords.
import { z } from 'zod';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import { file, parsed, section } from './values.ts';

export interface LoginConfig {
  readonly tokens: TokensConfig | undefined;
  readonly certificates: CertificatesConfig | undefined;
}

export interface TokensConfig {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** An `https:` address, or a file. */
  readonly keys: string;
  readonly claim: string;
  readonly scope: string | undefined;
  readonly discovery: string | undefined;
}

export interface CertificatesConfig {
  /** A file. */
  readonly authorities: string | undefined;
  /** Lower-case hexadecimal → address. */
  readonly fingerprints: ReadonlyMap<string, string>;
}

/** These keys, under the file's own names. */
export interface LoginValues {
  readonly tokens?:
    | {
        readonly issuer: string;
        readonly audience: readonly string[];
        readonly keys: string;
        readonly claim: string;
        readonly scope?: string | undefined;
        readonly discovery?: string | undefined;
      }
    | undefined;
  readonly certificates?:
    | { readonly authorities?: string | undefined; readonly fingerprints: Readonly<Record<string, string>> }
    | undefined;
}

const word = z.string({ error: 'a text' }).min(1, { error: 'the text is empty' });

export const loginSchema: z.ZodType<LoginValues> = z.strictObject(
  {
    tokens: z
      .strictObject(
        {
          issuer: word,
          audience: z
            .array(word, { error: 'a list of names, like [mail]' })
            .min(1, { error: 'a list of at least one name' }),
          keys: parsed('a file, or an address like https://login.example/keys', parsePlace),
          claim: word.default('email'),
          scope: word.optional(),
          discovery: parsed(
            'an address, like https://login.example/.well-known/openid-configuration',
            parseUrl,
          ).optional(),
        },
        { error: section },
      )
      .optional(),
    certificates: z
      .strictObject(
        {
          authorities: file.optional(),
          fingerprints: z
            .record(z.string(), z.string({ error: 'the address of an account' }), {
              error: "pairs of fingerprints and addresses, like { 'AB:CD:…': alice@example.com }",
            })
            .default({}),
        },
        { error: section },
      )
      .optional(),
  },
  { error: section },
);

/** In clear only on this host itself: whoever sends the keys decides who logs in. */
function parseUrl(text: string): Result<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url !== undefined && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && local)
    ? ok(text)
    : fault(`'${text}' is no address that begins with https://`);
}

function parsePlace(text: string): Result<string> {
  if (text === '') return fault('the path is empty');
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? parseUrl(text) : ok(text);
}

/** SHA-256 as `openssl x509 -fingerprint -sha256` writes it, in lower case without its colons. */
export function fingerprintOf(text: string): Result<string> {
  const digits = text.replaceAll(':', '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(digits)
    ? ok(digits)
    : fault(
        `'${text}' is no SHA-256 fingerprint: 64 hexadecimal digits, as 'openssl x509 -fingerprint -sha256' tells`,
      );
}

/** `absolute` completes a path. */
export function loginOf(
  { tokens, certificates }: LoginValues,
  absolute: (path: string) => string,
): LoginConfig {
  return {
    tokens: tokens && {
      ...tokens,
      keys: /^https?:\/\//i.test(tokens.keys) ? tokens.keys : absolute(tokens.keys),
      scope: tokens.scope,
      discovery: tokens.discovery,
    },
    certificates: certificates && {
      authorities: certificates.authorities && absolute(certificates.authorities),
      fingerprints: new Map(
        Object.entries(certificates.fingerprints).flatMap(([text, address]) => {
          const fingerprint = fingerprintOf(text);
          return fingerprint.ok ? [[fingerprint.value, address] as const] : [];
        }),
      ),
    },
  };
}
