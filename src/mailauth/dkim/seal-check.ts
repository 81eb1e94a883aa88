// Whether octets carry a seal: the algorithms of RFC 8301 §3.1 and RFC 8463 §3.
import { createHash, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { DkimKey } from './public-key.ts';

/** RFC 8301 §3.1: rsa-sha1 must not be verified. */
export function acceptedAlgorithm(algorithm: string): 'rsa' | 'ed25519' | undefined {
  return algorithm === 'rsa-sha256' ? 'rsa' : algorithm === 'ed25519-sha256' ? 'ed25519' : undefined;
}

/** `data`: what was signed, in canonical form. */
export function carriesSeal(
  data: Uint8Array,
  key: DkimKey & { kind: 'key' },
  signature: Uint8Array,
): boolean {
  try {
    return key.type === 'rsa'
      ? verify('sha256', data, key.key, signature)
      : verify(null, createHash('sha256').update(data).digest(), key.key, signature);
  } catch {
    // OpenSSL has faults for some broken signatures.
    return false;
  }
}

export function makeSeal(data: Uint8Array, key: KeyObject): Uint8Array {
  return key.asymmetricKeyType === 'ed25519'
    ? sign(null, createHash('sha256').update(data).digest(), key)
    : sign('sha256', data, key);
}

/** `a=` of signatures by this private key; any other type is a bug of whoever keeps keys. */
export function sealAlgorithm(key: KeyObject): string {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519-sha256';
  if (key.asymmetricKeyType === 'rsa') return 'rsa-sha256';
  throw new TypeError(`no DKIM signature can be made by a key of type ${key.asymmetricKeyType ?? 'none'}`);
}
