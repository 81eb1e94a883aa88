// Unbound as a resolver, with one thread; it validates where Signpost does.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../workspace.ts';
import { answersDns, ask, findProgram, whenReady } from './launch.ts';
import type { ColdPeer, ResolverPeer } from './peer.ts';

export const unbound: ResolverPeer & ColdPeer = {
  name: 'Unbound',
  async describe() {
    const said = await ask(findProgram('unbound', 'unbound'), ['-V']);
    return `Unbound ${/Version (\S+)/.exec(said)?.[1] ?? '?'}`;
  },
  async startResolver(workspace, authorityPort) {
    const port = await freePort();
    const folder = workspace.makeFolder('unbound');
    const config = join(folder, 'unbound.conf');
    writeFileSync(
      config,
      `${serverPart(folder, port)}  # Unbound answers for test. itself, unless told not to.
  local-zone: "test." nodefault
  module-config: "iterator"
  # Room for all that is asked for, as Signpost has by default.
  rrset-cache-size: 256m
  msg-cache-size: 128m
remote-control:
  control-enable: no
stub-zone:
  name: "."
  stub-addr: 127.0.0.1@${authorityPort}
stub-zone:
  name: "bench.test"
  stub-addr: 127.0.0.1@${authorityPort}
`,
    );
    const child = workspace.start('unbound', findProgram('unbound', 'unbound'), ['-d', '-c', config]);
    return whenReady(workspace, 'unbound', child, port, () => answersDns(port, 'h0.bench.test'));
  },
  async startCold(workspace, { root, anchor }) {
    const port = await freePort();
    const folder = workspace.makeFolder('unbound-cold');
    const config = join(folder, 'unbound.conf');
    writeFileSync(join(folder, 'root.hints'), `. 3600 IN NS ns.root.\nns.root. 3600 IN A ${root}\n`);
    writeFileSync(
      config,
      `${serverPart(folder, port)}  module-config: "${anchor === undefined ? '' : 'validator '}iterator"
  ${anchor === undefined ? '' : `trust-anchor: "${anchor}"`}
  trust-anchor-signaling: no
  root-hints: "${folder}/root.hints"
  # As Signpost: mixed case (0x20), shortened names, and NSEC used for what they deny.
  use-caps-for-id: yes
  qname-minimisation: yes
  aggressive-nsec: yes
  outgoing-range: 4096
  num-queries-per-thread: 2048
remote-control:
  control-enable: no
`,
    );
    const child = workspace.start('unbound-cold', findProgram('unbound', 'unbound'), ['-d', '-c', config]);
    return whenReady(workspace, 'unbound-cold', child, port, () => answersDns(port, 'localhost'));
  },
};

/** What both kinds of measurements begin their config with. */
function serverPart(folder: string, port: number): string {
  return `server:
  interface: 127.0.0.1@${port}
  directory: "${folder}"
  pidfile: "${folder}/unbound.pid"
  username: ""
  chroot: ""
  use-syslog: no
  verbosity: 0
  num-threads: 1
  do-ip6: no
  do-not-query-localhost: no
  access-control: 127.0.0.0/8 allow
`;
}
