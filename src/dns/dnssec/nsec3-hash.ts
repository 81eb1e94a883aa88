// The hash by which NSEC3 names a name (RFC 5155 §5).
import { hash } from 'node:crypto';
import type { DomainName } from '../wire/name.ts';

/** As in NSEC3 and NSEC3PARAM records. The only hash algorithm there is is SHA-1, number 1 (RFC 5155 §11). */
export interface Nsec3Parameters {
  readonly iterations: number;
  readonly salt: Uint8Array;
}

export const nsec3HashSha1 = 1;
/** Octets of a hash. */
export const nsec3HashLength = 20;

/** A round's input after the first: the hash before it, and the salt of 255 octets at most. */
const scratch = new Uint8Array(nsec3HashLength + 255);

/** The hash of the name in lower case: `iterations` + 1 rounds, some 1 µs each. Whoever calls bounds the iterations. */
export function nsec3Hash(name: DomainName, { iterations, salt }: Nsec3Parameters): Uint8Array {
  const { wire } = name.lowerCase();
  const first = new Uint8Array(wire.length + salt.length);
  first.set(wire);
  first.set(salt, wire.length);
  let digest: Uint8Array = hash('sha1', first, 'buffer');
  const round = scratch.subarray(0, nsec3HashLength + salt.length);
  round.set(salt, nsec3HashLength);
  for (let count = 0; count < iterations; count++) {
    round.set(digest);
    digest = hash('sha1', round, 'buffer');
  }
  // A copy: a Buffer's memory is a slice of a shared pool.
  return new Uint8Array(digest);
}
