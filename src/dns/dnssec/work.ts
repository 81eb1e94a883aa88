// What validation may cost. Whoever has an answer validated hands in an allowance, which all its parts draw on: a hostile zone's
// signatures, keys and hashes then cost no more than that (KeyTrap, CVE-2023-50387; NSEC3 exhaustion, CVE-2023-50868).

/** Each gives false when there is no more to take; what would have been done isn't done then. */
export interface ValidationWork {
  /** One check of a signature by a key: 50 to 500 µs. */
  takeCheck(): boolean;
  /** One digest of a key, to compare with a DS record: some 3 µs. */
  takeDigest(): boolean;
  /** One NSEC3 hash of a name, all its iterations: 1 to 60 µs. */
  takeHash(): boolean;
  /** Iterations of NSEC3 that are followed; those of `nsec3-denials.ts`, unless given. */
  readonly mostIterations?: number;
}

/** A fixed allowance. */
export class WorkAllowance implements ValidationWork {
  #checks: number;
  #digests: number;
  #hashes: number;

  constructor(checks: number, digests: number, hashes: number) {
    this.#checks = checks;
    this.#digests = digests;
    this.#hashes = hashes;
  }

  takeCheck(): boolean {
    return this.#checks-- > 0;
  }

  takeDigest(): boolean {
    return this.#digests-- > 0;
  }

  takeHash(): boolean {
    return this.#hashes-- > 0;
  }
}
