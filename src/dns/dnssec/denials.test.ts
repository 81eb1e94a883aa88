import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordsOfText } from '../../../test/support/records.ts';
import { extendedError } from '../wire/edns-option.ts';
import { domainName, parseName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { bytesToBase32Hex } from '../wire/rdata/base32hex.ts';
import { parseType } from '../wire/rr-type.ts';
import { denialsOf } from './denials.ts';
import { nsec3Hash } from './nsec3-hash.ts';
import type { DsProof, Proof } from './proof.ts';
import type { SignedRRset } from './verify-rrset.ts';
import { WorkAllowance } from './work.ts';

const zone = domainName('example.');

function setsOf(text: string): readonly SignedRRset[] {
  return recordsOfText(zone, text).map(({ owner, type, ttl, rdata }) => ({
    rrset: { owner, type, class: 1, ttl, rdatas: [rdata] },
    signer: zone,
    wildcard: undefined,
  }));
}

function name(text: string): DomainName {
  if (text === '@') return zone;
  const parsed = parseName(text, zone);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

function inWords(proof: Proof | DsProof): string {
  switch (proof.kind) {
    case 'proved':
    case 'insecure-delegation':
      return proof.optOut ? `${proof.kind}, opt-out` : proof.kind;
    case 'no-cut':
    case 'absent':
      return proof.kind;
    case 'insecure':
      return `insecure ${proof.fault.code}`;
    case 'not-proved':
      return proof.fault.code === extendedError.NSEC_MISSING ? 'missing' : 'contradicted';
    default:
      return proof satisfies never;
  }
}

/** `absent a.example`, `nodata a MX`, `wildcard a *.example`, `nods a`. */
function prove(sets: readonly SignedRRset[], question: string, work = new WorkAllowance(0, 0, 100)): string {
  const denials = denialsOf(zone, sets, work);
  const [kind, subject = '', more = ''] = question.split(' ');
  if (kind === 'absent') return inWords(denials.nameError(name(subject)));
  if (kind === 'nodata') return inWords(denials.noData(name(subject), parseType(more) ?? 0));
  if (kind === 'wildcard') return inWords(denials.wildcardAnswer(name(subject), name(more)));
  return inWords(denials.noDs(name(subject)));
}

/** The zone `example`: names a, a delegation cut, a signed one signed, DNAME d, wildcard *.w, an empty non-terminal ent. */
const chain = [
  '@ NSEC a SOA NS DNSKEY NSEC RRSIG',
  'a NSEC cut A NSEC RRSIG',
  'cut NSEC d NS NSEC RRSIG',
  'd NSEC x.ent DNAME NSEC RRSIG',
  'x.ent NSEC m A NSEC RRSIG',
  'm NSEC signed CNAME NSEC RRSIG',
  'signed NSEC *.w NS DS NSEC RRSIG',
  '*.w NSEC here.w A NSEC RRSIG',
  'here.w NSEC @ A NSEC RRSIG',
];

/** Each question with the whole chain at hand, and then with each record of it missing: whatever then isn't proved must be told. */
const questions: readonly (readonly [question: string, expected: string])[] = [
  ['absent b', 'proved'],
  ['absent b.c', 'proved'],
  ['absent z', 'proved'],
  ['absent a', 'contradicted'],
  ['absent ent', 'contradicted'],
  ['absent b.w', 'contradicted'],
  ['absent under.cut', 'missing'],
  ['absent under.d', 'missing'],
  ['nodata a MX', 'proved'],
  ['nodata a A', 'contradicted'],
  ['nodata a ANY', 'contradicted'],
  ['nodata m A', 'contradicted'],
  ['nodata ent A', 'proved'],
  ['nodata ent ANY', 'proved'],
  ['nodata b A', 'missing'],
  ['nodata cut A', 'contradicted'],
  ['nodata cut DS', 'proved'],
  ['nodata signed DS', 'contradicted'],
  ['nodata @ MX', 'proved'],
  ['nodata @ DS', 'contradicted'],
  ['nodata b.w MX', 'proved'],
  ['nodata b.w A', 'contradicted'],
  ['nodata w A', 'proved'],
  ['wildcard b.w *.w', 'proved'],
  ['wildcard b.c.w *.w', 'proved'],
  ['wildcard here.w *.w', 'missing'],
  ['wildcard x.here.w *.w', 'contradicted'],
  ['wildcard b *', 'proved'],
  ['wildcard b.w *', 'contradicted'],
  ['nods cut', 'insecure-delegation'],
  ['nods signed', 'contradicted'],
  ['nods a', 'no-cut'],
  ['nods ent', 'no-cut'],
  ['nods b', 'absent'],
  ['nods @', 'contradicted'],
];

test('NSEC: what each record says, and what none does', () => {
  for (const [question, expected] of questions)
    assert.equal(prove(setsOf(chain.join('\n')), question), expected, question);
});

test('NSEC: nothing is proved by records of another zone, of a wildcard, or by none', () => {
  const sets = setsOf(chain.join('\n'));
  for (const [question, expected] of questions) {
    if (expected === 'contradicted' || expected === 'missing') continue;
    const others = sets.map((set) => ({ ...set, signer: domainName('org.') }));
    assert.equal(prove(others, question), 'missing', question);
    const made = sets.map((set) => ({ ...set, wildcard: domainName('*.example.') }));
    assert.equal(prove(made, question), 'missing', question);
    assert.equal(prove([], question), 'missing', question);
  }
});

test('NSEC: a wildcard that is an empty non-terminal is there, and stands for a name', () => {
  const sets = setsOf('@ NSEC x.* SOA NS DNSKEY NSEC RRSIG\nx.* NSEC @ A NSEC RRSIG');
  assert.equal(prove(sets, 'absent b'), 'contradicted');
  assert.equal(prove(sets, 'nodata b A'), 'proved');
});

test('NSEC: a next name outside the zone ends nothing', () => {
  assert.equal(prove(setsOf('a NSEC b.example.org. A NSEC RRSIG'), 'absent aa'), 'missing');
  assert.equal(prove(setsOf('a NSEC a A NSEC RRSIG'), 'absent aa'), 'missing');
});

const parameters = { iterations: 2, salt: Uint8Array.of(0xab, 0xcd) };

/** NSEC3 records for names and their types, with the hashes in a ring as a signer makes it. */
function nsec3(names: Readonly<Record<string, string>>, flags = 0, iterations = 2): string {
  const hashes = Object.entries(names)
    .map(([each, types]) => ({
      hash: bytesToBase32Hex(nsec3Hash(name(each), { ...parameters, iterations })),
      types,
    }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  return hashes
    .map(({ hash, types }, i) => {
      const next = hashes[(i + 1) % hashes.length]?.hash ?? '';
      return `${hash} NSEC3 1 ${flags} ${iterations} abcd ${next} ${types}`;
    })
    .join('\n');
}

const hashed = {
  '@': 'SOA NS DNSKEY NSEC3PARAM RRSIG',
  a: 'A RRSIG',
  cut: 'NS',
  d: 'DNAME RRSIG',
  ent: '',
  'x.ent': 'A RRSIG',
  m: 'CNAME RRSIG',
  signed: 'NS DS RRSIG',
  w: '',
  '*.w': 'A RRSIG',
  'here.w': 'A RRSIG',
};

/** As NSEC's, but that a wildcard's place is told by the labels of the signature (RFC 5155 §8.8), and NSEC3 tells of ends of zones otherwise. */
const otherwise: Readonly<Record<string, string>> = {
  'absent under.cut': 'contradicted',
  'absent under.d': 'contradicted',
  'wildcard x.here.w *.w': 'missing',
  'wildcard b.w *': 'missing',
};

test('NSEC3: what each record says, and what none does', () => {
  for (const [question, expected] of questions)
    assert.equal(prove(setsOf(nsec3(hashed)), question), otherwise[question] ?? expected, question);
});

test('NSEC3: with opt-out, what is not there may be delegated without a signature', () => {
  const sets = setsOf(nsec3({ '@': hashed['@'], a: hashed.a, w: '', '*.w': 'A RRSIG' }, 1));
  const expected: Readonly<Record<string, string>> = {
    'absent b': 'proved, opt-out',
    'nods b': 'insecure-delegation, opt-out',
    'nods b.c': 'insecure-delegation, opt-out',
    'nods a': 'no-cut',
    'nodata b DS': 'proved, opt-out',
    'nodata b A': 'proved, opt-out',
    'nodata a MX': 'proved',
    'wildcard b.w *.w': 'proved, opt-out',
    'nodata b.w MX': 'proved, opt-out',
    'nodata b.w A': 'contradicted',
  };
  for (const [question, answer] of Object.entries(expected))
    assert.equal(prove(sets, question), answer, question);
});

test('NSEC3: more than 50 iterations, and the zone is insecure (RFC 9276 §3.2)', () => {
  const code = extendedError.UNSUPPORTED_NSEC3_ITERATIONS;
  assert.equal(prove(setsOf(nsec3(hashed, 0, 50)), 'absent b'), 'proved');
  for (const [question] of questions)
    assert.equal(prove(setsOf(nsec3(hashed, 0, 51)), question), `insecure ${code}`, question);
});

test('NSEC3: unknown algorithms and flags are passed over (RFC 5155 §8.1, §8.2), and so are malformed records', () => {
  const text = nsec3(hashed);
  assert.equal(prove(setsOf(text.replaceAll('NSEC3 1 0', 'NSEC3 2 0')), 'absent b'), 'missing');
  assert.equal(prove(setsOf(text.replaceAll('NSEC3 1 0', 'NSEC3 1 2')), 'absent b'), 'missing');
  assert.equal(prove(setsOf(text.replaceAll(/^(\S+)/gm, 'a.$1')), 'absent b'), 'missing');
  assert.equal(prove(setsOf(text.replaceAll(/^(\S+)/gm, 'w$1')), 'absent b'), 'missing');
});

test('NSEC3: hashes are bounded', () => {
  const sets = setsOf(nsec3(hashed));
  const deep = `absent ${'a.'.repeat(100)}b`;
  const denials = denialsOf(zone, sets, new WorkAllowance(0, 0, 8));
  const proof = denials.nameError(name(deep.slice(7)));
  assert.ok(proof.kind === 'not-proved' && proof.exhausted);
  let taken = 0;
  const work = { takeCheck: () => false, takeDigest: () => false, takeHash: () => ++taken > 0 };
  const counted = denialsOf(zone, sets, work);
  assert.equal(counted.nameError(name('b.c')).kind, 'proved');
  assert.equal(counted.nameError(name('b.c')).kind, 'proved');
  // b.c, c, the zone itself, and the wildcard.
  assert.equal(taken, 4);
});

test('both forms at once: what either proves is proved', () => {
  const both = setsOf(`${chain.join('\n')}\n${nsec3({ '@': hashed['@'] }, 0, 100)}`);
  assert.equal(prove(both, 'absent b'), 'proved');
});
