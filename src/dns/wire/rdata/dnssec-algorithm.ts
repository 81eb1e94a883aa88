// DNSSEC algorithm and digest numbers, from IANA's "DNS Security Algorithm Numbers" and "DS RR Type Digest Algorithms".
// RFC 4034 §2.2 lets the text form of a record use the mnemonics.

export const dnssecAlgorithm = {
  DELETE: 0,
  RSAMD5: 1,
  DH: 2,
  DSA: 3,
  RSASHA1: 5,
  'DSA-NSEC3-SHA1': 6,
  'RSASHA1-NSEC3-SHA1': 7,
  RSASHA256: 8,
  RSASHA512: 10,
  'ECC-GOST': 12,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
  SM2SM3: 17,
  'ECC-GOST12': 23,
  INDIRECT: 252,
  PRIVATEDNS: 253,
  PRIVATEOID: 254,
} as const;

export const digestType = {
  'SHA-1': 1,
  'SHA-256': 2,
  'GOST R 34.11-94': 3,
  'SHA-384': 4,
} as const;
