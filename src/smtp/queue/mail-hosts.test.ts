import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { TableLookup } from '../../../test/support/relay-world.ts';
import type { DnsAnswer } from '../../../test/support/relay-world.ts';
import { findMailHosts } from './mail-hosts.ts';

type Dns = Readonly<Record<string, DnsAnswer>>;

async function route(domain: string, dns: Dns, seed = 1): Promise<string> {
  const found = await findMailHosts(
    domain,
    {
      lookup: new TableLookup(dns),
      random: seededRandom(seed),
      hostname: 'MX.example.com',
      isOwnAddress: (address) => address === '203.0.113.1' || address === '2001:db8:ffff::1',
    },
    new AbortController().signal,
  );
  if (found.kind !== 'hosts') return `${found.kind} ${found.status} ${found.text}`;
  return found.hosts.map((host) => `${host.preference} ${host.name} ${host.addresses.join(' ')}`).join('; ');
}

const one = { 'mx1.example.org': ['A 192.0.2.1'] };
const two = { ...one, 'mx2.example.org': ['A 192.0.2.2', 'AAAA 2001:db8::2'] };
const us = { 'mx.example.com': ['A 203.0.113.1'] };
const loop =
  'refused 5.4.6 Mail for example.org is sent to this server, which does not take it for that domain: it would go in a loop.';

const table: readonly (readonly [what: string, domain: string, dns: Dns, expected: string])[] = [
  [
    'one MX',
    'example.org',
    { 'example.org': ['MX 10 mx1.example.org'], ...one },
    '10 mx1.example.org 192.0.2.1',
  ],
  [
    'by preference, lowest first; IPv6 before IPv4',
    'example.org',
    { 'example.org': ['MX 20 mx2.example.org', 'MX 10 mx1.example.org'], ...two },
    '10 mx1.example.org 192.0.2.1; 20 mx2.example.org 2001:db8::2 192.0.2.2',
  ],
  [
    'no MX: the address of the domain',
    'example.org',
    { 'example.org': ['A 192.0.2.7'] },
    '0 example.org 192.0.2.7',
  ],
  ['no MX: IPv6 alone', 'example.org', { 'example.org': ['AAAA 2001:db8::7'] }, '0 example.org 2001:db8::7'],
  [
    'no MX and no address',
    'example.org',
    { 'example.org': ['TXT hello'] },
    'refused 5.1.2 The domain example.org has no mail host and no address.',
  ],
  ['no such domain', 'example.org', {}, 'refused 5.1.2 The domain example.org does not exist.'],
  [
    'DNS fails',
    'example.org',
    { 'example.org': 'failure' },
    'deferred 4.4.3 DNS could not say who takes mail for example.org: No server of example.org answered.',
  ],
  [
    'null MX (RFC 7505)',
    'example.org',
    { 'example.org': ['MX 0 .', 'A 192.0.2.7'] },
    'refused 5.1.10 The domain example.org says that it takes no mail (null MX).',
  ],
  [
    'a null MX beside others is passed over',
    'example.org',
    { 'example.org': ['MX 0 .', 'MX 10 mx1.example.org'], ...one },
    '10 mx1.example.org 192.0.2.1',
  ],
  [
    'an MX never falls back to the address of the domain (RFC 5321 §5.1)',
    'example.org',
    { 'example.org': ['MX 10 gone.example.org', 'A 192.0.2.7'] },
    'refused 5.4.4 No mail host of example.org has an address.',
  ],
  [
    'a host without address is passed over',
    'example.org',
    { 'example.org': ['MX 10 gone.example.org', 'MX 20 mx1.example.org'], ...one },
    '20 mx1.example.org 192.0.2.1',
  ],
  [
    'a host whose address DNS can not give now',
    'example.org',
    { 'example.org': ['MX 10 mx1.example.org'], 'mx1.example.org': 'failure' },
    'deferred 4.4.3 DNS could not give the address of a mail host of example.org: No server of mx1.example.org answered.',
  ],
  [
    'a failing host is passed over where there is another',
    'example.org',
    {
      'example.org': ['MX 10 bad.example.org', 'MX 20 mx1.example.org'],
      'bad.example.org': 'failure',
      ...one,
    },
    '20 mx1.example.org 192.0.2.1',
  ],
  [
    'we are the last: only those before us',
    'example.org',
    {
      'example.org': ['MX 10 mx1.example.org', 'MX 20 mx.example.com', 'MX 30 mx2.example.org'],
      ...two,
      ...us,
    },
    '10 mx1.example.org 192.0.2.1',
  ],
  [
    'others of our own preference go too',
    'example.org',
    { 'example.org': ['MX 10 mx1.example.org', 'MX 10 mx.example.com'], ...one, ...us },
    loop,
  ],
  [
    'we are the best',
    'example.org',
    { 'example.org': ['MX 10 mx.example.com', 'MX 20 mx1.example.org'], ...one, ...us },
    loop,
  ],
  [
    'we are the best by address, under another name',
    'example.org',
    { 'example.org': ['MX 10 alias.example.org'], 'alias.example.org': ['A 203.0.113.1'] },
    loop,
  ],
  [
    'we are found by IPv6 address',
    'example.org',
    {
      'example.org': ['MX 10 mx1.example.org', 'MX 20 alias.example.org'],
      ...one,
      'alias.example.org': ['AAAA 2001:db8:ffff::1'],
    },
    '10 mx1.example.org 192.0.2.1',
  ],
  ['no MX, and the address is ours', 'example.org', { 'example.org': ['A 203.0.113.1'] }, loop],
  [
    'addresses nobody can be reached at are passed over',
    'example.org',
    { 'example.org': ['A 0.0.0.0', 'AAAA ::', 'A 224.0.0.1', 'A 192.0.2.7'] },
    '0 example.org 192.0.2.7',
  ],
  [
    'an IPv4-mapped address is IPv4',
    'example.org',
    { 'example.org': ['AAAA ::ffff:192.0.2.7'] },
    '0 example.org 192.0.2.7',
  ],
  ['an IPv4-mapped address of ours', 'example.org', { 'example.org': ['AAAA ::ffff:203.0.113.1'] }, loop],
  ['an address literal', '[192.0.2.9]', {}, '0 [192.0.2.9] 192.0.2.9'],
  ['an IPv6 literal', '[IPv6:2001:db8::9]', {}, '0 [IPv6:2001:db8::9] 2001:db8::9'],
  ['a literal that is us', '[203.0.113.1]', {}, loop.replace('example.org', '[203.0.113.1]')],
  ['a literal that is none', '[192.0.2]', {}, 'refused 5.1.2 [192.0.2] is not an address to send mail to.'],
  [
    'a literal of another kind',
    '[x400:c=de]',
    {},
    'refused 5.1.2 [x400:c=de] is not an address to send mail to.',
  ],
  ['the root', '.', {}, 'refused 5.1.2 . is not a domain name.'],
  ['no name at all', 'a..b', {}, 'refused 5.1.2 a..b is not a domain name.'],
];

describe('mail hosts of a domain (RFC 5321 §5.1)', () => {
  for (const [what, domain, dns, expected] of table) {
    test(what, async () => assert.equal(await route(domain, dns), expected));
  }

  test('equal preferences share the load', async () => {
    const dns: Dns = {
      'example.org': ['MX 10 mx1.example.org', 'MX 10 mx2.example.org', 'MX 20 mx3.example.org'],
      ...two,
      'mx3.example.org': ['A 192.0.2.3'],
    };
    const firsts = new Map<string, number>();
    for (let seed = 0; seed < 200; seed++) {
      const hosts = (await route('example.org', dns, seed)).split('; ');
      assert.match(hosts[2] ?? '', /^20 /);
      const first = hosts[0] ?? '';
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
    assert.equal(firsts.size, 2);
    for (const count of firsts.values()) assert.ok(count > 60, `${count} of 200`);
  });

  test('a hundred MX records make a bounded number of look-ups', async () => {
    const lookup = new TableLookup({
      'example.org': Array.from({ length: 100 }, (_, index) => `MX ${index} mx${index}.example.org`),
    });
    const needs = { lookup, random: seededRandom(1), hostname: 'mx.example.com', isOwnAddress: () => false };
    await findMailHosts('example.org', needs, new AbortController().signal);
    assert.equal(lookup.asked.length, 1 + 12 * 2);
  });
});
