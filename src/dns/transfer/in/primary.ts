// A server that zones are taken from, and what can be wrong with it.
import type { Clock } from '../../../lib/clock.ts';
import { formatEndpoint } from '../../../lib/endpoint.ts';
import type { Endpoint } from '../../../lib/endpoint.ts';
import type { Random } from '../../../lib/random.ts';
import { ConnectionFault } from '../../../lib/transport.ts';
import type { Network } from '../../../lib/transport.ts';
import type { TsigKey } from '../../tsig/tsig-key.ts';

export interface Primary {
  readonly endpoint: Endpoint;
  /** Signs what it is asked; its answers are then believed only if they are signed too. */
  readonly key: TsigKey | undefined;
  /** Asked over TLS alone (RFC 9103); `name`: what its certificate must be valid for, without it any certificate serves. */
  readonly tls: { readonly name: string | undefined } | undefined;
}

export interface PrimaryFault {
  /** `gone`: it can't be reached or says nothing. `wrong`: it answers what can't be believed, or refuses. */
  readonly kind: 'gone' | 'wrong';
  /** A sentence for the log. */
  readonly reason: string;
}

/** How primaries are reached. */
export interface PrimaryMeans {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
}

/** Milliseconds. */
export interface PrimaryPatience {
  /** To connect, TLS handshake included. */
  readonly connectMs: number;
  /** For the next octet of an answer. */
  readonly idleMs: number;
  /** For the answer to a question by UDP: once for each try. */
  readonly udpMs: readonly number[];
}

export const usualPatience: PrimaryPatience = {
  connectMs: 10_000,
  idleMs: 20_000,
  udpMs: [1_500, 3_000],
};

/** Names the primary in logs and tables: `192.0.2.1:53`, and whether it is asked over TLS. */
export function primaryLabel(primary: Primary): string {
  return `${formatEndpoint(primary.endpoint)}${primary.tls === undefined ? '' : ' (TLS)'}`;
}

/** `error` is what the network threw. Throws it again where it is no fault of the network: a bug. */
export function goneBy(error: unknown): PrimaryFault {
  if (error instanceof ConnectionFault) return { kind: 'gone', reason: error.message };
  throw error;
}
