// RFC 6672: DNAME. §2.2's table of substitutions, asked of a server; §2.3 and §3.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, authorityOf, show } from '../support/dns-authority.ts';

const soa = 'SOA ns h 1 2 3 4 60\n@ NS ns\nns A 192.0.2.53\n';

/** QNAME, owner of the DNAME, its target, and the result: a name, or why there is none. */
const substitutions: readonly (readonly [qname: string, owner: string, target: string, result: string])[] = [
  ['com.', 'example.com.', 'example.net.', 'no match'],
  ['example.com.', 'example.com.', 'example.net.', 'no match'],
  ['a.example.com.', 'example.com.', 'example.net.', 'a.example.net.'],
  ['a.b.example.com.', 'example.com.', 'example.net.', 'a.b.example.net.'],
  ['ab.example.com.', 'b.example.com.', 'example.net.', 'no match'],
  ['foo.example.com.', 'example.com.', 'example.net.', 'foo.example.net.'],
  ['a.x.example.com.', 'x.example.com.', 'example.net.', 'a.example.net.'],
  ['a.example.com.', 'example.com.', 'y.example.net.', 'a.y.example.net.'],
  ['cyc.example.com.', 'example.com.', 'example.com.', 'cyc.example.com.'],
  ['cyc.example.com.', 'example.com.', 'c.example.com.', 'cyc.c.example.com.'],
  ['shortloop.x.x.', 'x.', '.', 'shortloop.x.'],
  ['shortloop.x.', 'x.', '.', 'shortloop.'],
];

for (const [qname, owner, target, result] of substitutions) {
  test(`RFC 6672 §2.2: ${qname} by ${owner} DNAME ${target} → ${result}`, () => {
    const authority = authorityOf({ '.': `$TTL 60\n. ${soa}${owner} DNAME ${target}\n` });
    const [, ...lines] = show(ask(authority, `${qname} A`));
    const made = lines.find((line) => line.startsWith(`a ${qname} 60 CNAME `));
    assert.equal(made, result === 'no match' ? undefined : `a ${qname} 60 CNAME ${result}`);
    assert.equal(lines.includes(`a ${owner} 60 DNAME ${target}`), result !== 'no match');
  });
}

test('RFC 6672 §2.2: a name that becomes too long is YXDOMAIN', () => {
  const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.`;
  const authority = authorityOf({ 'example.': `$TTL 60\n@ ${soa}d DNAME ${long}\n` });
  const fits = `${'x'.repeat(60)}.d.example.`;
  assert.equal(show(ask(authority, `${fits} A`, { transport: 'tcp' }))[0], 'NOERROR AA');
  assert.deepEqual(show(ask(authority, `${'x'.repeat(63)}.d.example. A`)), [
    'YXDOMAIN AA',
    `a d.example. 60 DNAME ${long}`,
  ]);
});

test('RFC 6672 §2.3: the owner itself is not redirected', () => {
  const authority = authorityOf({ 'example.': `$TTL 60\n@ ${soa}d DNAME example.net.\nd TXT here\n` });
  assert.deepEqual(show(ask(authority, 'd.example. TXT'))[1], 'a d.example. 60 TXT "here"');
  assert.deepEqual(show(ask(authority, 'd.example. DNAME'))[1], 'a d.example. 60 DNAME example.net.');
  assert.deepEqual(show(ask(authority, 'd.example. A')), [
    'NOERROR AA',
    'u example. 60 SOA ns.example. h.example. 1 2 3 4 60',
  ]);
});

test('RFC 6672 §3.1 and §3.2: the CNAME has the DNAME TTL, and the search goes on from its target', () => {
  const authority = authorityOf({
    'example.': `$TTL 60\n@ ${soa}d 7 DNAME example.net.\ne DNAME f\nx.f A 192.0.2.1\n`,
    'example.net.': `$TTL 60\n@ ${soa}www A 192.0.2.2\n`,
  });
  assert.deepEqual(show(ask(authority, 'www.d.example. A')).slice(0, 4), [
    'NOERROR AA',
    'a d.example. 7 DNAME example.net.',
    'a www.d.example. 7 CNAME www.example.net.',
    'a www.example.net. 60 A 192.0.2.2',
  ]);
  assert.deepEqual(show(ask(authority, 'x.e.example. A')).slice(0, 4), [
    'NOERROR AA',
    'a e.example. 60 DNAME f.example.',
    'a x.e.example. 60 CNAME x.f.example.',
    'a x.f.example. 60 A 192.0.2.1',
  ]);
  assert.equal(show(ask(authority, 'y.e.example. A'))[0], 'NXDOMAIN AA');
});

test('RFC 6672 §3.2: asked for a CNAME, the one made is the answer', () => {
  const authority = authorityOf({ 'example.': `$TTL 60\n@ ${soa}d DNAME e\n*.e CNAME ns\n` });
  assert.deepEqual(show(ask(authority, 'x.d.example. CNAME')), [
    'NOERROR AA',
    'a d.example. 60 DNAME e.example.',
    'a x.d.example. 60 CNAME x.e.example.',
  ]);
});
