// A thousand dynamic updates a second to a zone of a million names while queries go on: what of them is lost, and how soon what
// was changed is seen.
import { runDnsperf } from './load/dnsperf.ts';
import { warmUpSeconds } from './load/under-load.ts';
import type { BenchOptions } from './options.ts';
import type { UpdatedPeer } from './peers/peer.ts';
import type { Recorder } from './recorder.ts';
import type { Workspace } from './workspace.ts';
import type { BenchZone } from './zone.ts';
import { sendSigned, sendUpdates, signUpdates } from '../test/support/update-load.ts';

const updatesPerSecond = 1000;
/** Light enough for the generators and the server to share two cores. */
const queriesPerSecond = 10_000;
/** Sent before anything counts, for the same reason as queries are: a just-in-time compiler has compiled then. */
const warmUpUpdates = { count: 1000, perSecond: 300 };

/** The first of `peers` is ours. */
export async function benchUpdates(
  workspace: Workspace,
  zone: BenchZone,
  options: BenchOptions,
  peers: readonly UpdatedPeer[],
  recorder: Recorder,
): Promise<void> {
  for (const [index, peer] of peers.entries()) {
    await recorder.attempt('updates', peer.name, async () => {
      const row = {
        part: 'updates',
        server: await peer.describe(),
        ours: index === 0,
        better: 'less',
      } as const;
      const server = await peer.startUpdated(workspace, zone);
      const { port, key } = server;
      const queries = { perSecond: queriesPerSecond };
      await runDnsperf(port, zone.queryFile, { seconds: warmUpSeconds }, queries);
      await sendUpdates({ port, zone: zone.name, key, ...warmUpUpdates });
      const seconds = options.updateSeconds;
      const count = seconds * updatesPerSecond;
      const from = warmUpUpdates.count;
      const load = { port, zone: zone.name, key, count, from, perSecond: updatesPerSecond };
      const signed = signUpdates(load);
      const [queried, updated] = await Promise.all([
        runDnsperf(port, zone.queryFile, { seconds: seconds + 1 }, queries),
        sendSigned(load, signed),
      ]);
      await server.stop();
      const { visibleAfter, acknowledged, perSecond } = updated;
      const at = (share: number): number =>
        visibleAfter[Math.min(visibleAfter.length - 1, Math.floor(visibleAfter.length * share))] ??
        Number.NaN;
      const figures = [
        ['updates: sent', 'per second', perSecond],
        ['updates: not acknowledged', 'updates', count - acknowledged],
        ['updates: acknowledged and never seen', 'updates', acknowledged - visibleAfter.length],
        ['updates: sent until seen, 99th percentile', 'ms', at(0.99)],
        ['updates: sent until seen, longest', 'ms', at(1)],
        ['updates: queries lost beside them', 'queries', queried.lost],
      ] as const;
      for (const [figure, unit, sample] of figures) {
        const better = unit === 'per second' ? 'more' : 'less';
        recorder.add({ ...row, better, figure, unit }, sample);
      }
    });
  }
}
