// Authorities: CPU per query over UDP, queries for the CPU over TCP, and the latency at half the load that Knot bears. Queries
// per second say little here: the load generator shares the machine. Servers take their turns round by round, so that a
// busy neighbour hits them alike.
import { join } from 'node:path';
import { readLatencies, runDnsperf } from './load/dnsperf.ts';
import { underLoad, warmUpSeconds } from './load/under-load.ts';
import type { BenchOptions } from './options.ts';
import type { AuthorityPeer, RunningServer } from './peers/peer.ts';
import type { Contender, Recorder } from './recorder.ts';
import { median } from './result.ts';
import type { Workspace } from './workspace.ts';
import type { BenchZone } from './zone.ts';

type Authority = Contender<RunningServer>;

/** The first of `peers` is ours. */
export async function benchAuthorities(
  workspace: Workspace,
  zone: BenchZone,
  options: BenchOptions,
  peers: readonly AuthorityPeer[],
  recorder: Recorder,
): Promise<void> {
  const contenders: Authority[] = [];
  for (const [index, peer] of peers.entries()) {
    const started = await recorder.attempt('authority', peer.name, async () => ({
      label: await peer.describe(),
      ours: index === 0,
      server: await peer.startAuthority(workspace, zone),
    }));
    if (started !== undefined) contenders.push(started);
  }
  const everyone = (action: (contender: Authority) => Promise<void>): Promise<void> =>
    inTurn(contenders, recorder, action);
  await everyone(({ server }) => warmUp(server, zone.queryFile));
  for (let round = 0; round < options.authorityRounds; round++) {
    await everyone((contender) => measureUdp(contender, zone.queryFile, options.seconds, recorder));
    await everyone((contender) => measureTcp(contender, zone.queryFile, options.seconds, recorder));
  }
  const perSecond = halfLoad(contenders, recorder);
  if (perSecond !== undefined) {
    for (let round = 0; round < options.authorityRounds; round++) {
      await everyone((contender) =>
        measureLatency(
          workspace,
          contender,
          zone.queryFile,
          { perSecond, seconds: options.seconds },
          recorder,
        ),
      );
    }
  }
  for (const { server } of contenders) await server.stop();
}

async function inTurn(
  contenders: readonly Authority[],
  recorder: Recorder,
  action: (contender: Authority) => Promise<void>,
): Promise<void> {
  for (const contender of contenders) {
    await recorder.attempt('authority', contender.label, () => action(contender));
  }
}

async function warmUp(server: RunningServer, queryFile: string): Promise<void> {
  for (const options of [{}, { edns: true }, { transport: 'tcp' }] as const) {
    await runDnsperf(server.port, queryFile, { seconds: warmUpSeconds }, options);
  }
}

const udpRate = 'authority: UDP queries answered';

/** The query mix without EDNS and with it, half of the time each; the mean of both counts as the whole mix. */
async function measureUdp(
  { server, label, ours }: Authority,
  queryFile: string,
  seconds: number,
  recorder: Recorder,
): Promise<void> {
  const row = { part: 'authority', server: label, ours, better: 'less', unit: 'µs' } as const;
  const plain = await underLoad(server, queryFile, { seconds: seconds / 2 });
  const edns = await underLoad(server, queryFile, { seconds: seconds / 2 }, { edns: true });
  const [plainCost, ednsCost] = [plain, edns].map(({ cpu, load }) => (cpu / load.answered) * 1e6);
  if (plainCost === undefined || ednsCost === undefined) return;
  recorder.add({ ...row, figure: 'authority: CPU per UDP query, whole mix' }, (plainCost + ednsCost) / 2);
  recorder.add({ ...row, figure: 'authority: CPU per UDP query without EDNS' }, plainCost);
  recorder.add({ ...row, figure: 'authority: CPU per UDP query with EDNS' }, ednsCost);
  recorder.add(
    { ...row, figure: udpRate, unit: 'per second', better: 'more' },
    (plain.load.perSecond + edns.load.perSecond) / 2,
  );
}

async function measureTcp(
  { server, label, ours }: Authority,
  queryFile: string,
  seconds: number,
  recorder: Recorder,
): Promise<void> {
  const { load, cpu } = await underLoad(server, queryFile, { seconds: seconds / 2 }, { transport: 'tcp' });
  const row = { part: 'authority', server: label, ours, better: 'more' } as const;
  recorder.add(
    { ...row, figure: 'authority: TCP queries for the CPU', unit: 'per CPU second' },
    load.answered / cpu,
  );
}

/** Half of what Knot answered a second; of the fastest peer where Knot isn't there. */
function halfLoad(contenders: readonly Authority[], recorder: Recorder): number | undefined {
  const rates = recorder.findings.rows.filter(({ figure, ours }) => figure === udpRate && !ours);
  const knot = rates.find(({ server }) => server.startsWith('Knot'));
  const fastest = rates.toSorted((a, b) => median(b.samples) - median(a.samples))[0];
  const rate = knot ?? fastest;
  return rate === undefined || contenders.length === 0 ? undefined : median(rate.samples) / 2;
}

async function measureLatency(
  workspace: Workspace,
  { server, label, ours }: Authority,
  queryFile: string,
  load: { readonly perSecond: number; readonly seconds: number },
  recorder: Recorder,
): Promise<void> {
  const eachQuery = join(workspace.folder, 'each-query.txt');
  const { perSecond, seconds } = load;
  await runDnsperf(server.port, queryFile, { seconds }, { perSecond, eachQuery });
  const latencies = readLatencies(eachQuery);
  const row = { part: 'authority', server: label, ours, better: 'less', unit: 'ms' } as const;
  const at = `at half load (${Math.round(perSecond / 1000)},000 a second)`;
  for (const [name, share] of [
    ['median', 0.5],
    ['99th percentile', 0.99],
  ] as const) {
    const value = latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
    recorder.add({ ...row, figure: `authority: ${name} latency ${at}` }, value);
  }
}
