// The shape of `signpost.yaml`. Each `error` says what is allowed there ("expected …"); checks of form add a sentence of
// their own. docs/config.md tells each key, and a test holds the two together.
import { z } from 'zod';
import type { Endpoint } from '../lib/endpoint.ts';
import type { Result } from '../lib/result.ts';
import { fault, ok } from '../lib/result.ts';
import { addressesSchema } from './addresses-schema.ts';
import type { AddressesValues } from './addresses-schema.ts';
import { authoritySchema, keysSchema } from './authority-schema.ts';
import type { AuthorityValues, KeyValues } from './authority-schema.ts';
import type { ListenerName, RootHint } from './config.ts';
import { cacheShape } from './cache-schema.ts';
import type { CacheValues } from './cache-schema.ts';
import { clientsShape } from './clients-schema.ts';
import type { ClientsValues } from './clients-schema.ts';
import { loginSchema } from './login-schema.ts';
import type { LoginValues } from './login-schema.ts';
import { lmtpSchema } from './lmtp-schema.ts';
import type { LmtpValues } from './lmtp-schema.ts';
import { proxiesSchema } from './proxies-schema.ts';
import type { ProxiesValues } from './proxies-schema.ts';
import { reachShape } from './reach-schema.ts';
import type { ReachValues } from './reach-schema.ts';
import { receptionSchema } from './reception-schema.ts';
import type { ReceptionValues } from './reception-schema.ts';
import { mailChecksSchema } from './mail-checks-schema.ts';
import type { MailChecksValues } from './mail-checks-schema.ts';
import { rootAnchors } from './root-anchors.ts';
import { tlsSchema } from './tls-schema.ts';
import type { TlsConfig } from './tls-schema.ts';
import { rootHints } from './root-hints.ts';
import { submissionSchema } from './submission-schema.ts';
import type { SubmissionValues } from './submission-schema.ts';
import {
  address,
  addressBlock,
  connectionLimits,
  count,
  endpoint,
  endpoints,
  folder,
  host,
  parsed,
  section,
  size,
  zoneName,
} from './values.ts';
import { zonesSchema } from './zone-schema.ts';
import type { ZoneItem } from './zone-schema.ts';

/** Keys of a listener that this version doesn't serve, so that the fault can say so. */
export const laterListeners: readonly string[] = ['imap', 'imaps', 'http', 'https'];

const anchorForm =
  /^\S+\s+(?:\d+\s+)?(?:IN\s+)?(?:DS\s+\d+\s+\d+\s+\d+\s+[0-9a-f\s]+|DNSKEY\s+\d+\s+3\s+\d+\s+[a-z0-9+/=\s]+)$/i;

function parseAnchor(text: string): Result<string> {
  return anchorForm.test(text)
    ? ok(text)
    : fault(`'${text.slice(0, 60)}' is not a DS or DNSKEY record, like '. IN DS 20326 8 2 E06D44B8…'`);
}

const listenersSchema = z.strictObject(
  {
    'dns-authority': endpoints,
    'dns-authority-tls': endpoints,
    'dns-resolver': endpoints,
    'dns-resolver-tls': endpoints,
    'dns-resolver-https': endpoints,
    smtp: endpoints,
    submission: endpoints,
    submissions: endpoints,
    lmtp: endpoints,
    pop3: endpoints,
    pop3s: endpoints,
  },
  { error: section },
);

const resolverSchema: z.ZodType<ConfigValues['resolver']> = z.strictObject(
  {
    'root-hints': z
      .array(
        z.strictObject(
          {
            name: zoneName,
            addresses: z
              .array(address, { error: 'a list of IP addresses' })
              .min(1, { error: 'a list of at least one IP address' }),
          },
          { error: 'a name with its addresses' },
        ),
        { error: 'a list of root servers, like [{ name: a.root-servers.net, addresses: [198.41.0.4] }]' },
      )
      .min(1, { error: 'a list of at least one root server' })
      .default(() => rootHints.map(({ name, addresses }) => ({ name, addresses: [...addresses] }))),
    'trust-anchors': z
      .array(parsed('a DS or DNSKEY record', parseAnchor), { error: 'a list of DS or DNSKEY records' })
      .default(() => [...rootAnchors]),
    'negative-trust-anchors': z.array(zoneName, { error: 'a list of names' }).default([]),
    allow: z
      .array(addressBlock, {
        error: 'a list of address blocks, like ["127.0.0.0/8", "::1/128"]',
      })
      .default(['127.0.0.0/8', '::1/128']),
    'private-servers': z
      .array(addressBlock, { error: 'a list of address blocks, like ["10.0.0.0/8"]' })
      .default([]),
    ...reachShape,
    ...clientsShape,
    ...cacheShape,
  },
  { error: section },
);

/** What the file says, checked and with defaults, under the file's own names. Paths are still as they were written. */
export interface ConfigValues {
  readonly hostname: string;
  readonly data: string;
  readonly tls?: TlsConfig | undefined;
  readonly listeners: Readonly<Record<ListenerName, readonly Endpoint[]>>;
  readonly zones: readonly ZoneItem[];
  readonly keys: readonly KeyValues[];
  readonly authority: AuthorityValues;
  readonly resolver: ReachValues &
    ClientsValues &
    CacheValues & {
      readonly 'root-hints': readonly RootHint[];
      readonly 'trust-anchors': readonly string[];
      readonly 'negative-trust-anchors': readonly string[];
      readonly allow: readonly string[];
      readonly 'private-servers': readonly string[];
    };
  readonly smtp: ConnectionLimitValues & {
    readonly 'max-message-size': number;
    readonly 'max-recipients': number;
    readonly 'max-memory'?: number | undefined;
  };
  readonly login: LoginValues;
  readonly lmtp: LmtpValues;
  readonly proxies: ProxiesValues;
  readonly reception: ReceptionValues;
  readonly addresses: AddressesValues;
  readonly submission: SubmissionValues;
  readonly 'mail-checks': MailChecksValues;
  readonly pop3: ConnectionLimitValues;
  readonly workers: { readonly dns?: number | undefined };
  readonly network: { readonly map: Readonly<Record<string, Endpoint>> };
}

interface ConnectionLimitValues {
  readonly 'max-connections': number;
  readonly 'max-connections-per-address': number;
}

export const configSchema: z.ZodType<ConfigValues> = z.strictObject(
  {
    hostname: host,
    data: folder.default('./data'),
    tls: tlsSchema.optional(),
    listeners: listenersSchema.prefault({}),
    zones: zonesSchema.default([]),
    keys: keysSchema.default([]),
    authority: authoritySchema.prefault({}),
    resolver: resolverSchema.prefault({}),
    smtp: z
      .strictObject(
        {
          'max-message-size': size(65_536, 2 ** 30).default(50 * 2 ** 20),
          // RFC 5321 §4.5.3.1.8: at least 100.
          'max-recipients': count(100, 10_000).default(1000),
          'max-memory': size(2 ** 20, 64 * 2 ** 30).optional(),
          ...connectionLimits(1000, 50),
        },
        { error: section },
      )
      .prefault({}),
    login: loginSchema.prefault({}),
    lmtp: lmtpSchema.prefault({}),
    proxies: proxiesSchema.prefault({}),
    reception: receptionSchema.prefault({}),
    addresses: addressesSchema.prefault({}),
    submission: submissionSchema.prefault({}),
    'mail-checks': mailChecksSchema.prefault({}),
    pop3: z.strictObject(connectionLimits(1000, 50), { error: section }).prefault({}),
    workers: z.strictObject({ dns: count(1, 256).optional() }, { error: section }).prefault({}),
    network: z
      .strictObject(
        {
          map: z
            .record(z.string(), endpoint, {
              error: 'pairs of addresses with ports, like { "198.41.0.4:53": "127.0.0.1:10053" }',
            })
            .default({}),
        },
        { error: section },
      )
      .prefault({}),
  },
  { error: section },
);

/** Every key of the schema with its place: `resolver.root-hints[].name`. */
export function configKeys(): readonly string[] {
  return keysBelow(configSchema, '');
}

/** The keys allowed in the group at `path`, for the schema's unknown keys; empty where there is no such group. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const prefix = path.map((step) => (typeof step === 'number' ? '[]' : `.${String(step)}`)).join('');
  const start = prefix === '' ? '' : `${prefix.slice(1)}.`;
  return configKeys()
    .filter((key) => key.startsWith(start) && !/[.[]/.test(key.slice(start.length)))
    .map((key) => key.slice(start.length));
}

function keysBelow(schema: unknown, prefix: string): string[] {
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([key, value]) => {
      const path = prefix === '' ? key : `${prefix}.${key}`;
      return [path, ...keysBelow(value, path)];
    });
  }
  if (schema instanceof z.ZodArray) return keysBelow(schema.element, `${prefix}[]`);
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return keysBelow(schema.unwrap(), prefix);
  }
  if (schema instanceof z.ZodPipe) {
    return [...keysBelow(schema.in, prefix), ...keysBelow(schema.out, prefix)];
  }
  return [];
}
