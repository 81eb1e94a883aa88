// Makes new inputs out of a target's seeds: a few small damages one upon the other, all chosen by `random`.
import { concatBytes } from '../../src/lib/bytes.ts';
import type { Random } from '../../src/lib/random.ts';
import type { FuzzTarget } from './target.ts';

/** Just above what one DNS message over TCP can be; inputs don't grow past it. */
export const maxInputLength = 70_000;

/** Numbers at which lengths, counts and signs go wrong. */
const edges = [0, 1, 0x0a, 0x0d, 0x20, 0x2e, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff];
const wideEdges = [
  0, 1, 0xff, 0x100, 0x1ff, 0x200, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xc000, 0xc00c, 0xfffe, 0xffff,
];

type Damage = (input: Uint8Array, random: Random, target: FuzzTarget) => Uint8Array;

const damages: readonly Damage[] = [
  function flipBit(input, random) {
    const at = random.below(input.length);
    return replace(input, at, 1, Uint8Array.of((input[at] ?? 0) ^ (1 << random.below(8))));
  },
  function setOctet(input, random) {
    const value = random.below(2) === 0 ? random.below(256) : pick(edges, random);
    return replace(input, random.below(input.length), 1, Uint8Array.of(value));
  },
  function setTwoOctets(input, random) {
    const value = pick(wideEdges, random);
    return replace(input, random.below(input.length), 2, Uint8Array.of(value >>> 8, value));
  },
  function addToOctet(input, random) {
    const at = random.below(input.length);
    return replace(input, at, 1, Uint8Array.of((input[at] ?? 0) + random.below(9) - 4));
  },
  function insertNoise(input, random) {
    return replace(input, random.below(input.length + 1), 0, random.bytes(1 + random.below(8)));
  },
  function insertOneOctetOften(input, random) {
    const many = new Uint8Array(1 + random.below(random.below(20) === 0 ? 5000 : 70)).fill(random.below(256));
    return replace(input, random.below(input.length + 1), 0, many);
  },
  function remove(input, random) {
    return replace(input, random.below(input.length), 1 + random.below(16), new Uint8Array(0));
  },
  function cutOff(input, random) {
    return input.slice(0, random.below(input.length));
  },
  function repeat(input, random) {
    const from = random.below(input.length);
    const piece = input.slice(from, from + 1 + random.below(64));
    const times = 1 + random.below(random.below(20) === 0 ? 200 : 4);
    return replace(input, from, 0, concatBytes(Array.from({ length: times }, () => piece)));
  },
  function move(input, random) {
    const from = random.below(input.length);
    const piece = input.slice(from, from + 1 + random.below(32));
    const rest = replace(input, from, piece.length, new Uint8Array(0));
    return replace(rest, random.below(rest.length + 1), 0, piece);
  },
  function splice(input, random, target) {
    const other = pick(target.seeds, random);
    return concatBytes([
      input.subarray(0, random.below(input.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ]);
  },
  function insertWord(input, random, target) {
    const word = pick(target.words ?? target.seeds, random).subarray(0, 256);
    return replace(input, random.below(input.length + 1), random.below(2) * word.length, word);
  },
];

/** A seed with one to eight damages; now and then a seed as it is, or nothing but noise. */
export function mutate(target: FuzzTarget, random: Random): Uint8Array {
  if (random.below(200) === 0) return random.bytes(random.below(600));
  let input: Uint8Array = pick(target.seeds, random).slice();
  if (random.below(200) === 0) return input;
  for (let left = 1 + random.below(8); left > 0; left--) {
    input =
      input.length === 0 ? random.bytes(1 + random.below(16)) : pick(damages, random)(input, random, target);
    if (input.length > maxInputLength) input = input.slice(0, maxInputLength);
  }
  return input;
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new Error('a fuzz target needs at least one seed');
  return item;
}

function replace(input: Uint8Array, at: number, length: number, by: Uint8Array): Uint8Array {
  return concatBytes([input.subarray(0, at), by, input.subarray(at + length)]);
}
