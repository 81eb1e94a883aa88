// What a listener's errors are worth in the log.
import { formatEndpoint } from '../lib/endpoint.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import type { Log } from '../lib/log.ts';
import { ConnectionFault } from '../lib/transport.ts';

/** For `onError` of the listeners. What a peer did (reset, silence, no TLS) is everyday; anything else is an error of ours. */
export function logListenerErrors(
  log: Log,
  listener: string,
): (error: unknown, remote: Endpoint | undefined) => void {
  return (error, remote) => {
    const from = remote === undefined ? undefined : formatEndpoint(remote);
    if (error instanceof ConnectionFault) {
      // That is our operator's to mend: he has configured a proxy, or an address that is none.
      const level = error.kind === 'proxy' ? 'warn' : 'debug';
      log[level]('a connection broke off', { listener, from, kind: error.kind, reason: error.message });
      return;
    }
    const story = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error('a listener met an error', { listener, from, error: story });
  };
}
