// Trust anchors: where validation begins (RFC 4035 §5, RFC 4033 §2): DS or DNSKEY records of a zone that whoever runs the resolver vouches for.
import { equalBytes } from '../../lib/bytes.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { rrClass } from '../wire/codes.ts';
import { DomainName } from '../wire/name.ts';
import { dnskey } from '../wire/rdata/dnskey.ts';
import { ds } from '../wire/rdata/ds.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import { rrType } from '../wire/rr-type.ts';
import { formatZoneFileFault } from '../zonefile/zone-file-fault.ts';
import { parseZoneFile } from '../zonefile/zone-file-parser.ts';
import { keysByDs, readDsSet } from './ds-set.ts';
import type { VouchedKeys } from './ds-set.ts';
import { nameInWords, validationFault } from './faults.ts';
import type { ValidationFault } from './security.ts';
import type { ValidationWork } from './work.ts';
import type { KeyRing, ZoneKeys } from './zone-key.ts';

/** At least one DS or one key. */
export interface TrustAnchor {
  readonly zone: DomainName;
  /** Data of DS records. */
  readonly ds: readonly Uint8Array[];
  /** Data of DNSKEY records. */
  readonly keys: readonly Uint8Array[];
}

/** Reads zone-file lines of DS and DNSKEY records, of any number of zones. The fault names the line. */
export function parseTrustAnchors(lines: readonly string[]): Result<readonly TrustAnchor[]> {
  const anchors = new Map<string, { zone: DomainName; ds: Uint8Array[]; keys: Uint8Array[] }>();
  for (const line of lines) {
    const parsed = parseZoneFile(
      { name: 'trust anchors', text: line },
      { origin: DomainName.root, defaultTtl: 0 },
    );
    if (!parsed.ok) return fault(parsed.fault.map(formatZoneFileFault).join('; '));
    for (const { owner, type, class: ofClass, rdata } of parsed.value.records) {
      const anchor = anchors.get(owner.key) ?? { zone: owner, ds: [], keys: [] };
      if (ofClass !== rrClass.IN) return fault(`'${line}' is not of class IN`);
      if (type === rrType.DS && readRdata(ds, rdata) !== undefined) anchor.ds.push(rdata);
      else if (type === rrType.DNSKEY && readRdata(dnskey, rdata) !== undefined) anchor.keys.push(rdata);
      else return fault(`'${line}' is neither a DS nor a DNSKEY record`);
      anchors.set(owner.key, anchor);
    }
  }
  return ok([...anchors.values()]);
}

/** What an anchor comes to, as {@link VouchedKeys}, or why it says nothing that we can check: then its zone is insecure. */
export type AnchoredKeys = VouchedKeys | { readonly ok: 'insecure'; readonly fault: ValidationFault };

/**
 * The keys of a zone that its trust anchor vouches for: the zone's DNSKEY set must be signed by one of them. `keys`: all of that set, not verified yet.
 */
export function keysByAnchor(
  anchor: TrustAnchor,
  keys: ZoneKeys,
  ring: KeyRing,
  work: ValidationWork,
): AnchoredKeys {
  const trusted = anchor.keys.map((rdata) => ring.key(rdata)).filter((key) => key !== undefined);
  const known = trusted.filter(({ isSupported }) => isSupported);
  const set = readDsSet(anchor.zone, anchor.ds, ring);
  // RFC 4035 §5.2 for anchors as for DS records: by algorithms that we don't have nothing can be checked.
  if (known.length === 0 && set.kind === 'insecure') return { ok: 'insecure', fault: set.fault };
  const present = keys.keys.filter(
    (key) => key.isZoneKey && !key.isRevoked && known.some(({ rdata }) => equalBytes(rdata, key.rdata)),
  );
  const vouched = set.kind === 'usable' ? keysByDs(set, keys, work) : undefined;
  if (vouched?.ok === true) {
    const more = vouched.keys.keys.filter((key) => !present.includes(key));
    return { ok: true, keys: { zone: keys.zone, keys: [...present, ...more] } };
  }
  if (present.length > 0) return { ok: true, keys: { zone: keys.zone, keys: present } };
  if (vouched !== undefined) return vouched;
  const tags = known.map(({ tag }) => tag).join(', ');
  const reason = `${nameInWords(anchor.zone)} has none of the keys that are trusted (key tags ${tags})`;
  return { ok: false, fault: validationFault('DNSKEY_MISSING', reason), exhausted: false };
}
