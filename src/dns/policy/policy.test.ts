import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unreachable } from '../../lib/result.ts';
import type { LocalZoneType } from '../../config/reach-config.ts';
import { formatRdata } from '../wire/rdata/registry.ts';
import { domainName } from '../wire/name.ts';
import { parseType } from '../wire/rr-type.ts';
import { Hosts } from './hosts.ts';
import { hostsEntries } from './hosts-file.ts';
import type { LocalAnswer } from './local-answer.ts';
import { localZoneOf } from './local-zones.ts';
import type { LocalZone } from './local-zones.ts';
import { Policy } from './policy.ts';
import { ipv6OfReverse, reverseName } from './reverse-name.ts';

function zone(name: string, type: LocalZoneType, records: readonly string[] = []): LocalZone {
  const made = localZoneOf({ name, type, records });
  assert.ok(made.ok, made.ok ? '' : made.fault);
  return made.value;
}

/** `nxdomain`, `nodata with SOA`, `A 192.0.2.1`, or `the world`. */
function words(answer: LocalAnswer | undefined): string {
  if (answer === undefined) return 'the world';
  switch (answer.kind) {
    case 'records':
    case 'alias':
      return answer.rrset.rdatas.map((rdata) => formatRdata(answer.rrset.type, rdata)).join(' ');
    case 'nodata':
    case 'nxdomain':
      return `${answer.kind}${answer.soa === undefined ? '' : ` by ${answer.soa.owner.toString()}`}`;
    case 'refuse':
    case 'drop':
      return answer.kind;
    default:
      return unreachable(answer);
  }
}

function ask(policy: Policy, question: string, route?: string): string {
  const [name = '', type = 'A'] = question.split(' ');
  return words(
    policy.answer(
      { name: domainName(`${name.replace(/\.$/, '')}.`), type: parseType(type) ?? 0 },
      { filtered: true, route: route === undefined ? undefined : domainName(route) },
    ),
  );
}

const records = ['@ A 192.0.2.1', 'a A 192.0.2.2', 'a A 192.0.2.3', 'c CNAME a', 'x.y TXT deep'];
const questions = [
  'z.example',
  'a.z.example',
  'a.z.example AAAA',
  'c.z.example',
  'y.z.example',
  'n.z.example',
];
const byType: Readonly<Record<LocalZoneType, readonly string[]>> = {
  static: [
    '192.0.2.1',
    '192.0.2.2 192.0.2.3',
    'nodata by z.example.',
    'a.z.example.',
    'nodata by z.example.',
    'nxdomain by z.example.',
  ],
  transparent: ['192.0.2.1', '192.0.2.2 192.0.2.3', 'nodata', 'a.z.example.', 'the world', 'the world'],
  typetransparent: [
    '192.0.2.1',
    '192.0.2.2 192.0.2.3',
    'the world',
    'a.z.example.',
    'the world',
    'the world',
  ],
  redirect: ['192.0.2.1', '192.0.2.1', 'nodata by z.example.', '192.0.2.1', '192.0.2.1', '192.0.2.1'],
  refuse: ['192.0.2.1', '192.0.2.2 192.0.2.3', 'refuse', 'a.z.example.', 'refuse', 'refuse'],
  drop: ['192.0.2.1', '192.0.2.2 192.0.2.3', 'drop', 'a.z.example.', 'drop', 'drop'],
  nodata: Array<string>(6).fill('nodata by z.example.'),
  nxdomain: Array<string>(6).fill('nxdomain by z.example.'),
  world: Array<string>(6).fill('the world'),
};
for (const [type, expected] of Object.entries(byType) as [LocalZoneType, readonly string[]][]) {
  test(`local zones: ${type}`, () => {
    const policy = new Policy({
      zones: [
        zone('z.example', type, type === 'nodata' || type === 'nxdomain' || type === 'world' ? [] : records),
      ],
    });
    assert.deepEqual(
      questions.map((question) => ask(policy, question)),
      expected,
    );
    assert.equal(ask(policy, 'example'), 'the world');
    // The DS record is the parent's to give.
    assert.equal(ask(policy, 'z.example DS'), 'the world');
  });
}

test('of several zones the deepest counts; a record that is not in its zone is a fault', () => {
  const policy = new Policy({
    zones: [zone('lan', 'static'), zone('guest.lan', 'world'), zone('.', 'refuse')],
  });
  assert.deepEqual(
    ['a.lan', 'a.guest.lan', 'example.org'].map((name) => ask(policy, name)),
    ['nxdomain by lan.', 'the world', 'refuse'],
  );
  const wrong = localZoneOf({ name: 'lan', type: 'static', records: ['a.example. A 192.0.2.1'] });
  assert.ok(!wrong.ok);
  assert.equal(wrong.fault, 'local zone lan: a.example. is not in the zone');
  const broken = localZoneOf({ name: 'lan', type: 'static', records: ['a A 192.0.2'] });
  assert.match(broken.ok ? '' : broken.fault, /^local zone lan: 'a A 192.0.2': /);
});

const standard: readonly (readonly [question: string, answer: string])[] = [
  ['localhost', '127.0.0.1'],
  ['a.b.localhost AAAA', '::1'],
  ['localhost MX', 'nodata by localhost.'],
  ['1.0.0.127.in-addr.arpa PTR', 'localhost.'],
  ['2.0.0.127.in-addr.arpa PTR', 'nxdomain by 127.in-addr.arpa.'],
  [`1.${'0.'.repeat(31)}ip6.arpa PTR`, 'localhost.'],
  ['1.1.168.192.in-addr.arpa PTR', 'nxdomain by 168.192.in-addr.arpa.'],
  ['168.192.in-addr.arpa NS', '168.192.in-addr.arpa.'],
  ['1.0.31.172.in-addr.arpa PTR', 'nxdomain by 31.172.in-addr.arpa.'],
  ['1.0.32.172.in-addr.arpa PTR', 'the world'],
  ['1.0.64.100.in-addr.arpa PTR', 'nxdomain by 64.100.in-addr.arpa.'],
  ['1.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR', 'nxdomain by 8.b.d.0.1.0.0.2.ip6.arpa.'],
  ['a.d.f.ip6.arpa PTR', 'nxdomain by d.f.ip6.arpa.'],
  ['www.invalid', 'nxdomain by invalid.'],
  ['www.test', 'nxdomain by test.'],
  ['facebookcorewwwi.onion', 'nxdomain by onion.'],
  ['printer.local', 'nxdomain by local.'],
  ['printer.home.arpa', 'nxdomain by home.arpa.'],
  ['home.arpa DS', 'the world'],
  ['home.arpa SOA', 'home.arpa. nobody.invalid. 1 3600 1200 604800 10800'],
  ['_dns.resolver.arpa TYPE64', 'nxdomain by resolver.arpa.'],
  ['resolver.arpa TYPE64', 'nodata by resolver.arpa.'],
  ['example.com', 'the world'],
];
test('names that no server of the world is asked about (RFC 6303, RFC 6761, RFC 7686, RFC 8375, RFC 9462)', () => {
  const policy = new Policy();
  for (const [question, answer] of standard) assert.equal(ask(policy, question), answer, question);
});

test('a route or a zone of the operator takes the place of a default one; a resolver for everything does not', () => {
  const policy = new Policy({
    zones: [zone('168.192.in-addr.arpa', 'world'), zone('corp.test', 'static', ['@ A 192.0.2.1'])],
  });
  assert.equal(ask(policy, '1.1.168.192.in-addr.arpa PTR'), 'the world');
  assert.equal(ask(policy, 'corp.test'), '192.0.2.1');
  assert.equal(ask(policy, 'other.test'), 'nxdomain by test.');
  for (const [route, answer] of [
    ['home.arpa.', 'the world'],
    ['lan.home.arpa.', 'the world'],
    ['.', 'nxdomain by home.arpa.'],
    ['arpa.', 'nxdomain by home.arpa.'],
  ] as const)
    assert.equal(ask(policy, 'a.lan.home.arpa', route), answer, route);
});

test('hosts: both families, and the names of addresses', () => {
  const hosts = new Hosts();
  const file =
    '# comment\n192.168.1.7 printer.lan Printer # the grey one\nfe80::1%lo0\tnas.lan\r\nnonsense x\n192.0.2.1\n::1 localhost\n192.168.1.7 other.lan';
  for (const { address, names } of hostsEntries(file)) for (const name of names) hosts.add(name, address);
  const policy = new Policy({ hosts });
  const expected: Readonly<Record<string, string>> = {
    'printer.lan': '192.168.1.7',
    printer: '192.168.1.7',
    'other.lan': '192.168.1.7',
    'printer.lan AAAA': 'nodata by printer.lan.',
    'printer.lan MX': 'the world',
    'nas.lan AAAA': 'fe80::1',
    '7.1.168.192.in-addr.arpa PTR': 'printer.lan.',
    'a.printer.lan': 'the world',
  };
  for (const [question, answer] of Object.entries(expected))
    assert.equal(ask(policy, question), answer, question);
});

test('reverse names and back', () => {
  const octets = Uint8Array.from({ length: 16 }, (_, i) => i * 17);
  assert.deepEqual(ipv6OfReverse(reverseName(octets)), octets);
  assert.equal(reverseName(Uint8Array.of(192, 0, 2, 1)).toString(), '1.2.0.192.in-addr.arpa.');
  assert.equal(ipv6OfReverse(domainName('1.ip6.arpa.')), undefined);
  assert.equal(ipv6OfReverse(domainName(`g.${'0.'.repeat(31)}ip6.arpa.`)), undefined);
});
