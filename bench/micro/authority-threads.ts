// The authority's datagram threads alone, without the rest of the server: `node bench/micro/authority-threads.ts ORIGIN FILE PORT [THREADS]`
// serves one zone for dnsperf until it is stopped; then it tells what a query cost.
import { readFileSync } from 'node:fs';
import { authorityThreads } from '../../src/dns/server/authority-thread.ts';
import { openDnsListeners } from '../../src/dns/server/dns-listeners.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { loadZone } from '../../src/dns/zone/load-zone.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { WorkerCounters } from '../../src/net/worker-memory.ts';

const [origin = '', file = '', port = '5399', count = '1'] = process.argv.slice(2);
const loaded = loadZone({ name: file, text: readFileSync(file, 'utf8') }, { origin: domainName(origin) });
if (!loaded.ok) throw new Error('the zone has faults');
const zones = new ZoneSet([loaded.value.zone]);
const listeners = await openDnsListeners({
  endpoints: [{ address: '127.0.0.1', port: Number(port) }],
  onConnection: () => Promise.resolve(),
  onDatagram: () => undefined,
  threads: authorityThreads({
    count: Number(count),
    zones,
    settings: { udpSize: 1232 },
    minimalResponses: false,
  }),
  log: silentLog,
  clock: systemClock,
});
let before = process.cpuUsage();
console.log(`serving ${origin} on port ${port}`);
process.on('SIGUSR2', () => {
  tell();
  before = process.cpuUsage();
});
process.once('SIGTERM', () => {
  tell();
  void listeners.close();
});

let answeredBefore = 0;
let batchesBefore = 0;

function tell(): void {
  const used = process.cpuUsage(before);
  const sum = (name: keyof WorkerCounters): number =>
    listeners.counters().reduce((total, one) => total + one[name], 0);
  const answered = sum('answered') - answeredBefore;
  const batches = sum('batches') - batchesBefore;
  answeredBefore += answered;
  batchesBefore += batches;
  const each = (micros: number): string => (micros / answered).toFixed(2);
  console.log(
    `${answered} answered, ${(answered / batches).toFixed(1)} a batch; µs of CPU each: ` +
      `${each(used.user + used.system)} (program ${each(used.user)}, system ${each(used.system)})`,
  );
}
