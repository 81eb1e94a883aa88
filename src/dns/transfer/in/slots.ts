// Bounds how much is done at once, in all and for each primary: whoever comes too much waits in line. A primary that is slow
// holds up only those who wait for it.

export class Slots {
  readonly #most: number;
  readonly #mostEach: number;
  readonly #taken = new Map<string, number>();
  /** Who waits, by primary, the first first. */
  readonly #lines = new Map<string, (() => void)[]>();
  #all = 0;
  #waiting = 0;

  constructor(most: number, mostEach: number) {
    this.#most = most;
    this.#mostEach = mostEach;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves once there is a place; it must be given back by `leave`. */
  async enter(primary: string): Promise<void> {
    if (this.#free(primary) && !this.#lines.has(primary)) {
      this.#take(primary);
      return;
    }
    this.#waiting += 1;
    await new Promise<void>((resolve) => {
      const line = this.#lines.get(primary) ?? [];
      line.push(resolve);
      this.#lines.set(primary, line);
    });
  }

  leave(primary: string): void {
    this.#all -= 1;
    const left = (this.#taken.get(primary) ?? 1) - 1;
    if (left === 0) this.#taken.delete(primary);
    else this.#taken.set(primary, left);
    // Lines in turn: the one served goes behind the others.
    for (const [next, line] of this.#lines) {
      if (this.#all >= this.#most) return;
      if (!this.#free(next)) continue;
      const first = line.shift();
      this.#lines.delete(next);
      if (line.length > 0) this.#lines.set(next, line);
      if (first === undefined) continue;
      this.#waiting -= 1;
      this.#take(next);
      first();
    }
  }

  #free(primary: string): boolean {
    return this.#all < this.#most && (this.#taken.get(primary) ?? 0) < this.#mostEach;
  }

  #take(primary: string): void {
    this.#all += 1;
    this.#taken.set(primary, (this.#taken.get(primary) ?? 0) + 1);
  }
}
