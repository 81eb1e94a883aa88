// DS records: which keys of a zone its parent vouches for (RFC 4034 §5, RFC 4035 §5.2), and when it vouches for none that we can check.
import { hash } from 'node:crypto';
import { equalBytes } from '../../lib/bytes.ts';
import type { DomainName } from '../wire/name.ts';
import { digestType } from '../wire/rdata/dnssec-algorithm.ts';
import { ds } from '../wire/rdata/ds.ts';
import type { DsData } from '../wire/rdata/ds.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import { algorithmInWords } from './algorithm.ts';
import { nameInWords, validationFault } from './faults.ts';
import type { ValidationFault } from './security.ts';
import type { ValidationWork } from './work.ts';
import type { KeyRing, ZoneKey, ZoneKeys } from './zone-key.ts';

/** As node:crypto calls them. RFC 9904 §4 keeps SHA-1 for validating, beside SHA-256 (RFC 4509) and SHA-384 (RFC 6605 §2). */
const hashes: ReadonlyMap<number, string> = new Map([
  [digestType['SHA-1'], 'sha1'],
  [digestType['SHA-256'], 'sha256'],
  [digestType['SHA-384'], 'sha384'],
]);

/** DS records that can be used: at least one; or why none can, so that the zone is insecure (RFC 4035 §5.2, RFC 6840 §5.2). */
export interface UsableDsSet {
  readonly kind: 'usable';
  readonly zone: DomainName;
  readonly records: readonly DsData[];
}

export type DsSet = UsableDsSet | { readonly kind: 'insecure'; readonly fault: ValidationFault };

/** Digests of keys that may fail for one zone, as Unbound has it: an honest zone has none but for keys whose tags are the same by chance. */
const mostMisses = 4;

/** `rdatas`: of the DS records of `zone`, which are verified already or come from whoever runs this resolver. */
export function readDsSet(zone: DomainName, rdatas: readonly Uint8Array[], ring: KeyRing): DsSet {
  const all = rdatas.map((rdata) => readRdata(ds, rdata)).filter((data) => data !== undefined);
  const known = all.filter(({ algorithm }) => ring.supports(algorithm));
  if (known.length === 0) {
    const names = [...new Set(all.map(({ algorithm }) => algorithmInWords(algorithm)))].join(', ');
    const reason = `${nameInWords(zone)} is signed by algorithms alone that are not supported: ${names}`;
    return { kind: 'insecure', fault: validationFault('UNSUPPORTED_DNSKEY_ALGORITHM', reason) };
  }
  const digestible = known.filter((data) => hashes.has(data.digestType));
  if (digestible.length === 0) {
    const numbers = [...new Set(known.map((data) => data.digestType))].join(', ');
    const reason = `${nameInWords(zone)} has DS records with digests alone that are not supported: type ${numbers}`;
    return { kind: 'insecure', fault: validationFault('UNSUPPORTED_DS_DIGEST_TYPE', reason) };
  }
  // RFC 4509 §3: SHA-1 counts only where there is nothing better, or whoever can break it could choose it.
  const strong = digestible.filter((data) => data.digestType !== digestType['SHA-1']);
  return { kind: 'usable', zone, records: strong.length > 0 ? strong : digestible };
}

/** Whether the record is of that key of that zone (RFC 4034 §5.1.4). */
export function dsMatches(record: DsData, zone: DomainName, key: ZoneKey): boolean {
  if (record.keyTag !== key.tag || record.algorithm !== key.algorithm) return false;
  const name = hashes.get(record.digestType);
  if (name === undefined) return false;
  const owner = zone.lowerCase().wire;
  const octets = new Uint8Array(owner.length + key.rdata.length);
  octets.set(owner);
  octets.set(key.rdata, owner.length);
  return equalBytes(record.digest, hash(name, octets, 'buffer'));
}

export type VouchedKeys =
  | { readonly ok: true; readonly keys: ZoneKeys }
  | { readonly ok: false; readonly fault: ValidationFault; readonly exhausted: boolean };

/**
 * The keys that the records vouch for, at least one: the zone's DNSKEY set must be signed by one of them (RFC 4035 §5.2). `keys`: all of that set, not
 * verified yet.
 */
export function keysByDs(set: UsableDsSet, keys: ZoneKeys, work: ValidationWork): VouchedKeys {
  const vouched: ZoneKey[] = [];
  let misses = 0;
  let why: ValidationFault | undefined;
  const zone = nameInWords(set.zone);
  for (const record of set.records) {
    for (const key of keys.keys) {
      if (record.keyTag !== key.tag || record.algorithm !== key.algorithm || vouched.includes(key)) continue;
      const tooMany = misses === mostMisses;
      if (tooMany || !work.takeDigest()) {
        if (vouched.length > 0) return found(vouched);
        const reason = `more keys of ${zone} share their tags with DS records than are tried`;
        return { ok: false, fault: validationFault('DNSKEY_MISSING', reason), exhausted: !tooMany };
      }
      if (!dsMatches(record, set.zone, key)) {
        misses += 1;
        why ??= validationFault(
          'DNSKEY_MISSING',
          `the DS record of ${zone} for key ${record.keyTag} is of another key with that tag`,
        );
      } else if (!key.isZoneKey) {
        // RFC 4035 §5.2
        why = validationFault(
          'NO_ZONE_KEY_BIT_SET',
          `the DS record of ${zone} is of key ${record.keyTag}, which is no zone key by its flags`,
        );
      } else if (key.isRevoked) {
        // RFC 5011 §2.1: its own zone says that it is not to be trusted.
        why = validationFault(
          'DNSKEY_MISSING',
          `the DS record of ${zone} is of key ${record.keyTag}, which has been revoked`,
        );
      } else {
        vouched.push(key);
      }
    }
  }
  if (vouched.length > 0) return found(vouched);
  const tags = [...new Set(set.records.map(({ keyTag }) => keyTag))].slice(0, 8).join(', ');
  const fault = validationFault(
    'DNSKEY_MISSING',
    `${zone} has no key that its DS records are of (key tags ${tags})`,
  );
  return { ok: false, fault: why ?? fault, exhausted: false };

  function found(list: readonly ZoneKey[]): VouchedKeys {
    return { ok: true, keys: { zone: keys.zone, keys: list } };
  }
}
