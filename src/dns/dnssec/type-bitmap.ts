// The types at a name, as NSEC and NSEC3 list them (RFC 4034 §4.1.2): looked up where they lie, without making a list.

/** Whether `bitmap` has the type. Malformed windows end the search. */
export function hasType(bitmap: Uint8Array, type: number): boolean {
  const window = type >>> 8;
  for (let at = 0; at + 2 <= bitmap.length;) {
    const length = bitmap[at + 1] ?? 0;
    if (bitmap[at] === window) {
      const octet = (type & 0xff) >>> 3;
      if (octet >= length || at + 2 + octet >= bitmap.length) return false;
      return ((bitmap[at + 2 + octet] ?? 0) & (0x80 >>> (type & 7))) !== 0;
    }
    at += 2 + length;
  }
  return false;
}

/** Whether it has any type but those. */
export function hasOthers(bitmap: Uint8Array, types: readonly number[]): boolean {
  for (let at = 0; at + 2 <= bitmap.length;) {
    const window = bitmap[at] ?? 0;
    const end = Math.min(at + 2 + (bitmap[at + 1] ?? 0), bitmap.length);
    for (let octet = at + 2; octet < end; octet++) {
      let bits = bitmap[octet] ?? 0;
      for (const type of types) {
        if (type >>> 8 === window && (type & 0xff) >>> 3 === octet - at - 2) bits &= ~(0x80 >>> (type & 7));
      }
      if (bits !== 0) return true;
    }
    at = end;
  }
  return false;
}
