// The algorithms that the published scenarios were signed with, and that a resolver of today doesn't have: DSA (RFC 2536) and RSA with SHA-1 (RFC 3110).
import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { rsaAlgorithm, validationAlgorithms } from '../../../src/dns/dnssec/algorithm.ts';
import type { AlgorithmTable, SignatureAlgorithm } from '../../../src/dns/dnssec/algorithm.ts';
import { dnssecAlgorithm } from '../../../src/dns/wire/rdata/dnssec-algorithm.ts';
import { concatBytes } from '../../../src/lib/bytes.ts';

const dsa: SignatureAlgorithm = {
  mnemonic: 'DSA',
  importKey: dsaKey,
  verify: (key, data, signature) => {
    // RFC 2536 §3: T, then R and S of 20 octets each; most of the scenarios have DER instead.
    const isDer = signature[0] === 0x30;
    try {
      return isDer
        ? verify('sha1', data, { key, dsaEncoding: 'der' }, signature)
        : verify('sha1', data, { key, dsaEncoding: 'ieee-p1363' }, signature.subarray(1));
    } catch {
      return false;
    }
  },
};

const rsaSha1 = rsaAlgorithm('RSASHA1', 'sha1', 512);

export const oldAlgorithms: AlgorithmTable = new Map([
  ...validationAlgorithms,
  [dnssecAlgorithm.DSA, dsa],
  [dnssecAlgorithm['DSA-NSEC3-SHA1'], dsa],
  [dnssecAlgorithm.RSASHA1, rsaSha1],
  [dnssecAlgorithm['RSASHA1-NSEC3-SHA1'], rsaSha1],
]);

/** RFC 2536 §2: T, Q of 20 octets, then P, G and Y of 64 + 8 T each. */
function dsaKey(publicKey: Uint8Array): KeyObject | undefined {
  const length = 64 + 8 * (publicKey[0] ?? 0);
  if (publicKey.length !== 21 + 3 * length) return undefined;
  const number = (at: number): Uint8Array => integer(publicKey.subarray(at, at + length));
  const [p, g, y] = [number(21), number(21 + length), number(21 + 2 * length)];
  const parameters = sequence([p, integer(publicKey.subarray(1, 21)), g]);
  // 1.2.840.10040.4.1: id-dsa.
  const id = Uint8Array.of(6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1);
  const key = sequence([sequence([id, parameters]), tagged(3, concatBytes([Uint8Array.of(0), y]))]);
  try {
    return createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function integer(octets: Uint8Array): Uint8Array {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start += 1;
  const plain = octets.subarray(start);
  return tagged(2, (plain[0] ?? 0) >= 0x80 ? concatBytes([Uint8Array.of(0), plain]) : plain);
}

function sequence(parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, concatBytes([...parts]));
}

/** DER with lengths below 65,536. */
function tagged(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length & 0xff];
  return concatBytes([Uint8Array.of(tag, ...head), content]);
}
