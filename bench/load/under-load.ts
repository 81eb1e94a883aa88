// What a server spends while dnsperf asks.
import type { RunningServer } from '../peers/peer.ts';
import { cpuSeconds } from '../process-tree.ts';
import { runDnsperf } from './dnsperf.ts';
import type { DnsLoad, LoadLength, LoadOptions } from './dnsperf.ts';

/** Seconds of load before anything counts: caches fill, and a just-in-time compiler has compiled. */
export const warmUpSeconds = 2;

/** `cpu`: seconds of the server's whole process tree. */
export async function underLoad(
  server: RunningServer,
  queryFile: string,
  length: LoadLength,
  options: LoadOptions = {},
): Promise<{ readonly load: DnsLoad; readonly cpu: number }> {
  const before = cpuSeconds(server.pid);
  const load = await runDnsperf(server.port, queryFile, length, options);
  return { load, cpu: cpuSeconds(server.pid) - before };
}
