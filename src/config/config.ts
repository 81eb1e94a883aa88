// What `signpost.yaml` says, once checked: frozen, with every default filled in and every path absolute.
import type { Endpoint } from '../lib/endpoint.ts';
import type { LoginConfig } from './login-schema.ts';
import type { LmtpConfig } from './lmtp-schema.ts';
import type { AddressesConfig } from './addresses-schema.ts';
import type { MailChecksConfig } from './mail-checks-schema.ts';
import type {
  BlockListConfig,
  Dns64Config,
  HostsConfig,
  LocalZoneConfig,
  RebindingConfig,
  RootZoneConfig,
  RouteConfig,
} from './reach-config.ts';
import type { ProxiesConfig } from './proxies-schema.ts';
import type { TlsConfig } from './tls-schema.ts';
import type { ReceptionConfig } from './reception-config.ts';
import { rootAnchors } from './root-anchors.ts';
import { rootHints } from './root-hints.ts';
import type { SubmissionConfig } from './submission-schema.ts';

export const listenerNames = [
  'dns-authority',
  'dns-authority-tls',
  'dns-resolver',
  'dns-resolver-tls',
  'dns-resolver-https',
  'smtp',
  'submission',
  'submissions',
  'lmtp',
  'pop3',
  'pop3s',
] as const;

export type ListenerName = (typeof listenerNames)[number];

export interface Config {
  /** The file it was read from. */
  readonly file: string;
  /** Lower case, no trailing dot. */
  readonly hostname: string;
  /** The folder that everything durable lives under. */
  readonly data: string;
  /** PEM files; `undefined`: self-signed. */
  readonly tls: TlsConfig | undefined;
  /** A role runs if it has a listener. */
  readonly listeners: Readonly<Record<ListenerName, readonly Endpoint[]>>;
  /** Those of `zoneFolders` are among them, as the folders were when the config was read. */
  readonly zones: readonly ZoneConfig[];
  /** Folders in which each `*.zone` file is a zone. */
  readonly zoneFolders: readonly ZoneFolderConfig[];
  /** TSIG keys by name. */
  readonly keys: readonly KeyConfig[];
  readonly authority: AuthorityConfig;
  readonly resolver: ResolverConfig;
  readonly smtp: SmtpConfig;
  readonly login: LoginConfig;
  readonly lmtp: LmtpConfig;
  readonly proxies: ProxiesConfig;
  readonly reception: ReceptionConfig;
  readonly addresses: AddressesConfig;
  readonly submission: SubmissionConfig;
  readonly mailChecks: MailChecksConfig;
  readonly pop3: Pop3Config;
  /** Datagram workers; `undefined`: one for each core. */
  readonly workers: { readonly dns: number | undefined };
  /** Outgoing traffic only: `address:port` as DNS knows it (in `formatEndpoint`'s form) → where it really is. */
  readonly network: { readonly map: ReadonlyMap<string, Endpoint> };
}

export interface ZoneConfig extends ZonePolicy {
  /** Lower case, no trailing dot; the root is `.`. */
  readonly name: string;
  /** `undefined`: its content is transferred or made by updates, and kept in the store. */
  readonly file: string | undefined;
  /** Set where it was found in one of `zoneFolders`: that folder. */
  readonly folder?: string;
}

export interface ZoneFolderConfig {
  readonly folder: string;
  /** How the zones in it are served; its `update` names may end with `%s`, which stands for a zone's name. */
  readonly policy: ZonePolicy;
}

/** What zones that are served alike share. */
export interface ZonePolicy {
  /** Where a secondary gets the zone from, the first first; empty: we are the primary. */
  readonly primaries: readonly RemoteServerConfig[];
  /** Who may transfer the zone out; nobody by default. */
  readonly transferTo: readonly AccessRule[];
  /** Who is told of a new serial. */
  readonly notify: readonly RemoteServerConfig[];
  /** Whose NOTIFY is believed beside that of the primaries. */
  readonly notifyFrom: readonly AccessRule[];
  /** Who may update it dynamically: what any of the rules that fit allows is allowed; nobody by default. */
  readonly update: readonly UpdateRule[];
  /** RFC 9432: the zone's content names zones to serve (`consumer`), or is made of the zones that name it (`producer`). */
  readonly catalog: 'none' | 'producer' | CatalogConsumerConfig;
  /** The producer's catalog zone that lists this zone. */
  readonly memberOf: string | undefined;
  /** Octets of changes kept for IXFR. */
  readonly journalSize: number;
}

/** How the members of a consumed catalog are served: each as a secondary of these. */
export interface CatalogConsumerConfig {
  readonly primaries: readonly RemoteServerConfig[];
  readonly transferTo: readonly AccessRule[];
  readonly notify: readonly RemoteServerConfig[];
}

export interface RemoteServerConfig {
  readonly endpoint: Endpoint;
  /** Name of the TSIG key that requests to it are signed by. */
  readonly key: string | undefined;
  /** Transfers over TLS (RFC 9103); `name`: what its certificate must be valid for, without it any certificate serves. */
  readonly tls: { readonly name: string | undefined } | undefined;
}

/** Fits whoever meets all that it names. */
export interface AccessRule {
  /** CIDR blocks; empty: any address. */
  readonly addresses: readonly string[];
  readonly key: string | undefined;
  /** Only over TLS. */
  readonly tls: boolean;
}

export interface UpdateRule extends AccessRule {
  /** Names that may be changed, absolute and without the last dot: `www.example.com`, or `*.dyn.example.com` for all below; empty: all. */
  readonly names: readonly string[];
  /** Mnemonics of the types that may be changed; empty: all. */
  readonly types: readonly string[];
}

export interface KeyConfig {
  /** Lower case, no trailing dot. */
  readonly name: string;
  readonly algorithm: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';
  /** Base64; or the file that has it. One of the two is set. */
  readonly secret: string | undefined;
  readonly secretFile: string | undefined;
}

export interface AuthorityConfig {
  /** The largest UDP answer, octets. */
  readonly udpSize: number;
  /** No authority and additional records that an answer can do without. */
  readonly minimalResponses: boolean;
  /** What is told to who asks for the server's name by NSID (RFC 5001) or CHAOS id.server; `undefined`: nothing. */
  readonly identity: string | undefined;
  /** What is told by CHAOS version.server; `undefined`: nothing. */
  readonly version: string | undefined;
  /** DNS cookies (RFC 7873, 9018). `secrets`: 32 hexadecimal digits each, the first makes cookies, all are believed; empty: one of our own. */
  readonly cookies: { readonly enabled: boolean; readonly secrets: readonly string[] };
  readonly rateLimit: RateLimitConfig;
  readonly tcp: StreamsConfig;
}

/** Connections of DNS clients, those of TLS included. */
export interface StreamsConfig {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** Seconds that a connection may be idle; told by edns-tcp-keepalive (RFC 7828). */
  readonly idle: number;
}

/** Of UDP answers of the authority to one network, or of one network's questions to the resolver. */
export interface RateLimitConfig {
  /** Answers of one kind, or questions, each second; 0: no limit. */
  readonly perSecond: number;
  /** Every so-many-th answer over the limit is sent truncated; 0: none, 1: all. */
  readonly slip: number;
  /** CIDR blocks without a limit. */
  readonly exempt: readonly string[];
}

/** What the resolver remembers, and for how long. */
export interface CacheConfig {
  /** Of its memory for answers, at most. */
  readonly octets: number;
  /** Seconds, whatever the TTL of an answer. */
  readonly maxTtl: number;
  readonly minTtl: number;
  /** Seconds after its end that an answer may still be given to clients where no server can be asked; 0: none. */
  readonly maxStale: number;
  /** Whether what is popular is asked for anew before it ends. */
  readonly prefetch: boolean;
  /** Whether what is proved to be absent is told of without asking anybody. */
  readonly aggressive: boolean;
}

/** How much the resolver's clients get. */
export interface ClientsConfig {
  /** Of questions of one network. */
  readonly rateLimit: RateLimitConfig;
  /** Questions of one client, an IPv4 address or an IPv6 /64, that may wait for an answer at one time. */
  readonly maxPendingPerClient: number;
  readonly tcp: StreamsConfig;
  /** Sites whose scripts may ask over HTTPS: origins, or `*`. */
  readonly allowOrigins: readonly string[];
  readonly queryLog: QueryLogConfig | undefined;
}

export interface QueryLogConfig {
  readonly file: string;
  /** Every so-many-th question is logged. */
  readonly oneIn: number;
  /** Octets after which a new file is begun. */
  readonly maxSize: number;
  /** Full files that are kept beside the one that is written. */
  readonly oldFiles: number;
}

export interface ResolverConfig {
  readonly rootHints: readonly RootHint[];
  /** Zone-file lines of DS or DNSKEY records; empty: nothing is validated. */
  readonly trustAnchors: readonly string[];
  /** Names at and below which nothing is validated (RFC 7646); lower case, no trailing dot. */
  readonly negativeTrustAnchors: readonly string[];
  /** CIDR blocks. */
  readonly allow: readonly string[];
  /** CIDR blocks of private addresses that are asked although a zone out there says so. */
  readonly privateServers: readonly string[];
  /** Zones whose servers are named here; the resolvers of `forward` are those of the root. */
  readonly routes: readonly RouteConfig[];
  readonly clients: ClientsConfig;
  readonly cache: CacheConfig;
  readonly hosts: HostsConfig;
  readonly localZones: readonly LocalZoneConfig[];
  /** The first that knows a name decides. */
  readonly block: readonly BlockListConfig[];
  readonly rebinding: RebindingConfig;
  readonly dns64: Dns64Config | undefined;
  readonly rootZone: RootZoneConfig | undefined;
}

export interface RootHint {
  /** Lower case, no trailing dot. */
  readonly name: string;
  readonly addresses: readonly string[];
}

export interface SmtpConfig {
  /** Octets of content. */
  readonly maxMessageSize: number;
  readonly maxRecipients: number;
  /** Octets of all messages that arrive at the same time. */
  readonly maxMemory: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

export interface Pop3Config {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** What is accepted in the file and has no effect yet, or surely isn't meant: sentences for `config check` and the start. */
export function configWarnings(config: Config): readonly string[] {
  const warnings: string[] = [];
  // RFC 7646 §2: a negative anchor for all would be no validation at all.
  if (config.resolver.negativeTrustAnchors.includes('.')) {
    warnings.push(
      'resolver.negative-trust-anchors has the root, so nothing is validated: trust-anchors: [] says that more plainly',
    );
  }
  if (hasStrangeRoot(config)) {
    warnings.push(
      "resolver.root-hints names root servers of your own, but the trust anchors are the real root's: every answer would count as forged; set trust-anchors to your root's DS record, or to [] for no validation",
    );
  }
  if (listenerNames.every((name) => config.listeners[name].length === 0)) {
    warnings.push('no listener is set, so there is nothing to serve: a role runs if it has a listener');
  }
  const listening = [...config.listeners['dns-authority'], ...config.listeners['dns-authority-tls']];
  if (config.zones.length > 0 && listening.length === 0) {
    warnings.push('zones are set, but no dns-authority listener: nobody can ask for them');
  }
  if (config.zones.length + config.zoneFolders.length === 0 && listening.length > 0) {
    warnings.push('a dns-authority listener is set, but no zones: every question to it will be refused');
  }
  warnings.push(...zoneWarnings(config), ...keyWarnings(config));
  if (config.resolver.allow.some((block) => /\/0+$/.test(block))) {
    warnings.push(
      'resolver.allow lets the whole internet use the resolver: open resolvers are abused to flood others',
    );
  }
  return warnings;
}

/** Whether none of the root servers is a real one, while validation begins at the real root. */
function hasStrangeRoot({ resolver }: Config): boolean {
  const real = new Set(rootHints.flatMap(({ addresses }) => addresses));
  return (
    resolver.routes.every(({ name }) => name !== '.') &&
    !resolver.rootHints.some(({ addresses }) => addresses.some((address) => real.has(address))) &&
    rootAnchors.some((anchor) => resolver.trustAnchors.includes(anchor))
  );
}

function zoneWarnings(config: Config): readonly string[] {
  const warnings: string[] = [];
  const empty = config.zones.filter(
    ({ file, primaries, update, catalog }) =>
      file === undefined && primaries.length === 0 && update.length === 0 && catalog === 'none',
  );
  const [first] = empty;
  if (first !== undefined) {
    const others = empty.length === 1 ? '' : ` and ${empty.length - 1} more`;
    warnings.push(
      `zone ${first.name}${others}: there is no file, no primaries and no update rule, so only 'signpost zone import' can give it content`,
    );
  }
  const tlsOnly = config.zones.find((zone) => zone.transferTo.some(({ tls }) => tls));
  if (tlsOnly !== undefined && config.listeners['dns-authority-tls'].length === 0) {
    warnings.push(
      `zone ${tlsOnly.name}: a rule of transfer-to wants TLS, but there is no dns-authority-tls listener`,
    );
  }
  return warnings;
}

function keyWarnings({ keys }: Config): readonly string[] {
  return keys.flatMap(({ name, secret }) => {
    const octets = ((secret ?? '').replace(/=+$/, '').length * 3) >> 2;
    // RFC 8945 §8: a secret should be at least as long as the digest; below 128 bits it can be guessed.
    return secret === undefined || octets >= 16
      ? []
      : [
          `key ${name}: a secret of ${octets} octets can be guessed; openssl rand -base64 32 makes a better one`,
        ];
  });
}
