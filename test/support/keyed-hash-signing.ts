// A signature algorithm for tests that sign and check by the million: a checksum that begins with the key, under the number of Ed25519. Good for worlds in
// which nobody uses a key but its owner: whoever wanted to could.
import { createSecretKey } from 'node:crypto';
import type { SignatureAlgorithm } from '../../src/dns/dnssec/algorithm.ts';
import { KeyRing } from '../../src/dns/dnssec/zone-key.ts';
import { dnskey, keyTag } from '../../src/dns/wire/rdata/dnskey.ts';
import { dnssecAlgorithm } from '../../src/dns/wire/rdata/dnssec-algorithm.ts';
import { writeRdata } from '../../src/dns/wire/rdata/record-type.ts';
import { equalBytes } from '../../src/lib/bytes.ts';
import type { SigningKey } from './dnssec-signer.ts';

const algorithm = dnssecAlgorithm.ED25519;
const secretOctets = 16;

const keyedHash: SignatureAlgorithm = {
  mnemonic: 'ED25519',
  importKey: (publicKey) => (publicKey.length === secretOctets ? createSecretKey(publicKey) : undefined),
  verify: (key, data, signature) => equalBytes(checksum(key.export(), data), signature),
};

/** 64 bits: chance alone doesn't find them. */
function checksum(key: Uint8Array, data: Uint8Array): Uint8Array {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (const octets of [key, data]) {
    for (let i = 0; i < octets.length; i++) {
      const octet = octets[i] ?? 0;
      a = Math.imul(a ^ octet, 0x01000193);
      b = Math.imul(b ^ (b >>> 15) ^ octet, 0x85ebca6b);
    }
  }
  const sum = new Uint8Array(8);
  new DataView(sum.buffer).setInt32(0, a);
  new DataView(sum.buffer).setInt32(4, b);
  return sum;
}

/** A ring that knows no other algorithm. */
export function keyedHashRing(): KeyRing {
  return new KeyRing(new Map([[algorithm, keyedHash]]));
}

/** The key of that number; zone key and entry point. */
export function keyedHashKey(number: number): SigningKey {
  const publicKey = new Uint8Array(secretOctets).fill(number);
  const rdata = writeRdata(dnskey, { flags: 257, protocol: 3, algorithm, publicKey });
  return { rdata, tag: keyTag(rdata) ?? 0, algorithm, sign: (octets) => checksum(publicKey, octets) };
}
