// A name that is looked for: where its labels start, and a hash of each of its suffixes.
//
// A hot path: every query passes here, so one probe is used again and again, and makes no object. Hashing from the root's side on gives
// the hashes of all suffixes in one pass over the octets. Measure it by bench/micro/authority-answer.ts.
import { lowerOctets } from '../wire/lower-octets.ts';

/** 127 labels of one octet are the most (RFC 1035 §2.3.4), and the root's. */
const mostLabels = 128;
const mostNameOctets = 255;
const longestLabel = 63;

export class NameProbe {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the name starts in `bytes`. */
  at = 0;
  /** Octets, the root label included. */
  length = 0;
  /** Without the root. */
  labels = 0;
  /** From `at`: where the suffix that has so many labels starts. */
  readonly starts: Uint8Array = new Uint8Array(mostLabels);
  /** The hash of the suffix that has so many labels; letters count alike in either case. */
  readonly hashes: Int32Array = new Int32Array(mostLabels);

  /**
   * Reads the uncompressed name at `at`, which must end before `end`. Gives its length, or 0 where there is none (a pointer included).
   * `bytes` must stay as they are while the probe is used.
   */
  read(bytes: Uint8Array, at: number, end: number): number {
    const { starts, hashes } = this;
    let labels = 0;
    let position = at;
    for (;;) {
      if (position >= end) return 0;
      const length = bytes[position] ?? 0;
      if (length === 0) break;
      if (length > longestLabel) return 0;
      starts[labels] = position - at;
      labels += 1;
      position += length + 1;
      if (position - at >= mostNameOctets) return 0;
    }
    const nameLength = position + 1 - at;
    this.bytes = bytes;
    this.at = at;
    this.length = nameLength;
    this.labels = labels;
    // The starts were gathered from the first label on, and are wanted by the number of labels that follow.
    for (let low = 0, high = labels - 1; low < high; low++, high--) {
      const start = starts[low] ?? 0;
      starts[low] = starts[high] ?? 0;
      starts[high] = start;
    }
    for (let index = labels; index > 0; index--) starts[index] = starts[index - 1] ?? 0;
    starts[0] = nameLength - 1;
    let hash = 0;
    hashes[0] = 0;
    let labelEnd = position;
    for (let count = 1; count <= labels; count++) {
      const start = at + (starts[count] ?? 0);
      for (let i = start; i < labelEnd; i++)
        hash = Math.imul(hash ^ (lowerOctets[bytes[i] ?? 0] ?? 0), 0x01000193);
      hashes[count] = hash;
      labelEnd = start;
    }
    return nameLength;
  }
}

/** The multiplication leaves the low bits weak where names differ in few octets only. */
export function mixHash(hash: number, salt: number): number {
  const mixed = Math.imul(hash ^ salt, 0x2c1b3c6d);
  return mixed ^ (mixed >>> 15);
}
