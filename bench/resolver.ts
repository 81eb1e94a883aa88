// CPU per query of resolvers that answer from their cache. Queries per second say little here: the load generator shares the
// machine. Servers take their turns round by round, so that a busy neighbour hits them alike.
import { join } from 'node:path';
import { runDnsperf } from './load/dnsperf.ts';
import { underLoad, warmUpSeconds } from './load/under-load.ts';
import type { BenchOptions } from './options.ts';
import { Unavailable } from './peers/peer.ts';
import type { AuthorityPeer, ResolverPeer, RunningServer } from './peers/peer.ts';
import type { Contender, Recorder } from './recorder.ts';
import type { Workspace } from './workspace.ts';
import { writeMix } from './zone.ts';
import type { BenchZone } from './zone.ts';

/** `authorities`: the first that is there serves the root zone and bench.test for all resolvers. */
export async function benchResolvers(
  workspace: Workspace,
  zone: BenchZone,
  options: BenchOptions,
  peers: readonly ResolverPeer[],
  authorities: readonly AuthorityPeer[],
  recorder: Recorder,
): Promise<void> {
  const authority = await recorder.attempt('resolver', 'the authority behind', () =>
    startFirst(workspace, zone, authorities),
  );
  if (authority === undefined) return;
  const { port } = authority;
  const contenders: Contender<RunningServer>[] = [];
  for (const [index, peer] of peers.entries()) {
    const started = await recorder.attempt('resolver', peer.name, async () => {
      const contender = {
        label: await peer.describe(),
        ours: index === 0,
        server: await peer.startResolver(workspace, port),
      };
      // Once through the file: every name is in the cache for an hour after it.
      await runDnsperf(contender.server.port, zone.hostsFile, { passes: 2 });
      return contender;
    });
    if (started !== undefined) contenders.push(started);
  }
  await measureHits(zone.hostsFile, contenders, options, recorder);
  await measureMix(workspace.makeFolder('mixes'), contenders, options, recorder);
  for (const { server } of contenders) await server.stop();
  await authority.stop();
}

/** The first of the authorities that is there, for resolvers to resolve through. */
export async function startFirst(
  workspace: Workspace,
  zone: BenchZone,
  authorities: readonly AuthorityPeer[],
): Promise<RunningServer> {
  for (const peer of authorities) {
    try {
      await peer.describe();
      return await peer.startAuthority(workspace, zone);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
  }
  throw new Unavailable(`none of ${authorities.map((peer) => peer.name).join(', ')} can be started`);
}

async function measureHits(
  queryFile: string,
  contenders: readonly Contender<RunningServer>[],
  options: BenchOptions,
  recorder: Recorder,
): Promise<void> {
  for (const { server, label } of contenders) {
    await recorder.attempt('resolver', label, () =>
      runDnsperf(server.port, queryFile, { seconds: warmUpSeconds }),
    );
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const { server, label, ours } of contenders) {
      await recorder.attempt('resolver', label, async () => {
        const { load, cpu } = await underLoad(server, queryFile, { seconds: options.seconds });
        const row = { part: 'resolver', server: label, ours } as const;
        const figure = 'resolver: CPU per query from the cache';
        recorder.add({ ...row, figure, unit: 'µs', better: 'less' }, (cpu / load.answered) * 1e6);
        const rate = { figure: 'resolver: queries answered', unit: 'per second', better: 'more' } as const;
        recorder.add({ ...row, ...rate }, load.perSecond);
      });
    }
  }
}

/** One name in so many isn't in the cache. */
const missesAmong = 10;
const mixedQueries = 60_000;

/** Names in the cache and, for one query in ten, a name that nobody has asked for: each is one question to the authority behind. */
async function measureMix(
  folder: string,
  contenders: readonly Contender<RunningServer>[],
  options: BenchOptions,
  recorder: Recorder,
): Promise<void> {
  // The first is for the compilers.
  for (let round = -1; round < options.rounds; round++) {
    const queryFile = join(folder, `mix${round}.txt`);
    writeMix(queryFile, `r${round}`, { queries: mixedQueries, missesAmong });
    for (const { server, label, ours } of contenders) {
      await recorder.attempt('resolver', label, async () => {
        const { load, cpu } = await underLoad(server, queryFile, { passes: 1 });
        if (round < 0) return;
        const figure = 'resolver: CPU per query, nine in ten from the cache';
        const row = { part: 'resolver', server: label, ours, figure, unit: 'µs', better: 'less' } as const;
        recorder.add(row, (cpu / load.answered) * 1e6);
      });
    }
  }
}
