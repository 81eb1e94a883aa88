// How the zone that is in charge of a name is found, on the main thread and on others.
import type { DomainName } from '../wire/name.ts';
import type { Zone } from './zone.ts';

export interface ZoneFinder {
  /**
   * The zone with the longest origin at or above `name` (RFC 1034 §4.3.2, step 2), or the longest of those that have at most so many
   * labels; `withheld` where it is ours and has nothing that may be given out.
   */
  enclosing(name: DomainName, mostLabels?: number): Zone | 'withheld' | undefined;
}
