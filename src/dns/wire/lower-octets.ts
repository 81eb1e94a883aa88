/** By octet: ASCII letters in lower case, all others as they are (RFC 4343 §3). Lengths of labels, at most 63, are no letters. */
export const lowerOctets: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
);
