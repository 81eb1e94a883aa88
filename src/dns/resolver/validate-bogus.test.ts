// Zones that are signed wrongly, and answers that somebody changed: each is bogus, with the code that says why (RFC 8914 §4), and so is what cannot be checked insecure.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { extendedError } from '../wire/edns-option.ts';
import { domainName } from '../wire/name.ts';
import { nsec3Hash } from '../dnssec/nsec3-hash.ts';
import { bytesToBase32Hex } from '../wire/rdata/base32hex.ts';
import { dnskey } from '../wire/rdata/dnskey.ts';
import { readRdata, writeRdata } from '../wire/rdata/record-type.ts';
import type { RrsigData } from '../wire/rdata/rrsig.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { makeSigningKey, signRRset, withFlags } from '../../../test/support/dnssec-signer.ts';
import { records } from '../../../test/support/simulated-internet.ts';
import { signedWorld } from '../../../test/support/signed-world.ts';
import type { SignedWorld, ZoneChanges } from '../../../test/support/signed-world.ts';
import { dsOf, recordText } from '../../../test/support/signed-zone.ts';

type Code = keyof typeof extendedError;

interface Case {
  readonly what: string;
  readonly zone: string;
  readonly changes: ZoneChanges;
  readonly ask: readonly [name: string, type: string];
  readonly code: Code;
  /** A part of the sentence. */
  readonly says: string;
}

const day = 86_400;
const stranger = makeSigningKey('ED25519', 257);
const www = domainName('www.example.com.');
const apex = domainName('example.com.');
const wwwA: readonly [string, string] = ['www.example.com.', 'A'];

/** Fields that differ in the signature over one set. */
function changed(owner: string, type: number, changes: Partial<RrsigData>): ZoneChanges {
  return { signing: (rrset) => (isSet(rrset, owner, type) ? changes : undefined) };
}

function isSet({ owner, type }: Pick<RRset, 'owner' | 'type'>, name: string, of: number): boolean {
  return type === of && owner.equals(domainName(name));
}

function without(drop: (record: ResourceRecord) => boolean): ZoneChanges {
  return { publish: (records) => records.filter((record) => !drop(record)) };
}

function covers({ type, rdata }: ResourceRecord, of: number): boolean {
  return type === rrType.RRSIG && ((rdata[0] ?? 0) << 8) + (rdata[1] ?? 0) === of;
}

const cases: readonly Case[] = [
  {
    what: 'a signature that has expired',
    zone: 'example.com.',
    changes: changed('www.example.com.', rrType.A, { inception: 1, expiration: 2 }),
    ask: wwwA,
    code: 'SIGNATURE_EXPIRED',
    says: 'expired at',
  },
  {
    what: 'a signature that is not valid yet',
    zone: 'example.com.',
    changes: changed('www.example.com.', rrType.A, { inception: 0x7000_0000, expiration: 0x7100_0000 }),
    ask: wwwA,
    code: 'SIGNATURE_NOT_YET_VALID',
    says: 'is not valid before',
  },
  {
    what: 'a signature that expires before it is valid',
    zone: 'example.com.',
    changes: changed('www.example.com.', rrType.A, { inception: 1_000, expiration: 10 }),
    ask: wwwA,
    code: 'SIGNATURE_EXPIRED_BEFORE_VALID',
    says: 'before it becomes valid',
  },
  {
    what: 'a signature of other octets',
    zone: 'example.com.',
    changes: changed('www.example.com.', rrType.A, { signature: new Uint8Array(64).fill(7) }),
    ask: wwwA,
    code: 'DNSSEC_BOGUS',
    says: 'the signature over the A of www.example.com',
  },
  {
    what: 'a signature by a key that the zone does not have',
    zone: 'example.com.',
    changes: {
      signing: (rrset) =>
        isSet(rrset, 'www.example.com.', rrType.A)
          ? [signRRset(rrset, stranger, apex, { inception: 0, expiration: 0x7000_0000 })]
          : undefined,
    },
    ask: wwwA,
    code: 'DNSKEY_MISSING',
    says: 'is by a key that example.com does not have',
  },
  {
    what: 'a signature for a name of more labels',
    zone: 'example.com.',
    changes: changed('www.example.com.', rrType.A, { labels: 4 }),
    ask: wwwA,
    code: 'DNSSEC_BOGUS',
    says: 'for a name of 4 labels',
  },
  {
    what: 'a signature that says that a wildcard made the set',
    zone: 'example.com.',
    changes: changed('www.example.com.', rrType.A, { labels: 2 }),
    ask: wwwA,
    code: 'DNSSEC_BOGUS',
    says: 'the signature over the A of www.example.com',
  },
  {
    what: 'a signature by the zone above',
    zone: 'example.com.',
    changes: changed('www.example.com.', rrType.A, { signer: domainName('com.') }),
    ask: wwwA,
    code: 'DNSKEY_MISSING',
    says: 'is by a key that com does not have',
  },
  {
    what: 'a set without signature',
    zone: 'example.com.',
    changes: without((record) => covers(record, rrType.A) && record.owner.equals(www)),
    ask: wwwA,
    code: 'RRSIGS_MISSING',
    says: 'the A of www.example.com should be signed by example.com',
  },
  {
    what: 'data that was changed after it was signed',
    zone: 'example.com.',
    changes: {
      publish: (records) =>
        records.map((record) =>
          isSet(record, 'www.example.com.', rrType.A)
            ? { ...record, rdata: Uint8Array.of(203, 0, 113, 9) }
            : record,
        ),
    },
    ask: wwwA,
    code: 'DNSSEC_BOGUS',
    says: 'the signature over the A of www.example.com',
  },
  {
    what: 'a zone without any signature, although its parent has a DS',
    zone: 'example.com.',
    changes: without(({ type }) => [rrType.RRSIG, rrType.NSEC, rrType.DNSKEY].some((each) => each === type)),
    ask: wwwA,
    code: 'DNSKEY_MISSING',
    says: 'example.com has DS records in com, and no DNSKEY records',
  },
  {
    what: 'a DNSKEY set without signature',
    zone: 'example.com.',
    changes: without((record) => covers(record, rrType.DNSKEY)),
    ask: wwwA,
    code: 'RRSIGS_MISSING',
    says: 'the DNSKEY of example.com',
  },
  {
    what: 'a DNSKEY set whose signature has expired',
    zone: 'example.com.',
    changes: changed('example.com.', rrType.DNSKEY, { inception: 1, expiration: 2 }),
    ask: wwwA,
    code: 'SIGNATURE_EXPIRED',
    says: 'the DNSKEY of example.com',
  },
  {
    what: 'a DNSKEY set that only another of its keys signed',
    zone: 'example.com.',
    changes: {
      moreKeys: [stranger.rdata],
      signing: (rrset) =>
        rrset.type === rrType.DNSKEY
          ? [signRRset(rrset, stranger, apex, { inception: 0, expiration: 0x7000_0000 })]
          : undefined,
    },
    ask: wwwA,
    code: 'DNSKEY_MISSING',
    says: 'is by a key that example.com does not have',
  },
  {
    what: 'a DS of a key that the zone does not have',
    zone: 'example.com.',
    changes: { ds: () => recordText(dsOf(apex, stranger)) },
    ask: wwwA,
    code: 'DNSKEY_MISSING',
    says: `(key tags ${stranger.tag})`,
  },
  {
    what: 'a DS with the right tag and another digest',
    zone: 'example.com.',
    changes: {
      ds: ({ ds }) =>
        recordText({ ...ds, rdata: ds.rdata.map((octet, at) => (at > 10 ? octet ^ 1 : octet)) }),
    },
    ask: wwwA,
    code: 'DNSKEY_MISSING',
    says: 'is of another key with that tag',
  },
  {
    what: 'a key that is no zone key',
    zone: 'example.com.',
    changes: { zsk: withFlags(stranger, 1) },
    ask: wwwA,
    code: 'NO_ZONE_KEY_BIT_SET',
    says: 'no zone key',
  },
  {
    what: 'a key with another protocol',
    zone: 'example.com.',
    changes: { ksk: makeSigningKey('ED25519', 257), zsk: withProtocol(2) },
    ask: wwwA,
    code: 'DNSKEY_MISSING',
    says: 'protocol 2',
  },
  {
    what: 'a revoked key',
    zone: 'example.com.',
    changes: { ksk: makeSigningKey('ED25519', 257), zsk: withFlags(stranger, 257 | 128) },
    ask: wwwA,
    code: 'DNSKEY_MISSING',
    says: 'has been revoked',
  },
  {
    what: 'a denial of a name without its NSEC records',
    zone: 'example.com.',
    changes: without((record) => record.type === rrType.NSEC || covers(record, rrType.NSEC)),
    ask: ['nowhere.example.com.', 'A'],
    code: 'NSEC_MISSING',
    says: 'nowhere.example.com',
  },
  {
    what: 'a denial of a type without its NSEC record',
    zone: 'example.com.',
    changes: without((record) => record.type === rrType.NSEC || covers(record, rrType.NSEC)),
    ask: ['www.example.com.', 'AAAA'],
    code: 'NSEC_MISSING',
    says: 'www.example.com',
  },
  {
    what: 'a denial whose NSEC record has an expired signature',
    zone: 'example.com.',
    changes: changed('www.example.com.', rrType.NSEC, { inception: 1, expiration: 2 }),
    ask: ['www.example.com.', 'AAAA'],
    code: 'SIGNATURE_EXPIRED',
    says: 'the NSEC of www.example.com',
  },
  {
    what: 'a denial whose SOA has an expired signature',
    zone: 'example.com.',
    changes: changed('example.com.', rrType.SOA, { inception: 1, expiration: 2 }),
    ask: ['www.example.com.', 'AAAA'],
    code: 'SIGNATURE_EXPIRED',
    says: 'the SOA of example.com',
  },
  {
    what: 'a name that is denied although its NSEC is there',
    zone: 'example.com.',
    changes: without(
      (record) => record.owner.equals(www) && (record.type === rrType.A || covers(record, rrType.A)),
    ),
    ask: wwwA,
    code: 'DNSSEC_BOGUS',
    says: 'says that there is',
  },
  {
    what: 'a wildcard answer without proof',
    zone: 'example.com.',
    changes: without((record) => record.type === rrType.NSEC || covers(record, rrType.NSEC)),
    ask: ['x.wild.example.com.', 'A'],
    code: 'NSEC_MISSING',
    says: 'no signed NSEC or NSEC3 record about x.wild.example.com',
  },
  {
    what: 'a denial without its NSEC3 records',
    zone: 'hashed.com.',
    changes: without((record) => record.type === rrType.NSEC3 || covers(record, rrType.NSEC3)),
    ask: ['nowhere.hashed.com.', 'A'],
    code: 'NSEC_MISSING',
    says: 'nowhere.hashed.com',
  },
  {
    what: 'a wildcard answer without NSEC3 proof',
    zone: 'hashed.com.',
    changes: without((record) => record.type === rrType.NSEC3 || covers(record, rrType.NSEC3)),
    ask: ['x.wild.hashed.com.', 'A'],
    code: 'NSEC_MISSING',
    says: 'no signed NSEC or NSEC3 record about x.wild.hashed.com',
  },
  {
    what: 'a DS without signature',
    zone: 'org.',
    changes: without((record) => covers(record, rrType.DS)),
    ask: ['www.example.org.', 'A'],
    code: 'RRSIGS_MISSING',
    says: 'the DS of example.org should be signed by org',
  },
  {
    what: 'a DS whose signature has expired',
    zone: 'org.',
    changes: changed('example.org.', rrType.DS, { inception: 1, expiration: 2 }),
    ask: ['www.example.org.', 'A'],
    code: 'SIGNATURE_EXPIRED',
    says: 'the DS of example.org',
  },
  {
    what: 'a delegation whose DS was taken out, and whose NSEC says that there is one',
    zone: 'org.',
    changes: without((record) => record.type === rrType.DS || covers(record, rrType.DS)),
    ask: ['www.example.org.', 'A'],
    code: 'DNSSEC_BOGUS',
    says: 'the DS of example.org',
  },
  {
    what: 'an unsigned delegation without the proof that it has no DS',
    zone: 'org.',
    changes: without((record) => record.type === rrType.NSEC || covers(record, rrType.NSEC)),
    ask: ['www.plain.org.', 'A'],
    code: 'NSEC_MISSING',
    says: 'no signed NSEC or NSEC3 record about plain.org',
  },
  {
    what: 'the root with a key that is not the anchor',
    zone: '.',
    changes: without(({ type }) => type === rrType.DNSKEY),
    ask: wwwA,
    code: 'DNSKEY_MISSING',
    says: 'the root has a trust anchor, and no DNSKEY records',
  },
];

describe('what is bogus', () => {
  for (const { what, zone, changes, ask, code, says } of cases) {
    test(what, () => {
      const world = signedWorld({ [zone]: changes });
      const [name, type] = ask;
      for (const round of ['asked', 'remembered']) {
        const { end, journey } = world.ask(name, type);
        assert.equal(end.kind, 'failure', round);
        if (end.kind !== 'failure') return;
        assert.equal(nameOf(end.extendedError), code, end.reason);
        assert.ok(end.reason.includes(says), end.reason);
        if (round === 'asked')
          assert.equal(journey.findLast(({ link }) => link !== undefined)?.link?.verdict, 'bogus');
        else assert.deepEqual(world.internet.asked, []);
      }
      // Who checks for himself gets the data (RFC 4035 §3.2.2).
      const unchecked = world.ask(name, type, false);
      assert.notEqual(unchecked.end.kind, 'failure');
      assert.notEqual(unchecked.security, 'secure');
    });
  }
});

describe('answers that are right for another question', () => {
  /** The records of a zone as it was signed. */
  const recordsIn = (world: SignedWorld, zone: string): readonly ResourceRecord[] =>
    records(zone, world.zones.get(zone)?.text ?? '');
  const denial = (all: readonly ResourceRecord[]): readonly ResourceRecord[] =>
    all.filter((record) =>
      [rrType.SOA, rrType.NSEC, rrType.NSEC3].some((type) => record.type === type || covers(record, type)),
    );

  test('the NSEC of another name', () => {
    const world = signedWorld();
    const authorities = denial(recordsIn(world, 'example.com.')).filter(
      ({ owner, type }) => !owner.equals(www) && (type !== rrType.NSEC || owner.equals(apex)),
    );
    world.internet.lie('192.0.2.10', 'www.example.com. A', { answers: [], authorities, additionals: [] });
    const { end } = world.ask(...wwwA);
    assert.equal(end.kind === 'failure' ? nameOf(end.extendedError) : end.kind, 'DNSSEC_BOGUS');
  });

  test('an unsigned delegation by the opt-out of another name', () => {
    const world = signedWorld();
    const authorities = denial(recordsIn(world, 'com.'));
    // All of the chain but the record of the zone itself: whatever else covers, it is not the name.
    const hash = bytesToBase32Hex(
      nsec3Hash(domainName('shop.com.'), { iterations: 0, salt: new Uint8Array(0) }),
    );
    const others = authorities.filter(({ owner }) => !owner.equals(domainName(`${hash}.com.`)));
    const ns = recordsIn(world, 'com.').filter(
      ({ owner, type }) => type === rrType.NS && owner.equals(domainName('shop.com.')),
    );
    const additionals = recordsIn(world, 'com.').filter(({ owner }) =>
      owner.equals(domainName('ns.shop.com.')),
    );
    const proofs = others.filter((record) => record.type !== rrType.SOA && !covers(record, rrType.SOA));
    const referral = { answers: [], authorities: [...ns, ...proofs], additionals };
    world.internet.lie('192.0.2.2', 'shop.com. A', referral);
    world.internet.lie('192.0.2.2', 'www.shop.com. A', referral);
    world.internet.lie('192.0.2.2', 'shop.com. DS', { answers: [], authorities: others, additionals: [] });
    const { end } = world.ask('www.shop.com.', 'A');
    assert.equal(end.kind === 'failure' ? nameOf(end.extendedError) : end.kind, 'NSEC_MISSING');
  });

  test('the set and signature of another name', () => {
    const world = signedWorld();
    const answers = recordsIn(world, 'example.com.')
      .filter(({ owner, type }) => owner.equals(domainName('ns.example.com.')) && type !== rrType.NSEC)
      .map((record) => ({ ...record, owner: www }));
    world.internet.lie('192.0.2.10', 'www.example.com. A', { answers, authorities: [], additionals: [] });
    const { end } = world.ask(...wwwA);
    assert.equal(end.kind === 'failure' ? nameOf(end.extendedError) : end.kind, 'DNSSEC_BOGUS');
  });

  test('a wildcard for a name that is there', () => {
    const world = signedWorld({
      'example.com.': { text: '*.wild 300 A 203.0.113.2\nreal.wild 300 A 203.0.113.3' },
    });
    const name = domainName('real.wild.example.com.');
    const wildcard = domainName('*.wild.example.com.');
    const answers = recordsIn(world, 'example.com.')
      .filter(({ owner, type }) => owner.equals(wildcard) && type !== rrType.NSEC)
      .map((record) => ({ ...record, owner: name }));
    const authorities = denial(recordsIn(world, 'example.com.')).filter(({ type }) => type !== rrType.SOA);
    world.internet.lie('192.0.2.10', 'real.wild.example.com. A', { answers, authorities, additionals: [] });
    const { end } = world.ask('real.wild.example.com.', 'A');
    assert.equal(end.kind, 'failure');
  });
});

describe('what can not be checked', () => {
  const unknown: Pick<Parameters<typeof dsOf>[1], 'rdata' | 'tag' | 'algorithm'> = {
    ...stranger,
    algorithm: 200,
  };
  const insecure: readonly (readonly [
    what: string,
    zone: string,
    ZoneChanges,
    ask: readonly [string, string],
    Code,
  ])[] = [
    [
      'a DS of an unknown algorithm',
      'example.com.',
      { ds: () => recordText(dsOf(apex, { ...stranger, ...unknown })) },
      wwwA,
      'UNSUPPORTED_DNSKEY_ALGORITHM',
    ],
    [
      'a DS of an unknown digest',
      'example.com.',
      {
        ds: ({ ds }) => recordText({ ...ds, rdata: ds.rdata.map((octet, at) => (at === 3 ? 99 : octet)) }),
      },
      wwwA,
      'UNSUPPORTED_DS_DIGEST_TYPE',
    ],
    [
      'a denial with too many iterations',
      'hashed.com.',
      { denial: { iterations: 51, salt: '', optOut: false } },
      ['nowhere.hashed.com.', 'A'],
      'UNSUPPORTED_NSEC3_ITERATIONS',
    ],
  ];
  for (const [what, zone, changes, [name, type], code] of insecure) {
    test(what, () => {
      const { end, security } = signedWorld({ [zone]: changes }).ask(name, type);
      assert.equal(security, 'insecure');
      assert.ok(end.kind !== 'failure', end.kind === 'failure' ? end.reason : '');
      assert.equal(nameOf(end.fault?.code ?? -1), code);
    });
  }
});

test('one server that lies makes nothing bogus', () => {
  for (const { what, zone, changes, ask } of cases.filter(
    (each) => each.zone === 'example.com.' && each.changes.ds === undefined,
  )) {
    const world = signedWorld({ [zone]: { ...changes, secondServer: true } });
    const { end, security } = world.ask(...ask);
    // Where it is the keys that are wrong, they are wrong on both.
    if (changes.zsk === undefined)
      assert.equal(security, 'secure', `${what}: ${end.kind === 'failure' ? end.reason : ''}`);
  }
});

test('what is bogus is asked for again once it is forgotten', () => {
  const world = signedWorld({
    'example.com.': changed('www.example.com.', rrType.A, { inception: 1, expiration: 2 }),
  });
  world.ask(...wwwA);
  world.clock.advance(61_000);
  assert.equal(world.ask(...wwwA).end.kind, 'failure');
  assert.ok(world.internet.asked.length > 0);
});

test('what was secure is not given on once its signature has expired', () => {
  const world = signedWorld({ 'example.com.': { text: 'www 604800 A 203.0.113.1' } });
  assert.equal(world.ask(...wwwA).security, 'secure');
  world.clock.advance(31 * day * 1000);
  const { end } = world.ask(...wwwA);
  assert.equal(end.kind === 'failure' ? nameOf(end.extendedError) : end.kind, 'SIGNATURE_EXPIRED');
});

function nameOf(code: number): string {
  return Object.entries(extendedError).find(([, value]) => value === code)?.[0] ?? String(code);
}

function withProtocol(protocol: number): ReturnType<typeof makeSigningKey> {
  const key = makeSigningKey('ED25519', 256);
  const data = readRdata(dnskey, key.rdata);
  assert.ok(data);
  return withFlags({ ...key, rdata: writeRdata(dnskey, { ...data, protocol }) }, 256);
}
