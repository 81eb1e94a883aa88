// The shape of `signpost.yaml`. Each `error` says what is allowed there ("expected …"); checks of form add a sentence of
// their own. docs/config.md tells each key, and a test holds the two together.
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { parseAddress, parseEndpoint } from '../lib/endpoint.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import type { Result } from '../lib/result.ts';
import { fault, ok } from '../lib/result.ts';
import type { ListenerName, RootHint } from './config.ts';
import { rootHints } from './root-hints.ts';

/** Keys of a listener that this version doesn't serve, so that the fault can say so. */
export const laterListeners: readonly string[] = ['imap', 'imaps', 'http', 'https'];

/** Text that `parse` makes a value of; its fault becomes the sentence. */
function parsed<Value>(expected: string, parse: (text: string) => Result<Value>): z.ZodType<Value> {
  return z.string({ error: expected }).transform((text, context) => {
    const result = parse(text);
    if (result.ok) return result.value;
    context.addIssue({ code: 'custom', message: result.fault });
    return z.NEVER;
  });
}

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/** Host and zone names in letters, digits, hyphens and underscores; IDNs as A-labels. Gives lower case without the last dot. */
function parseName(text: string): Result<string> {
  const name = text.toLowerCase().replace(/(?<=.)\.$/, '');
  if (name === '.') return ok(name);
  if (/[^\x20-\x7e]/.test(name)) {
    return fault(`'${text}' is to be written in its ASCII form (xn--…)`);
  }
  if (name.length > 253)
    return fault(`'${text.slice(0, 32)}…' is longer than the 253 characters that DNS allows`);
  const wrong = name.split('.').find((each) => !label.test(each));
  if (wrong === undefined) return ok(name);
  return fault(
    wrong === ''
      ? `'${text}' is not a domain name: there is nothing between two of its dots`
      : `'${text}' is not a domain name: '${wrong}' may only have letters, digits and inner hyphens, 63 at most`,
  );
}

function parseHostname(text: string): Result<string> {
  if (parseAddress(text) !== undefined) {
    return fault(`'${text}' is an IP address: other servers expect a name here, like mx.example.com`);
  }
  const name = parseName(text);
  if (name.ok && name.value.includes('_')) return fault(`'${text}': the name of a host has no underscores`);
  return name.ok && name.value === '.' ? fault(`'.' is the root, not a host`) : name;
}

function parseCidr(text: string): Result<string> {
  const block = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  const [address = ''] = block.split('/');
  if (parseAddress(address) === undefined || !ipaddr.isValidCIDR(block)) {
    return fault(`'${text}' is not an address block, like 127.0.0.0/8 or 2001:db8::/32`);
  }
  return ok(block);
}

const anchorForm =
  /^\S+\s+(?:\d+\s+)?(?:IN\s+)?(?:DS\s+\d+\s+\d+\s+\d+\s+[0-9a-f\s]+|DNSKEY\s+\d+\s+3\s+\d+\s+[a-z0-9+/=\s]+)$/i;

function parseAnchor(text: string): Result<string> {
  return anchorForm.test(text)
    ? ok(text)
    : fault(`'${text.slice(0, 60)}' is not a DS or DNSKEY record, like '. IN DS 20326 8 2 E06D44B8…'`);
}

const sizeUnits: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

function parseSize(text: string): Result<number> {
  const match = /^(\d{1,10})\s*(KiB|MiB|GiB)$/.exec(text);
  if (match === null) return fault(`'${text}' is not a size, like 50 MiB (units: KiB, MiB, GiB)`);
  return ok(Number(match[1]) * (sizeUnits[match[2] ?? ''] ?? 1));
}

const host = parsed('a host name, like mx.example.com', parseHostname);
const zoneName = parsed("a zone's name, like example.com", parseName);
const file = z.string({ error: 'the path of a file' }).min(1, { error: 'the path is empty' });
const endpoint = parsed('an address with a port, like 127.0.0.1:53', parseEndpoint);
const endpoints = z
  .array(endpoint, { error: 'a list of addresses with ports, like ["127.0.0.1:53", "[::1]:53"]' })
  .default([]);
const address = parsed('an IP address', (text) => {
  const value = parseAddress(text);
  return value === undefined ? fault(`'${text}' is not an IP address`) : ok(value);
});

function count(least: number, most: number): z.ZodNumber {
  const error = `a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

function size(least: number, most: number): z.ZodType<number> {
  const error = 'a size, like 50 MiB, or a number of octets';
  const inRange = `a size from ${least} to ${most} octets`;
  return z
    .union([z.int({ error }), parsed(error, parseSize)], { error })
    .pipe(z.number().min(least, { error: inRange }).max(most, { error: inRange }));
}

const section = 'a group of keys';

function connectionLimits(
  total: number,
  perAddress: number,
): {
  'max-connections': z.ZodDefault<z.ZodNumber>;
  'max-connections-per-address': z.ZodDefault<z.ZodNumber>;
} {
  return {
    'max-connections': count(1, 1_000_000).default(total),
    'max-connections-per-address': count(1, 1_000_000).default(perAddress),
  };
}

const listenersSchema = z.strictObject(
  {
    'dns-authority': endpoints,
    'dns-authority-tls': endpoints,
    'dns-resolver': endpoints,
    smtp: endpoints,
    submission: endpoints,
    submissions: endpoints,
    pop3: endpoints,
    pop3s: endpoints,
  },
  { error: section },
);

const resolverSchema = z.strictObject(
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
      .default([]),
    allow: z
      .array(parsed('an address block, like 127.0.0.0/8', parseCidr), {
        error: 'a list of address blocks, like ["127.0.0.0/8", "::1/128"]',
      })
      .default(['127.0.0.0/8', '::1/128']),
    forward: endpoints,
  },
  { error: section },
);

/** What the file says, checked and with defaults, under the file's own names. Paths are still as they were written. */
export interface ConfigValues {
  readonly hostname: string;
  readonly data: string;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly listeners: Readonly<Record<ListenerName, readonly Endpoint[]>>;
  readonly zones: readonly { readonly name: string; readonly file: string }[];
  readonly resolver: {
    readonly 'root-hints': readonly RootHint[];
    readonly 'trust-anchors': readonly string[];
    readonly allow: readonly string[];
    readonly forward: readonly Endpoint[];
  };
  readonly smtp: ConnectionLimitValues & {
    readonly 'max-message-size': number;
    readonly 'max-recipients': number;
  };
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
    data: z
      .string({ error: 'the path of a folder' })
      .min(1, { error: 'the path is empty' })
      .default('./data'),
    tls: z
      .strictObject({ cert: file, key: file }, { error: 'the files of a certificate and its key' })
      .optional(),
    listeners: listenersSchema.prefault({}),
    zones: z
      .array(z.strictObject({ name: zoneName, file }, { error: "a zone's name and file" }), {
        error: 'a list of zones, like [{ name: example.com, file: zones/example.com.zone }]',
      })
      .default([]),
    resolver: resolverSchema.prefault({}),
    smtp: z
      .strictObject(
        {
          'max-message-size': size(65_536, 2 ** 30).default(50 * 2 ** 20),
          // RFC 5321 §4.5.3.1.8: at least 100.
          'max-recipients': count(100, 10_000).default(1000),
          ...connectionLimits(1000, 50),
        },
        { error: section },
      )
      .prefault({}),
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
  return [];
}
