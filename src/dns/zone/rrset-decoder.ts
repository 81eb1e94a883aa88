// From an RRset as it stands in a zone image back to its records' data, uncompressed and octet for octet as they were given.
import { answerStart, fixKind } from './image-layout.ts';
import type { ZoneImage } from './zone-image.ts';

/** Of the first record; those of one RRset share it (RFC 2181 §5.2). Seconds. */
export function ttlOf(image: ZoneImage, rrset: number): number {
  const at = (rrset + 2) * 4 + 6;
  const { bytes } = image;
  return u16(bytes, at) * 0x1_0000 + u16(bytes, at + 2);
}

/** Copies: nothing of them is in shared memory, which much of the system's library doesn't take. */
export function rdatasOf(image: ZoneImage, node: number, rrset: number): Uint8Array[] {
  const { bytes } = image;
  const start = (rrset + 2) * 4;
  const records = image.rrsetRecords(rrset);
  const fixCount = image.rrsetFixes(rrset);
  const fixesAt = image.fixesAt(rrset);
  const rdatas: Uint8Array[] = [];
  let fix = 0;
  let position = 0;
  for (let count = 0; count < records; count++) {
    const length = u16(bytes, start + position + 10);
    const from = position + 12;
    const end = from + length;
    let out = 0;
    let copied = from;
    for (; fix < fixCount; fix++) {
      const word = image.words[fixesAt + fix] ?? 0;
      const at = word & 0xffff;
      if (at >= end) break;
      if (word >>> 16 === fixKind.owner) continue;
      while (copied < at) scratch[out++] = bytes[start + copied++] ?? 0;
      out = expand(image, node, start, at, out);
      copied = at + 2;
    }
    while (copied < end) scratch[out++] = bytes[start + copied++] ?? 0;
    rdatas.push(scratch.slice(0, out));
    position = end;
  }
  return rdatas;
}

/** Data with two names at most is this much longer than it stands in an answer. */
const scratch = new Uint8Array(65_536 + 512);

/** Writes out the name whose rest the pointer at `at` of the RRset stands for. */
function expand(image: ZoneImage, node: number, start: number, at: number, out: number): number {
  const { bytes } = image;
  const ownerLength = image.nameLength(node);
  const owner = image.nameAt(node);
  const first = answerStart(ownerLength);
  let from = start + at;
  for (;;) {
    const length = bytes[from] ?? 0;
    if (length >= 0xc0) {
      const value = u16(bytes, from) & 0x3fff;
      // Pointers within an RRset lead backwards, so this ends; those to the owner lead to a name without pointers.
      from = value < first ? owner + value - 12 : start + value - first;
      continue;
    }
    for (let i = 0; i <= length; i++) scratch[out++] = bytes[from + i] ?? 0;
    if (length === 0) return out;
    from += length + 1;
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
