// CPU of the datagram floor: an echo by a thread of batches, one by the main thread behind such a thread, and one by node:dgram.
// `node bench/micro/datagram-echo.ts batched|forwarded|dgram [port [threads [batch]]]` serves, for dnsperf, until it is stopped;
// then it tells what a datagram cost.
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { openDatagramSockets } from '../../src/net/datagram-socket.ts';
import { DatagramWorkers } from '../../src/net/datagram-workers.ts';
import { loadNative } from '../../src/net/native.ts';
import { listenUdp } from '../../src/net/udp-listener.ts';
import type { WorkerCounters } from '../../src/net/worker-memory.ts';

const [way = 'batched', port = '5399', threads = '1', batchSize = '64'] = process.argv.slice(2);
const endpoint = { address: '127.0.0.1', port: Number(port) };
const close = way === 'dgram' ? await echoByDgram() : await echoByBatches();
console.log(`${way} echo on port ${port}`);
process.once('SIGTERM', () => void close());

async function echoByDgram(): Promise<() => Promise<void>> {
  let answered = 0;
  const listener = await listenUdp(endpoint, (bytes, _from, reply) => {
    bytes[2] = (bytes[2] ?? 0) | 0x80;
    answered += 1;
    reply(bytes);
  });
  const before = process.cpuUsage();
  return async () => {
    tell(before, answered, answered);
    await listener.close();
  };
}

async function echoByBatches(): Promise<() => Promise<void>> {
  const native = await loadNative();
  if (native === undefined) throw new Error('needs Linux with glibc, x64 or arm64');
  const workers = await DatagramWorkers.start({
    native,
    program: new URL('../../test/support/talking-worker.ts', import.meta.url),
    sockets: [openDatagramSockets(native, endpoint, Number(threads))],
    start: () => (way === 'forwarded' ? 'forward' : 'echo'),
    onDatagram: (bytes, _from, reply) => {
      bytes[2] = (bytes[2] ?? 0) | 0x80;
      reply(bytes);
    },
    log: silentLog,
    clock: systemClock,
    batchSize: Number(batchSize),
  });
  const before = process.cpuUsage();
  return async () => {
    const counters = workers.counters();
    const sum = (name: keyof WorkerCounters): number => counters.reduce((total, one) => total + one[name], 0);
    tell(before, sum('answered') + sum('forwarded'), sum('batches'));
    await workers.close();
  };
}

function tell(before: NodeJS.CpuUsage, answered: number, batches: number): void {
  const used = process.cpuUsage(before);
  const each = (micros: number): string => (micros / answered).toFixed(2);
  console.log(
    `${answered} answered, ${(answered / batches).toFixed(1)} a batch; µs of CPU each: ` +
      `${each(used.user + used.system)} (program ${each(used.user)}, system ${each(used.system)})`,
  );
}
