import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSigningKey, signRRset } from '../../../test/support/dnssec-signer.ts';
import { verifyWithKeys } from '../dnssec/verify-rrset.ts';
import { WorkAllowance } from '../dnssec/work.ts';
import { KeyRing } from '../dnssec/zone-key.ts';
import { domainName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { VerifiedSets } from './verified-sets.ts';

const zone = domainName('example.org.');
const times = { inception: 1_000, expiration: 2_000 };

function keySet(...rdatas: readonly Uint8Array[]): RRset {
  return { owner: zone, type: rrType.DNSKEY, class: 1, ttl: 60, rdatas };
}

test('a set is known again only as it was checked, by the same keys, while its signature is valid', () => {
  const [key, other] = [makeSigningKey('ED25519'), makeSigningKey('ED25519')];
  const ring = new KeyRing();
  const keys = ring.keysOf(keySet(key.rdata));
  const rrset: RRset = { owner: zone, type: rrType.TXT, class: 1, ttl: 600, rdatas: [Uint8Array.of(1, 65)] };
  const signature = signRRset(rrset, key, zone, times);
  const verified = verifyWithKeys(rrset, [signature], keys, 1_500, new WorkAllowance(1, 0, 0));
  assert.ok(verified.ok);
  const sets = new VerifiedSets(100_000);
  sets.keep(verified, [signature]);

  const find = (set: RRset, at: number, by = keys, signatures = [signature]): number | undefined =>
    sets.find(set, signatures, by, at)?.rrset.ttl;
  assert.equal(find(rrset, 1_500), 500);
  // RFC 4035 §5.3.3: no longer than the signature, and no longer than it came with.
  assert.equal(find(rrset, 1_990), 10);
  assert.equal(find({ ...rrset, ttl: 7 }, 1_500), 7);
  assert.equal(find({ ...rrset, ttl: 100_000 }, 1_100), 600);
  assert.equal(find(rrset, 2_001), undefined);
  assert.equal(find(rrset, 999), undefined);
  assert.equal(find({ ...rrset, rdatas: [Uint8Array.of(1, 66)] }, 1_500), undefined);
  assert.equal(find({ ...rrset, rdatas: [...rrset.rdatas, Uint8Array.of(1, 66)] }, 1_500), undefined);
  assert.equal(find({ ...rrset, owner: domainName('www.example.org.') }, 1_500), undefined);
  assert.equal(find({ ...rrset, type: rrType.SPF }, 1_500), undefined);
  assert.equal(find(rrset, 1_500, ring.keysOf(keySet(other.rdata))), undefined);
  assert.equal(find(rrset, 1_500, keys, []), undefined);
  assert.equal(find(rrset, 1_500, keys, [signRRset(rrset, other, zone, times)]), undefined);
});
