// The signature algorithms that are validated (RFC 8624 §3.1 as RFC 9904 keeps it): RSA with SHA-2 (RFC 5702), ECDSA (RFC 6605) and EdDSA
// (RFC 8080). Those with SHA-1 are taken for unknown (RFC 9905 §2), and so are DSA, GOST and all others: what only they sign is insecure.
import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { concatBytes } from '../../lib/bytes.ts';
import { dnssecAlgorithm } from '../wire/rdata/dnssec-algorithm.ts';

export interface SignatureAlgorithm {
  readonly mnemonic: string;
  /** The key of a DNSKEY's public key field, or `undefined` where it is malformed or out of bounds. Never throws. */
  importKey(publicKey: Uint8Array): KeyObject | undefined;
  /** Whether the key made that signature of the data. Never throws. */
  verify(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean;
}

/** By their numbers in DNSKEY, DS and RRSIG. */
export type AlgorithmTable = ReadonlyMap<number, SignatureAlgorithm>;

/**
 * RFC 5702 §2: modulus from 512 bits for SHA-256 and 1024 for SHA-512, up to 4096. Exponents of RFC 3110 may be as long as the modulus, and make a check
 * that much dearer; as BIND does, those of more than 35 bits are refused (in use are 3, 65537 and 2^32 + 1).
 */
const mostModulusBits = 4096;
const mostExponentBits = 35;

/** RSA with PKCS #1 v1.5 padding. `hash`: as node:crypto calls it. */
export function rsaAlgorithm(mnemonic: string, hash: string, leastModulusBits: number): SignatureAlgorithm {
  return {
    mnemonic,
    importKey: (publicKey) => {
      // RFC 3110 §2: the exponent's length takes one octet, or three that begin with 0.
      const long = publicKey[0] === 0;
      const length = long ? ((publicKey[1] ?? 0) << 8) | (publicKey[2] ?? 0) : (publicKey[0] ?? 0);
      const start = long ? 3 : 1;
      const exponent = withoutZeros(publicKey.subarray(start, start + length));
      const modulus = withoutZeros(publicKey.subarray(start + length));
      const exponentBits = bitsOf(exponent);
      const modulusBits = bitsOf(modulus);
      if (exponentBits < 2 || exponentBits > mostExponentBits) return undefined;
      if (modulusBits < leastModulusBits || modulusBits > mostModulusBits) return undefined;
      const key = { kty: 'RSA', n: base64Url(modulus), e: base64Url(exponent) };
      return keyFrom({ key, format: 'jwk' });
    },
    verify: (key, data, signature) => verified(() => verify(hash, data, key, signature)),
  };
}

/** RFC 6605 §4: key and signature are two numbers each, side by side, as long as the curve's field. */
function ecdsaAlgorithm(
  mnemonic: string,
  hash: string,
  namedCurve: 'P-256' | 'P-384',
  octets: number,
): SignatureAlgorithm {
  return {
    mnemonic,
    importKey: (publicKey) => {
      if (publicKey.length !== octets * 2) return undefined;
      // SEC 1 §2.3.3: 4 for a point that is not compressed.
      const key = concatBytes([Uint8Array.of(4), publicKey]);
      return keyFrom({ key, format: 'raw-public', asymmetricKeyType: 'ec', namedCurve });
    },
    verify: (key, data, signature) =>
      signature.length === octets * 2 && verified(() => verify(hash, data, key, derSignature(signature))),
  };
}

/** What {@link derSignature} gives: 104 octets are the most that P-384 needs. */
const der = new Uint8Array(104);

/**
 * Two numbers of equal length as ECDSA-Sig-Value has them (RFC 5480 appendix A), until the next call. The crypto library would do it, too, but takes a twentieth
 * of a check for it.
 */
function derSignature(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const end = putInteger(putInteger(2, signature, 0, half), signature, half, signature.length);
  der[0] = 0x30;
  der[1] = end - 2;
  return der.subarray(0, end);
}

/** Without leading zeros, but for one where the number would be negative without. Gives the octet after it. */
function putInteger(at: number, octets: Uint8Array, start: number, end: number): number {
  let first = start;
  while (first < end - 1 && octets[first] === 0) first += 1;
  const sign = (octets[first] ?? 0) >>> 7;
  der[at] = 2;
  der[at + 1] = sign + end - first;
  der[at + 2] = 0;
  let to = at + 2 + sign;
  for (let i = first; i < end; i++) der[to++] = octets[i] ?? 0;
  return to;
}

/** RFC 8080 §3, §4 */
function eddsaAlgorithm(
  mnemonic: string,
  asymmetricKeyType: 'ed25519' | 'ed448',
  octets: number,
): SignatureAlgorithm {
  return {
    mnemonic,
    importKey: (publicKey) =>
      publicKey.length === octets
        ? keyFrom({ key: publicKey, format: 'raw-public', asymmetricKeyType })
        : undefined,
    verify: (key, data, signature) =>
      signature.length === octets * 2 && verified(() => verify(undefined, data, key, signature)),
  };
}

const ed448Octets = 57;
const ed448 = eddsaAlgorithm('ED448', 'ed448', ed448Octets);

/** Whether the crypto library of this Node knows the curve: any one key tells. */
const hasEd448 = ed448.importKey(new Uint8Array(ed448Octets)) !== undefined;

export const validationAlgorithms: AlgorithmTable = new Map<number, SignatureAlgorithm>([
  [dnssecAlgorithm.RSASHA256, rsaAlgorithm('RSASHA256', 'sha256', 512)],
  [dnssecAlgorithm.RSASHA512, rsaAlgorithm('RSASHA512', 'sha512', 1024)],
  [dnssecAlgorithm.ECDSAP256SHA256, ecdsaAlgorithm('ECDSAP256SHA256', 'sha256', 'P-256', 32)],
  [dnssecAlgorithm.ECDSAP384SHA384, ecdsaAlgorithm('ECDSAP384SHA384', 'sha384', 'P-384', 48)],
  [dnssecAlgorithm.ED25519, eddsaAlgorithm('ED25519', 'ed25519', 32)],
  ...(hasEd448 ? [[dnssecAlgorithm.ED448, ed448] as const] : []),
]);

/** `ECDSAP256SHA256`, or `algorithm 99` where the number has no name. */
export function algorithmInWords(number: number): string {
  return mnemonics.get(number) ?? `algorithm ${number}`;
}

const mnemonics: ReadonlyMap<number, string> = new Map(
  Object.entries(dnssecAlgorithm).map(([mnemonic, number]) => [number, mnemonic]),
);

/** The crypto library throws at keys that it can't use (a point off its curve, say): from here on they are none. */
function keyFrom(key: Parameters<typeof createPublicKey>[0]): KeyObject | undefined {
  try {
    return createPublicKey(key);
  } catch {
    return undefined;
  }
}

function verified(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

function withoutZeros(number: Uint8Array): Uint8Array {
  let start = 0;
  while (start < number.length && number[start] === 0) start += 1;
  return number.subarray(start);
}

function bitsOf(number: Uint8Array): number {
  return number.length === 0 ? 0 : number.length * 8 - Math.clz32((number[0] ?? 0) << 24);
}

function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
}
