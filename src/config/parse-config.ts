// Reads `signpost.yaml` (YAML 1.2) into a `Config`, and tells every fault with its place.
import { dirname, isAbsolute, join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { formatEndpoint, parseEndpoint } from '../lib/endpoint.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { Config } from './config.ts';
import type { ConfigFault } from './config-fault.ts';
import { contradictions } from './contradictions.ts';
import { nearest } from './did-you-mean.ts';
import { loginOf } from './login-schema.ts';
import { lmtpOf } from './lmtp-schema.ts';
import { addressesOf } from './addresses-schema.ts';
import { submissionOf } from './submission-schema.ts';
import { mailChecksOf } from './mail-checks-schema.ts';
import { keyText, Places } from './places.ts';
import { configSchema, keysAt, laterListeners } from './schema.ts';
import type { ConfigValues } from './schema.ts';
import { cacheOf } from './cache-schema.ts';
import { clientsOf } from './clients-schema.ts';
import { proxiesOf } from './proxies-schema.ts';
import { receptionOf } from './reception-schema.ts';
import { reachOf } from './reach-of-values.ts';
import { tlsOf } from './tls-schema.ts';
import { listZones } from './zone-list.ts';
import type { ListFolder, ZoneLists } from './zone-list.ts';

/** An alias may be used this often: enough for people, too little for a bomb. */
const maxAliases = 100;

/**
 * `fileName` is for messages, and relative paths in the file are relative to its folder. Without `listFolder` the zones of folders
 * are left out. All faults are told in one go, in the file's order.
 */
export function parseConfig(
  text: string,
  fileName: string,
  listFolder?: ListFolder,
): Result<Config, readonly ConfigFault[]> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const places = new Places(text, fileName, lines, document);
  if (document.errors.length > 0) {
    return fault(
      document.errors.map((error) =>
        places.fault(error.pos[0], error.pos[1], yamlSentence(error.code, error.message)),
      ),
    );
  }
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: maxAliases });
  } catch {
    return fault([places.fault(0, 1, `an alias (*name) is used more than ${maxAliases} times`)]);
  }
  if (raw === null || raw === undefined) {
    return fault([places.fault(0, 1, "the file is empty; it needs at least 'hostname'")]);
  }
  const checked = configSchema.safeParse(raw);
  const faults = checked.success
    ? contradictions(checked.data, places)
    : faultsOf(checked.error, raw, places);
  if (!checked.success || faults.length > 0) return fault(inOrder(faults));
  const zones = listZones(checked.data.zones, absoluteFrom(dirname(fileName)), listFolder);
  if (zones.ok) return ok(freeze(configOf(checked.data, zones.value, fileName)));
  return fault(
    zones.fault.map(({ item, message }) =>
      places.at(['zones', item, 'folder'], `zones[${item}].folder: ${message}`),
    ),
  );
}

function inOrder(faults: readonly ConfigFault[]): readonly ConfigFault[] {
  return faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function faultsOf(error: z.ZodError, raw: unknown, places: Places): ConfigFault[] {
  // A group with a key that isn't known may seem to lack what that key was meant to be.
  const slips = new Set(
    error.issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => keyText(path)),
  );
  return error.issues.flatMap((issue): ConfigFault[] => {
    const key = keyText(writtenPath(raw, issue.path));
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((unknown) => places.atKey(issue.path, unknown, unknownKey(issue.path, unknown)));
    }
    if (issue.code === 'custom' && slips.has(key)) return [];
    if (issue.code === 'custom') return [places.at(issue.path, `${key}: ${issue.message}`)];
    const found = valueAt(raw, issue.path);
    if (found !== undefined) {
      return [places.at(issue.path, `${key}: expected ${issue.message}, found ${describe(found)}`)];
    }
    const group = issue.path.slice(0, -1);
    const missing = `'${String(issue.path.at(-1))}' is missing: it must be ${issue.message}`;
    return [places.at(group, group.length === 0 ? missing : `${keyText(group)}: ${missing}`)];
  });
}

function unknownKey(path: readonly PropertyKey[], unknown: string): string {
  const group = path.length === 0 ? '' : `${keyText(path)}: `;
  if (group === 'listeners: ' && laterListeners.includes(unknown)) {
    return `${group}'${unknown}' is not served yet by this version; take it out for now`;
  }
  const allowed = keysAt(path);
  const meant = nearest(unknown, allowed);
  return meant === undefined
    ? `${group}there is no key '${unknown}' here; allowed are ${allowed.join(', ')}`
    : `${group}there is no key '${unknown}' here; did you mean '${meant}'?`;
}

/** Without the steps that a short form leaves out: `192.0.2.1` for `{ address: 192.0.2.1 }`. */
function writtenPath(raw: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] {
  const end = path.findIndex((_, i) => typeof valueAt(raw, path.slice(0, i)) === 'string');
  return end < 0 ? path : path.slice(0, end);
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return value;
}

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `${value} (a truth value; in quotes it would be a word)`;
  return 'a group of keys';
}

function configOf(values: ConfigValues, { zones, zoneFolders }: ZoneLists, fileName: string): Config {
  const absolute = absoluteFrom(dirname(fileName));
  const map = new Map<string, Endpoint>();
  for (const [from, to] of Object.entries(values.network.map)) {
    const parsed = parseEndpoint(from);
    if (parsed.ok) map.set(formatEndpoint(parsed.value), to);
  }
  return {
    file: fileName,
    hostname: values.hostname,
    data: absolute(values.data),
    tls: values.tls && tlsOf(values.tls, absolute),
    listeners: values.listeners,
    zones,
    zoneFolders,
    keys: values.keys.map(({ name, algorithm, secret, 'secret-file': secretFile }) => ({
      name,
      algorithm,
      secret,
      secretFile: secretFile === undefined ? undefined : absolute(secretFile),
    })),
    authority: {
      udpSize: values.authority['udp-size'],
      minimalResponses: values.authority['minimal-responses'],
      identity: values.authority.identity,
      version: values.authority.version,
      cookies: values.authority.cookies,
      rateLimit: {
        perSecond: values.authority['rate-limit']['per-second'],
        slip: values.authority['rate-limit'].slip,
        exempt: values.authority['rate-limit'].exempt,
      },
      tcp: {
        maxConnections: values.authority.tcp['max-connections'],
        maxConnectionsPerAddress: values.authority.tcp['max-connections-per-address'],
        idle: values.authority.tcp.idle,
      },
    },
    resolver: {
      rootHints: values.resolver['root-hints'],
      trustAnchors: values.resolver['trust-anchors'],
      // RFC 7646: the world's chain of trust knows nothing of these zones.
      negativeTrustAnchors: [
        ...values.resolver['negative-trust-anchors'],
        ...values.resolver.zones.filter(({ insecure }) => insecure).map(({ name }) => name),
      ],
      allow: values.resolver.allow,
      privateServers: values.resolver['private-servers'],
      ...reachOf(values.resolver, absolute),
      clients: clientsOf(values.resolver, absolute),
      cache: cacheOf(values.resolver),
    },
    smtp: {
      maxMessageSize: values.smtp['max-message-size'],
      maxRecipients: values.smtp['max-recipients'],
      maxMemory: values.smtp['max-memory'] ?? usualMemory(values.smtp['max-message-size']),
      maxConnections: values.smtp['max-connections'],
      maxConnectionsPerAddress: values.smtp['max-connections-per-address'],
    },
    login: loginOf(values.login, absolute),
    lmtp: lmtpOf(values.lmtp, absolute),
    proxies: proxiesOf(values.proxies),
    reception: receptionOf(values.reception),
    addresses: addressesOf(values.addresses),
    submission: submissionOf(values.submission),
    mailChecks: mailChecksOf(values['mail-checks']),
    pop3: {
      maxConnections: values.pop3['max-connections'],
      maxConnectionsPerAddress: values.pop3['max-connections-per-address'],
    },
    workers: { dns: values.workers.dns },
    network: { map },
  };
}

function absoluteFrom(base: string): (path: string) => string {
  return (path) => (isAbsolute(path) ? path : join(base, path));
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}

/** The YAML library's words, made ours where people meet them most. */
function yamlSentence(code: string, message: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'this key stands twice in its group; keep one of them';
    case 'TAB_AS_INDENT':
      return 'the line is indented with a tab; YAML wants spaces';
    case 'BAD_INDENT':
      return 'the line is indented differently from its neighbours';
    default:
      return `this is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  }
}

/** Octets: enough for many messages, and for four of the largest. */
function usualMemory(maxMessageSize: number): number {
  return Math.max(512 * 2 ** 20, 4 * maxMessageSize);
}
