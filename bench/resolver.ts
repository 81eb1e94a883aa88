// CPU per query of resolvers that answer from their cache. Queries per second say little here: the load generator shares the
// machine. Servers take their turns round by round, so that a busy neighbour hits them alike.
import { runDnsperf } from './load/dnsperf.ts';
import { underLoad, warmUpSeconds } from './load/under-load.ts';
import type { BenchOptions } from './options.ts';
import { Unavailable } from './peers/peer.ts';
import type { AuthorityPeer, ResolverPeer, RunningServer } from './peers/peer.ts';
import type { Contender, Recorder } from './recorder.ts';
import type { Workspace } from './workspace.ts';
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
  await measure(zone.hostsFile, contenders, options, recorder);
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

async function measure(
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
