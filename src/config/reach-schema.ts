// The shape of those keys of `resolver` that decide where its answers come from.
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { parseAddress, parseEndpoint } from '../lib/endpoint.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import { blockActions, localZoneTypes } from './reach-config.ts';
import type {
  BlockListConfig,
  Dns64Config,
  LocalZoneConfig,
  RebindingConfig,
  UpstreamServerConfig,
} from './reach-config.ts';
import {
  address,
  addressBlock,
  file,
  parseCidr,
  parsed,
  parseName,
  section,
  truth,
  zoneName,
} from './values.ts';

/** One item of `resolver.zones`: it has `forward` or `stub`. */
export interface RouteItem {
  readonly name: string;
  readonly forward?: readonly UpstreamServerConfig[] | undefined;
  readonly stub?: readonly UpstreamServerConfig[] | undefined;
  readonly first: boolean;
  readonly insecure: boolean;
}

/** These keys, under the file's own names. */
export interface ReachValues {
  readonly zones: readonly RouteItem[];
  readonly forward: readonly UpstreamServerConfig[];
  readonly hosts: {
    readonly files: readonly string[];
    readonly names: Readonly<Record<string, readonly string[]>>;
  };
  readonly 'local-zones': readonly LocalZoneConfig[];
  readonly block: readonly BlockListConfig[];
  readonly 'rebinding-protection': RebindingConfig;
  readonly dns64?: Dns64Config | undefined;
  readonly 'root-zone'?: { readonly file: string } | undefined;
}

/** RFC 1035 §4.2, RFC 7858 §3.1. */
const [dnsPort, dnsTlsPort] = [53, 853];
const upstreamForm =
  'the address of a server, like 192.0.2.1, "192.0.2.1:5353" or "tls://192.0.2.1#dns.example"';

/** `192.0.2.1`, `192.0.2.1:5353`, `192.0.2.1@5353`, `2001:db8::1`, `[2001:db8::1]:5353`; before it `tls://`, then after it `#name`. */
function parseUpstream(text: string): Result<UpstreamServerConfig> {
  const [, scheme, where = '', name] = /^(tls:\/\/)?([^#]*)(?:#(.*))?$/.exec(text) ?? [];
  const endpoint = parseAt(where, scheme === undefined ? dnsPort : dnsTlsPort);
  if (endpoint === undefined) return fault(`'${text}' is not ${upstreamForm}`);
  if (endpoint.port === 0) return fault(`'${text}': port 0 can't be asked`);
  if (scheme === undefined) {
    return name === undefined
      ? ok({ endpoint, tls: undefined })
      : fault(`'${text}': only a server that is asked over TLS has a name to check; write tls://${text}`);
  }
  if (name === undefined) return ok({ endpoint, tls: { name: undefined } });
  const host = parseName(name);
  return host.ok ? ok({ endpoint, tls: { name: host.value } }) : host;
}

function parseAt(text: string, usualPort: number): { address: string; port: number } | undefined {
  const alone = parseAddress(/^\[(.*:.*)\]$/.exec(text)?.[1] ?? text);
  if (alone !== undefined) return { address: alone, port: usualPort };
  const [, before = '', port = ''] = /^(.*)@(\d{1,5})$/.exec(text) ?? [];
  const host = parseAddress(before);
  if (host !== undefined) return Number(port) > 65_535 ? undefined : { address: host, port: Number(port) };
  const endpoint = parseEndpoint(text);
  return endpoint.ok ? endpoint.value : undefined;
}

const upstreams: z.ZodArray<z.ZodType<UpstreamServerConfig>> = z.array(parsed(upstreamForm, parseUpstream), {
  error: 'a list of servers, like [192.0.2.1, "tls://192.0.2.2#dns.example"]',
});
const someUpstreams: z.ZodArray<z.ZodType<UpstreamServerConfig>> = upstreams.min(1, {
  error: 'a list of at least one server',
});

const routes: z.ZodType<ReachValues['zones']> = z
  .array(
    z.strictObject(
      {
        name: zoneName,
        forward: someUpstreams.optional(),
        stub: someUpstreams.optional(),
        first: truth.default(false),
        insecure: truth.default(false),
      },
      { error: 'a zone with its servers, like { name: corp.example, forward: [192.0.2.1] }' },
    ),
    { error: 'a list of zones, like [{ name: corp.example, forward: [192.0.2.1] }]' },
  )
  .default([]);

const hosts: z.ZodType<ReachValues['hosts']> = z
  .strictObject(
    {
      files: z.array(file, { error: 'a list of files' }).default([]),
      names: z
        .record(
          z.string(),
          z.preprocess(
            (value) => (typeof value === 'string' ? [value] : value),
            z
              .array(address, { error: 'an IP address or a list of them' })
              .min(1, { error: 'an IP address or a list of at least one' }),
          ),
          { error: 'pairs of names and addresses, like { printer.home.arpa: 192.168.1.7 }' },
        )
        .default({}),
    },
    { error: section },
  )
  .prefault({});

const record = z.string({ error: 'a record as a zone file writes it' });

const localZones: z.ZodType<ReachValues['local-zones']> = z
  .array(
    z.strictObject(
      {
        name: zoneName,
        type: z.enum(localZoneTypes, { error: `one of ${localZoneTypes.join(', ')}` }).default('static'),
        records: z.array(record, { error: 'a list of records, like ["printer A 192.168.1.7"]' }).default([]),
      },
      { error: 'a zone with its type and records' },
    ),
    { error: 'a list of zones, like [{ name: lan, records: ["printer A 192.168.1.7"] }]' },
  )
  .default([]);

const formats = ['hosts', 'domains', 'rpz'] as const;
const reasons = ['blocked', 'censored', 'filtered'] as const;

const blockLists: z.ZodType<readonly BlockListConfig[]> = z.array(
  z
    .strictObject(
      {
        file,
        format: z.enum(formats, { error: `one of ${formats.join(', ')}` }),
        action: z.enum(blockActions, { error: `one of ${blockActions.join(', ')}` }).optional(),
        records: z.array(record, { error: 'a list of records, like ["A 192.0.2.1"]' }).default([]),
        reason: z.enum(reasons, { error: `one of ${reasons.join(', ')}` }).default('blocked'),
      },
      { error: 'a list with its format, like { file: ads.txt, format: domains }' },
    )
    .transform((item) => ({
      ...item,
      action: item.action ?? (item.format === 'rpz' ? undefined : ('nxdomain' as const)),
    })),
  { error: 'a list of files, like [{ file: ads.txt, format: domains }]' },
);

/** What no server of the world may send a browser to: RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291, the loopback and "this host". */
const privateBlocks = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::/128',
  '::1/128',
  '::ffff:0:0/96',
  'fc00::/7',
  'fe80::/10',
];

const rebinding: z.ZodType<RebindingConfig> = z
  .strictObject(
    {
      enabled: truth.default(false),
      addresses: z
        .array(addressBlock, { error: 'a list of address blocks, like ["10.0.0.0/8"]' })
        .default(() => [...privateBlocks]),
      except: z.array(zoneName, { error: 'a list of names, like [corp.example]' }).default([]),
    },
    { error: section },
  )
  .prefault({});

/** RFC 6052 §2.2: where the IPv4 address goes, is said for these lengths alone. */
function parsePrefix(text: string): Result<string> {
  const block = parseCidr(text);
  if (!block.ok) return block;
  const [, length = ''] = block.value.split('/');
  if (!text.includes(':') || !['32', '40', '48', '56', '64', '96'].includes(length))
    return fault(`'${text}': the prefix is one of IPv6, of 32, 40, 48, 56, 64 or 96 bits (RFC 6052 §2.2)`);
  const octets = ipaddr.parse(block.value.split('/')[0] ?? '').toByteArray();
  return octets[8] === 0 && octets.slice(Number(length) / 8).every((octet) => octet === 0)
    ? block
    : fault(`'${text}': the octets after the prefix, and bits 64 to 71, must be 0 (RFC 6052 §2.2)`);
}

const dns64: z.ZodType<ReachValues['dns64']> = z
  .strictObject(
    {
      prefix: parsed('a prefix, like 64:ff9b::/96', parsePrefix).default('64:ff9b::/96'),
      exclude: z
        .array(addressBlock, { error: 'a list of address blocks, like ["::ffff:0:0/96"]' })
        .default(['::ffff:0:0/96']),
    },
    { error: section },
  )
  .optional();

const rootZone: z.ZodType<ReachValues['root-zone']> = z
  .strictObject({ file }, { error: "the root zone's file, like { file: root.zone }" })
  .optional();

/** For the schema of `resolver`. */
export const reachShape: { readonly [Key in keyof Required<ReachValues>]: z.ZodType<ReachValues[Key]> } = {
  zones: routes,
  forward: upstreams.default([]),
  hosts,
  'local-zones': localZones,
  block: blockLists.default([]),
  'rebinding-protection': rebinding,
  dns64,
  'root-zone': rootZone,
};
