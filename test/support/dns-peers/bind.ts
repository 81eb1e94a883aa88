// BIND. As a primary it makes an IXFR step of what changed in a file.
import { transferKey } from './peer.ts';
import type { PeerProgram, PeerZone } from './peer.ts';

export const bind: PeerProgram = {
  name: 'bind',
  command: (config) => ['/usr/sbin/named', '-g', '-4', '-n', '1', '-c', config],
  config: (folder, port, zones) => `options {
  directory "${folder}";
  pid-file "${folder}/named.pid";
  session-keyfile "${folder}/session.key";
  managed-keys-directory "${folder}";
  listen-on port ${port} { 127.0.0.1; };
  recursion no;
  dnssec-validation no;
  notify explicit;
  notify-delay 0;
  notify-rate 1000;
  startup-notify-rate 1000;
  serial-query-rate 1000;
  min-retry-time 1;
  min-refresh-time 1;
  ixfr-from-differences yes;
  allow-transfer { key ${transferKey.name}; };
${zones.flatMap((zone) => (zone.catalog === 'consumer' && zone.primary ? [catalogLines(zone.name, zone.primary.port)] : [])).join('')}};
controls {};
key ${transferKey.name} { algorithm ${transferKey.algorithm}; secret "${transferKey.secret}"; };
${zones.map(zoneLines).join('')}`,
};

function catalogLines(name: string, port: number): string {
  return `  catalog-zones {
    zone "${name}" default-primaries { 127.0.0.1 port ${port} key ${transferKey.name}; } in-memory yes min-update-interval 1;
  };
`;
}

function zoneLines({ name, primary, notify }: PeerZone): string {
  const lines = [`zone "${name}" {`, `  file "${name}.zone";`];
  if (primary === undefined) lines.push('  type primary;');
  else {
    lines.push('  type secondary;', '  masterfile-format text;');
    lines.push(`  primaries { 127.0.0.1 port ${primary.port} key ${transferKey.name}; };`);
    lines.push(`  allow-notify { key ${transferKey.name}; };`);
  }
  if (notify !== undefined)
    lines.push(`  also-notify { 127.0.0.1 port ${notify.port} key ${transferKey.name}; };`);
  return `${[...lines, '};'].join('\n')}\n`;
}
