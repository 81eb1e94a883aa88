// Memory of zones that were replaced, on a thread that does nothing but answer. V8 collects garbage when a thread has made enough of it; such
// a thread makes none, and memory shared between threads isn't counted: each zone that ever was would stay for as long as the thread runs.

/** Who knows how much has been let go: `SharedZones`. */
export interface LetsGo {
  /** Octets of shared memory since the start. */
  readonly letGo: number;
}

/**
 * What may wait: 16 MiB, so that many small zones pay for one collection. That takes 5 ms with what a thread has loaded, where nothing else runs;
 * by the clock, on two busy cores, it took 46 to 124 ms.
 */
const mostWaiting = 16 << 20;

export class SharedGarbage {
  readonly #source: LetsGo;
  readonly #collect: () => void;
  #collected: number;

  constructor(source: LetsGo, collect: () => void) {
    this.#source = source;
    this.#collect = collect;
    this.#collected = source.letGo;
  }

  /** Collects where much waits for it. Not to be called while an answer is being made: that holds on to its zone. */
  look(): void {
    const { letGo } = this.#source;
    if (letGo - this.#collected < mostWaiting) return;
    this.#collected = letGo;
    this.#collect();
  }
}
