import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSigningKey, signRRset, withFlags } from '../../../test/support/dnssec-signer.ts';
import { extendedError } from '../wire/edns-option.ts';
import { domainName } from '../wire/name.ts';
import type { RrsigData } from '../wire/rdata/rrsig.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { verifyRRset, verifyWithKeys } from './verify-rrset.ts';
import type { Verification } from './verify-rrset.ts';
import { WorkAllowance } from './work.ts';
import { KeyRing } from './zone-key.ts';
import type { ZoneKeys } from './zone-key.ts';

const zone = domainName('example.org.');
const now = 1_800_000_000;
const times = { inception: now - 100, expiration: now + 200 };

function set(owner: string, type: number, ...rdatas: readonly (readonly number[])[]): RRset {
  return {
    owner: domainName(owner),
    type,
    class: 1,
    ttl: 300,
    rdatas: rdatas.map((rdata) => Uint8Array.from(rdata)),
  };
}

const addresses = set('www.example.org.', rrType.A, [192, 0, 2, 9], [192, 0, 2, 1]);
const key = makeSigningKey();

function keysOf(...rdatas: readonly Uint8Array[]): ZoneKeys {
  return new KeyRing().keysOf({ owner: zone, type: rrType.DNSKEY, class: 1, ttl: 300, rdatas });
}

function verify(rrset: RRset, signatures: readonly ResourceRecord[], keys = keysOf(key.rdata)): Verification {
  return verifyWithKeys(rrset, signatures, keys, now, new WorkAllowance(16, 16, 16));
}

function codeOf(verification: Verification): number | undefined {
  return verification.ok ? undefined : verification.fault.code;
}

for (const algorithm of [
  'RSASHA256',
  'RSASHA512',
  'ECDSAP256SHA256',
  'ECDSAP384SHA384',
  'ED25519',
  'ED448',
] as const) {
  test(`${algorithm}: what the zone signed is right, and with any octet changed it is not`, () => {
    const own = makeSigningKey(algorithm);
    const keys = keysOf(own.rdata);
    const signature = signRRset(addresses, own, zone, times);
    const right = verify(addresses, [signature], keys);
    assert.ok(right.ok);
    assert.equal(right.key.tag, own.tag);
    assert.equal(right.wildcard, undefined);
    // Each field of the signature, and some octets of the signature proper, which is most of it.
    for (let at = 0; at < signature.rdata.length; at += at < 32 ? 1 : 7) {
      const rdata = signature.rdata.slice();
      rdata[at] = (rdata[at] ?? 0) ^ 0x10;
      assert.equal(verify(addresses, [{ ...signature, rdata }], keys).ok, false, `octet ${at}`);
    }
    for (const [index, old] of addresses.rdatas.entries()) {
      const rdatas = addresses.rdatas.with(index, old.with(3, 77));
      assert.equal(codeOf(verify({ ...addresses, rdatas }, [signature], keys)), extendedError.DNSSEC_BOGUS);
    }
    const fewer = { ...addresses, rdatas: addresses.rdatas.slice(1) };
    assert.equal(verify(fewer, [signature], keys).ok, false);
    const other = { ...addresses, owner: domainName('ww2.example.org.') };
    assert.equal(verify(other, [{ ...signature, owner: other.owner }], keys).ok, false);
  });
}

test('order, letters of names and duplicates make no difference', () => {
  const mx = set('example.org.', rrType.MX, [0, 10, 1, 0x41, 0], [0, 5, 2, 0x6d, 0x58, 0]);
  const signature = signRRset(mx, key, zone, times);
  const same: RRset = {
    ...mx,
    owner: domainName('EXAMPLE.org.'),
    ttl: 17,
    rdatas: [
      Uint8Array.of(0, 5, 2, 0x4d, 0x78, 0),
      Uint8Array.of(0, 10, 1, 0x61, 0),
      Uint8Array.of(0, 10, 1, 0x61, 0),
    ],
  };
  const right = verify(same, [signature]);
  assert.ok(right.ok);
  assert.equal(right.rrset.ttl, 17);
});

test('the TTL is no longer than the signature allows', () => {
  const ttlOf = (ttl: number, changes: Partial<RrsigData>): number | undefined => {
    const signature = signRRset(addresses, key, zone, times, changes);
    const right = verify({ ...addresses, ttl }, [signature]);
    return right.ok ? right.rrset.ttl : undefined;
  };
  assert.equal(ttlOf(100, {}), 100);
  assert.equal(ttlOf(100_000, {}), 200);
  assert.equal(ttlOf(100_000, { originalTtl: 60 }), 60);
});

test('a set made from a wildcard says so; a wildcard asked for itself is none', () => {
  const wildcard = set('*.example.org.', rrType.A, [192, 0, 2, 1]);
  const signature = signRRset(wildcard, key, zone, times);
  const made = { ...wildcard, owner: domainName('a.b.example.org.') };
  const right = verify(made, [{ ...signature, owner: made.owner }]);
  assert.ok(right.ok);
  assert.equal(right.wildcard?.toString(), '*.example.org.');
  const itself = verify(wildcard, [signature]);
  assert.ok(itself.ok);
  assert.equal(itself.wildcard, undefined);
});

const day = 86_400;
const faults: readonly (readonly [string, keyof typeof extendedError, Partial<RrsigData>])[] = [
  ['expired', 'SIGNATURE_EXPIRED', { expiration: now - 1 }],
  ['not yet valid', 'SIGNATURE_NOT_YET_VALID', { inception: now + 1 }],
  ['expires before it is valid', 'SIGNATURE_EXPIRED_BEFORE_VALID', { inception: now, expiration: now - day }],
  ['of another zone', 'RRSIGS_MISSING', { signer: domainName('example.net.') }],
  ['of a zone below', 'RRSIGS_MISSING', { signer: domainName('www.example.org.') }],
  ['of the parent', 'RRSIGS_MISSING', { signer: domainName('org.') }],
  ['of an unknown key', 'DNSKEY_MISSING', { keyTag: key.tag ^ 1 }],
  ['of another algorithm', 'DNSKEY_MISSING', { algorithm: 15 }],
  ['more labels than the name', 'DNSSEC_BOGUS', { labels: 4 }],
  ['a wildcard above the zone', 'DNSSEC_BOGUS', { labels: 1 }],
  ['a wildcard that it was not made for', 'DNSSEC_BOGUS', { labels: 2, signature: new Uint8Array(64) }],
  ['empty', 'DNSSEC_BOGUS', { signature: new Uint8Array(0) }],
];

for (const [what, code, changes] of faults) {
  test(`a signature that is no good: ${what}`, () => {
    const signature = signRRset(addresses, key, zone, times, changes);
    assert.equal(codeOf(verify(addresses, [signature])), extendedError[code]);
    const [ring] = keysOf(key.rdata).keys;
    assert.ok(ring);
    assert.equal(codeOf(verifyRRset(addresses, signature, ring, zone, now)), extendedError[code]);
    // One good one is enough (RFC 6840 §5.11).
    assert.ok(verify(addresses, [signature, signRRset(addresses, key, zone, times)]).ok);
  });
}

test('times go around in 2106', () => {
  const late = 0xffff_fff0;
  const signature = signRRset(addresses, key, zone, { inception: late, expiration: 100 });
  const at = (seconds: number): boolean =>
    verifyWithKeys(addresses, [signature], keysOf(key.rdata), seconds, new WorkAllowance(1, 0, 0)).ok;
  assert.deepEqual([late - 1, late, 0x1_0000_0000, 0x1_0000_0064, 0x1_0000_0065].map(at), [
    false,
    true,
    true,
    true,
    false,
  ]);
});

test('keys that do not count', () => {
  const cases: readonly (readonly [number, keyof typeof extendedError])[] = [
    [0, 'NO_ZONE_KEY_BIT_SET'],
    [0x181, 'DNSKEY_MISSING'],
  ];
  for (const [flags, code] of cases) {
    const flagged = withFlags(key, flags);
    const signature = signRRset(addresses, flagged, zone, times);
    assert.equal(codeOf(verify(addresses, [signature], keysOf(flagged.rdata))), extendedError[code]);
  }
  const revoked = withFlags(key, 0x181);
  const dnskeys = { ...addresses, owner: zone, type: rrType.DNSKEY, rdatas: [revoked.rdata] };
  assert.ok(verify(dnskeys, [signRRset(dnskeys, revoked, zone, times)], keysOf(revoked.rdata)).ok);
});

test('DS records are signed by the parent', () => {
  const ds = set('example.org.', rrType.DS, [0, 1, 13, 2, 1, 2, 3]);
  assert.equal(codeOf(verify(ds, [signRRset(ds, key, zone, times)])), extendedError.DNSSEC_BOGUS);
});

test('nothing, and what is no signature over the set, is a missing signature', () => {
  const signature = signRRset(addresses, key, zone, times);
  const cases: readonly (readonly ResourceRecord[])[] = [
    [],
    [{ ...signature, class: 3 }],
    [{ ...signature, owner: domainName('a.example.org.') }],
    [{ ...signature, rdata: signature.rdata.subarray(0, 20) }],
    [{ ...signature, rdata: signature.rdata.with(1, 28) }],
    [{ ...signature, type: rrType.SIG }],
  ];
  for (const signatures of cases)
    assert.equal(codeOf(verify(addresses, signatures)), extendedError.RRSIGS_MISSING);
});

test('work is bounded, whatever number of keys and signatures there is', () => {
  let taken = 0;
  const work = { takeCheck: () => ++taken > 0, takeDigest: () => true, takeHash: () => true };
  // Keys that share the tag: octets swapped two by two at the same parity sum up to the same.
  const [a = 0, b = 0] = [key.rdata[10], key.rdata[12]];
  const twin = key.rdata.with(10, b).with(12, a);
  const keys = keysOf(twin, ...Array.from({ length: 50 }, (_, i) => swapped(twin, i)), key.rdata);
  assert.ok(keys.keys.filter(({ tag }) => tag === key.tag).length > 4);
  const wrong = signRRset(addresses, key, zone, times, { signature: new Uint8Array(64).fill(1) });
  const right = signRRset(addresses, key, zone, times);
  const result = verifyWithKeys(
    addresses,
    [...Array<ResourceRecord>(50).fill(wrong), right],
    keys,
    now,
    work,
  );
  assert.ok(!result.ok && !result.exhausted);
  assert.ok(taken <= 4, `${taken} checks`);
  const none = verifyWithKeys(addresses, [right], keysOf(key.rdata), now, new WorkAllowance(0, 0, 0));
  assert.ok(!none.ok && none.exhausted);
});

test('of a message full of signatures and keys the first are looked at, as honest zones have no more', () => {
  const right = signRRset(addresses, key, zone, times);
  const foreign = signRRset(addresses, key, zone, times, { keyTag: (key.tag + 1) & 0xffff });
  const many = (count: number): readonly ResourceRecord[] => Array<ResourceRecord>(count).fill(foreign);
  assert.equal(verify(addresses, [...many(49), right]).ok, true);
  const past = verify(addresses, [...many(50), right]);
  assert.ok(!past.ok && !past.exhausted);
  const others = Array.from({ length: 99 }, (_, i) => Uint8Array.of(1, 0, 3, 250, i));
  assert.equal(verify(addresses, [right], keysOf(...others, key.rdata)).ok, true);
  assert.equal(keysOf(...others, key.rdata, Uint8Array.of(1, 0, 3, 250, 99)).keys.length, 100);
});

function swapped(rdata: Uint8Array, pair: number): Uint8Array {
  const [low, high] = [14 + (pair % 20) * 2, 16 + ((pair * 7) % 20) * 2];
  const [a = 0, b = 0] = [rdata[low], rdata[high]];
  return rdata.with(low, b).with(high, a);
}
