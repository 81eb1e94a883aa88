// What of the config decides where the resolver gets its answers: from other servers, from what its operator says, or by leaving
// something out.
import type { Endpoint } from '../lib/endpoint.ts';

/** A zone whose servers the operator names. */
export interface RouteConfig {
  /** Lower case, no trailing dot; the root is `.`. */
  readonly name: string;
  /** `forward`: resolvers are asked, and their word is taken for all below the zone. `stub`: servers of the zone itself. */
  readonly kind: 'forward' | 'stub';
  readonly servers: readonly UpstreamServerConfig[];
  /** Where none of them has an answer, the world is asked. */
  readonly first: boolean;
}

export interface UpstreamServerConfig {
  readonly endpoint: Endpoint;
  /** DNS over TLS alone (RFC 7858); `name`: what its certificate must be valid for, without it its address. */
  readonly tls: { readonly name: string | undefined } | undefined;
}

export interface HostsConfig {
  /** In the form of /etc/hosts. */
  readonly files: readonly string[];
  /** Names in lower case without the last dot. */
  readonly names: readonly { readonly name: string; readonly addresses: readonly string[] }[];
}

export const localZoneTypes = [
  'static',
  'transparent',
  'typetransparent',
  'redirect',
  'nxdomain',
  'nodata',
  'refuse',
  'drop',
  'world',
] as const;
export type LocalZoneType = (typeof localZoneTypes)[number];

export interface LocalZoneConfig {
  readonly name: string;
  readonly type: LocalZoneType;
  /** Zone-file lines whose names are relative to the zone. */
  readonly records: readonly string[];
}

export const blockActions = ['nxdomain', 'nodata', 'refuse', 'drop', 'pass', 'records'] as const;
export type BlockAction = (typeof blockActions)[number];
export type BlockReason = 'blocked' | 'censored' | 'filtered';

export interface BlockListConfig {
  readonly file: string;
  readonly format: 'hosts' | 'domains' | 'rpz';
  /** `undefined`: what an RPZ says itself. */
  readonly action: BlockAction | undefined;
  /** For `records`: zone-file lines without a name, like `A 192.0.2.1`. */
  readonly records: readonly string[];
  /** What clients are told (RFC 8914 §4.16 to §4.18). */
  readonly reason: BlockReason;
}

export interface RebindingConfig {
  readonly enabled: boolean;
  /** CIDR blocks. */
  readonly addresses: readonly string[];
  /** Names at and below which such addresses are right. */
  readonly except: readonly string[];
}

export interface Dns64Config {
  /** CIDR block of one of the lengths of RFC 6052 §2.2. */
  readonly prefix: string;
  /** CIDR blocks: AAAA records in them count as none (RFC 6147 §5.1.4). */
  readonly exclude: readonly string[];
}

/** The root zone kept here (RFC 8806). */
export interface RootZoneConfig {
  readonly file: string;
}
