// NSD. As a primary it makes an IXFR step of what changed in a file; it knows no updates and, in this version, no catalogs.
import { nsdConfig } from './nsd-config.ts';
import { transferKey } from './peer.ts';
import type { PeerProgram, PeerZone } from './peer.ts';

/** Signals and transfers are heeded at once, not gathered for a second; and what goes wrong is told. */
const more = '  xfrd-reload-timeout: 0\n  zonefiles-check: yes\n  verbosity: 1\n';
const key = `key:
  name: ${transferKey.name}
  algorithm: ${transferKey.algorithm}
  secret: "${transferKey.secret}"
`;

export const nsd: PeerProgram = {
  name: 'nsd',
  command: (config) => ['/usr/sbin/nsd', '-d', '-c', config],
  config: (folder, port, zones) =>
    nsdConfig({ folder, at: `127.0.0.1@${port}`, zones: [], more }) + key + zones.map(zoneLines).join(''),
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
