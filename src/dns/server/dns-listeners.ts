// The listeners of a DNS role: TCP and UDP on each of its addresses, the datagrams in batches on threads of their own where the system
// has that, else one by one on the main thread.
import type { Clock } from '../../lib/clock.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import type { Log } from '../../lib/log.ts';
import type { ConnectionHandler, DatagramHandler } from '../../lib/transport.ts';
import { closeDatagramSockets, openDatagramSockets } from '../../net/datagram-socket.ts';
import type { DatagramSockets } from '../../net/datagram-socket.ts';
import { DatagramWorkers } from '../../net/datagram-workers.ts';
import { listenTcpAndUdp, listenTcpBeside } from '../../net/dual-listener.ts';
import type { DualListenerOptions } from '../../net/dual-listener.ts';
import { loadNative } from '../../net/native.ts';
import type { Native } from '../../net/native.ts';
import type { Listener } from '../../net/tcp-listener.ts';
import type { WorkerCounters } from '../../net/worker-memory.ts';

export interface DnsListenersOptions extends DualListenerOptions {
  readonly endpoints: readonly Endpoint[];
  readonly onConnection: ConnectionHandler;
  /** Answers what the threads don't: without `threads`, all. */
  readonly onDatagram: DatagramHandler;
  readonly threads: DnsThreads;
  /** Datagrams one by one on the main thread, also where the system has better: for tests of that way. */
  readonly portable?: boolean;
  readonly log: Log;
  readonly clock: Clock;
}

export interface DnsThreads {
  readonly count: number;
  /** What they run. Absent: they take datagrams in and send the main thread's answers. */
  readonly program?: URL;
  /** What a new thread of that program begins with. */
  readonly start?: () => unknown;
  /** As `DatagramWorkersOptions.watch`. */
  readonly watch?: (post: (change: unknown) => void) => () => void;
  /** Octets of the largest datagram sent, where that is more than 4,096. */
  readonly room?: number;
}

export interface DnsListeners extends AsyncDisposable {
  /** In the order of those asked for, with the real ports. */
  readonly endpoints: readonly Endpoint[];
  /** For each thread; none where datagrams come one by one. */
  counters(): readonly WorkerCounters[];
  /** As {@link Listener.close}. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

const leastRoom = 4096;

/** Opens all of them; throws a `ListenFault` where the system refuses one, and then none is open. */
export async function openDnsListeners(options: DnsListenersOptions): Promise<DnsListeners> {
  const isIdle = options.endpoints.length === 0;
  const native = isIdle || options.portable === true ? undefined : await loadNative();
  await using opened = new AsyncDisposableStack();
  const listeners =
    native === undefined
      ? await listenOneByOne(options, opened)
      : await listenInBatches(options, opened, native);
  opened.move();
  return listeners;
}

async function listenOneByOne(
  options: DnsListenersOptions,
  opened: AsyncDisposableStack,
): Promise<DnsListeners> {
  const listeners: Listener[] = [];
  for (const endpoint of options.endpoints) {
    const listener = await listenTcpAndUdp(endpoint, options.onConnection, options.onDatagram, options);
    listeners.push(opened.use(listener));
  }
  return dnsListeners(listeners, undefined);
}

async function listenInBatches(
  options: DnsListenersOptions,
  opened: AsyncDisposableStack,
  native: Native,
): Promise<DnsListeners> {
  const { threads, log, clock, onDatagram, onConnection } = options;
  const streams: Listener[] = [];
  const sockets: DatagramSockets[] = [];
  using unserved = new DisposableStack();
  for (const endpoint of options.endpoints) {
    const openUdp = (bound: Endpoint): DatagramSockets => openDatagramSockets(native, bound, threads.count);
    const { tcp, udp } = await listenTcpBeside(endpoint, onConnection, openUdp, options);
    streams.push(opened.use(tcp));
    sockets.push(udp);
    unserved.defer(() => closeDatagramSockets(native, udp));
  }
  // The workers close them, now that they have them.
  unserved.move();
  const workers = await DatagramWorkers.start({
    native,
    program: threads.program ?? new URL('../../net/forwarding-thread.ts', import.meta.url),
    sockets,
    start: threads.start ?? ((): undefined => undefined),
    ...(threads.watch !== undefined && { watch: threads.watch }),
    onDatagram,
    log,
    clock,
    room: Math.max(leastRoom, threads.room ?? 0),
  });
  return dnsListeners(streams, workers);
}

function dnsListeners(streams: readonly Listener[], workers: DatagramWorkers | undefined): DnsListeners {
  const close = async (how?: { readonly drainMs?: number }): Promise<void> => {
    await Promise.all([...streams.map((stream) => stream.close(how)), workers?.close()]);
  };
  return {
    endpoints: streams.map(({ endpoint }) => endpoint),
    counters: () => workers?.counters() ?? [],
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}
