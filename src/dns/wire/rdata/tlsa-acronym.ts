// The acronyms that may stand for TLSA's and SMIMEA's numbers (RFC 7218 §2).

export const tlsaUsage = { 'PKIX-TA': 0, 'PKIX-EE': 1, 'DANE-TA': 2, 'DANE-EE': 3, PRIVCERT: 255 } as const;

export const tlsaSelector = { CERT: 0, SPKI: 1, PRIVSEL: 255 } as const;

export const tlsaMatching = { FULL: 0, 'SHA2-256': 1, 'SHA2-512': 2, PRIVMATCH: 255 } as const;
