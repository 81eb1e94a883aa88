// The shape of `zones`: what is written for one zone, for a list of names, or for a folder of zone files, and the servers and
// access rules in it.
import { z } from 'zod';
import { parseAddress, parseEndpoint } from '../lib/endpoint.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { AccessRule, RemoteServerConfig, UpdateRule } from './config.ts';
import { file, folder, keyName, parseCidr, parsed, parseName, size, truth, zoneName } from './values.ts';

/** What stands for the zone's name in the file names and names of an item that is for several zones. */
export const zonePlaceholder = '%s';

/** One item of `zones`, under the file's own names. Of `name`, `names` and `folder` it must have one. */
export interface ZoneItem {
  readonly name?: string | undefined;
  readonly names?: readonly string[] | undefined;
  readonly folder?: string | undefined;
  readonly file?: string | undefined;
  readonly primaries: readonly RemoteServerConfig[];
  readonly 'transfer-to': readonly AccessRule[];
  readonly notify: readonly RemoteServerConfig[];
  readonly 'notify-from': readonly AccessRule[];
  readonly update: readonly UpdateRule[];
  readonly catalog?: 'producer' | 'consumer' | undefined;
  readonly members?: CatalogMembers | undefined;
  readonly 'member-of'?: string | undefined;
  readonly 'journal-size': number;
}

export interface CatalogMembers {
  readonly primaries?: readonly RemoteServerConfig[] | undefined;
  readonly 'transfer-to': readonly AccessRule[];
  readonly notify: readonly RemoteServerConfig[];
}

interface ServerAddress {
  readonly address: string;
  /** `undefined`: the usual one. */
  readonly port: number | undefined;
}

function parseServer(text: string): Result<ServerAddress> {
  const address = parseAddress(/^\[(.*:.*)\]$/.exec(text)?.[1] ?? text);
  if (address !== undefined) return ok({ address, port: undefined });
  const endpoint = parseEndpoint(text);
  if (!endpoint.ok)
    return fault(`'${text}' is not a server's address, like 192.0.2.1 or "[2001:db8::1]:5353"`);
  return endpoint.value.port === 0 ? fault(`'${text}': port 0 can't be asked`) : endpoint;
}

/** RFC 1035 §4.2, RFC 7858 §3.1. */
const [dnsPort, dnsTlsPort] = [53, 853];

const remoteServer: z.ZodType<RemoteServerConfig> = z
  .preprocess(
    (value) => (typeof value === 'string' ? { address: value } : value),
    z.strictObject(
      {
        address: parsed('the address of a server, like 192.0.2.1 or "192.0.2.1:5353"', parseServer),
        key: keyName.optional(),
        tls: z
          .union([z.boolean(), parsed('a host name', parseName)], {
            error: 'true, or the name that its certificate must be valid for',
          })
          .default(false),
      },
      { error: 'the address of a server, or { address, key, tls }' },
    ),
  )
  .transform(({ address: { address, port }, key, tls }) => ({
    endpoint: { address, port: port ?? (tls === false ? dnsPort : dnsTlsPort) },
    key,
    tls: tls === false ? undefined : { name: tls === true ? undefined : tls },
  }));

export const remoteServers: z.ZodDefault<z.ZodArray<typeof remoteServer>> = z
  .array(remoteServer, { error: 'a list of servers, like ["192.0.2.1", { address: 192.0.2.2, key: xfr }]' })
  .default([]);

const everyAddress: readonly string[] = ['0.0.0.0/0', '::/0'];

const addresses = z
  .preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z
      .array(
        parsed('an address block, like 192.0.2.0/24, or any', (text) => {
          if (text === 'any') return ok(everyAddress);
          const block = parseCidr(text);
          return block.ok ? ok([block.value]) : block;
        }),
        { error: 'an address block or a list of them' },
      )
      .min(1, { error: 'an address block or a list of at least one' }),
  )
  .transform((blocks) => blocks.flat())
  .optional();

const accessRule: z.ZodType<AccessRule> = z
  .preprocess(
    (value) => (typeof value === 'string' ? { address: value } : value),
    z.strictObject(
      { address: addresses, key: keyName.optional(), tls: truth.default(false) },
      { error: 'an address block, or { address, key, tls }' },
    ),
  )
  .transform(({ address, key, tls }, context) => {
    if (address === undefined && key === undefined) {
      const message = 'names neither an address nor a key; to let in everyone, write any';
      context.addIssue({ code: 'custom', message });
    }
    return { addresses: address ?? [], key, tls };
  });

const accessRules = z
  .array(accessRule, { error: 'a list of address blocks and keys, like [192.0.2.0/24, key: xfr]' })
  .default([]);

/** `www.example.com`, `*.dyn.example.com`, `_acme-challenge.%s`. */
function parsePattern(text: string): Result<string> {
  const wildcard = text.startsWith('*.');
  const rest = wildcard ? text.slice(2) : text;
  const [before, after] = rest.split(zonePlaceholder, 2);
  const name = parseName(after === undefined ? rest : `${before}zone${after}`);
  if (!name.ok) return name;
  const value = after === undefined ? name.value : rest.toLowerCase();
  return ok(wildcard ? `*.${value}` : value);
}

const updateRule: z.ZodType<UpdateRule> = z
  .strictObject(
    {
      address: addresses,
      key: keyName,
      tls: truth.default(false),
      names: z
        .array(parsed('a name, like www.example.com or *.dyn.example.com', parsePattern), {
          error: 'a list of names, like [www.example.com, "*.dyn.example.com"]',
        })
        .default([]),
      types: z
        .array(
          parsed('the type of a record, like A', (text) =>
            /^[A-Z][A-Z0-9-]*$/i.test(text)
              ? ok(text.toUpperCase())
              : fault(`'${text}' is not the type of a record, like A or TYPE65280`),
          ),
          { error: 'a list of record types, like [A, AAAA]' },
        )
        .default([]),
    },
    { error: 'a rule, like { key: dyn, names: [www.example.com], types: [A, AAAA] }' },
  )
  .transform(({ address, ...rule }) => ({ addresses: address ?? [], ...rule }));

/** At least one message's worth, so that each update can be kept. */
const journalSize = size(2 ** 16, 2 ** 40).default(16 * 2 ** 20);

export const zonesSchema: z.ZodType<readonly ZoneItem[]> = z.array(
  z.strictObject(
    {
      name: zoneName.optional(),
      names: z.array(zoneName, { error: 'a list of zone names' }).optional(),
      folder: folder.optional(),
      file: file.optional(),
      primaries: remoteServers,
      'transfer-to': accessRules,
      notify: remoteServers,
      'notify-from': accessRules,
      update: z
        .array(updateRule, { error: 'a list of rules, like [{ key: dyn, names: [www.example.com] }]' })
        .default([]),
      catalog: z.enum(['producer', 'consumer'], { error: 'producer or consumer' }).optional(),
      members: z
        .strictObject(
          { primaries: remoteServers.unwrap().optional(), 'transfer-to': accessRules, notify: remoteServers },
          { error: 'how the members are served, like { primaries: [192.0.2.1] }' },
        )
        .optional(),
      'member-of': zoneName.optional(),
      'journal-size': journalSize,
    },
    { error: "a zone's name and file" },
  ),
  { error: 'a list of zones, like [{ name: example.com, file: zones/example.com.zone }]' },
);
