// One question to one DNS server of the user's choice, as `signpost query NAME TYPE @server` asks it: by UDP, then by TCP where the answer
// was cut short.
import type { Clock } from '../../lib/clock.ts';
import { formatEndpoint } from '../../lib/endpoint.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import type { Random } from '../../lib/random.ts';
import { fault, ok, unreachable } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { Network } from '../../lib/transport.ts';
import { Exchanges } from '../resolver/exchange.ts';
import type { ExchangeOutcome } from '../resolver/exchange.ts';
import { rejectsEdns } from '../resolver/rejects-edns.ts';
import type { Message } from '../wire/message.ts';
import type { DomainName } from '../wire/name.ts';
import { NetworkUpstream } from './network-upstream.ts';

export interface ServerQuery {
  readonly name: DomainName;
  readonly type: number;
  /** RD; true for a resolver, which is the default. */
  readonly recursionDesired?: boolean;
  /** DO */
  readonly dnssecOk?: boolean;
  /** TCP from the start. */
  readonly tcp?: boolean;
  /** Milliseconds for each try; 2,000 unless given. */
  readonly timeoutMs?: number;
  /** Tries by UDP; 2 unless given. */
  readonly tries?: number;
}

export interface ServerAnswer {
  readonly message: Message;
  readonly ms: number;
  readonly transport: 'udp' | 'tcp';
}

/** The fault is a sentence that names the server. */
export async function queryServer(
  network: Network,
  server: Endpoint,
  query: ServerQuery,
  means: { readonly clock: Clock; readonly random: Random },
): Promise<Result<ServerAnswer>> {
  using upstream = new NetworkUpstream(network, means.clock);
  const exchanges = new Exchanges({ upstream, ...means });
  return await askServer(exchanges, server, query);
}

/** As `queryServer`, over exchanges that are there already. */
export async function askServer(
  exchanges: Exchanges,
  server: Endpoint,
  query: ServerQuery,
): Promise<Result<ServerAnswer>> {
  const where = formatEndpoint(server);
  const timeoutMs = query.timeoutMs ?? 2_000;
  let transport: 'udp' | 'tcp' = query.tcp === true ? 'tcp' : 'udp';
  let edns = true;
  let tries = query.tries ?? 2;
  for (;;) {
    const outcome = await exchange(exchanges, server, query, { transport, edns, timeoutMs });
    switch (outcome.kind) {
      case 'reply': {
        const { message, ms } = outcome;
        if (edns && rejectsEdns(message)) {
          edns = false;
          break;
        }
        if (!message.truncated || transport === 'tcp') return ok({ message, ms, transport });
        transport = 'tcp';
        break;
      }
      case 'case-lost':
        // By TCP a forger would have to see our packets; a server that changes letters is believed there.
        if (transport === 'tcp') return ok({ message: outcome.message, ms: outcome.ms, transport });
        transport = 'tcp';
        break;
      case 'cookie-lost':
      case 'forged':
        if (transport === 'tcp') return fault(`${where} sends answers to questions that were not asked`);
        transport = 'tcp';
        break;
      case 'timeout':
        tries -= 1;
        if (tries <= 0 || transport === 'tcp')
          return fault(`${where} does not answer within ${timeoutMs} ms`);
        break;
      case 'malformed':
        return fault(`${where} answers what can't be read: ${outcome.reason}`);
      case 'unreachable':
        return fault(`${where} can't be reached: ${outcome.reason}`);
      default:
        return unreachable(outcome);
    }
  }
}

function exchange(
  exchanges: Exchanges,
  to: Endpoint,
  query: ServerQuery,
  how: { readonly transport: 'udp' | 'tcp'; readonly edns: boolean; readonly timeoutMs: number },
): Promise<ExchangeOutcome> {
  return new Promise((resolve) => {
    const { name, type } = query;
    const dnssecOk = how.edns && (query.dnssecOk ?? false);
    const recursionDesired = query.recursionDesired ?? true;
    exchanges.ask({ to, name, type, dnssecOk, recursionDesired, mixCase: true, ...how }, resolve);
  });
}
