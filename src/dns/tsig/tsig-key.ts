// The keys that two servers share to sign what they say to each other, and the algorithms that make a signature of them (RFC 8945 §6).
import { base64ToBytes } from '../../lib/bytes.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { domainName, parseName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';

/**
 * RFC 8945 §6 has more of them: the ones on MD5 and SHA-1, whose hashes are broken, are refused as if they didn't exist, and so is
 * hmac-sha224, which nobody uses.
 */
export const tsigAlgorithms = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const;

export type TsigAlgorithm = (typeof tsigAlgorithms)[number];

export interface TsigKey {
  readonly name: DomainName;
  readonly algorithm: TsigAlgorithm;
  readonly secret: Uint8Array;
  /** Signatures cut short are believed from so many octets on; whole ones only unless given. RFC 8945 §5.2.2.1 allows no less than half. */
  readonly leastMacLength?: number;
}

interface AlgorithmFacts {
  /** As it stands in records. */
  readonly name: DomainName;
  /** What node:crypto calls the hash. */
  readonly hash: string;
  /** Octets of the whole signature. */
  readonly macLength: number;
}

export const algorithmFacts: Readonly<Record<TsigAlgorithm, AlgorithmFacts>> = {
  'hmac-sha256': { name: domainName('hmac-sha256'), hash: 'sha256', macLength: 32 },
  'hmac-sha384': { name: domainName('hmac-sha384'), hash: 'sha384', macLength: 48 },
  'hmac-sha512': { name: domainName('hmac-sha512'), hash: 'sha512', macLength: 64 },
};

/** Makes a key of what a config says: `secret` is base64. The fault is a sentence for the operator. */
export function parseTsigKey(name: string, algorithm: TsigAlgorithm, secret: string): Result<TsigKey> {
  const parsed = parseName(name);
  if (!parsed.ok) return fault(`the name of a key: ${parsed.fault}`);
  const octets = base64ToBytes(secret.replaceAll(/\s/g, ''));
  if (octets === undefined || octets.length === 0)
    return fault(`the secret of the key ${name} is not base64, as 'openssl rand -base64 32' makes it`);
  return ok({ name: parsed.value, algorithm, secret: octets });
}

/** The keys that a server knows, by name. */
export class TsigKeys {
  readonly #keys: ReadonlyMap<string, TsigKey>;

  constructor(keys: Iterable<TsigKey> = []) {
    this.#keys = new Map([...keys].map((key) => [key.name.key, key]));
  }

  find(name: DomainName): TsigKey | undefined {
    return this.#keys.get(name.key);
  }
}
