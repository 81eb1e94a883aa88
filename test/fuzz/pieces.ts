// An input cut at random, for decoders that take octets as they come.
import type { Random } from '../../src/lib/random.ts';

/** Short pieces, so that every place is cut soon; `longest` octets at most. */
export function pieces(input: Uint8Array, random: Random, longest: number = 9): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const length = 1 + random.below(longest);
    chunks.push(input.subarray(at, at + length));
    at += length;
  }
  return chunks;
}
