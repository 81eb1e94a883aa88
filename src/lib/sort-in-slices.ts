// Sorts any number of items without holding up the event loop: a generator that can be rested between its steps.

/** Runs that are sorted at once, and items that are merged between two rests: each about a millisecond. */
const runLength = 512;

/**
 * Merge sort; stable. Yields when others may have their turn; returns the sorted items, which may be `items` itself, reordered.
 * Needs room for as many items again.
 */
export function* sortInSlices<Item>(
  items: Item[],
  compare: (a: Item, b: Item) => number,
): Generator<void, Item[]> {
  let from = items;
  for (let at = 0; at < from.length; at += runLength) {
    const run = from.slice(at, at + runLength).sort(compare);
    for (const [index, item] of run.entries()) from[at + index] = item;
    yield;
  }
  let to: Item[] = [];
  for (let width = runLength; width < items.length; width *= 2) {
    to.length = 0;
    for (let at = 0; at < from.length; at += width * 2) {
      const [middle, end] = [Math.min(at + width, from.length), Math.min(at + width * 2, from.length)];
      let [left, right] = [at, middle];
      while (left < middle || right < end) {
        const [a, b] = [from[left], from[right]];
        const takesLeft =
          right >= end || (left < middle && (a === undefined || b === undefined || compare(a, b) <= 0));
        const taken = takesLeft ? from[left++] : from[right++];
        if (taken !== undefined) to.push(taken);
        if (to.length % runLength === 0) yield;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
