// How a trust anchor follows its zone's keys as they are rolled over (RFC 5011): a state for each key, changed by nothing but the zone's DNSKEY set and the
// time. Pure: whoever asks the zone hands in what came of it.
import { equalBytes } from '../../lib/bytes.ts';
import type { DomainName } from '../wire/name.ts';
import { ds } from '../wire/rdata/ds.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import type { RrsigData } from '../wire/rdata/rrsig.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { dsMatches } from './ds-set.ts';
import { nameInWords, validationFault } from './faults.ts';
import type { ValidationFault } from './security.ts';
import { keysByAnchor } from './trust-anchor.ts';
import type { TrustAnchor } from './trust-anchor.ts';
import { verifyWithKeys } from './verify-rrset.ts';
import { WorkAllowance } from './work.ts';
import type { KeyRing, ZoneKey } from './zone-key.ts';

/**
 * RFC 5011 §4.1, without "start" and "removed", in which there is nothing to remember. `add-pending`: seen, and not trusted before its hold-down is over.
 * `missing`: trusted, and not in the zone at present. `revoked`: never trusted again.
 */
export type KeyState = 'add-pending' | 'valid' | 'missing' | 'revoked';

export interface FollowedKey {
  /** DNSKEY data without the REVOKE flag: the same before and after it is revoked. */
  readonly rdata: Uint8Array;
  readonly state: KeyState;
  /** Since when, in milliseconds since the epoch. */
  readonly since: number;
}

export interface FollowedAnchor {
  readonly zone: DomainName;
  /** DS data from the config whose keys haven't been seen yet: trusted. */
  readonly ds: readonly Uint8Array[];
  readonly keys: readonly FollowedKey[];
  /** When the zone's keys were last found right, and when they are to be asked for again; milliseconds since the epoch, 0 for never and for at once. */
  readonly lastSuccess: number;
  readonly nextProbe: number;
  /** Milliseconds until another try after one that failed. */
  readonly retry: number;
}

/** What happened to a key, for the log. `to`: `forgotten` where nothing is remembered of it. */
export interface KeyChange {
  readonly tag: number;
  readonly from: KeyState | 'unknown';
  readonly to: KeyState | 'forgotten';
}

export interface Followed {
  readonly anchor: FollowedAnchor;
  readonly changes: readonly KeyChange[];
  /** Why the answer was not believed; what it revokes counts all the same. */
  readonly fault: ValidationFault | undefined;
}

const hour = 3_600_000;
const day = 24 * hour;
/** RFC 5011 §2.2, §2.4.1, §2.4.2 */
const addHoldDown = 30 * day;
const removeHoldDown = 30 * day;
/** A zone that goes on adding keys can't fill our memory: honest ones have three. */
const mostKeys = 16;
const revokeFlag = 0x80;

/** As the config has it: everything trusted, nothing asked yet. */
export function followAnchor(anchor: TrustAnchor): FollowedAnchor {
  const keys = anchor.keys.map((rdata): FollowedKey => ({ rdata, state: 'valid', since: 0 }));
  return { zone: anchor.zone, ds: anchor.ds, keys, lastSuccess: 0, nextProbe: 0, retry: hour };
}

/** What is trusted now; `undefined` where all keys are revoked, and the zone is as if it never had an anchor (RFC 5011 §5). */
export function trustedNow({ zone, ds: records, keys }: FollowedAnchor): TrustAnchor | undefined {
  const trusted = keys.filter(isTrusted).map(({ rdata }) => rdata);
  return trusted.length + records.length === 0 ? undefined : { zone, ds: records, keys: trusted };
}

/** The zone could not be asked, or what came was no DNSKEY set. */
export function afterFailure(anchor: FollowedAnchor, now: number): FollowedAnchor {
  return { ...anchor, nextProbe: now + anchor.retry };
}

/** The zone's DNSKEY set has come, with its signatures; neither is verified yet. `now`: milliseconds since the epoch. */
export function afterAnswer(
  anchor: FollowedAnchor,
  dnskeys: RRset,
  signatures: readonly ResourceRecord[],
  ring: KeyRing,
  now: number,
): Followed {
  const seconds = Math.floor(now / 1000);
  const work = new WorkAllowance(32, 32, 0);
  const all = ring.keysOf(dnskeys);
  const tracks = new Tracks(anchor, ring, now);
  // RFC 5011 §2.1: a key revokes itself, by its own signature and nobody else's.
  for (const key of all.keys) {
    if (!key.isRevoked || !tracks.mayRevoke(key)) continue;
    if (verifyWithKeys(dnskeys, signatures, { zone: anchor.zone, keys: [key] }, seconds, work).ok)
      tracks.revoke(key);
  }
  const trusted = trustedNow(tracks.anchor);
  if (trusted === undefined) {
    const reason = `all trusted keys of ${nameInWords(anchor.zone)} are revoked`;
    const fault = validationFault('DNSKEY_MISSING', reason);
    return { anchor: afterFailure(tracks.anchor, now), changes: tracks.changes, fault };
  }
  const vouched = keysByAnchor(trusted, all, ring, work);
  const verified =
    vouched.ok === true ? verifyWithKeys(dnskeys, signatures, vouched.keys, seconds, work) : vouched;
  if (verified.ok !== true) {
    return { anchor: afterFailure(tracks.anchor, now), changes: tracks.changes, fault: verified.fault };
  }
  tracks.seen(all.keys, verified.signature);
  const { probe, retry } = intervals(verified.signature, seconds);
  const followed = { ...tracks.anchor, lastSuccess: now, nextProbe: now + probe, retry };
  return { anchor: followed, changes: tracks.changes, fault: undefined };
}

/** The keys of one anchor while they change. */
class Tracks {
  readonly #before: FollowedAnchor;
  readonly #ring: KeyRing;
  readonly #now: number;
  #ds: readonly Uint8Array[];
  #keys: readonly FollowedKey[];
  readonly changes: KeyChange[] = [];

  constructor(anchor: FollowedAnchor, ring: KeyRing, now: number) {
    this.#before = anchor;
    this.#ring = ring;
    this.#now = now;
    this.#ds = anchor.ds;
    this.#keys = anchor.keys;
  }

  get anchor(): FollowedAnchor {
    return { ...this.#before, ds: this.#ds, keys: this.#keys };
  }

  /** Whether it would change anything. */
  mayRevoke(key: ZoneKey): boolean {
    const known = this.#find(unrevoked(key.rdata));
    return known === undefined ? this.#dsOf(unrevoked(key.rdata)).length > 0 : known.state !== 'revoked';
  }

  revoke(key: ZoneKey): void {
    const rdata = unrevoked(key.rdata);
    const known = this.#find(rdata);
    this.#leaveDs(this.#dsOf(rdata));
    // RFC 5011 §4.2: one that was never trusted is forgotten.
    if (known?.state === 'add-pending') this.#forget(known);
    else this.#set(rdata, 'revoked');
  }

  /** All keys of a set that is verified. */
  seen(keys: readonly ZoneKey[], signature: RrsigData): void {
    // RFC 5011 §2.4.1: 30 days, or the set's TTL if that is longer.
    const holdDown = Math.max(addHoldDown, signature.originalTtl * 1000);
    const present = keys.filter((key) => !key.isRevoked);
    for (const key of present) {
      const known = this.#find(key.rdata);
      if (known === undefined) this.#meet(key);
      else if (known.state === 'missing') this.#set(known.rdata, 'valid');
      else if (known.state === 'add-pending' && this.#now - known.since >= holdDown)
        this.#set(known.rdata, 'valid');
    }
    for (const known of this.#keys) {
      const expired = this.#now - known.since >= removeHoldDown;
      if (known.state === 'revoked' && expired) this.#forget(known);
      if (present.some(({ rdata }) => equalBytes(rdata, known.rdata))) continue;
      if (known.state === 'valid') this.#set(known.rdata, 'missing');
      else if (known.state === 'add-pending') this.#forget(known);
    }
  }

  #meet(key: ZoneKey): void {
    const records = this.#dsOf(key.rdata);
    if (records.length > 0) {
      this.#leaveDs(records);
      this.#set(key.rdata, 'valid');
      return;
    }
    // RFC 5011 §2.2: only secure entry points become anchors; of an algorithm that we don't have, we could check nothing.
    if (!key.isEntryPoint || !key.isZoneKey || !key.isSupported) return;
    if (this.#keys.length < mostKeys) this.#set(key.rdata, 'add-pending');
  }

  #find(rdata: Uint8Array): FollowedKey | undefined {
    return this.#keys.find((known) => equalBytes(known.rdata, rdata));
  }

  /** The config's DS records of that key: one for each digest. */
  #dsOf(rdata: Uint8Array): readonly Uint8Array[] {
    const key = this.#ring.key(rdata);
    if (key === undefined) return [];
    return this.#ds.filter((record) => {
      const data = readRdata(ds, record);
      return data !== undefined && dsMatches(data, this.#before.zone, key);
    });
  }

  #leaveDs(records: readonly Uint8Array[]): void {
    this.#ds = this.#ds.filter((record) => !records.includes(record));
  }

  #set(rdata: Uint8Array, state: KeyState): void {
    const known = this.#find(rdata);
    const key: FollowedKey = { rdata, state, since: this.#now };
    this.#keys =
      known === undefined ? [...this.#keys, key] : this.#keys.map((each) => (each === known ? key : each));
    this.#note(rdata, known?.state ?? 'unknown', state);
  }

  #forget(known: FollowedKey): void {
    this.#keys = this.#keys.filter((each) => each !== known);
    this.#note(known.rdata, known.state, 'forgotten');
  }

  #note(rdata: Uint8Array, from: KeyChange['from'], to: KeyChange['to']): void {
    this.changes.push({ tag: this.#ring.key(rdata)?.tag ?? 0, from, to });
  }
}

function isTrusted({ state }: FollowedKey): boolean {
  return state === 'valid' || state === 'missing';
}

function unrevoked(rdata: Uint8Array): Uint8Array {
  return rdata.with(1, (rdata[1] ?? 0) & ~revokeFlag);
}

/** RFC 5011 §2.3; milliseconds. */
function intervals(
  { originalTtl, expiration }: RrsigData,
  seconds: number,
): { readonly probe: number; readonly retry: number } {
  const left = ((expiration - (seconds >>> 0)) >>> 0) * 1000;
  const shorter = Math.min(originalTtl * 1000, left);
  return {
    probe: Math.max(hour, Math.min(15 * day, shorter / 2)),
    retry: Math.max(hour, Math.min(day, shorter / 10)),
  };
}
