// RFC 2308 §2 and §3: the forms of negative answers that an authority gives: always with the SOA, whose TTL is the least of
// its own and its minimum; the code after a chain of aliases is that of its last name (RFC 6604 §3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, authorityOf, show } from '../support/dns-authority.ts';

const authority = authorityOf({
  'example.': `$TTL 300
@ SOA ns h 1 2 3 4 60
@ NS ns
ns A 192.0.2.1
a.b TXT x
nowhere CNAME missing
nodata CNAME ns
other CNAME missing.example.net.
outside CNAME www.example.org.
`,
  'example.net.': `$TTL 30
@ SOA ns.example. h 1 2 3 4 600
@ NS ns.example.
`,
});
const soa = 'u example. 60 SOA ns.example. h.example. 1 2 3 4 60';

const cases: readonly (readonly [what: string, question: string, expected: readonly string[]])[] = [
  ['§2.1 NXDOMAIN', 'missing.example. A', ['NXDOMAIN AA', soa]],
  ['§2.1 NXDOMAIN for any type', 'missing.example. SOA', ['NXDOMAIN AA', soa]],
  ['§2.2 NODATA', 'ns.example. AAAA', ['NOERROR AA', soa]],
  ['§2.2 NODATA of an empty non-terminal', 'b.example. A', ['NOERROR AA', soa]],
  [
    '§2.1 NXDOMAIN after a CNAME',
    'nowhere.example. A',
    ['NXDOMAIN AA', 'a nowhere.example. 300 CNAME missing.example.', soa],
  ],
  [
    '§2.2 NODATA after a CNAME',
    'nodata.example. AAAA',
    ['NOERROR AA', 'a nodata.example. 300 CNAME ns.example.', soa],
  ],
  [
    '§3 the SOA is that of the zone of the last name, its TTL the least',
    'other.example. A',
    [
      'NXDOMAIN AA',
      'a other.example. 300 CNAME missing.example.net.',
      'u example.net. 30 SOA ns.example. h.example.net. 1 2 3 4 600',
    ],
  ],
  [
    'RFC 6604 §3: a chain that leaves our zones is no error of ours',
    'outside.example. A',
    ['NOERROR AA', 'a outside.example. 300 CNAME www.example.org.'],
  ],
];

for (const [what, question, expected] of cases) {
  test(`RFC 2308 ${what}`, () => assert.deepEqual(show(ask(authority, question)), expected));
}

test('asked for itself, the SOA keeps its own TTL', () => {
  assert.equal(
    show(ask(authority, 'example. SOA'))[1],
    'a example. 300 SOA ns.example. h.example. 1 2 3 4 60',
  );
});
