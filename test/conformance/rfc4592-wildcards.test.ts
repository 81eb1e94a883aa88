// RFC 4592 §2.2.1: the example zone and the responses that the text says must, and must not, be synthesised.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, authorityOf, show } from '../support/dns-authority.ts';

const authority = authorityOf({
  'example.': `$ORIGIN example.
example.                 3600 IN SOA   ns.example.com. h.example.com. 1 2 3 4 3600
example.                 3600     NS    ns.example.com.
example.                 3600     NS    ns.example.net.
*.example.               3600     TXT   "this is a wildcard"
*.example.               3600     MX    10 host1.example.
sub.*.example.           3600     TXT   "this is not a wildcard"
host1.example.           3600     A     192.0.2.1
_ssh._tcp.host1.example. 3600     SRV   0 0 22 host1.example.
_ssh._tcp.host2.example. 3600     SRV   0 0 22 host1.example.
subdel.example.          3600     NS    ns.example.com.
subdel.example.          3600     NS    ns.example.net.
`,
});

const soa = 'u example. 3600 SOA ns.example.com. h.example.com. 1 2 3 4 3600';

function answers(question: string): readonly string[] {
  return show(ask(authority, question)).filter((line) => !/^[ux] .* (NS|A) /.test(line));
}

test('RFC 4592 §2.2.1: responses that are synthesised', () => {
  assert.deepEqual(answers('host3.example. MX'), [
    'NOERROR AA',
    'a host3.example. 3600 MX 10 host1.example.',
  ]);
  assert.deepEqual(answers('host3.example. A'), ['NOERROR AA', soa]);
  assert.deepEqual(answers('foo.bar.example. TXT'), [
    'NOERROR AA',
    'a foo.bar.example. 3600 TXT "this is a wildcard"',
  ]);
});

test('RFC 4592 §2.2.1: responses that are not', () => {
  // The name exists.
  assert.deepEqual(answers('host1.example. MX'), ['NOERROR AA', soa]);
  // So does this one, as the name of the wildcard.
  assert.deepEqual(answers('sub.*.example. MX'), ['NOERROR AA', soa]);
  // _tcp.host1.example. exists as an empty non-terminal.
  assert.deepEqual(answers('_telnet._tcp.host1.example. SRV'), ['NXDOMAIN AA', soa]);
  // Delegated.
  assert.deepEqual(show(ask(authority, 'host.subdel.example. A')), [
    'NOERROR',
    'u subdel.example. 3600 NS ns.example.com.',
    'u subdel.example. 3600 NS ns.example.net.',
  ]);
  // The closest encloser is *.example., which has no wildcard below it.
  assert.deepEqual(answers('ghost.*.example. MX'), ['NXDOMAIN AA', soa]);
});

test('RFC 4592 §2.2.2: an empty non-terminal exists', () => {
  assert.deepEqual(answers('host2.example. MX'), ['NOERROR AA', soa]);
  assert.deepEqual(answers('_tcp.host2.example. TXT'), ['NOERROR AA', soa]);
});

test('RFC 4592 §2.1.1: asked for by name, a wildcard is a name as any other', () => {
  assert.deepEqual(answers('*.example. TXT'), ['NOERROR AA', 'a *.example. 3600 TXT "this is a wildcard"']);
  assert.deepEqual(answers('\\*.example. TXT'), ['NOERROR AA', 'a *.example. 3600 TXT "this is a wildcard"']);
});

test('RFC 4592 §3.3: what a wildcard makes is additional data as any other', () => {
  const mail = authorityOf({
    'example.': '$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns.example.net.\n@ MX 1 a.mail\n*.mail A 192.0.2.1\n',
  });
  assert.deepEqual(show(ask(mail, 'example. MX')), [
    'NOERROR AA',
    'a example. 60 MX 1 a.mail.example.',
    'u example. 60 NS ns.example.net.',
    'x a.mail.example. 60 A 192.0.2.1',
  ]);
});
