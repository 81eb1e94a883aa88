// What is due when, for any number of things: a binary heap, so that a hundred thousand zones need one timer and not one each.

/** A thing's place in a queue; it is in one queue at most. */
export interface Due {
  /** When it is due, in whatever unit the queue's user counts. */
  at: number;
  /** Kept by the queue: where it stands, -1 outside. */
  place: number;
}

export class DueQueue<Item extends Due> {
  readonly #heap: Item[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** What is due first. */
  get first(): Item | undefined {
    return this.#heap[0];
  }

  /** Puts it in, or moves it to its new time. Work: the logarithm of the queue's size. */
  set(item: Item, at: number): void {
    item.at = at;
    if (item.place < 0) {
      item.place = this.#heap.length;
      this.#heap.push(item);
    }
    this.#up(item);
    this.#down(item);
  }

  delete(item: Item): void {
    if (item.place < 0) return;
    const last = this.#heap.pop();
    if (last !== undefined && last !== item) {
      this.#heap[item.place] = last;
      last.place = item.place;
      this.#up(last);
      this.#down(last);
    }
    item.place = -1;
  }

  #up(item: Item): void {
    while (item.place > 0) {
      const parent = this.#heap[(item.place - 1) >> 1];
      if (parent === undefined || parent.at <= item.at) return;
      this.#swap(parent, item);
    }
  }

  #down(item: Item): void {
    for (;;) {
      const left = this.#heap[item.place * 2 + 1];
      const right = this.#heap[item.place * 2 + 2];
      const least = right !== undefined && left !== undefined && right.at < left.at ? right : left;
      if (least === undefined || item.at <= least.at) return;
      this.#swap(item, least);
    }
  }

  /** `above` goes down to where `below` stands. */
  #swap(above: Item, below: Item): void {
    const place = above.place;
    above.place = below.place;
    below.place = place;
    this.#heap[above.place] = above;
    this.#heap[below.place] = below;
  }
}
