// Randomness as an argument: the system's CSPRNG for the program, a seeded generator for repeatable runs.
import { randomBytes, randomFillSync, randomInt } from 'node:crypto';

export interface Random {
  /** `count` octets. */
  bytes(count: number): Uint8Array;
  /** An integer, uniform in [0, bound); `bound` from 1 to 2^32. */
  below(bound: number): number;
}

/** What is drawn from the system at once; each octet of it is used once. */
const poolOctets = 4096;
const pool = new Uint8Array(poolOctets);
let poolUsed = poolOctets;

/** The operating system's CSPRNG. Little is drawn from a pool, because a system call for each is dear. */
export const systemRandom: Random = {
  bytes(count) {
    if (count > poolOctets / 16) return new Uint8Array(randomBytes(count));
    if (poolUsed + count > poolOctets) {
      randomFillSync(pool);
      poolUsed = 0;
    }
    const octets = pool.slice(poolUsed, poolUsed + count);
    // What was given out stays nowhere else.
    pool.fill(0, poolUsed, poolUsed + count);
    poolUsed += count;
    return octets;
  },
  below: (bound) => randomInt(bound),
};

/**
 * A repeatable generator for tests and scenarios (xoshiro128**, seeded by splitmix32). Never for secrets.
 */
export function seededRandom(seed: number): Random {
  let mix = seed >>> 0;
  const splitmix = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [splitmix(), splitmix(), splitmix(), splitmix()];
  const next = (): number => {
    const rotated = Math.imul(b, 5);
    const result = Math.imul((rotated << 7) | (rotated >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
    below: (bound) => Math.floor((next() / 0x1_0000_0000) * bound),
  };
}

/** Puts the items in a random order, in place (Fisher–Yates), and returns them. */
export function shuffle<Item>(items: Item[], random: Random): Item[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const [a, b] = [items[i], items[j]];
    if (a === undefined || b === undefined) continue;
    items[i] = b;
    items[j] = a;
  }
  return items;
}
