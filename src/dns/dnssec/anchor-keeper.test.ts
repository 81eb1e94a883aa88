import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { makeSigningKey, signRRset, withFlags } from '../../../test/support/dnssec-signer.ts';
import type { SigningKey } from '../../../test/support/dnssec-signer.ts';
import { concatBytes } from '../../lib/bytes.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { domainName } from '../wire/name.ts';
import { ds } from '../wire/rdata/ds.ts';
import { writeRdata } from '../wire/rdata/record-type.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { AnchorKeeper } from './anchor-keeper.ts';
import type { AskKeys, StoredAnchor } from './anchor-keeper.ts';
import { AnchorSet } from './anchor-set.ts';
import type { TrustAnchor } from './trust-anchor.ts';
import { KeyRing } from './zone-key.ts';

const zone = domainName('example.org.');
const day = 86_400_000;
const [a, b, stranger] = [1, 2, 3].map(() => makeSigningKey('ED25519', 257)) as [
  SigningKey,
  SigningKey,
  SigningKey,
];

/** A zone whose keys change, and a resolver that follows them; time passes by days. */
class World {
  readonly clock = new VirtualClock();
  keys: readonly SigningKey[];
  signers: readonly SigningKey[];
  answers = true;
  asked = 0;
  stored: readonly StoredAnchor[] = [];
  readonly names: ReadonlyMap<SigningKey, string>;
  #anchors: AnchorSet;
  #keeper: AnchorKeeper;
  readonly #configured: TrustAnchor;

  constructor(configured: TrustAnchor, keys: readonly SigningKey[]) {
    this.#configured = configured;
    this.keys = keys;
    this.signers = keys;
    this.names = new Map([
      [a, 'a'],
      [b, 'b'],
      [stranger, 'stranger'],
    ]);
    [this.#anchors, this.#keeper] = this.#begin();
  }

  /** The program starts anew, with what it has kept. */
  restart(configured: TrustAnchor = this.#configured): void {
    this.#keeper.stop();
    [this.#anchors, this.#keeper] = this.#begin(configured);
  }

  days(count: number): void {
    this.clock.advance(count * day);
  }

  /** `a valid, b add-pending`, and how many are trusted. */
  get state(): string {
    const [followed] = this.#keeper.followed;
    const states = (followed?.keys ?? []).map(({ rdata, state }) => {
      const [, name] = [...this.names].find(([key]) => key.rdata.toHex() === rdata.toHex()) ?? [];
      return `${name} ${state}`;
    });
    return states.sort().join(', ');
  }

  get trusted(): readonly string[] {
    const anchor = this.#anchors.closest(zone);
    return (anchor?.keys ?? [])
      .map((rdata) => [...this.names].find(([key]) => key.rdata.toHex() === rdata.toHex())?.[1] ?? '?')
      .sort();
  }

  get isAnchored(): boolean {
    return this.#anchors.closest(zone) !== undefined;
  }

  #begin(configured: TrustAnchor = this.#configured): [AnchorSet, AnchorKeeper] {
    const anchors = new AnchorSet(this.clock, []);
    const store = {
      read: () => this.stored,
      write: (stored: readonly StoredAnchor[]) => {
        this.stored = stored;
      },
    };
    const ask: AskKeys = (name, done) => {
      assert.ok(name.equals(zone));
      this.asked += 1;
      done(this.answers ? this.#answer() : undefined);
    };
    const ring = new KeyRing();
    const keeper = new AnchorKeeper({ clock: this.clock, log: silentLog, ring, anchors, store, ask }, [
      configured,
    ]);
    keeper.start();
    return [anchors, keeper];
  }

  #answer(): { rrset: RRset; signatures: readonly ResourceRecord[] } {
    const seconds = Math.floor(this.clock.now() / 1000);
    const rdatas = this.keys.map(({ rdata }) => rdata);
    const rrset: RRset = { owner: zone, type: rrType.DNSKEY, class: 1, ttl: 172_800, rdatas };
    const times = { inception: seconds - 3600, expiration: seconds + 10 * 86_400 };
    return { rrset, signatures: this.signers.map((key) => signRRset(rrset, key, zone, times)) };
  }
}

const trustsA: TrustAnchor = { zone, ds: [], keys: [a.rdata] };

function dsOf(key: SigningKey, digestType: 2 | 4): Uint8Array {
  const digest = createHash(digestType === 2 ? 'sha256' : 'sha384')
    .update(concatBytes([zone.wire, key.rdata]))
    .digest();
  return writeRdata(ds, { keyTag: key.tag, algorithm: key.algorithm, digestType, digest });
}

test('a roll-over: the new key is trusted after 30 days, the old one until it revokes itself', () => {
  const world = new World(trustsA, [a]);
  world.days(1);
  assert.equal(world.state, 'a valid');
  world.keys = [a, b];
  world.signers = [a];
  world.days(2);
  assert.equal(world.state, 'a valid, b add-pending');
  assert.deepEqual(world.trusted, ['a']);
  world.days(28);
  assert.equal(world.state, 'a valid, b add-pending');
  world.restart();
  world.days(3);
  assert.equal(world.state, 'a valid, b valid');
  assert.deepEqual(world.trusted, ['a', 'b']);
  const revoked = withFlags(a, 0x181);
  world.keys = [revoked, b];
  world.signers = [revoked, b];
  world.days(2);
  assert.equal(world.state, 'a revoked, b valid');
  assert.deepEqual(world.trusted, ['b']);
  world.restart();
  assert.deepEqual(world.trusted, ['b']);
  world.keys = [b];
  world.signers = [b];
  world.days(32);
  assert.equal(world.state, 'b valid');
});

test('a new key that is gone again before its time begins anew', () => {
  const world = new World(trustsA, [a]);
  world.keys = [a, b];
  world.days(20);
  assert.equal(world.state, 'a valid, b add-pending');
  world.keys = [a];
  world.signers = [a];
  world.days(2);
  assert.equal(world.state, 'a valid');
  world.keys = [a, b];
  world.days(29);
  assert.equal(world.state, 'a valid, b add-pending');
});

test('what no trusted key signed is not believed', () => {
  const world = new World(trustsA, [a]);
  world.days(1);
  world.keys = [stranger, b];
  world.signers = [stranger, b];
  world.days(60);
  assert.equal(world.state, 'a valid');
  // A key can't be revoked by others.
  const revoked = withFlags(a, 0x181);
  world.keys = [revoked, stranger];
  world.signers = [stranger];
  world.days(2);
  assert.equal(world.state, 'a valid');
});

test('a trusted key that is missing stays trusted, and may come back', () => {
  const world = new World({ zone, ds: [], keys: [a.rdata, b.rdata] }, [a, b]);
  world.days(1);
  world.keys = [b];
  world.signers = [b];
  world.days(100);
  assert.equal(world.state, 'a missing, b valid');
  assert.deepEqual(world.trusted, ['a', 'b']);
  world.keys = [a, b];
  world.days(2);
  assert.equal(world.state, 'a valid, b valid');
});

test('with all its keys revoked the zone has no anchor any more (RFC 5011 §5)', () => {
  const world = new World(trustsA, [a]);
  world.days(1);
  const revoked = withFlags(a, 0x181);
  world.keys = [revoked];
  world.signers = [revoked];
  world.days(2);
  assert.equal(world.state, 'a revoked');
  assert.equal(world.isAnchored, false);
  world.restart();
  assert.equal(world.isAnchored, false);
  // A revoked key is never trusted again.
  world.keys = [a];
  world.signers = [a];
  world.days(10);
  assert.equal(world.isAnchored, false);
  // Another config begins anew.
  world.restart({ zone, ds: [], keys: [b.rdata] });
  assert.deepEqual(world.trusted, ['b']);
});

test('an anchor given by DS records is trusted at once, and then followed by its key', () => {
  const world = new World({ zone, ds: [dsOf(a, 2), dsOf(a, 4), dsOf(b, 2)], keys: [] }, [a, stranger]);
  assert.equal(world.isAnchored, true);
  world.clock.advance(0);
  assert.equal(world.state, 'a valid, stranger add-pending');
  assert.equal(world.stored[0]?.followed.ds.length, 1);
  const revoked = withFlags(a, 0x181);
  world.keys = [revoked, b];
  world.signers = [revoked, b];
  world.days(2);
  assert.equal(world.state, 'a revoked, b valid');
});

test('only entry points become anchors', () => {
  const zoneKey = withFlags(b, 256);
  const world = new World(trustsA, [a, zoneKey]);
  world.days(60);
  assert.equal(world.state, 'a valid');
});

test('asks at half the TTL, and after a failure each hour or later (RFC 5011 §2.3)', () => {
  const world = new World(trustsA, [a]);
  world.clock.advance(0);
  assert.equal(world.asked, 1);
  world.days(1);
  assert.equal(world.asked, 2);
  world.answers = false;
  world.days(1);
  const failures = world.asked;
  world.clock.advance(day / 5 - 1);
  assert.equal(world.asked, failures);
  world.clock.advance(1);
  assert.equal(world.asked, failures + 1);
  // A restart is no reason to ask at once.
  world.restart();
  world.clock.advance(0);
  assert.equal(world.asked, failures + 1);
});

test('a zone that goes on adding keys is not followed without end', () => {
  const many = Array.from({ length: 40 }, () => makeSigningKey('ED25519', 257));
  const world = new World(trustsA, [a, ...many]);
  world.signers = [a];
  world.days(1);
  assert.equal(world.state.split(', ').length, 16);
});
