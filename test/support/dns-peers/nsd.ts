// NSD. As a primary it makes an IXFR step of what changed in a file; it knows no updates and, in this version, no catalogs.
import { transferKey } from './peer.ts';
import type { PeerProgram, PeerZone } from './peer.ts';

export const nsd: PeerProgram = {
  name: 'nsd',
  command: (config) => ['/usr/sbin/nsd', '-d', '-c', config],
  config: (folder, port, zones) => `server:
  ip-address: 127.0.0.1@${port}
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "${folder}"
  database: ""
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd.state"
  xfrdir: "${folder}"
  zonelistfile: "${folder}/zone.list"
  # Signals and transfers are heeded at once, not gathered for a second.
  xfrd-reload-timeout: 0
  zonefiles-check: yes
  rrl-ratelimit: 0
  verbosity: 1
remote-control:
  control-enable: no
key:
  name: ${transferKey.name}
  algorithm: ${transferKey.algorithm}
  secret: "${transferKey.secret}"
${zones.map(zoneLines).join('')}`,
};

function zoneLines({ name, primary, notify }: PeerZone): string {
  const lines = ['zone:', `  name: ${name}`, `  zonefile: ${name}.zone`];
  lines.push(`  provide-xfr: 127.0.0.1 ${transferKey.name}`);
  if (primary === undefined) {
    lines.push('  store-ixfr: yes', '  create-ixfr: yes', '  ixfr-number: 100', '  ixfr-size: 0');
  } else {
    lines.push(`  request-xfr: 127.0.0.1@${primary.port} ${transferKey.name}`);
    lines.push(`  allow-notify: 127.0.0.1 ${transferKey.name}`);
  }
  if (notify !== undefined) lines.push(`  notify: 127.0.0.1@${notify.port} ${transferKey.name}`);
  return `${lines.join('\n')}\n`;
}
