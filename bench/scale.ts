// A zone of a million names: how long from the start of the process until its last name is answered, the CPU that took, and the
// memory held once all is at rest. One server at a time: two such zones may not fit beside each other.
import { setTimeout as wait } from 'node:timers/promises';
import type { BenchOptions } from './options.ts';
import type { AuthorityPeer } from './peers/peer.ts';
import { cpuSeconds, memoryMib } from './process-tree.ts';
import type { Recorder } from './recorder.ts';
import type { Workspace } from './workspace.ts';
import type { BenchZone } from './zone.ts';

/** Until what loading left has been given back. */
const restMs = 5000;

/** The first of `peers` is ours. */
export async function benchScale(
  workspace: Workspace,
  zone: BenchZone,
  options: BenchOptions,
  peers: readonly AuthorityPeer[],
  recorder: Recorder,
): Promise<void> {
  for (let round = 0; round < options.scaleRounds; round++) {
    for (const [index, peer] of peers.entries()) {
      await recorder.attempt('scale', peer.name, async () => {
        const row = {
          part: 'scale',
          server: await peer.describe(),
          ours: index === 0,
          better: 'less',
        } as const;
        const start = performance.now();
        const running = await peer.startAuthority(workspace, zone);
        const seconds = (performance.now() - start) / 1000;
        const cpu = cpuSeconds(running.pid);
        await wait(restMs);
        const memory = memoryMib(running.pid);
        await running.stop();
        recorder.add({ ...row, figure: 'large zone: start until it answers', unit: 's' }, seconds);
        recorder.add({ ...row, figure: 'large zone: CPU of the start', unit: 's' }, cpu);
        recorder.add({ ...row, figure: 'large zone: memory', unit: 'MiB' }, memory);
      });
    }
  }
}
