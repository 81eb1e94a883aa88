import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainName } from '../wire/name.ts';
import { formatType } from '../wire/rdata/registry.ts';
import { formatZoneProblem, loadZone } from './load-zone.ts';
import type { Zone, ZoneMatch } from './zone.ts';
import { rrsetOf } from './zone.ts';
import { rrType } from '../wire/rr-type.ts';

const origin = domainName('example.com.');
const head = '$TTL 300\n@ SOA ns h 1 3600 900 604800 60\n@ NS ns.example.net.\n';

/** Problems without their place: `error: …`. */
function problems(text: string): string[] {
  const loaded = loadZone({ name: 'z', text }, { origin });
  const list = loaded.ok ? loaded.value.warnings : loaded.fault;
  assert.equal(loaded.ok, !list.some(({ severity }) => severity === 'error'));
  return list.map(({ severity, message }) => `${severity}: ${message}`);
}

function zoneOf(text: string): Zone {
  const loaded = loadZone({ name: 'z', text: head + text }, { origin });
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.fault.map(formatZoneProblem).join('\n'));
  return loaded.value.zone;
}

const checks: readonly (readonly [what: string, text: string, expected: readonly string[]])[] = [
  ['a good zone', `${head}www A 192.0.2.1\n`, []],
  [
    'an empty file',
    '',
    ['error: the zone example.com. has no SOA record', 'error: the zone example.com. has no NS record'],
  ],
  [
    'two SOA records',
    `${head}@ SOA ns h 2 3600 900 604800 60\n`,
    ['error: example.com. has 2 SOA records; one is all there can be'],
  ],
  [
    'a SOA below the origin',
    `${head}sub SOA ns h 2 3600 900 604800 60\n`,
    ["error: sub.example.com. SOA stands below the zone's origin example.com."],
  ],
  [
    'data of another zone',
    `${head}www.example.org. A 192.0.2.1\n`,
    ['error: www.example.org. A does not belong to the zone example.com.'],
  ],
  ['another class', `${head}a CH TXT x\n`, ['error: a.example.com. TXT has class CH; only IN is served']],
  [
    'CNAME beside other data',
    `${head}a CNAME b.example.net.\na A 192.0.2.1\n`,
    ['error: a.example.com. has a CNAME and also A records'],
  ],
  [
    'two CNAMEs',
    `${head}a CNAME b.example.net.\na CNAME c.example.net.\n`,
    ['error: a.example.com. has 2 CNAME records; one is all there can be'],
  ],
  [
    'the same CNAME twice is one',
    `${head}a CNAME b.example.net.\na CNAME b.example.net.\n`,
    [
      'warning: the records of a.example.com. CNAME are not all different: what is there more than once counts once',
    ],
  ],
  ['CNAME beside RRSIG and NSEC', `${head}a CNAME b.example.net.\na NSEC \\# 6 016200000104\n`, []],
  [
    'records below a DNAME',
    `${head}a DNAME example.net.\nx.a A 192.0.2.1\n`,
    ['error: x.a.example.com. stands below a.example.com., which a DNAME redirects'],
  ],
  [
    'DNAME at a cut',
    `${head}a DNAME example.net.\na NS ns.example.net.\n`,
    ['error: a.example.com. is delegated by NS records and can have no DNAME'],
  ],
  ['DNAME at the apex', `${head}@ DNAME example.net.\n`, []],
  [
    'TTLs that differ',
    `${head}a 5 A 192.0.2.1\na 7 A 192.0.2.2\n`,
    ['warning: the records of a.example.com. A have different TTLs; 5 is used for all'],
  ],
  [
    'missing glue',
    `${head}sub NS ns.sub\nother NS ns.sub\n`,
    ['warning: the NS of sub.example.com. names ns.sub.example.com., which needs an address here (glue)'],
  ],
  ['glue that is there', `${head}sub NS ns.sub\nns.sub A 192.0.2.1\n`, []],
  [
    'name servers that are aliases or not there',
    `${head}@ NS a\n@ NS b\n@ MX 1 c\na CNAME x.example.net.\nc TXT x\n`,
    [
      'warning: the NS of example.com. names a.example.com., which is an alias (CNAME) and must not be',
      'warning: the NS of example.com. names b.example.com., which does not exist',
      'warning: the MX of example.com. names c.example.com., which has no address',
    ],
  ],
  ['a mail server that a wildcard has', `${head}@ MX 1 mail\n* A 192.0.2.1\n`, []],
  ['a null MX (RFC 7505)', `${head}@ MX 0 .\n`, []],
  [
    'data hidden below a cut',
    `${head}sub NS ns.example.net.\nsub TXT x\nwww.sub TXT y\nsub DS \\# 36 00010802${'00'.repeat(32)}\n`,
    [
      'warning: sub.example.com. TXT is never given out: sub.example.com. is delegated to other servers',
      'warning: www.sub.example.com. TXT is never given out: sub.example.com. is delegated to other servers',
    ],
  ],
  [
    'wildcards with NS or DNAME',
    `${head}*.a NS ns.example.net.\n*.b DNAME example.net.\n`,
    [
      'warning: NS records of a wildcard, *.a.example.com., mean nothing',
      'warning: DNAME records of a wildcard, *.b.example.com., mean nothing',
    ],
  ],
];

for (const [what, text, expected] of checks) {
  test(`zone check: ${what}`, () => assert.deepEqual(problems(text), expected));
}

test('zone check: a problem is shown where its record stands', () => {
  const loaded = loadZone({ name: 'z', text: `${head}a CNAME b.\na A 192.0.2.1` }, { origin });
  assert.ok(!loaded.ok);
  assert.deepEqual(loaded.fault.map(formatZoneProblem), [
    'z:4:1: error: a.example.com. has a CNAME and also A records\n  a CNAME b.\n  ^^^^^^^^^^',
  ]);
});

test('zone check: an RRset that fits no message, and a million bad records', () => {
  const large = Array.from({ length: 300 }, (_, i) => `a TXT "${'x'.repeat(250)}" ${i}\n`).join('');
  assert.match(problems(head + large)[0] ?? '', /octets, too many for one message$/);
  const many = problems(head + 'b.example.org. A 192.0.2.1\n'.repeat(5001));
  assert.equal(many.length, 51);
  assert.equal(many.at(-1), 'error: … and 4951 more errors');
});

function show(match: ZoneMatch): string {
  const node = match.kind === 'absent' ? match.encloser : match.node;
  return `${match.kind} ${node.name.toString()}`;
}

test('a name is found where RFC 1034 §4.3.2 says', () => {
  const zone = zoneOf(`a.b.c A 192.0.2.1
*.w A 192.0.2.2
x.w A 192.0.2.3
*.y.w TXT deep
sub NS ns.sub
ns.sub A 192.0.2.4
deep.below.sub NS ns.example.net.
d DNAME example.net.
`);
  const cases: readonly (readonly [name: string, expected: string])[] = [
    ['example.com.', 'exact example.com.'],
    ['EXAMPLE.com.', 'exact example.com.'],
    ['a.b.c.example.com.', 'exact a.b.c.example.com.'],
    // RFC 4592 §2.2.2: empty non-terminals exist.
    ['b.c.example.com.', 'exact b.c.example.com.'],
    ['z.b.c.example.com.', 'absent b.c.example.com.'],
    ['no.example.com.', 'absent example.com.'],
    ['n.o.example.com.', 'absent example.com.'],
    ['q.w.example.com.', 'wildcard *.w.example.com.'],
    ['p.q.w.example.com.', 'wildcard *.w.example.com.'],
    ['*.w.example.com.', 'exact *.w.example.com.'],
    ['z.*.w.example.com.', 'absent *.w.example.com.'],
    ['x.w.example.com.', 'exact x.w.example.com.'],
    ['q.x.w.example.com.', 'absent x.w.example.com.'],
    ['y.w.example.com.', 'exact y.w.example.com.'],
    ['q.y.w.example.com.', 'wildcard *.y.w.example.com.'],
    ['sub.example.com.', 'cut sub.example.com.'],
    ['ns.sub.example.com.', 'cut sub.example.com.'],
    ['www.sub.example.com.', 'cut sub.example.com.'],
    ['www.deep.below.sub.example.com.', 'cut sub.example.com.'],
    ['d.example.com.', 'exact d.example.com.'],
    ['x.d.example.com.', 'dname d.example.com.'],
    ['y.x.d.example.com.', 'dname d.example.com.'],
  ];
  for (const [name, expected] of cases) assert.equal(show(zone.find(domainName(name))), expected, name);
});

test('additional data is gathered: glue of the own cut first of all, siblings and mail servers too', () => {
  const zone =
    zoneOf(`sub NS ns.sub\nsub NS ns.sib\nsub NS ns.example.org.\nns.sub A 192.0.2.1\nns.sub AAAA 2001:db8::1
sib NS ns.sib\nns.sib A 192.0.2.2\nm MX 1 mail\nm MX 2 mail\nm MX 3 other\nmail A 192.0.2.3\nother A 192.0.2.4
_s._tcp SRV 1 1 80 mail\nmail HTTPS 1 . alpn=h2\napex HTTPS 0 mail\nnone HTTPS 0 .\n`);
  const show = (name: string, type: number): string[] => {
    const node = zone.node(domainName(name));
    const rrset = node === undefined ? undefined : rrsetOf(node, type);
    return (rrset?.additional ?? []).map(
      ({ rrset, inDomain }) =>
        `${rrset.owner.toString()} ${formatType(rrset.type)}${inDomain ? ' in-domain' : ''}`,
    );
  };
  assert.deepEqual(show('sub.example.com.', rrType.NS), [
    'ns.sub.example.com. A in-domain',
    'ns.sub.example.com. AAAA in-domain',
    'ns.sib.example.com. A',
  ]);
  assert.deepEqual(show('m.example.com.', rrType.MX), ['mail.example.com. A', 'other.example.com. A']);
  assert.deepEqual(show('_s._tcp.example.com.', rrType.SRV), ['mail.example.com. A']);
  // RFC 9460 §4.1: a service's own addresses; an alias's target with its records.
  assert.deepEqual(show('mail.example.com.', rrType.HTTPS), ['mail.example.com. A']);
  assert.deepEqual(show('apex.example.com.', rrType.HTTPS), [
    'mail.example.com. A',
    'mail.example.com. HTTPS',
  ]);
  assert.deepEqual(show('none.example.com.', rrType.HTTPS), []);
});

test('the SOA of negative answers has the least TTL of its own and its minimum (RFC 2308 §3)', () => {
  const zone = zoneOf('');
  assert.deepEqual([zone.soa.ttl, zone.negativeSoa.ttl, zone.serial], [300, 60, 1]);
});

test('a large zone is built whole', () => {
  const hosts = Array.from({ length: 20_000 }, (_, i) => `h${i} A 10.0.${i >> 8}.${i & 255}\n`).join('');
  const zone = zoneOf(`${hosts}one TXT x\n`);
  assert.equal([...zone.nodes()].length, 20_002);
});
