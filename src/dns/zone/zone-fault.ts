// What is wrong with the records of a zone. An error refuses the zone, a warning only tells its owner.
import type { DomainName } from '../wire/name.ts';

export interface ZoneFault {
  readonly severity: 'error' | 'warning';
  /** One sentence for a person, the names in it. */
  readonly message: string;
  /**
   * The records that show it. Where they were written is found by reading the file once more: to keep a place for each record of
   * a large zone would cost more, and few zones have faults.
   */
  readonly about: FaultyRecords | undefined;
}

export interface FaultyRecords {
  readonly owner: DomainName;
  readonly type: number;
}

/** Of each severity; what comes after is only counted. */
const mostZoneFaults = 50;

/** Gathers faults up to a bound, so that a million bad records don't make a million sentences. */
export class ZoneFaultList {
  readonly #faults: ZoneFault[] = [];
  readonly #counts = { error: 0, warning: 0 };

  /** A message that is a function is only made where it is kept. */
  add(severity: ZoneFault['severity'], message: string | (() => string), about?: FaultyRecords): void {
    this.#counts[severity] += 1;
    if (this.#counts[severity] > mostZoneFaults) return;
    // No more of what was handed in than this: it may be a whole RRset.
    const records = about === undefined ? undefined : { owner: about.owner, type: about.type };
    const text = typeof message === 'string' ? message : message();
    this.#faults.push({ severity, message: text, about: records });
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
        : [...faults, { severity, message: `… and ${more} more ${severity}s`, about: undefined }];
    });
  }
}
