// The quoted presentation form of a <character-string> (RFC 1035 §5.1).

/** `"v=spf1 -all"`: in quotes, with `"` and `\` escaped and what isn't printable ASCII as `\DDD`. */
export function formatQuoted(octets: Uint8Array): string {
  let text = '"';
  for (const octet of octets) {
    if (octet < 0x20 || octet >= 0x7f) text += `\\${String(octet).padStart(3, '0')}`;
    else if (octet === 0x22 || octet === 0x5c) text += `\\${String.fromCharCode(octet)}`;
    else text += String.fromCharCode(octet);
  }
  return `${text}"`;
}
