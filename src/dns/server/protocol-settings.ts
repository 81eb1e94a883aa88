// From the config's `authority` to what each answering thread is given.
import type { AuthorityConfig } from '../../config/config.ts';
import type { ProtocolSettings } from '../protocol/answer-protocol.ts';

/** Plain data, so that a worker can be given it. `cookieSecrets`: see cookie-secrets.ts. */
export function protocolSettings(
  config: AuthorityConfig,
  cookieSecrets: readonly Uint8Array[],
): ProtocolSettings {
  return {
    udpSize: config.udpSize,
    identity: config.identity,
    version: config.version,
    cookieSecrets,
    idleSeconds: config.tcp.idle,
    rateLimit: config.rateLimit,
  };
}
