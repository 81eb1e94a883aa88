// Validation's pure parts on record data that nobody has checked: keys, DS sets, signatures and proofs. Nothing forged is ever called right, and nothing costs more
// than its allowance.
import assert from 'node:assert/strict';
import { denialsOf } from '../../../src/dns/dnssec/denials.ts';
import { keysByDs, readDsSet } from '../../../src/dns/dnssec/ds-set.ts';
import { hasOthers, hasType } from '../../../src/dns/dnssec/type-bitmap.ts';
import { verifyWithKeys } from '../../../src/dns/dnssec/verify-rrset.ts';
import type { SignedRRset } from '../../../src/dns/dnssec/verify-rrset.ts';
import { KeyRing } from '../../../src/dns/dnssec/zone-key.ts';
import { DomainName, domainName } from '../../../src/dns/wire/name.ts';
import { WireReader } from '../../../src/dns/wire/reader.ts';
import { readRdata, writeRdata } from '../../../src/dns/wire/rdata/record-type.ts';
import { rrsig } from '../../../src/dns/wire/rdata/rrsig.ts';
import type { ResourceRecord, RRset } from '../../../src/dns/wire/record.ts';
import { rrType } from '../../../src/dns/wire/rr-type.ts';
import { concatBytes } from '../../../src/lib/bytes.ts';
import { fixedSigningKey, signRRset } from '../../support/dnssec-signer.ts';
import { recordsOfText } from '../../support/records.ts';
import type { FuzzTarget } from '../target.ts';

const zone = domainName('example.');
const now = 1_800_000_000;
const key = fixedSigningKey(1, 257);
const signed: RRset = {
  owner: domainName('www.example.'),
  type: rrType.A,
  class: 1,
  ttl: 300,
  rdatas: [Uint8Array.of(192, 0, 2, 1)],
};
const signature = signRRset(signed, key, zone, { inception: now - 9, expiration: now + 9 });
const mostChecks = 8;

/** Type, owner, length and data of each record, one after the other. */
function input(records: readonly ResourceRecord[]): Uint8Array {
  return concatBytes(
    records.flatMap(({ type, owner, rdata }) => [
      Uint8Array.of(type >>> 8, type),
      owner.wire,
      Uint8Array.of(rdata.length >>> 8, rdata.length),
      rdata,
    ]),
  );
}

function recordsIn(bytes: Uint8Array): readonly ResourceRecord[] {
  const reader = new WireReader(bytes, 0, bytes.length, false);
  const records: ResourceRecord[] = [];
  while (reader.remaining > 0 && records.length < 64) {
    const type = reader.u16();
    const owner = reader.name();
    const rdata = reader.take(reader.u16());
    if (reader.fault === undefined) records.push({ owner, type, class: 1, ttl: 300, rdata });
  }
  return records;
}

/** RRSIG data in hexadecimal digits, with the signer's name as it is signed: in lower case (RFC 4034 §3.1.8.1). */
function signedText(rdata: Uint8Array): string | undefined {
  const data = readRdata(rrsig, rdata);
  return data && writeRdata(rrsig, { ...data, signer: data.signer.lowerCase() }).toHex();
}

const chain = recordsOfText(
  zone,
  `@ NSEC a SOA NS DNSKEY NSEC RRSIG
a NSEC x.ent NS NSEC RRSIG
x.ent NSEC @ A NSEC RRSIG
0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG
35mthgpgcu1qg68fab165klnsnk3dpvl NSEC3 1 0 12 aabbccdd b4um86eghhds6nea196smvmlo4ors995 NS DS RRSIG
@ DS 12345 15 2 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f`,
);
const dnskey: ResourceRecord = { owner: zone, type: rrType.DNSKEY, class: 1, ttl: 300, rdata: key.rdata };

export const target: FuzzTarget = {
  name: 'dnssec',
  seeds: [input(chain), input([signature, dnskey]), input([...chain, signature, dnskey])],
  words: [zone.wire, signature.rdata.subarray(0, 18), Uint8Array.of(0, 47), Uint8Array.of(0, 50)],
  testSteps: 1_000,
  run: (bytes, random) => {
    const records = recordsIn(bytes);
    const spent = { checks: 0, digests: 0, hashes: 0 };
    const work = {
      takeCheck: () => ++spent.checks <= mostChecks,
      takeDigest: () => ++spent.digests <= mostChecks,
      takeHash: () => ++spent.hashes <= 40,
    };
    const ring = new KeyRing();
    const rdatas = records.filter(({ type }) => type === rrType.DNSKEY).map(({ rdata }) => rdata);
    const keys = ring.keysOf({ ...signed, owner: zone, type: rrType.DNSKEY, rdatas });
    const verified = verifyWithKeys(signed, records, keys, now, work);
    if (verified.ok) {
      // Only our own key's own signature is right; Ed25519 has one for each key and text.
      assert.deepEqual(verified.key.rdata, key.rdata);
      assert.ok(records.some(({ rdata }) => signedText(rdata) === signature.rdata.toHex()));
    }
    const ds = records.filter(({ type }) => type === rrType.DS).map(({ rdata }) => rdata);
    const set = readDsSet(zone, ds, ring);
    if (set.kind === 'usable') keysByDs(set, keys, work);
    const sets = records.map(({ owner, type, rdata }): SignedRRset => ({
      rrset: { owner, type, class: 1, ttl: 300, rdatas: [rdata] },
      signer: zone,
      wildcard: undefined,
    }));
    const denials = denialsOf(zone, sets, work);
    const names = [zone, domainName('x.y.example.'), ...records.map(({ owner }) => owner)];
    const name = names[random.below(names.length)] ?? DomainName.root;
    denials.nameError(name);
    denials.noData(name, random.below(256));
    denials.wildcardAnswer(name, name.wildcard() ?? name);
    denials.noDs(name);
    hasType(bytes, random.below(65536));
    hasOthers(bytes, [rrType.NSEC, rrType.RRSIG]);
    assert.ok(spent.checks <= mostChecks + 1 && spent.hashes <= 200, JSON.stringify(spent));
  },
};
