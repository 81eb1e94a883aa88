// What a resolver's cache costs: the memory of a server before and after it was asked for many names, one address each.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { runDnsperf } from './load/dnsperf.ts';
import type { AuthorityPeer, ResolverPeer } from './peers/peer.ts';
import { memoryMib } from './process-tree.ts';
import type { Recorder } from './recorder.ts';
import { startFirst } from './resolver.ts';
import type { Workspace } from './workspace.ts';
import { writeZone } from './zone.ts';

const names = 100_000;
/** Asked for before the first look, so that what a server loads and compiles as it works is not taken for its cache. */
const warmUpNames = 5000;
/** Until what the load left behind has been collected. */
const restMs = 8000;

export async function benchCacheMemory(
  workspace: Workspace,
  peers: readonly ResolverPeer[],
  authorities: readonly AuthorityPeer[],
  recorder: Recorder,
): Promise<void> {
  const folder = workspace.makeFolder('cache-memory');
  const zone = writeZone(folder, warmUpNames + names);
  const authority = await recorder.attempt('memory', 'the authority behind', () =>
    startFirst(workspace, zone, authorities),
  );
  if (authority === undefined) return;
  const [first, all] = [join(folder, 'first.txt'), join(folder, 'all.txt')];
  writeHosts(first, 0, warmUpNames);
  writeHosts(all, warmUpNames, warmUpNames + names);
  for (const [index, peer] of peers.entries()) {
    await recorder.attempt('memory', peer.name, async () => {
      const server = await peer.describe();
      const running = await peer.startResolver(workspace, authority.port);
      await runDnsperf(running.port, first, { passes: 4 });
      await wait(restMs);
      const before = memoryMib(running.pid);
      const { lost } = await runDnsperf(running.port, all, { passes: 1 }, { underWay: 50 });
      if (lost > names / 1000) throw new Error(`${lost} of ${names} questions were lost`);
      await wait(restMs);
      const row = {
        part: 'memory',
        figure: 'memory for 100,000 cached RRsets',
        unit: 'MiB',
        better: 'less',
      } as const;
      recorder.add({ ...row, server, ours: index === 0 }, memoryMib(running.pid) - before);
      await running.stop();
    });
  }
  await authority.stop();
}

function writeHosts(path: string, from: number, to: number): void {
  let text = '';
  for (let i = from; i < to; i++) text += `h${i}.bench.test A\n`;
  writeFileSync(path, text);
}
