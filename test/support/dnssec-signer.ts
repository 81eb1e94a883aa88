// Signs RRsets, for tests: rightly, and in each way wrong that a test asks for. Keys are made anew in each run.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { canonicalRdatas, signedOctets } from '../../src/dns/dnssec/canonical-rrset.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import { dnskey, keyTag } from '../../src/dns/wire/rdata/dnskey.ts';
import { dnssecAlgorithm } from '../../src/dns/wire/rdata/dnssec-algorithm.ts';
import { writeRdata } from '../../src/dns/wire/rdata/record-type.ts';
import { rrsig } from '../../src/dns/wire/rdata/rrsig.ts';
import type { RrsigData } from '../../src/dns/wire/rdata/rrsig.ts';
import type { ResourceRecord, RRset } from '../../src/dns/wire/record.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { concatBytes } from '../../src/lib/bytes.ts';
import { unreachable } from '../../src/lib/result.ts';

export interface SigningKey {
  /** Of its DNSKEY record. */
  readonly rdata: Uint8Array;
  readonly tag: number;
  readonly algorithm: number;
  sign(octets: Uint8Array): Uint8Array;
}

type SignedAlgorithm =
  'RSASHA256' | 'RSASHA512' | 'ECDSAP256SHA256' | 'ECDSAP384SHA384' | 'ED25519' | 'ED448';

/** `flags`: 256 for a zone key, 257 for one that the parent points to. */
export function makeSigningKey(algorithm: SignedAlgorithm = 'ECDSAP256SHA256', flags = 256): SigningKey {
  const { publicKey, signer } = pairOf(algorithm);
  const number = dnssecAlgorithm[algorithm];
  const rdata = writeRdata(dnskey, { flags, protocol: 3, algorithm: number, publicKey });
  return {
    rdata,
    tag: keyTag(rdata) ?? 0,
    algorithm: number,
    sign: (octets) => new Uint8Array(signer(octets)),
  };
}

/** An Ed25519 key that is the same in each run, for tests that must be repeatable octet for octet. */
export function fixedSigningKey(seed: number, flags = 256): SigningKey {
  // RFC 8410 §7: PKCS #8 around the 32 octets.
  const der = concatBytes([
    Uint8Array.fromHex('302e020100300506032b657004220420'),
    new Uint8Array(32).fill(seed),
  ]);
  const privateKey = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  const algorithm = dnssecAlgorithm.ED25519;
  const publicKey = numbersOf(createPublicKey(privateKey)).x;
  const rdata = writeRdata(dnskey, { flags, protocol: 3, algorithm, publicKey });
  const tag = keyTag(rdata) ?? 0;
  return { rdata, tag, algorithm, sign: (octets) => new Uint8Array(sign(undefined, octets, privateKey)) };
}

/** The same key with other flags, or another field changed: another DNSKEY record, with another tag. */
export function withFlags(key: SigningKey, flags: number): SigningKey {
  const rdata = key.rdata.slice();
  rdata[0] = flags >>> 8;
  rdata[1] = flags;
  return { ...key, rdata, tag: keyTag(rdata) ?? 0 };
}

/** RRSIG over the set. `changes`: fields that differ from what they should be; the signature is made over them as they are. */
export function signRRset(
  rrset: RRset,
  key: SigningKey,
  signer: DomainName,
  times: { readonly inception: number; readonly expiration: number },
  changes: Partial<RrsigData> = {},
): ResourceRecord {
  const { owner, type, ttl } = rrset;
  const unsigned: RrsigData = {
    typeCovered: type,
    algorithm: key.algorithm,
    labels: owner.labelCount - (owner.isWildcard ? 1 : 0),
    originalTtl: ttl,
    ...times,
    keyTag: key.tag,
    signer,
    signature: new Uint8Array(0),
    ...changes,
  };
  const signature = key.sign(signedOctets(owner, rrset.class, canonicalRdatas(rrset), unsigned));
  const rdata = writeRdata(rrsig, { ...unsigned, signature: changes.signature ?? signature });
  return { owner, type: rrType.RRSIG, class: rrset.class, ttl, rdata };
}

interface Pair {
  readonly publicKey: Uint8Array;
  readonly signer: (octets: Uint8Array) => Uint8Array;
}

function pairOf(algorithm: SignedAlgorithm): Pair {
  switch (algorithm) {
    case 'RSASHA256':
    case 'RSASHA512': {
      const pair = generateKeyPairSync('rsa', { modulusLength: 1024 });
      const hash = algorithm === 'RSASHA256' ? 'sha256' : 'sha512';
      const { e, n } = numbersOf(pair.publicKey);
      return {
        publicKey: concatBytes([Uint8Array.of(e.length), e, n]),
        signer: (octets) => sign(hash, octets, pair.privateKey),
      };
    }
    case 'ECDSAP256SHA256':
    case 'ECDSAP384SHA384': {
      const [namedCurve, hash] = algorithm === 'ECDSAP256SHA256' ? ['P-256', 'sha256'] : ['P-384', 'sha384'];
      const pair = generateKeyPairSync('ec', { namedCurve: namedCurve ?? '' });
      const { x, y } = numbersOf(pair.publicKey);
      return {
        publicKey: concatBytes([x, y]),
        signer: (octets) => sign(hash, octets, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }),
      };
    }
    case 'ED25519':
    case 'ED448': {
      const pair = algorithm === 'ED448' ? generateKeyPairSync('ed448') : generateKeyPairSync('ed25519');
      return {
        publicKey: numbersOf(pair.publicKey).x,
        signer: (octets) => sign(undefined, octets, pair.privateKey),
      };
    }
    default:
      return unreachable(algorithm);
  }
}

function numbersOf(key: KeyObject): Readonly<Record<'e' | 'n' | 'x' | 'y', Uint8Array>> {
  const jwk = key.export({ format: 'jwk' });
  const octets = (text: string | undefined): Uint8Array =>
    Uint8Array.fromBase64(text ?? '', { alphabet: 'base64url' });
  return { e: octets(jwk.e), n: octets(jwk.n), x: octets(jwk.x), y: octets(jwk.y) };
}
