// SipHash-2-4 (Aumasson and Bernstein, 2012): the keyed hash of server cookies (RFC 9018 §4.4).
//
// A hot path: resolvers that know cookies send one in every query. 64-bit words are pairs of 32-bit halves, because BigInt would
// allocate for each step, and all of the state is in local variables: 0.3 µs for 20 octets (bench/micro/protocol.ts).

/** A 128-bit key as four little-endian words. */
export type SipKey = Int32Array;

/** Of 16 octets. */
export function sipKey(octets: Uint8Array): SipKey {
  return Int32Array.from({ length: 4 }, (_, word) => le32(octets, word * 4));
}

/** Hashes octets `from` to `end` of `input`, and writes 8 octets to `out` at `at`. Makes no object. */
export function sipHash24(
  key: SipKey,
  input: Uint8Array,
  from: number,
  end: number,
  out: Uint8Array,
  at: number,
): void {
  const [k0l, k0h, k1l, k1h] = [key[0] ?? 0, key[1] ?? 0, key[2] ?? 0, key[3] ?? 0];
  let v0h = k0h ^ 0x736f6d65;
  let v0l = k0l ^ 0x70736575;
  let v1h = k1h ^ 0x646f7261;
  let v1l = k1l ^ 0x6e646f6d;
  let v2h = k0h ^ 0x6c796765;
  let v2l = k0l ^ 0x6e657261;
  let v3h = k1h ^ 0x74656462;
  let v3l = k1l ^ 0x79746573;
  const length = end - from;
  // Whole words, and one more for the octets that are left and the length.
  const words = (length >>> 3) + 1;
  const compressions = words * 2;
  let low = 0;
  let high = 0;
  for (let round = 0; round < compressions + 4; round++) {
    if (round < compressions && (round & 1) === 0) {
      const word = from + round * 4;
      if (round < compressions - 2) {
        low = le32(input, word);
        high = le32(input, word + 4);
      } else {
        low = partial(input, word, Math.min(end, word + 4));
        high = partial(input, word + 4, end) | (length << 24);
      }
      v3l ^= low;
      v3h ^= high;
    } else if (round === compressions) {
      v2l ^= 0xff;
    }
    // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
    let sum = (v0l >>> 0) + (v1l >>> 0);
    v0h = (v0h + v1h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    v0l = sum | 0;
    let turned = (v1h << 13) | (v1l >>> 19);
    v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
    v1h = turned ^ v0h;
    turned = v0h;
    v0h = v0l;
    v0l = turned;
    // v2 += v3; v3 = rotl(v3, 16) ^ v2
    sum = (v2l >>> 0) + (v3l >>> 0);
    v2h = (v2h + v3h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    v2l = sum | 0;
    turned = (v3h << 16) | (v3l >>> 16);
    v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
    v3h = turned ^ v2h;
    // v0 += v3; v3 = rotl(v3, 21) ^ v0
    sum = (v0l >>> 0) + (v3l >>> 0);
    v0h = (v0h + v3h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    v0l = sum | 0;
    turned = (v3h << 21) | (v3l >>> 11);
    v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
    v3h = turned ^ v0h;
    // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
    sum = (v2l >>> 0) + (v1l >>> 0);
    v2h = (v2h + v1h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    v2l = sum | 0;
    turned = (v1h << 17) | (v1l >>> 15);
    v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
    v1h = turned ^ v2h;
    turned = v2h;
    v2h = v2l;
    v2l = turned;
    if (round < compressions && (round & 1) === 1) {
      v0l ^= low;
      v0h ^= high;
    }
  }
  putLe32(out, at, v0l ^ v1l ^ v2l ^ v3l);
  putLe32(out, at + 4, v0h ^ v1h ^ v2h ^ v3h);
}

function le32(octets: Uint8Array, at: number): number {
  return (
    (octets[at] ?? 0) |
    ((octets[at + 1] ?? 0) << 8) |
    ((octets[at + 2] ?? 0) << 16) |
    ((octets[at + 3] ?? 0) << 24)
  );
}

/** The octets from `at` to `end`, none to four, as a little-endian word. */
function partial(octets: Uint8Array, at: number, end: number): number {
  let word = 0;
  for (let shift = 0; at < end; at++, shift += 8) word |= (octets[at] ?? 0) << shift;
  return word;
}

function putLe32(octets: Uint8Array, at: number, word: number): void {
  octets[at] = word;
  octets[at + 1] = word >>> 8;
  octets[at + 2] = word >>> 16;
  octets[at + 3] = word >>> 24;
}
