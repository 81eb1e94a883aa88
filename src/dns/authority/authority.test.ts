import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, authorityOf, queryFor, show, zoneFromText } from '../../../test/support/dns-authority.ts';
import type { QueryOptions } from '../../../test/support/dns-authority.ts';
import { formatRcode } from '../wire/codes.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { ZoneSet } from '../zone/zone-set.ts';

const hosts = Array.from({ length: 40 }, (_, i) => `many A 192.0.2.${i}\n`).join('');
const bigGlue = Array.from(
  { length: 20 },
  (_, i) => `big NS ns${i}.big\nns${i}.big AAAA 2001:db8::${i}\n`,
).join('');

const zones = {
  'example.com.': `$TTL 300
@ SOA ns h 1 2 3 4 60
@ NS ns
@ MX 10 mail
ns A 192.0.2.1
mail A 192.0.2.2
mail AAAA 2001:db8::2
www CNAME web.example.org.
loop1 CNAME loop2
loop2 CNAME loop1
self CNAME self
sub NS ns.sub
sub NS ns.example.org.
sub DS \\# 36 00010802${'00'.repeat(32)}
ns.sub A 192.0.2.3
child NS ns.child
ns.child A 192.0.2.4
_imaps._tcp SRV 0 1 993 mail
alias CNAME deep.sub
many TXT x
${hosts}${bigGlue}`,
  'child.example.com.': '$TTL 300\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nns A 192.0.2.4\n',
  'example.org.': '$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nns A 192.0.2.5\nweb A 192.0.2.6\n',
};
const authority = authorityOf(zones);
const soa = 'u example.com. 60 SOA ns.example.com. h.example.com. 1 2 3 4 60';

const cases: readonly (readonly [what: string, question: string, expected: readonly string[]])[] = [
  [
    'an answer, with the zone’s name servers and their addresses',
    'mail.example.com. A',
    [
      'NOERROR AA',
      'a mail.example.com. 300 A 192.0.2.2',
      'u example.com. 300 NS ns.example.com.',
      'x ns.example.com. 300 A 192.0.2.1',
    ],
  ],
  [
    'MX with the addresses of its hosts',
    'example.com. MX',
    [
      'NOERROR AA',
      'a example.com. 300 MX 10 mail.example.com.',
      'u example.com. 300 NS ns.example.com.',
      'x mail.example.com. 300 A 192.0.2.2',
      'x mail.example.com. 300 AAAA 2001:db8::2',
      'x ns.example.com. 300 A 192.0.2.1',
    ],
  ],
  [
    'NS of the apex, once',
    'example.com. NS',
    ['NOERROR AA', 'a example.com. 300 NS ns.example.com.', 'x ns.example.com. 300 A 192.0.2.1'],
  ],
  [
    'CNAME into another of our zones',
    'www.example.com. A',
    [
      'NOERROR AA',
      'a www.example.com. 300 CNAME web.example.org.',
      'a web.example.org. 60 A 192.0.2.6',
      'u example.org. 60 NS ns.example.org.',
      'x ns.example.org. 60 A 192.0.2.5',
    ],
  ],
  [
    'a loop of CNAMEs ends',
    'loop1.example.com. A',
    [
      'NOERROR AA',
      'a loop1.example.com. 300 CNAME loop2.example.com.',
      'a loop2.example.com. 300 CNAME loop1.example.com.',
    ],
  ],
  [
    'a CNAME to itself ends',
    'self.example.com. A',
    ['NOERROR AA', 'a self.example.com. 300 CNAME self.example.com.'],
  ],
  [
    'a referral: no AA, name servers, glue that we have',
    'x.sub.example.com. A',
    [
      'NOERROR',
      'u sub.example.com. 300 NS ns.sub.example.com.',
      'u sub.example.com. 300 NS ns.example.org.',
      'x ns.sub.example.com. 300 A 192.0.2.3',
    ],
  ],
  [
    'the cut itself is referred too',
    'sub.example.com. NS',
    [
      'NOERROR',
      'u sub.example.com. 300 NS ns.sub.example.com.',
      'u sub.example.com. 300 NS ns.example.org.',
      'x ns.sub.example.com. 300 A 192.0.2.3',
    ],
  ],
  [
    'glue is no answer',
    'ns.sub.example.com. A',
    [
      'NOERROR',
      'u sub.example.com. 300 NS ns.sub.example.com.',
      'u sub.example.com. 300 NS ns.example.org.',
      'x ns.sub.example.com. 300 A 192.0.2.3',
    ],
  ],
  [
    'a CNAME to a name below a cut: AA for the alias, and the referral',
    'alias.example.com. A',
    [
      'NOERROR AA',
      'a alias.example.com. 300 CNAME deep.sub.example.com.',
      'u sub.example.com. 300 NS ns.sub.example.com.',
      'u sub.example.com. 300 NS ns.example.org.',
      'x ns.sub.example.com. 300 A 192.0.2.3',
    ],
  ],
  [
    'the DS of a cut is the parent’s',
    'sub.example.com. DS',
    ['NOERROR AA', `a sub.example.com. 300 DS 1 8 2 ${'00'.repeat(32)}`],
  ],
  [
    'no DS at a cut: the parent says so, though the child is here too',
    'child.example.com. DS',
    ['NOERROR AA', soa],
  ],
  [
    'the child zone answers for its apex',
    'child.example.com. NS',
    [
      'NOERROR AA',
      'a child.example.com. 300 NS ns.child.example.com.',
      'x ns.child.example.com. 300 A 192.0.2.4',
    ],
  ],
  [
    'a DS whose parent is not here: the child says no data',
    'example.org. DS',
    ['NOERROR AA', 'u example.org. 60 SOA ns.example.org. h.example.org. 1 2 3 4 60'],
  ],
  ['a zone that is not ours', 'example.net. A', ['REFUSED']],
  ['a name above ours', 'com. NS', ['REFUSED']],
  ['AXFR', 'example.com. AXFR', ['REFUSED']],
  ['IXFR', 'example.com. IXFR', ['REFUSED']],
  ['MAILB', 'example.com. TYPE253', ['NOTIMP']],
  ['OPT as a question', 'example.com. OPT', ['FORMERR']],
];

for (const [what, question, expected] of cases) {
  test(`authority: ${what}`, () => {
    const ours = (lines: readonly string[]): readonly string[] =>
      question.endsWith(' DS') ? lines.filter((line) => !/^[ux] .* (NS|A) /.test(line)) : lines;
    assert.deepEqual(ours(show(ask(authority, question))), expected);
    assert.deepEqual(ours(show(ask(authority, question, { transport: 'tcp' }))), expected, 'over TCP');
  });
}

test('authority: id, question and its letter case come back, flags are ours', () => {
  for (const round of ['first', 'again']) {
    const query = queryFor('mAIl.eXample.com. A', { id: 0xabcd });
    query[2] = 0x01;
    query[3] = 0x30;
    const response = authority.answer(query, 'udp');
    assert.ok(response);
    assert.deepEqual([...response.subarray(0, 4)], [0xab, 0xcd, 0x85, 0x00], round);
    assert.deepEqual(response.subarray(12, query.length), query.subarray(12), round);
  }
});

test('authority: truncation keeps whole RRsets, and TCP has all', () => {
  const cut = ask(authority, 'many.example.com. A');
  assert.deepEqual([cut.truncated, cut.answers.length], [true, 0]);
  const more = ask(authority, 'many.example.com. A', { edns: { udpSize: 1232 } });
  // RFC 2181 §9: the authority section was not needed, so its lack is no truncation.
  assert.deepEqual([more.truncated, more.answers.length], [false, 40]);
  const whole = ask(authority, 'many.example.com. A', { transport: 'tcp' });
  assert.deepEqual([whole.truncated, whole.answers.length, whole.authorities.length], [false, 40, 1]);
});

test('authority: a referral without room for its glue is truncated (RFC 9471 §3.1)', () => {
  const cut = ask(authority, 'x.big.example.com. A');
  assert.deepEqual([cut.truncated, cut.authorities.length], [true, 20]);
  assert.ok(cut.additionals.length < 20);
  const whole = ask(authority, 'x.big.example.com. A', { edns: { udpSize: 4096 } });
  assert.deepEqual([whole.truncated, whole.additionals.length], [false, 20]);
});

test('authority: UDP answers stay within the client’s size, ours, and never below 512', () => {
  const sizes: readonly (readonly [client: number | undefined, most: number])[] = [
    [undefined, 512],
    [0, 512],
    [600, 600],
    [1232, 1232],
    [65535, 1232],
  ];
  const large = authorityOf({
    'example.': `$TTL 5\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n${Array.from({ length: 60 }, (_, i) => `t TXT "${i} ${'x'.repeat(10)}"\n`).join('')}${Array.from({ length: 200 }, (_, i) => `m MX ${i} h${i}\nh${i} A 192.0.2.1\n`).join('')}`,
  });
  for (const [udpSize, most] of sizes) {
    for (const question of ['t.example. TXT', 'm.example. MX', 'example. NS']) {
      const options: QueryOptions = udpSize === undefined ? {} : { edns: { udpSize } };
      const response = large.answer(queryFor(question, options), 'udp');
      assert.ok(response && response.length <= most, `${question} ${udpSize}`);
      const message = decodeMessage(response);
      assert.ok(message.ok);
      assert.equal(message.value.edns !== undefined, udpSize !== undefined);
    }
  }
});

test('authority: EDNS (RFC 6891)', () => {
  const plain = ask(authority, 'example.com. SOA');
  assert.equal(plain.edns, undefined);
  const edns = ask(authority, 'example.com. SOA', { edns: { dnssecOk: true } }).edns;
  assert.deepEqual(edns, { udpSize: 1232, version: 0, dnssecOk: true, options: [] });
  assert.equal(ask(authority, 'example.com. SOA', { edns: {} }).edns?.dnssecOk, false);
  // Unknown options are ignored, and not repeated.
  const options = [
    { code: 65001, bytes: Uint8Array.of(1, 2, 3) },
    { code: 10, bytes: new Uint8Array(8) },
  ];
  assert.deepEqual(ask(authority, 'example.com. SOA', { edns: { options } }).edns?.options, []);
  const bad = ask(authority, 'example.com. SOA', { edns: { version: 1 } });
  assert.deepEqual([formatRcode(bad.rcode), bad.edns?.version, bad.answers.length], ['BADVERS', 0, 0]);
  // RFC 6891 §6.1.3: also where the options are none that version 0 could have.
  const strange = [...queryFor('example.com. SOA', { edns: { version: 1 } }).slice(0, -2), 0, 3, 1, 2, 3];
  const told = decodeMessage(authority.answer(Uint8Array.from(strange), 'udp') ?? assert.fail('no answer'));
  assert.equal(told.ok && formatRcode(told.value.rcode), 'BADVERS');
});

test('authority: classes', () => {
  assert.deepEqual(show(ask(authority, 'example.com. NS', { class: 3 })), ['REFUSED']);
  // RFC 1035 §6.2: an answer for all classes is never authoritative.
  assert.equal(show(ask(authority, 'example.com. NS', { class: 255 }))[0], 'NOERROR');
});

const emptyOpt: readonly number[] = [0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0];

/** Changes to a good query for `example.com. A`, and what must come of them: a code, or silence. */
const malformed: readonly (readonly [
  what: string,
  change: (query: number[]) => number[],
  expected: string,
])[] = [
  ['nothing', () => [], 'silence'],
  ['less than a header', (query) => query.slice(0, 11), 'silence'],
  ['a response', (query) => query.with(2, 0x80), 'silence'],
  ['a header alone', (query) => query.slice(0, 12), 'FORMERR'],
  ['no question', (query) => query.slice(0, 12).with(5, 0), 'FORMERR'],
  ['two questions', (query) => [...query, ...query.slice(12)].with(5, 2), 'FORMERR'],
  ['a cut question', (query) => query.slice(0, -1), 'FORMERR'],
  ['octets behind the question', (query) => [...query, 0], 'FORMERR'],
  ['a compressed question', (query) => [...query.slice(0, 12), 0xc0, 12, 0, 1, 0, 1], 'FORMERR'],
  ['an unknown kind of label', (query) => query.with(12, 0x47), 'FORMERR'],
  ['a record announced and not there', (query) => query.with(11, 1), 'FORMERR'],
  [
    'an answer in a query',
    (query) => [...query, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4].with(7, 1),
    'FORMERR',
  ],
  [
    'OPT with half an option',
    (query) => [...query, 0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0].with(11, 1),
    'FORMERR',
  ],
  [
    'OPT with an option beyond its end',
    (query) => [...query, 0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 9].with(11, 1),
    'FORMERR',
  ],
  ['two OPTs', (query) => [...query, ...emptyOpt, ...emptyOpt].with(11, 2), 'FORMERR'],
  ['OPT of a name', (query) => [...query, 1, 97, ...emptyOpt].with(11, 1), 'FORMERR'],
  ['IQUERY', (query) => query.with(2, 1 << 3), 'NOTIMP'],
  ['NOTIFY', (query) => query.with(2, 4 << 3), 'NOTIMP'],
  ['UPDATE', (query) => query.with(2, 5 << 3), 'NOTIMP'],
  [
    'another record behind the question is passed over',
    (query) => [...query, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4].with(11, 1),
    'NOERROR',
  ],
];

for (const [what, change, expected] of malformed) {
  test(`authority: ${what} → ${expected}`, () => {
    const response = authority.answer(Uint8Array.from(change([...queryFor('example.com. A')])), 'udp');
    if (response === undefined) {
      assert.equal('silence', expected);
      return;
    }
    const message = decodeMessage(response);
    assert.ok(message.ok, message.ok ? '' : message.fault.reason);
    assert.deepEqual([formatRcode(message.value.rcode), message.value.response], [expected, true]);
  });
}

test('authority: new zones count from the next query on', () => {
  const changing = authorityOf({ 'example.': '$TTL 5\n@ SOA ns h 1 2 3 4 5\n@ NS ns\na A 192.0.2.1\n' });
  const address = (): string | undefined => show(ask(changing, 'a.example. A'))[1];
  assert.equal(address(), 'a a.example. 5 A 192.0.2.1');
  assert.equal(address(), 'a a.example. 5 A 192.0.2.1');
  changing.replaceZones(
    new ZoneSet([zoneFromText('example.', '$TTL 5\n@ SOA ns h 2 2 3 4 5\n@ NS ns\na A 192.0.2.2\n')]),
  );
  assert.equal(address(), 'a a.example. 5 A 192.0.2.2');
  changing.replaceZones(new ZoneSet());
  assert.deepEqual(show(ask(changing, 'a.example. A')), ['REFUSED']);
});

test('authority: respond replies once, before it returns', () => {
  const replies: Uint8Array[] = [];
  const client = { from: { address: '192.0.2.9', port: 5000 }, transport: 'udp' } as const;
  authority.respond(queryFor('example.com. A'), client, (response) => replies.push(response));
  assert.equal(replies.length, 1);
  authority.respond(new Uint8Array(3), client, (response) => replies.push(response));
  assert.equal(replies.length, 1);
});

test('authority: names made to cost much cost little', () => {
  const labels = 'a.'.repeat(110);
  const started = performance.now();
  for (let i = 0; i < 2000; i++) ask(authority, `x${i}.${labels}example.com. A`);
  assert.ok(performance.now() - started < 15_000);
});

test('authority: what holds more than a query does is not decoded', () => {
  for (const [opcode, expected] of [
    [0, 'FORMERR'],
    [5, 'NOTIMP'],
  ] as const) {
    const query = Uint8Array.from([...queryFor('example.com. SOA'), ...manyRoots]);
    query.set([opcode << 3], 2);
    query.set([0, manyRoots.length / 11], 10);
    const answer = authority.answer(query, 'udp') ?? assert.fail('no answer');
    const told = decodeMessage(answer);
    assert.equal(told.ok && formatRcode(told.value.rcode), expected);
    // Where it is decoded, the question of another opcode is repeated.
    if (opcode === 5) assert.equal(answer.length, 12);
  }
});

/** Records of the root, type NULL, without data. */
const manyRoots: readonly number[] = Array.from({ length: 9 }, () => [
  0, 0, 10, 0, 1, 0, 0, 0, 0, 0, 0,
]).flat();
