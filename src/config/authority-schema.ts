// The shape of `authority` and `keys`: how the authority answers, and the keys that requests to and from it are signed with.
import { z } from 'zod';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { KeyConfig } from './config.ts';
import { addressBlock, connectionLimits, count, file, keyName, parsed, section, truth } from './values.ts';

/** `authority`, under the file's own names. */
export interface AuthorityValues {
  readonly 'udp-size': number;
  readonly 'minimal-responses': boolean;
  readonly identity?: string | undefined;
  readonly version?: string | undefined;
  readonly cookies: { readonly enabled: boolean; readonly secrets: readonly string[] };
  readonly 'rate-limit': RateLimitValues;
  readonly tcp: StreamsValues;
}

export interface RateLimitValues {
  readonly 'per-second': number;
  readonly slip: number;
  readonly exempt: readonly string[];
}

export interface StreamsValues {
  readonly 'max-connections': number;
  readonly 'max-connections-per-address': number;
  readonly idle: number;
}

export interface KeyValues {
  readonly name: string;
  readonly algorithm: KeyConfig['algorithm'];
  readonly secret?: string | undefined;
  readonly 'secret-file'?: string | undefined;
}

/** One character-string (RFC 1035 §3.3) of a TXT record. */
const shortText = z
  .string({ error: 'a text of at most 255 octets' })
  .refine((text) => new TextEncoder().encode(text).length <= 255, {
    error: 'the text is longer than 255 octets',
  });

export const rateLimitSchema: z.ZodType<RateLimitValues> = z
  .strictObject(
    {
      'per-second': count(0, 1_000_000).default(0),
      slip: count(0, 100).default(2),
      exempt: z.array(addressBlock, { error: 'a list of address blocks, like ["192.0.2.0/24"]' }).default([]),
    },
    { error: section },
  )
  .prefault({});

/** `idle`: seconds, where the file doesn't say. */
export function streamsSchema(idle: number): z.ZodType<StreamsValues> {
  return z
    .strictObject({ ...connectionLimits(1000, 50), idle: count(1, 3600).default(idle) }, { error: section })
    .prefault({});
}

export const authoritySchema: z.ZodType<AuthorityValues> = z.strictObject(
  {
    // RFC 6891 §6.2.3: below 512 counts as 512. 1232 goes through every path unfragmented (RFC 9715 §3.2).
    'udp-size': count(512, 65_535).default(1232),
    'minimal-responses': truth.default(true),
    identity: shortText.optional(),
    version: shortText.optional(),
    cookies: z
      .strictObject(
        {
          enabled: truth.default(true),
          secrets: z
            .array(parsed('a secret of 32 hexadecimal digits', parseCookieSecret), {
              error: 'a list of secrets of 32 hexadecimal digits each',
            })
            .default([]),
        },
        { error: section },
      )
      .prefault({}),
    'rate-limit': rateLimitSchema,
    tcp: streamsSchema(10),
  },
  { error: section },
);

function parseCookieSecret(text: string): Result<string> {
  return /^[0-9a-f]{32}$/i.test(text)
    ? ok(text.toLowerCase())
    : fault('a secret has 32 hexadecimal digits, which openssl rand -hex 16 makes');
}

/** RFC 4648 §4. The last digit before the padding may have no bits over (§3.5): that is a sign that something was cut off. */
const base64Form =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)$/;

function parseSecret(text: string): Result<string> {
  const base64 = text.replaceAll(/\s/g, '');
  if (base64Form.test(base64)) return ok(base64);
  return fault('the secret is not base64, which openssl rand -base64 32 makes');
}

const algorithms = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const;

export const keysSchema: z.ZodType<readonly KeyValues[]> = z.array(
  z.strictObject(
    {
      name: keyName,
      algorithm: z.enum(algorithms, { error: `one of ${algorithms.join(', ')}` }).default('hmac-sha256'),
      secret: parsed('a secret in base64', parseSecret).optional(),
      'secret-file': file.optional(),
    },
    { error: "a key's name and secret" },
  ),
  { error: 'a list of keys, like [{ name: xfr, secret-file: xfr.key }]' },
);
