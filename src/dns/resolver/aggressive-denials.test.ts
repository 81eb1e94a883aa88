import assert from 'node:assert/strict';
import { test } from 'node:test';
import { records } from '../../../test/support/simulated-internet.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { WorkAllowance } from '../dnssec/work.ts';
import { domainName } from '../wire/name.ts';
import { parseType } from '../wire/rr-type.ts';
import { AggressiveDenials } from './aggressive-denials.ts';

/** An RRSIG as a verified denial brings it: only its labels and its signer are looked at. */
const signed = (owner: string, type: string, labels: number, signer = 'example.'): string =>
  `${owner} 300 RRSIG ${type} 13 ${labels} 300 20300101000000 20200101000000 1 ${signer} AAAA`;
const soa = `example. 300 SOA ns. h. 1 2 3 4 300\n${signed('example.', 'SOA', 1)}`;
const apex = `example. 300 NSEC b.example. NS SOA RRSIG NSEC\n${signed('example.', 'NSEC', 1)}`;
const gap = `b.example. 300 NSEC a.ent.example. A RRSIG NSEC\n${signed('b.example.', 'NSEC', 2)}`;
const cut = `k.example. 300 NSEC z.example. NS RRSIG NSEC\n${signed('k.example.', 'NSEC', 2)}`;

const cases: readonly (readonly [what: string, noted: string, asked: string, denied: string | undefined])[] =
  [
    ['a name in the gap', `${soa}\n${apex}\n${gap}`, 'c.example. A', 'nxdomain 6'],
    ['without what denies the wildcard', `${soa}\n${gap}`, 'c.example. A', undefined],
    ['a type that the owner has', `${soa}\n${gap}`, 'b.example. A', undefined],
    ['a type that the owner has not', `${soa}\n${gap}`, 'b.example. AAAA', 'nodata 4'],
    ['a name that has names below it alone', `${soa}\n${gap}`, 'ent.example. A', 'nodata 4'],
    ['a name outside the gap', `${soa}\n${apex}\n${gap}`, 'x.example. A', undefined],
    ['a name below a delegation', `${soa}\n${apex}\n${cut}`, 'www.k.example. A', undefined],
    ['DS records, which are the parent’s', `${soa}\n${gap}`, 'b.example. DS', undefined],
    ['without SOA', `${apex}\n${gap}`, 'c.example. A', undefined],
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

for (const [what, noted, asked, denied] of cases) {
  test(`aggressive denial: ${what}`, () => {
    const clock = new VirtualClock();
    const denials = new AggressiveDenials(clock, 100_000);
    denials.note(records('.', noted), 300);
    const [name = '', type = ''] = asked.split(' ');
    const ask = () => denials.denial(domainName(name), parseType(type) ?? 0, new WorkAllowance(0, 0, 0));
    const found = ask();
    const { answer } = found ?? {};
    assert.equal(
      answer && answer.kind !== 'records' ? `${answer.kind} ${answer.authorities.length}` : undefined,
      denied,
    );
    if (found !== undefined) assert.equal(found.ttl, 300);
    clock.advance(300_000);
    assert.equal(ask(), undefined);
  });
}

test('aggressive denials stay within their bound', () => {
  const denials = new AggressiveDenials(new VirtualClock(), 100_000);
  for (let i = 0; i < 2000; i++) {
    const owner = `n${i}.example.`;
    const nsec = `${owner} 300 NSEC n${i}a.example. A\n${signed(owner, 'NSEC', 2)}`;
    denials.note(records('.', `${soa}\n${nsec}`), 300);
    assert.ok(denials.octets <= 100_000);
  }
});
