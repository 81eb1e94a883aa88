// How many resolutions wait for the servers of one zone. With a bound on it, names that somebody makes up in one zone ("water torture") leave
// room for the names of all others.
import type { DomainName } from '../wire/name.ts';
import { Counts } from './counts.ts';

/** The root and what is right below it are on the way to all names. */
const everybodys = 1;

export class ZoneLoad {
  readonly #most: number;
  readonly #counts = new Counts();

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether one more may ask; it says when it has ended. */
  begin(zone: DomainName): boolean {
    if (zone.labelCount > everybodys && this.#counts.of(zone.key) >= this.#most) return false;
    this.#counts.add(zone.key, 1);
    return true;
  }

  end(zone: DomainName): void {
    this.#counts.add(zone.key, -1);
  }
}
