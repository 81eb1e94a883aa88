// Keys of zones (DNSKEY, RFC 4034 §2), made ready to check signatures with. Making one ready costs as much as a fourth of a check, and the same
// keys are met again and again, so a ring keeps them by their data.
import type { KeyObject } from 'node:crypto';
import { bytesToLatin1 } from '../../lib/bytes.ts';
import type { DomainName } from '../wire/name.ts';
import { dnskey, keyTag } from '../wire/rdata/dnskey.ts';
import type { DnskeyData } from '../wire/rdata/dnskey.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import type { RRset } from '../wire/record.ts';
import { validationAlgorithms } from './algorithm.ts';
import type { AlgorithmTable, SignatureAlgorithm } from './algorithm.ts';

/** RFC 4034 §2.1.1, RFC 5011 §7 */
const zoneKeyFlag = 0x100;
const revokeFlag = 0x80;
const entryPointFlag = 0x1;

/** One DNSKEY record. Immutable. */
export class ZoneKey {
  /** Wire form, as in the record. */
  readonly rdata: Uint8Array;
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly tag: number;
  readonly #publicKey: Uint8Array;
  readonly #implementation: SignatureAlgorithm | undefined;
  /** Made at the first check: most keys of a zone are never needed. */
  #ready: KeyObject | 'unusable' | undefined;

  constructor(rdata: Uint8Array, data: DnskeyData, tag: number, algorithms: AlgorithmTable) {
    this.rdata = rdata;
    this.flags = data.flags;
    this.protocol = data.protocol;
    this.algorithm = data.algorithm;
    this.tag = tag;
    this.#publicKey = data.publicKey;
    this.#implementation = algorithms.get(data.algorithm);
  }

  /** A key without this flag signs no zone's records (RFC 4034 §2.1.1). */
  get isZoneKey(): boolean {
    return (this.flags & zoneKeyFlag) !== 0;
  }

  /** It may sign its own DNSKEY set to tell so, and nothing else counts (RFC 5011 §2.1). */
  get isRevoked(): boolean {
    return (this.flags & revokeFlag) !== 0;
  }

  /** SEP: meant to be pointed to by DS records and trust anchors. A hint only (RFC 4034 §2.1.1). */
  get isEntryPoint(): boolean {
    return (this.flags & entryPointFlag) !== 0;
  }

  /** Whether we have its algorithm. */
  get isSupported(): boolean {
    return this.#implementation !== undefined;
  }

  /** Whether the key itself is in order; of an algorithm that we don't have, nobody knows. */
  get isWellFormed(): boolean {
    return this.#implementation === undefined || this.#key !== undefined;
  }

  /** Whether this key made that signature of the data; false for a key that can't be used. */
  verify(data: Uint8Array, signature: Uint8Array): boolean {
    const key = this.#key;
    return key !== undefined && this.#implementation?.verify(key, data, signature) === true;
  }

  get #key(): KeyObject | undefined {
    this.#ready ??= this.#implementation?.importKey(this.#publicKey) ?? 'unusable';
    return this.#ready === 'unusable' ? undefined : this.#ready;
  }
}

/** The keys of one zone; `zone` is the owner of their DNSKEY records. */
export interface ZoneKeys {
  readonly zone: DomainName;
  readonly keys: readonly ZoneKey[];
}

/** Of one zone: more of them are a way to make us compare each with each signature. Honest zones have ten at most, and BIND takes no set of more than a hundred. */
const mostZoneKeys = 100;

/** Some 2 KiB each. */
const usualMost = 4_000;

export class KeyRing {
  readonly #algorithms: AlgorithmTable;
  readonly #most: number;
  readonly #keys = new Map<string, ZoneKey>();

  /** Holds `most` keys; then the one that came first makes room. */
  constructor(algorithms: AlgorithmTable = validationAlgorithms, most: number = usualMost) {
    this.#algorithms = algorithms;
    this.#most = most;
  }

  supports(algorithm: number): boolean {
    return this.#algorithms.has(algorithm);
  }

  /** The key of that DNSKEY data, the same object for the same octets; `undefined` where it is no DNSKEY data. */
  key(rdata: Uint8Array): ZoneKey | undefined {
    const id = bytesToLatin1(rdata);
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    const data = readRdata(dnskey, rdata);
    const tag = keyTag(rdata);
    if (data === undefined || tag === undefined) return undefined;
    // A copy of its own: the data may be a view of a whole message.
    const own = rdata.slice();
    const key = new ZoneKey(own, { ...data, publicKey: own.subarray(4) }, tag, this.#algorithms);
    if (this.#keys.size >= this.#most) {
      const [oldest] = this.#keys.keys();
      if (oldest !== undefined) this.#keys.delete(oldest);
    }
    this.#keys.set(id, key);
    return key;
  }

  /** The keys of a DNSKEY set, the first 100 of them; data that is none is left out. */
  keysOf(rrset: RRset): ZoneKeys {
    return {
      zone: rrset.owner,
      keys: rrset.rdatas
        .slice(0, mostZoneKeys)
        .map((rdata) => this.key(rdata))
        .filter((key) => key !== undefined),
    };
  }
}
