// The port by which zones are read from their files, aside from the thread that answers: it goes on undisturbed, however much there is
// to read.
import type { DomainName } from '../wire/name.ts';
import type { Zone } from './zone.ts';

/** A zone that a file has. */
export interface ZoneSource {
  readonly name: DomainName;
  /** An absolute path. */
  readonly file: string;
}

export type ZoneLoadOutcome =
  /** Checked, and ready to be served. */
  | {
      readonly kind: 'loaded';
      readonly zone: Zone;
      /** How many the file has. */
      readonly records: number;
      /** Texts of one or more lines for people, with places and carets. */
      readonly warnings: readonly string[];
      /** SHA-256 of what was read, hexadecimal: another one is another content, though the serial may be the same. */
      readonly hash: string;
    }
  /** Neither the file nor what it includes has changed since it was loaded last, and nothing was read. */
  | { readonly kind: 'unchanged' }
  /** Texts as for warnings, at least one. */
  | { readonly kind: 'refused'; readonly faults: readonly string[] };

export interface ZoneLoader {
  /**
   * Reads what has changed, on as many cores as are worth it, and calls `onOutcome` once for each source, in no order that means
   * anything. Calls wait for those before them. Throws only where a bug or the system does.
   */
  load(
    sources: readonly ZoneSource[],
    onOutcome: (source: ZoneSource, outcome: ZoneLoadOutcome) => void,
  ): Promise<void>;
  /** Reads that zone's file the next time, whether it has changed or not: for one that was loaded and then not served. */
  forget(name: DomainName): void;
}
