// NSD as an authority, with one server process.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nsdConfig } from '../../test/support/dns-peers/nsd-config.ts';
import { freePort } from '../workspace.ts';
import { answersDns, ask, findProgram, whenReady } from './launch.ts';
import type { AuthorityPeer } from './peer.ts';

export const nsd: AuthorityPeer = {
  name: 'NSD',
  async describe() {
    const said = await ask(findProgram('nsd', 'nsd'), ['-v']);
    return `NSD ${/version (\S+)/i.exec(said)?.[1] ?? '?'}`;
  },
  async startAuthority(workspace, zone) {
    const port = await freePort();
    const folder = workspace.makeFolder('nsd');
    const config = join(folder, 'nsd.conf');
    writeFileSync(
      config,
      nsdConfig({
        folder,
        at: `127.0.0.1@${port}`,
        zones: [
          { name: zone.name, file: zone.zoneFile },
          { name: '.', file: zone.rootFile },
        ],
      }),
    );
    const child = workspace.start('nsd', findProgram('nsd', 'nsd'), ['-d', '-c', config]);
    return whenReady(workspace, 'nsd', child, port, () => answersDns(port, zone.lastName));
  },
};
