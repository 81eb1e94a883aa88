import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { makeSigningKey, withFlags } from '../../../test/support/dnssec-signer.ts';
import type { SigningKey } from '../../../test/support/dnssec-signer.ts';
import { concatBytes } from '../../lib/bytes.ts';
import { extendedError } from '../wire/edns-option.ts';
import { domainName } from '../wire/name.ts';
import { ds } from '../wire/rdata/ds.ts';
import type { DsData } from '../wire/rdata/ds.ts';
import { writeRdata } from '../wire/rdata/record-type.ts';
import { rrType } from '../wire/rr-type.ts';
import { keysByDs, readDsSet } from './ds-set.ts';
import type { VouchedKeys } from './ds-set.ts';
import { WorkAllowance } from './work.ts';
import { KeyRing } from './zone-key.ts';

const zone = domainName('Example.org.');
const key = makeSigningKey('ED25519', 257);
const other = makeSigningKey('ED25519', 257);
const hashes = { 1: 'sha1', 2: 'sha256', 4: 'sha384' } as const;

function record(of: SigningKey, digestType: 1 | 2 | 4, changes: Partial<DsData> = {}): Uint8Array {
  const owner = zone.lowerCase().wire;
  const digest = createHash(hashes[digestType])
    .update(concatBytes([owner, of.rdata]))
    .digest();
  return writeRdata(ds, { keyTag: of.tag, algorithm: of.algorithm, digestType, digest, ...changes });
}

function vouched(records: readonly Uint8Array[], keys: readonly SigningKey[], digests = 16): VouchedKeys {
  const ring = new KeyRing();
  const set = readDsSet(zone, records, ring);
  assert.ok(set.kind === 'usable');
  const dnskeys = {
    owner: zone,
    type: rrType.DNSKEY,
    class: 1,
    ttl: 300,
    rdatas: keys.map(({ rdata }) => rdata),
  };
  return keysByDs(set, ring.keysOf(dnskeys), new WorkAllowance(0, digests, 0));
}

function tags(result: VouchedKeys): readonly number[] | undefined {
  return result.ok ? result.keys.keys.map(({ tag }) => tag) : undefined;
}

test('each digest finds its key among others', () => {
  for (const digestType of [1, 2, 4] as const)
    assert.deepEqual(tags(vouched([record(key, digestType)], [other, key])), [key.tag]);
  assert.deepEqual(tags(vouched([record(key, 2), record(other, 4)], [key, other])), [key.tag, other.tag]);
});

test('SHA-1 counts only where there is nothing better (RFC 4509 §3)', () => {
  const wrong = record(key, 2, { digest: new Uint8Array(32) });
  const result = vouched([record(key, 1), wrong], [key]);
  assert.ok(!result.ok);
  assert.equal(result.fault.code, extendedError.DNSKEY_MISSING);
  // What we can't use is nothing better.
  assert.ok(vouched([record(key, 1), record(key, 2, { digestType: 3 })], [key]).ok);
  assert.ok(vouched([record(key, 1), record(key, 2, { algorithm: 3 })], [key]).ok);
});

test('a zone is insecure where no DS record can be used', () => {
  const cases: readonly (readonly [keyof typeof extendedError, readonly Uint8Array[]])[] = [
    ['UNSUPPORTED_DNSKEY_ALGORITHM', [record(key, 2, { algorithm: 5 }), record(key, 2, { algorithm: 3 })]],
    ['UNSUPPORTED_DS_DIGEST_TYPE', [record(key, 2, { digestType: 3 })]],
    ['UNSUPPORTED_DS_DIGEST_TYPE', [record(key, 2, { algorithm: 7 }), record(key, 2, { digestType: 200 })]],
  ];
  for (const [code, records] of cases) {
    const set = readDsSet(zone, records, new KeyRing());
    assert.ok(set.kind === 'insecure');
    assert.equal(set.fault.code, extendedError[code]);
  }
});

test('no key, another key, and a key that is none of a zone', () => {
  const codeOf = (result: VouchedKeys): number | undefined => (result.ok ? undefined : result.fault.code);
  assert.equal(codeOf(vouched([record(key, 2)], [other])), extendedError.DNSKEY_MISSING);
  assert.equal(codeOf(vouched([record(key, 2)], [])), extendedError.DNSKEY_MISSING);
  const flagless = withFlags(key, 1);
  assert.equal(codeOf(vouched([record(flagless, 2)], [flagless])), extendedError.NO_ZONE_KEY_BIT_SET);
  const revoked = withFlags(key, 0x181);
  assert.equal(codeOf(vouched([record(revoked, 2)], [revoked])), extendedError.DNSKEY_MISSING);
});

test('tries are bounded', () => {
  const wrong = Array.from({ length: 20 }, (_, i) =>
    record(key, 2, { digest: new Uint8Array(32).fill(i + 1) }),
  );
  const result = vouched([...wrong, record(key, 2)], [key]);
  assert.ok(!result.ok && !result.exhausted);
  const none = vouched([record(key, 2)], [key], 0);
  assert.ok(!none.ok && none.exhausted);
});
