// Knot DNS. As a primary it makes an IXFR step of what changed in a file.
import { transferKey } from './peer.ts';
import type { PeerProgram, PeerZone } from './peer.ts';

export const knot: PeerProgram = {
  name: 'knot',
  command: (config) => ['/usr/sbin/knotd', '-c', config],
  config: (folder, port, zones) => {
    const remotes = new Set(
      zones.flatMap(({ primary, notify }) => [primary, notify].flatMap((to) => (to ? [to.port] : []))),
    );
    return `server:
    rundir: ${folder}
    listen: 127.0.0.1@${port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: ${folder}
    journal-db-max-size: 64M
    kasp-db-max-size: 16M
    timer-db-max-size: 16M
    catalog-db-max-size: 16M
key:
  - id: ${transferKey.name}
    algorithm: ${transferKey.algorithm}
    secret: ${transferKey.secret}
remote:
  - id: nobody
    address: 127.0.0.1@9
${[...remotes].map((at) => `  - id: at${at}\n    address: 127.0.0.1@${at}\n    key: ${transferKey.name}`).join('\n')}
acl:
  - id: with-key
    key: ${transferKey.name}
    action: [transfer, notify]
template:
  - id: default
    storage: ${folder}
    file: "%s.zone"
    zonefile-sync: -1
    zonefile-load: difference
    journal-content: changes
    acl: with-key
${zones.flatMap((zone) => (zone.catalog === 'consumer' && zone.primary ? [memberTemplate(folder, zone.primary.port)] : [])).join('')}zone:
${zones.map(zoneLines).join('')}log:
  - target: stderr
    any: info
`;
  },
};

function memberTemplate(folder: string, port: number): string {
  return `  - id: members
    storage: ${folder}
    zonefile-sync: -1
    zonefile-load: none
    journal-content: all
    master: at${port}
    acl: with-key
`;
}

function zoneLines({ name, primary, notify, catalog, memberOf }: PeerZone): string {
  const lines = [`  - domain: ${name}`];
  if (primary !== undefined)
    lines.push(`    master: at${primary.port}`, '    zonefile-load: none', '    journal-content: all');
  if (notify !== undefined) lines.push(`    notify: at${notify.port}`);
  if (catalog === 'producer') lines.push('    catalog-role: generate', '    zonefile-load: none');
  if (catalog === 'consumer') lines.push('    catalog-role: interpret', '    catalog-template: members');
  if (memberOf !== undefined) lines.push('    catalog-role: member', `    catalog-zone: ${memberOf}`);
  return `${lines.join('\n')}\n`;
}
