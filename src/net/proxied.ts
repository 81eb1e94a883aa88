// Reads the PROXY header that a proxy of ours puts in front of each connection, before anything else is read or said.
import type { Clock } from '../lib/clock.ts';
import { ConnectionFault } from '../lib/transport.ts';
import type { SocketConnection } from './connection.ts';
import { ProxyDecoder } from './proxy-header.ts';

/** The header comes with the connection: a proxy that sends none by then is none. */
const headerMs = 10_000;

/**
 * From here on the connection's ends are those that the proxy tells. Throws a `ConnectionFault` where it tells none: its
 * connections must begin with a header, or a client could write one of its own.
 */
export async function meetClient(
  connection: SocketConnection,
  clock: Pick<Clock, 'monotonic'>,
): Promise<void> {
  const decoder = new ProxyDecoder();
  const until = clock.monotonic() + headerMs;
  for (;;) {
    const bytes = await connection.read(Math.max(1, until - clock.monotonic())).catch((error: unknown) => {
      throw error instanceof ConnectionFault && error.kind === 'timeout'
        ? new ConnectionFault('proxy', 'the proxy has sent no PROXY header')
        : error;
    });
    if (bytes === undefined) throw new ConnectionFault('reset', 'the proxy left without a PROXY header');
    const header = decoder.push(bytes);
    if (header === undefined) continue;
    if (header.kind === 'fault') throw new ConnectionFault('proxy', header.reason);
    connection.giveBack(header.rest);
    if (header.kind === 'client') connection.speakFor({ local: header.local, remote: header.remote });
    return;
  }
}
