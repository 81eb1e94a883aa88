// The example zone of RFC 5155 appendix A, and what its answers of appendix B prove: with all their records, and with none of them left out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { denialsOf } from '../../src/dns/dnssec/denials.ts';
import { nsec3Hash } from '../../src/dns/dnssec/nsec3-hash.ts';
import type { Denials, DsProof, Proof } from '../../src/dns/dnssec/proof.ts';
import { WorkAllowance } from '../../src/dns/dnssec/work.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { bytesToBase32Hex } from '../../src/dns/wire/rdata/base32hex.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { signedSetsOf } from '../support/signed-sets.ts';

const zone = domainName('example.');
const parameters = { iterations: 12, salt: Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd) };

/** Name → hash, the next hash's name, types (appendix A). */
const chain: readonly (readonly [name: string, hash: string, types: string])[] = [
  ['example.', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom', 'MX DNSKEY NS SOA NSEC3PARAM RRSIG'],
  ['ns1.example.', '2t7b4g4vsa5smi47k61mv5bv1a22bojr', 'A RRSIG'],
  ['x.y.w.example.', '2vptu5timamqttgl4luu9kg21e0aor3s', 'MX RRSIG'],
  ['a.example.', '35mthgpgcu1qg68fab165klnsnk3dpvl', 'NS DS RRSIG'],
  ['x.w.example.', 'b4um86eghhds6nea196smvmlo4ors995', 'MX RRSIG'],
  ['ai.example.', 'gjeqe526plbf1g8mklp59enfd789njgi', 'HINFO A AAAA RRSIG'],
  ['y.w.example.', 'ji6neoaepv8b5o6k4ev33abha8ht9fgc', ''],
  ['w.example.', 'k8udemvp1j2f7eg6jebps17vp3n8i58h', ''],
  ['2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.', 'kohar7mbb8dc2ce8a9qvl8hon4k53uhi', 'A RRSIG'],
  ['ns2.example.', 'q04jkcevqvmu85r014c7dkba38o0ji5r', 'A RRSIG'],
  ['*.w.example.', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en', 'MX RRSIG'],
  ['xx.example.', 't644ebqk9bibcna874givr6joj62mlhv', 'HINFO A AAAA RRSIG'],
];

function lineOf(prefix: string): string {
  const index = chain.findIndex(([, hash]) => hash.startsWith(prefix));
  const [, hash = '', types = ''] = chain[index] ?? [];
  const [, next = ''] = chain[(index + 1) % chain.length] ?? [];
  return `${hash} NSEC3 1 1 12 aabbccdd ${next} ${types}`;
}

function prove(prefixes: readonly string[], proof: (denials: Denials) => Proof | DsProof): Proof | DsProof {
  const sets = signedSetsOf(zone, prefixes.map(lineOf));
  return proof(denialsOf(zone, sets, new WorkAllowance(0, 0, 100)));
}

test('appendix A: the hashes', () => {
  for (const [name, hash] of chain)
    assert.equal(bytesToBase32Hex(nsec3Hash(domainName(name), parameters)).toLowerCase(), hash, name);
});

const answers: readonly (readonly [
  section: string,
  records: readonly string[],
  proof: (denials: Denials) => Proof | DsProof,
  expected: string,
])[] = [
  [
    'B.1 name error',
    ['0p9m', 'b4um', '35mt'],
    (by) => by.nameError(domainName('a.c.x.w.example.')),
    'proved true',
  ],
  ['B.2 no data', ['2t7b'], (by) => by.noData(domainName('ns1.example.'), rrType.MX), 'proved false'],
  [
    'B.2.1 no data, empty non-terminal',
    ['ji6n'],
    (by) => by.noData(domainName('y.w.example.'), rrType.A),
    'proved false',
  ],
  [
    'B.3 referral to an opt-out unsigned zone',
    ['35mt', '0p9m'],
    (by) => by.noDs(domainName('c.example.')),
    'insecure-delegation true',
  ],
  [
    'B.4 wildcard expansion',
    ['q04j'],
    (by) => by.wildcardAnswer(domainName('a.z.w.example.'), domainName('*.w.example.')),
    'proved true',
  ],
  [
    'B.5 wildcard no data',
    ['k8ud', 'q04j', 'r53b'],
    (by) => by.noData(domainName('a.z.w.example.'), rrType.AAAA),
    'proved true',
  ],
];

for (const [section, records, proof, expected] of answers) {
  test(section, () => {
    const whole = prove(records, proof);
    assert.equal(`${whole.kind} ${'optOut' in whole ? whole.optOut : ''}`, expected);
    for (const missing of records) {
      const { kind } = prove(
        records.filter((each) => each !== missing),
        proof,
      );
      // Without the wildcard's own record, opt-out still says that an unsigned delegation may be there: insecure, never secure.
      assert.equal(kind, missing === 'r53b' ? 'proved' : 'not-proved', `without ${missing}`);
    }
  });
}

test('B.6: the zone itself can not say that its parent has no DS for it', () => {
  assert.equal(prove(['0p9m'], (by) => by.noData(zone, rrType.DS)).kind, 'not-proved');
});
