// How much each address and each network may bring in a minute, and how many connections they may have open.
import type { Clock } from '../lib/clock.ts';
import type { Origin } from './networks.ts';
import { RateTable } from './rate-table.ts';

/** What is counted; `octets` are those of content, `errors` are refused commands. */
export type Counted = 'connections' | 'messages' | 'recipients' | 'unknown-recipients' | 'errors' | 'octets';

/** Each minute; 0: no limit. `openConnections` at one time. */
export interface SenderRates {
  readonly openConnections: number;
  readonly connections: number;
  readonly messages: number;
  readonly recipients: number;
  readonly unknownRecipients: number;
  readonly errors: number;
  readonly octets: number;
}

export interface SenderLimitSettings {
  readonly perAddress: SenderRates;
  readonly perNetwork: SenderRates;
}

/** Each some 200 octets. A flood from more networks at once than this makes some of them be forgotten. */
const mostKeys = 20_000;

export class SenderLimits {
  readonly #settings: SenderLimitSettings;
  readonly #addresses: RateTable<Counted>;
  readonly #networks: RateTable<Counted>;
  /** Only of what has any: bounded by the connections that the listeners take. */
  readonly #openOfAddress = new Map<string, number>();
  readonly #openOfNetwork = new Map<string, number>();

  constructor(settings: SenderLimitSettings, clock: Clock) {
    this.#settings = settings;
    this.#addresses = new RateTable(countedRates(settings.perAddress), clock, mostKeys);
    this.#networks = new RateTable(countedRates(settings.perNetwork), clock, mostKeys);
  }

  /** Takes a place for a connection; false where the address or its network has all that it may. */
  enter({ address, network }: Origin): boolean {
    const { perAddress, perNetwork } = this.#settings;
    if (isFull(this.#openOfAddress, address, perAddress.openConnections)) return false;
    if (isFull(this.#openOfNetwork, network, perNetwork.openConnections)) return false;
    this.#openOfAddress.set(address, (this.#openOfAddress.get(address) ?? 0) + 1);
    this.#openOfNetwork.set(network, (this.#openOfNetwork.get(network) ?? 0) + 1);
    return true;
  }

  /** Gives back the place that `enter` took. */
  leave({ address, network }: Origin): void {
    lower(this.#openOfAddress, address);
    lower(this.#openOfNetwork, network);
  }

  /** Milliseconds until both the address and its network may have one more; 0: now. */
  waitMs({ address, network }: Origin, counted: Counted): number {
    return Math.max(this.#addresses.waitMs(address, counted), this.#networks.waitMs(network, counted));
  }

  charge({ address, network }: Origin, counted: Counted, amount = 1): void {
    this.#addresses.charge(address, counted, amount);
    this.#networks.charge(network, counted, amount);
  }
}

function countedRates(rates: SenderRates): ReadonlyMap<Counted, number> {
  return new Map<Counted, number>([
    ['connections', rates.connections],
    ['messages', rates.messages],
    ['recipients', rates.recipients],
    ['unknown-recipients', rates.unknownRecipients],
    ['errors', rates.errors],
    ['octets', rates.octets],
  ]);
}

function isFull(open: ReadonlyMap<string, number>, key: string, limit: number): boolean {
  return limit > 0 && (open.get(key) ?? 0) >= limit;
}

function lower(open: Map<string, number>, key: string): void {
  const count = open.get(key) ?? 0;
  if (count <= 1) open.delete(key);
  else open.set(key, count - 1);
}
