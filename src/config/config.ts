// What `signpost.yaml` says, once checked: frozen, with every default filled in and every path absolute.
import type { Endpoint } from '../lib/endpoint.ts';

export const listenerNames = [
  'dns-authority',
  'dns-resolver',
  'smtp',
  'submission',
  'submissions',
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
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** A role runs if it has a listener. */
  readonly listeners: Readonly<Record<ListenerName, readonly Endpoint[]>>;
  readonly zones: readonly ZoneConfig[];
  readonly resolver: ResolverConfig;
  readonly smtp: SmtpConfig;
  readonly pop3: Pop3Config;
  /** Datagram workers; `undefined`: as the program thinks best. */
  readonly workers: { readonly dns: number | undefined };
  /** Outgoing traffic only: `address:port` as DNS knows it (in `formatEndpoint`'s form) → where it really is. */
  readonly network: { readonly map: ReadonlyMap<string, Endpoint> };
}

export interface ZoneConfig {
  /** Lower case, no trailing dot; the root is `.`. */
  readonly name: string;
  readonly file: string;
}

export interface ResolverConfig {
  readonly rootHints: readonly RootHint[];
  /** Zone-file lines of DS or DNSKEY records. */
  readonly trustAnchors: readonly string[];
  /** CIDR blocks. */
  readonly allow: readonly string[];
  /** Resolvers to ask instead of the root; empty: the root. */
  readonly forward: readonly Endpoint[];
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
  if (config.resolver.trustAnchors.length > 0) {
    warnings.push(
      'resolver.trust-anchors has no effect yet: answers are not validated by DNSSEC in this version, and none is ever called secure',
    );
  }
  if (config.workers.dns !== undefined) {
    warnings.push('workers.dns has no effect yet: one thread answers all datagrams in this version');
  }
  if (listenerNames.every((name) => config.listeners[name].length === 0)) {
    warnings.push('no listener is set, so there is nothing to serve: a role runs if it has a listener');
  }
  if (config.zones.length > 0 && config.listeners['dns-authority'].length === 0) {
    warnings.push('zones are set, but no dns-authority listener: nobody can ask for them');
  }
  if (config.zones.length === 0 && config.listeners['dns-authority'].length > 0) {
    warnings.push('a dns-authority listener is set, but no zones: every question to it will be refused');
  }
  if (config.resolver.allow.some((block) => /\/0+$/.test(block))) {
    warnings.push(
      'resolver.allow lets the whole internet use the resolver: open resolvers are abused to flood others',
    );
  }
  return warnings;
}
