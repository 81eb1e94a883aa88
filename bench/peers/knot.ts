// Knot DNS as an authority, with one worker.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../workspace.ts';
import { answersDns, ask, findProgram, whenReady } from './launch.ts';
import type { AuthorityPeer } from './peer.ts';

export const knot: AuthorityPeer = {
  name: 'Knot DNS',
  async describe() {
    const said = await ask(findProgram('knotd', 'knot'), ['--version']);
    return `Knot DNS ${/version (\S+)/.exec(said)?.[1] ?? '?'}`;
  },
  async startAuthority(workspace, zone) {
    const port = await freePort();
    const folder = workspace.makeFolder('knot');
    const config = join(folder, 'knot.conf');
    writeFileSync(
      config,
      `server:
    rundir: ${folder}
    listen: 127.0.0.1@${port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: ${folder}
template:
  - id: default
    storage: ${folder}
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
  - domain: ${zone.name}
    file: ${zone.zoneFile}
  - domain: .
    file: ${zone.rootFile}
log:
  - target: stderr
    any: warning
`,
    );
    const child = workspace.start('knot', findProgram('knotd', 'knot'), ['-c', config]);
    return whenReady(workspace, 'knot', child, port, () => answersDns(port, zone.lastName));
  },
};
