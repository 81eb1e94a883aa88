// What is wrong with the records of a zone. An error refuses the zone, a warning only tells its owner.
import type { ZonePlace } from '../zonefile/zone-file-fault.ts';

export interface ZoneFault {
  readonly severity: 'error' | 'warning';
  /** One sentence for a person, the names in it. */
  readonly message: string;
  /** The record that shows it, where it came from a file. */
  readonly place: ZonePlace | undefined;
}

/** Of each severity; what comes after is only counted. */
const mostZoneFaults = 50;

/** Gathers faults up to a bound, so that a million bad records don't make a million sentences. */
export class ZoneFaultList {
  readonly #faults: ZoneFault[] = [];
  readonly #counts = { error: 0, warning: 0 };

  add(severity: ZoneFault['severity'], message: string, place?: ZonePlace): void {
    this.#counts[severity] += 1;
    if (this.#counts[severity] <= mostZoneFaults) this.#faults.push({ severity, message, place });
  }

  get hasErrors(): boolean {
    return this.#counts.error > 0;
  }

  /** Errors first; at the end of each severity how many more there were. */
  list(): readonly ZoneFault[] {
    return (['error', 'warning'] as const).flatMap((severity) => {
      const faults = this.#faults.filter((fault) => fault.severity === severity);
      const more = this.#counts[severity] - faults.length;
      return more === 0
        ? faults
        : [...faults, { severity, message: `… and ${more} more ${severity}s`, place: undefined }];
    });
  }
}
