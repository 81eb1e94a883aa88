// The example zone of RFC 4035 appendix A, and what its answers of appendix B prove: with all their records, and with none of them left out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { denialsOf } from '../../src/dns/dnssec/denials.ts';
import type { Denials, DsProof, Proof } from '../../src/dns/dnssec/proof.ts';
import { WorkAllowance } from '../../src/dns/dnssec/work.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { signedSetsOf } from '../support/signed-sets.ts';

const zone = domainName('example.');

const chain: Readonly<Record<string, string>> = {
  example: 'example. NSEC a NS SOA MX RRSIG NSEC DNSKEY',
  a: 'a NSEC ai NS DS RRSIG NSEC',
  ai: 'ai NSEC b A HINFO AAAA RRSIG NSEC',
  b: 'b NSEC ns1 NS RRSIG NSEC',
  ns1: 'ns1 NSEC ns2 A RRSIG NSEC',
  ns2: 'ns2 NSEC *.w A RRSIG NSEC',
  '*.w': '*.w NSEC x.w MX RRSIG NSEC',
  'x.w': 'x.w NSEC x.y.w MX RRSIG NSEC',
  'x.y.w': 'x.y.w NSEC xx MX RRSIG NSEC',
  xx: 'xx NSEC example. A HINFO AAAA RRSIG NSEC',
};

function prove(owners: readonly string[], proof: (denials: Denials) => Proof | DsProof): string {
  const sets = signedSetsOf(
    zone,
    owners.map((owner) => chain[owner] ?? ''),
  );
  return proof(denialsOf(zone, sets, new WorkAllowance(0, 0, 0))).kind;
}

const answers: readonly (readonly [
  section: string,
  owners: readonly string[],
  proof: (denials: Denials) => Proof | DsProof,
  expected: string,
])[] = [
  ['B.2 name error', ['b', 'example'], (by) => by.nameError(domainName('ml.example.')), 'proved'],
  ['B.3 no data', ['ns1'], (by) => by.noData(domainName('ns1.example.'), rrType.MX), 'proved'],
  [
    'B.5 referral to an unsigned zone',
    ['b'],
    (by) => by.noDs(domainName('b.example.')),
    'insecure-delegation',
  ],
  [
    'B.6 wildcard expansion',
    ['x.y.w'],
    (by) => by.wildcardAnswer(domainName('a.z.w.example.'), domainName('*.w.example.')),
    'proved',
  ],
  [
    'B.7 wildcard no data',
    ['x.y.w', '*.w'],
    (by) => by.noData(domainName('a.z.w.example.'), rrType.AAAA),
    'proved',
  ],
];

for (const [section, owners, proof, expected] of answers) {
  test(section, () => {
    assert.equal(prove(owners, proof), expected);
    assert.equal(prove(Object.keys(chain), proof), expected);
    for (const missing of owners) {
      const others = Object.keys(chain).filter((owner) => owner !== missing);
      assert.equal(prove(others, proof), 'not-proved', `without ${missing}`);
    }
  });
}

test('B.8: the zone itself can not say that its parent has no DS for it', () => {
  assert.equal(
    prove(['example'], (by) => by.noData(zone, rrType.DS)),
    'not-proved',
  );
});
