// Knot DNS as an authority, with one worker.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../workspace.ts';
import { answersDns, ask, findProgram, whenReady } from './launch.ts';
import { updateKey, updateSecret } from './peer.ts';
import type { AuthorityPeer, RunningServer, UpdatedPeer } from './peer.ts';
import type { Workspace } from '../workspace.ts';
import type { BenchZone } from '../zone.ts';

export const knot: AuthorityPeer & UpdatedPeer = {
  name: 'Knot DNS',
  async describe() {
    const said = await ask(findProgram('knotd', 'knot'), ['--version']);
    return `Knot DNS ${/version (\S+)/.exec(said)?.[1] ?? '?'}`;
  },
  startAuthority(workspace, zone) {
    return start(workspace, zone, readOnly);
  },
  async startUpdated(workspace, zone) {
    return { ...(await start(workspace, zone, updated)), key: updateKey };
  },
};

/** Lines of the config that tell the two kinds apart. */
interface Kind {
  readonly keys: string;
  readonly zone: string;
}

const readOnly: Kind = { keys: '', zone: '    journal-content: none' };

const updated: Kind = {
  keys: `key:
  - id: bench-key
    algorithm: hmac-sha256
    secret: ${updateSecret}
acl:
  - id: bench
    key: bench-key
    action: update
`,
  zone: '    journal-content: changes\n    acl: bench',
};

async function start(workspace: Workspace, zone: BenchZone, kind: Kind): Promise<RunningServer> {
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
${kind.keys}template:
  - id: default
    storage: ${folder}
    zonefile-sync: -1
    zonefile-load: whole
zone:
  - domain: ${zone.name}
    file: ${zone.zoneFile}
${kind.zone}
  - domain: .
    file: ${zone.rootFile}
    journal-content: none
log:
  - target: stderr
    any: warning
`,
  );
  const child = workspace.start('knot', findProgram('knotd', 'knot'), ['-c', config]);
  return whenReady(workspace, 'knot', child, port, () => answersDns(port, zone.lastName));
}
