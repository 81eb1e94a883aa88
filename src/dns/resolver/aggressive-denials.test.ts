import assert from 'node:assert/strict';
import { test } from 'node:test';
import { records } from '../../../test/support/simulated-internet.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { nsec3Hash } from '../dnssec/nsec3-hash.ts';
import { domainName } from '../wire/name.ts';
import { bytesToBase32Hex } from '../wire/rdata/base32hex.ts';
import { parseType } from '../wire/rr-type.ts';
import { AggressiveDenials } from './aggressive-denials.ts';
import type { Inference } from './aggressive-denials.ts';

const spare = { takeSpareHash: () => true };

/** An RRSIG as a verified denial brings it: only its labels and its signer are looked at. */
const signed = (owner: string, type: string, labels: number, signer = 'example.'): string =>
  `${owner} 300 RRSIG ${type} 13 ${labels} 300 20300101000000 20200101000000 1 ${signer} AAAA`;
const soa = `example. 300 SOA ns. h. 1 2 3 4 300\n${signed('example.', 'SOA', 1)}`;
const apex = `example. 300 NSEC b.example. NS SOA RRSIG NSEC\n${signed('example.', 'NSEC', 1)}`;
const gap = `b.example. 300 NSEC a.ent.example. A RRSIG NSEC\n${signed('b.example.', 'NSEC', 2)}`;
const cut = `k.example. 300 NSEC z.example. NS RRSIG NSEC\n${signed('k.example.', 'NSEC', 2)}`;
const star = `*.example. 300 NSEC b.example. TXT RRSIG NSEC\n${signed('*.example.', 'NSEC', 1)}`;

type Case = readonly [what: string, noted: string, asked: string, inferred: string | undefined];

const byNames: readonly Case[] = [
  ['a name in the gap', `${soa}\n${apex}\n${gap}`, 'c.example. A', 'nxdomain 6'],
  ['without what denies the wildcard', `${soa}\n${gap}`, 'c.example. A', '*.example. 2'],
  ['a type that the owner has', `${soa}\n${gap}`, 'b.example. A', undefined],
  ['a type that the owner has not', `${soa}\n${gap}`, 'b.example. AAAA', 'nodata 4'],
  ['a name that has names below it alone', `${soa}\n${gap}`, 'ent.example. A', 'nodata 4'],
  ['a name outside the gap', `${soa}\n${apex}\n${gap}`, 'x.example. A', undefined],
  ['a name below a delegation', `${soa}\n${apex}\n${cut}`, 'www.k.example. A', undefined],
  ['DS records, which are the parent’s', `${soa}\n${gap}`, 'b.example. DS', undefined],
  ['without SOA', `${apex}\n${gap}`, 'c.example. A', '*.example. 2'],
  ['a type that the wildcard has not', `${soa}\n${star}\n${gap}`, 'c.example. A', 'nodata 6'],
  ['a type that the wildcard has', `${soa}\n${star}\n${gap}`, 'c.example. TXT', '*.example. 2'],
  [
    'by what a wildcard made',
    `${soa}\n${apex}\n${gap.replace('NSEC 13 2', 'NSEC 13 1')}`,
    'c.example. A',
    undefined,
  ],
  [
    'by what another zone signed',
    `${soa}\n${apex}\n${gap.replace('1 example.', '1 sub.example.')}`,
    'c.example. A',
    undefined,
  ],
];

const salt = { iterations: 2, salt: Uint8Array.of(0xab) };
const hashOf = (name: string): bigint =>
  BigInt(`0x${nsec3Hash(domainName(name === '@' ? 'example.' : `${name}.example.`), salt).toHex()}`);
const base32 = (hash: bigint): string =>
  bytesToBase32Hex(Uint8Array.fromHex(hash.toString(16).padStart(40, '0')));

/** The NSEC3 record that stands at the name's hash, or right before it (`covers`), and reaches no further than one behind it. */
function hashed(
  name: string,
  how: 'at' | 'covers',
  types = '',
  { optOut = false, iterations = 2 } = {},
): string {
  const hash = hashOf(name);
  const owner = `${base32(how === 'at' ? hash : hash - 1n)}.example.`;
  const flags = optOut ? 1 : 0;
  return `${owner} 300 NSEC3 1 ${flags} ${iterations} ab ${base32(hash + 1n)} ${types}\n${signed(owner, 'NSEC3', 2)}`;
}

const there = hashed('@', 'at', 'NS SOA RRSIG DNSKEY NSEC3PARAM');
const absentC = hashed('c', 'covers');
const absentStar = hashed('*', 'covers');
const lines = (...all: readonly string[]): string => all.join('\n');

const byHashes: readonly Case[] = [
  ['a name in the gap', lines(soa, there, absentC, absentStar), 'c.example. A', 'nxdomain 8'],
  ['a name below it', lines(soa, there, absentC, absentStar), 'x.y.c.example. A', 'nxdomain 8'],
  ['a name of another hash', lines(soa, there, absentC, absentStar), 'd.example. A', undefined],
  ['without what denies the wildcard', lines(soa, there, absentC), 'c.example. A', '*.example. 2'],
  ['without what is above it', lines(soa, absentC, absentStar), 'c.example. A', '*.example. 2'],
  ['without SOA', lines(there, absentC, absentStar), 'c.example. A', '*.example. 2'],
  [
    'in a gap that opts out',
    lines(soa, there, hashed('c', 'covers', '', { optOut: true }), absentStar),
    'c.example. A',
    undefined,
  ],
  [
    'where the gap of the wildcard opts out',
    lines(soa, there, absentC, hashed('*', 'covers', '', { optOut: true })),
    'c.example. A',
    '*.example. 2',
  ],
  ['a type that the name has not', lines(soa, hashed('c', 'at', 'A RRSIG')), 'c.example. MX', 'nodata 4'],
  ['a type that the name has', lines(soa, hashed('c', 'at', 'A RRSIG')), 'c.example. A', undefined],
  ['a name with an alias', lines(soa, hashed('c', 'at', 'CNAME RRSIG')), 'c.example. A', undefined],
  ['an empty non-terminal', lines(soa, hashed('c', 'at')), 'c.example. A', 'nodata 4'],
  ['a type that the zone’s own name has not', lines(soa, there), 'example. MX', 'nodata 4'],
  ['at a delegation', lines(soa, hashed('c', 'at', 'NS')), 'c.example. A', undefined],
  [
    'below a delegation',
    lines(soa, there, hashed('c', 'at', 'NS'), hashed('x.c', 'covers'), hashed('*.c', 'covers')),
    'x.c.example. A',
    undefined,
  ],
  [
    'below a DNAME',
    lines(soa, there, hashed('c', 'at', 'DNAME RRSIG'), hashed('x.c', 'covers'), hashed('*.c', 'covers')),
    'x.c.example. A',
    undefined,
  ],
  [
    'a type that the wildcard has not',
    lines(soa, there, absentC, hashed('*', 'at', 'TXT RRSIG')),
    'c.example. A',
    'nodata 8',
  ],
  [
    'a type that the wildcard has',
    lines(soa, there, absentC, hashed('*', 'at', 'TXT RRSIG')),
    'c.example. TXT',
    '*.example. 2',
  ],
  [
    'by records of two chains',
    lines(soa, there, absentC, hashed('*', 'covers', '', { iterations: 3 })),
    'c.example. A',
    undefined,
  ],
];

function told(inference: Inference | undefined): string | undefined {
  if (inference === undefined) return undefined;
  return inference.kind === 'denied'
    ? `${inference.answer.kind} ${inference.answer.authorities.length}`
    : `${inference.wildcard.toString()} ${inference.proofs.length}`;
}

for (const [section, cases] of [
  ['RFC 8198 §5.1', byNames],
  ['RFC 8198 §5.2', byHashes],
] as const)
  for (const [what, noted, asked, expected] of cases)
    test(`${section}, ${what}`, () => {
      const clock = new VirtualClock();
      const denials = new AggressiveDenials(clock, 100_000);
      denials.note(records('.', noted), 300);
      const [name = '', type = ''] = asked.split(' ');
      const ask = () => denials.infer(domainName(name), parseType(type) ?? 0, spare);
      assert.equal(told(ask()), expected);
      if (expected !== undefined) assert.equal(ask()?.ttl, 300);
      clock.advance(300_000);
      assert.equal(ask(), undefined);
    });

test('no name is hashed above which no hashed gap is known, and none for more than is left', () => {
  const denials = new AggressiveDenials(new VirtualClock(), 100_000);
  let hashes = 0;
  const counting = (left: number) => ({ takeSpareHash: () => hashes++ < left });
  const ask = (name: string, left = 100): Inference | undefined => {
    hashes = 0;
    return denials.infer(domainName(name), 1, counting(left));
  };
  denials.note(records('.', lines(soa, apex, gap)), 300);
  assert.ok(ask('c.example.') !== undefined && hashes === 0);
  denials.note(records('.', lines(soa, there, absentC, absentStar)), 300);
  ask('c.elsewhere.');
  assert.equal(hashes, 0);
  // However long a name is: what is above it is looked for from the zone downwards, and isn't known.
  ask(`${'a.'.repeat(100)}x.example.`);
  assert.equal(hashes, 1);
  assert.equal(denials.infer(domainName('x.c.example.'), 1, spare)?.kind, 'denied');
  assert.equal(ask('zz.example.', 0), undefined);
});

test('what is kept stays within its bound', () => {
  const denials = new AggressiveDenials(new VirtualClock(), 100_000);
  for (let i = 0; i < 2000; i++) {
    const owner = `n${i}.example.`;
    const nsec = `${owner} 300 NSEC n${i}a.example. A\n${signed(owner, 'NSEC', 2)}`;
    denials.note(records('.', lines(soa, nsec, hashed(`n${i}`, 'at', 'A'))), 300);
    assert.ok(denials.octets > 0 && denials.octets <= 100_000);
  }
});
