// RFC 1034 §6.2: the standard queries of the example in §6.1, its zones as printed there. What differs from the print is what later
// RFCs changed: TTLs and classes are written out, SOA comes with negative answers (RFC 2308), and QTYPE=ANY over UDP is
// answered with one RRset (RFC 8482).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, authorityOf, show } from '../support/dns-authority.ts';

/** C.ISI.EDU serves the root and MIL, EDU and ISI.EDU; here the zones that the queries of §6.2 meet. */
const authority = authorityOf({
  '.': `$TTL 86400
. SOA SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870611 1800 300 604800 86400
  NS A.ISI.EDU.
  NS C.ISI.EDU.
  NS SRI-NIC.ARPA.
MIL. NS SRI-NIC.ARPA.
     NS A.ISI.EDU.
EDU. NS SRI-NIC.ARPA.
     NS C.ISI.EDU.
SRI-NIC.ARPA. A 26.0.0.73
              A 10.0.0.51
              MX 0 SRI-NIC.ARPA.
              HINFO DEC-2060 TOPS20
ACC.ARPA. A 26.6.0.65
          HINFO PDP-11/70 UNIX
          MX 10 ACC.ARPA.
USC-ISIC.ARPA. CNAME C.ISI.EDU.
73.0.0.26.IN-ADDR.ARPA. PTR SRI-NIC.ARPA.
A.ISI.EDU. A 26.3.0.103
C.ISI.EDU. A 10.0.0.52
`,
});

/** Without EDU, as the root zone's server C.ISI.EDU is seen in §6.2.6 and §6.2.7 when it has the address itself. */
const withIsi = authorityOf({
  '.': `$TTL 86400
. SOA SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870611 1800 300 604800 86400
  NS C.ISI.EDU.
EDU. NS C.ISI.EDU.
USC-ISIC.ARPA. CNAME C.ISI.EDU.
`,
  'ISI.EDU.': `$TTL 86400
@ SOA C.ISI.EDU. HOSTMASTER.ISI.EDU. 1 1800 300 604800 86400
  NS C.ISI.EDU.
C A 10.0.0.52
`,
});

test('RFC 1034 §6.2.1: QNAME=SRI-NIC.ARPA, QTYPE=A', () => {
  assert.deepEqual(show(ask(authority, 'SRI-NIC.ARPA. A')).slice(0, 3), [
    'NOERROR AA',
    'a SRI-NIC.ARPA. 86400 A 26.0.0.73',
    'a SRI-NIC.ARPA. 86400 A 10.0.0.51',
  ]);
});

test('RFC 1034 §6.2.2: QNAME=SRI-NIC.ARPA, QTYPE=*', () => {
  const all = show(ask(authority, 'SRI-NIC.ARPA. ANY', { transport: 'tcp' }));
  assert.deepEqual(
    all.filter((line) => /^(NOERROR|a)/.test(line)),
    [
      'NOERROR AA',
      'a SRI-NIC.ARPA. 86400 A 26.0.0.73',
      'a SRI-NIC.ARPA. 86400 A 10.0.0.51',
      'a SRI-NIC.ARPA. 86400 HINFO "DEC-2060" "TOPS20"',
      'a SRI-NIC.ARPA. 86400 MX 0 SRI-NIC.ARPA.',
    ].sort((a, b) => all.indexOf(a) - all.indexOf(b)),
  );
  // RFC 8482 §4.1
  const one = show(ask(authority, 'SRI-NIC.ARPA. ANY'));
  assert.deepEqual(
    one.filter((line) => line.startsWith('a ')),
    ['a SRI-NIC.ARPA. 86400 A 26.0.0.73', 'a SRI-NIC.ARPA. 86400 A 10.0.0.51'],
  );
});

test('RFC 1034 §6.2.3: QNAME=SRI-NIC.ARPA, QTYPE=MX', () => {
  const lines = show(ask(authority, 'SRI-NIC.ARPA. MX'));
  assert.deepEqual(lines.slice(0, 2), ['NOERROR AA', 'a SRI-NIC.ARPA. 86400 MX 0 SRI-NIC.ARPA.']);
  assert.ok(lines.includes('x SRI-NIC.ARPA. 86400 A 26.0.0.73'));
  assert.ok(lines.includes('x SRI-NIC.ARPA. 86400 A 10.0.0.51'));
});

test('RFC 1034 §6.2.4: QNAME=SRI-NIC.ARPA, QTYPE=NS', () => {
  assert.deepEqual(show(ask(authority, 'SRI-NIC.ARPA. NS')), [
    'NOERROR AA',
    'u . 86400 SOA SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870611 1800 300 604800 86400',
  ]);
});

test('RFC 1034 §6.2.5: QNAME=SIR-NIC.ARPA, QTYPE=A', () => {
  assert.deepEqual(show(ask(authority, 'SIR-NIC.ARPA. A')), [
    'NXDOMAIN AA',
    'u . 86400 SOA SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870611 1800 300 604800 86400',
  ]);
});

test('RFC 1034 §6.2.6: QNAME=BRL.MIL, QTYPE=A', () => {
  assert.deepEqual(show(ask(authority, 'BRL.MIL. A')), [
    'NOERROR',
    'u MIL. 86400 NS SRI-NIC.ARPA.',
    'u MIL. 86400 NS A.ISI.EDU.',
    'x SRI-NIC.ARPA. 86400 A 26.0.0.73',
    'x SRI-NIC.ARPA. 86400 A 10.0.0.51',
    'x A.ISI.EDU. 86400 A 26.3.0.103',
  ]);
});

test('RFC 1034 §6.2.7: QNAME=USC-ISIC.ARPA, QTYPE=A, asked of A.ISI.EDU and of C.ISI.EDU', () => {
  // A server of the root alone adds a referral for the alias's target.
  assert.deepEqual(show(ask(authority, 'USC-ISIC.ARPA. A')), [
    'NOERROR AA',
    'a USC-ISIC.ARPA. 86400 CNAME C.ISI.EDU.',
    'u EDU. 86400 NS SRI-NIC.ARPA.',
    'u EDU. 86400 NS C.ISI.EDU.',
    'x C.ISI.EDU. 86400 A 10.0.0.52',
    'x SRI-NIC.ARPA. 86400 A 26.0.0.73',
    'x SRI-NIC.ARPA. 86400 A 10.0.0.51',
  ]);
  // One that has the target's zone as well gives its address.
  assert.deepEqual(show(ask(withIsi, 'USC-ISIC.ARPA. A')).slice(0, 3), [
    'NOERROR AA',
    'a USC-ISIC.ARPA. 86400 CNAME C.ISI.EDU.',
    'a C.ISI.EDU. 86400 A 10.0.0.52',
  ]);
});

test('RFC 1034 §6.2.8: QNAME=USC-ISIC.ARPA, QTYPE=CNAME', () => {
  assert.deepEqual(show(ask(authority, 'USC-ISIC.ARPA. CNAME')).slice(0, 2), [
    'NOERROR AA',
    'a USC-ISIC.ARPA. 86400 CNAME C.ISI.EDU.',
  ]);
});
