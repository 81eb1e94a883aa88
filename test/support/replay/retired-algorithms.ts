// Signature algorithms that a resolver of today takes for unknown, and the published scenarios sign with: DSA (RFC 2536) and RSA with SHA-1 (RFC 3110).
// For tests alone.
import { createPublicKey, verify } from 'node:crypto';
import { rsaAlgorithm, validationAlgorithms } from '../../../src/dns/dnssec/algorithm.ts';
import type { AlgorithmTable, SignatureAlgorithm } from '../../../src/dns/dnssec/algorithm.ts';
import { concatBytes } from '../../../src/lib/bytes.ts';

const dsaOid = Uint8Array.of(0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01);

const dsa: SignatureAlgorithm = {
  mnemonic: 'DSA',
  importKey: (publicKey) => {
    // RFC 2536 §2: T, Q of 20 octets, then P, G and Y of 64 + 8 T octets each.
    const size = 64 + 8 * (publicKey[0] ?? 0);
    if (publicKey.length !== 21 + 3 * size) return undefined;
    const [p, g, y] = [0, 1, 2].map((i) => integer(publicKey.subarray(21 + i * size, 21 + (i + 1) * size)));
    const q = integer(publicKey.subarray(1, 21));
    const parameters = der(0x30, p, q, g);
    const info = der(0x30, der(0x30, dsaOid, parameters), der(0x03, Uint8Array.of(0), y));
    try {
      return createPublicKey({ key: Buffer.from(info), format: 'der', type: 'spki' });
    } catch {
      return undefined;
    }
  },
  verify: (key, data, signature) => {
    // RFC 2536 §3: T, R, S; some of the scenarios were signed by a program that left R and S in DER.
    const isDer = signature[0] === 0x30;
    try {
      return isDer
        ? verify('sha1', data, key, signature)
        : verify('sha1', data, { key, dsaEncoding: 'ieee-p1363' }, signature.subarray(1));
    } catch {
      return false;
    }
  },
};

const rsaSha1 = rsaAlgorithm('RSASHA1', 'sha1', 512);

/** By their numbers: those of the resolver, and those that once were. */
export const algorithmsOfOld: AlgorithmTable = new Map([
  ...validationAlgorithms,
  [3, dsa],
  [5, rsaSha1],
  [6, dsa],
  [7, rsaSha1],
]);

/** A value in DER: tag, length, content (X.690 §8.1). */
function der(tag: number, ...content: readonly (Uint8Array | undefined)[]): Uint8Array {
  const body = concatBytes(content.filter((each) => each !== undefined));
  const { length } = body;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >>> 8, length & 0xff];
  return concatBytes([Uint8Array.from(head), body]);
}

/** X.690 §8.3: in as few octets as there can be, the first bit 0 as it isn't negative. */
function integer(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const number = bytes.subarray(start);
  return der(0x02, (number[0] ?? 0) > 127 ? Uint8Array.of(0) : undefined, number);
}
