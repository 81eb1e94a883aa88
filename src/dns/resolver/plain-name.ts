// Names in plain replies, read where they lie (RFC 1035 §4.1.4): as they are, or up to a pointer to a label of the question's name, which stands behind the
// header, uncompressed, up to `nameEnd`. Other pointers could lead to where something is changed.
//
// A hot path: no object is made.
import { lowerOctets } from '../wire/lower-octets.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { maxLabelLength, maxNameLength } from '../wire/name.ts';

const leastPointer = 0xc0;
const pointerBits = 0x3fff;

/** Behind the name at `at`, all of which lies in front of `end`; -1 where it isn't plain. */
export function plainNameEnd(bytes: Uint8Array, at: number, end: number, nameEnd: number): number {
  let next = at;
  for (;;) {
    if (next >= end) return -1;
    const length = bytes[next] ?? 0;
    if (length === 0) return next + 1 - at > maxNameLength ? -1 : next + 1;
    if (length >= leastPointer) {
      const target = u16(bytes, next) & pointerBits;
      const isGood =
        next + 2 <= end &&
        isLabelOfQuestion(bytes, target, nameEnd) &&
        next - at + nameEnd - target <= maxNameLength;
      return isGood ? next + 2 : -1;
    }
    if (length > maxLabelLength) return -1;
    next += 1 + length;
  }
}

/** Behind a name without pointers, or -1. */
export function wholeNameEnd(bytes: Uint8Array, at: number, end: number): number {
  return plainNameEnd(bytes, at, end, headerLength);
}

/** Behind a name that nobody will use, or -1. */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  let next = at;
  for (;;) {
    if (next >= end) return -1;
    const length = bytes[next] ?? 0;
    if (length === 0) return next + 1;
    if (length >= leastPointer) return next + 2;
    if (length > maxLabelLength) return -1;
    next += 1 + length;
  }
}

/** Whether a label of the question's name begins there, that of the root counted. */
export function isLabelOfQuestion(bytes: Uint8Array, target: number, nameEnd: number): boolean {
  let at = headerLength;
  while (at < target && at < nameEnd) at += 1 + (bytes[at] ?? 0);
  return at === target && at < nameEnd;
}

/** Labels of the question's name as RRSIGs count them: without the root, and without a leading `*` (RFC 4034 §3.1.3). */
export function signedLabels(bytes: Uint8Array, nameEnd: number): number {
  let labels = 0;
  for (let at = headerLength; at < nameEnd - 1; at += 1 + (bytes[at] ?? 0)) labels += 1;
  const isWildcard = bytes[headerLength] === 1 && bytes[headerLength + 1] === 0x2a;
  return isWildcard ? labels - 1 : labels;
}

/** Whether two plain names are one, whatever of them is compressed, and in whatever case. */
export function isSameName(bytes: Uint8Array, one: number, other: number): boolean {
  let [a, b] = [one, other];
  for (;;) {
    if ((bytes[a] ?? 0) >= leastPointer) a = u16(bytes, a) & pointerBits;
    if ((bytes[b] ?? 0) >= leastPointer) b = u16(bytes, b) & pointerBits;
    const length = bytes[a] ?? 0;
    if (length !== bytes[b]) return false;
    if (length === 0) return true;
    for (let i = 1; i <= length; i++)
      if (lowerOctets[bytes[a + i] ?? 0] !== lowerOctets[bytes[b + i] ?? 0]) return false;
    a += 1 + length;
    b += 1 + length;
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
