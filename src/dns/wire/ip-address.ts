// IP addresses between octets and text, as record data holds them: IPv4 in dotted decimal, IPv6 in the form of RFC 5952.

/** `octets` must be 4; others (after a reader's fault) are taken as zeros. */
export function formatIpv4(octets: Uint8Array): string {
  return `${octets[0] ?? 0}.${octets[1] ?? 0}.${octets[2] ?? 0}.${octets[3] ?? 0}`;
}

/** Four decimal numbers without leading zeros, or `undefined`. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return Uint8Array.from(parts, Number);
}

/** RFC 5952 §4: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as `::`. */
export function formatIpv6(octets: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0));
  let [start, length] = [0, 1];
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end += 1;
    if (end - i > length) [start, length] = [i, end - i];
    i = Math.max(i, end - 1);
  }
  // RFC 5952 §5: the IPv4-mapped prefix is well known, so the rest is written as IPv4.
  if (start === 0 && length >= 5 && groups[5] === 0xffff && length === 5) {
    return `::ffff:${formatIpv4(octets.subarray(12))}`;
  }
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** Any text form of RFC 4291 §2.2, or `undefined`. No zone, no brackets. */
export function parseIpv6(text: string): Uint8Array | undefined {
  let hex = text;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted !== null) {
    const v4 = parseIpv4(dotted[2] ?? '');
    if (v4 === undefined) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = v4;
    hex = `${dotted[1] ?? ''}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const halves = hex.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const groups = [...head, ...tail];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  // RFC 4291 §2.2: `::` stands for one or more groups.
  if (halves.length === 2 ? groups.length > 7 : groups.length !== 8) return undefined;
  const octets = new Uint8Array(16);
  const put = (group: string, index: number): void => {
    const value = Number.parseInt(group, 16);
    octets[2 * index] = value >>> 8;
    octets[2 * index + 1] = value;
  };
  head.forEach(put);
  tail.forEach((group, i) => put(group, 8 - tail.length + i));
  return octets;
}
