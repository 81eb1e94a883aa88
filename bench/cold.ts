// Resolution from an empty cache: 5,000 names in 500 zones whose servers answer late. How long it takes, how many questions it costs
// others, and what validation costs ourselves.
import type { BenchOptions } from './options.ts';
import { coldDomains, startColdWorld, upstreamDelay } from './cold-world.ts';
import type { ColdWorld } from './cold-world.ts';
import { underLoad } from './load/under-load.ts';
import type { ColdPeer } from './peers/peer.ts';
import type { Recorder } from './recorder.ts';
import type { Workspace } from './workspace.ts';

/** Each round starts each resolver anew: its cache is empty but for what it was warmed up with. */
export async function benchCold(
  workspace: Workspace,
  options: BenchOptions,
  peers: readonly ColdPeer[],
  recorder: Recorder,
): Promise<void> {
  const world = await recorder.attempt('cold', 'the world behind', () => startColdWorld(workspace));
  if (world === undefined) return;
  for (let round = 0; round < options.rounds; round++) {
    for (const [index, peer] of peers.entries()) {
      await recorder.attempt('cold', peer.name, async () => {
        const label = await peer.describe();
        for (const validating of [false, true])
          await measure(workspace, world, { peer, label, ours: index === 0, validating }, recorder);
      });
    }
  }
  await world.stop();
}

async function measure(
  workspace: Workspace,
  world: ColdWorld,
  turn: {
    readonly peer: ColdPeer;
    readonly label: string;
    readonly ours: boolean;
    readonly validating: boolean;
  },
  recorder: Recorder,
): Promise<void> {
  const { peer, label, ours, validating } = turn;
  const server = await peer.startCold(workspace, {
    root: world.root,
    anchor: validating ? world.anchor : undefined,
  });
  // For the compiler; the cache knows nothing of com from it.
  await underLoad(server, world.warmUpFile, { passes: 1 }, { underWay: 100 });
  const asked = world.asked();
  const { load, cpu } = await underLoad(server, world.queryFile, { passes: 1 }, { underWay: 100 });
  await server.stop();
  if (load.lost > 0) throw new Error(`${load.lost} of ${world.names} names got no answer`);
  const about = `cold${validating ? ', validating' : ''} (${coldDomains} zones, ${upstreamDelay} ms)`;
  const add = (figure: string, unit: string, better: 'less' | 'more', value: number): void =>
    recorder.add({ part: 'cold', server: label, ours, figure: `${about}: ${figure}`, unit, better }, value);
  add('time', 's', 'less', load.answered / load.perSecond);
  add('upstream questions', 'per name', 'less', (world.asked() - asked) / world.names);
  add('names', 'per CPU second', 'more', load.answered / cpu);
}
