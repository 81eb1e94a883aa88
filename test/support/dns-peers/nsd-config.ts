// What every NSD of ours is told, in tests and benchmarks: one process, all of its files in one folder, no control socket, no rate limit.

export interface NsdConfig {
  readonly folder: string;
  /** `127.0.0.1@5300`. */
  readonly at: string;
  readonly zones: readonly { readonly name: string; readonly file: string }[];
  /** Further lines of the server's part. */
  readonly more?: string;
}

/** The text of an nsd.conf; other parts may follow. */
export function nsdConfig({ folder, at, zones, more = '' }: NsdConfig): string {
  return `server:
  ip-address: ${at}
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "${folder}"
  database: ""
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd.state"
  xfrdir: "${folder}"
  zonelistfile: "${folder}/zone.list"
  rrl-ratelimit: 0
  verbosity: 0
${more}remote-control:
  control-enable: no
${zones.map(({ name, file }) => `zone:\n  name: "${name}"\n  zonefile: "${file}"\n`).join('')}`;
}
