import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatReceived } from './received.ts';
import type { ReceivedFacts } from './received.ts';

const facts: ReceivedFacts = {
  client: { name: 'relay.example.org', wellFormed: true, address: '198.51.100.9' },
  by: 'mx.example.com',
  extended: true,
  local: false,
  utf8: false,
  tls: undefined,
  authenticated: false,
  id: '1kdvdna002gwfdgq',
  recipient: 'bob@example.com',
  at: Date.UTC(2026, 10, 23, 15, 29, 24),
};
const tls = { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };

test('a Received field', () => {
  assert.equal(
    formatReceived({ ...facts, tls }),
    [
      'Received: from relay.example.org ([198.51.100.9])',
      '\tby mx.example.com with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384)',
      '\tid 1kdvdna002gwfdgq',
      '\tfor <bob@example.com>;',
      '\tMon, 23 Nov 2026 15:29:24 +0000',
      '',
    ].join('\r\n'),
  );
});

const lines: readonly (readonly [string, Partial<ReceivedFacts>, RegExp])[] = [
  [
    'an IPv6 client',
    { client: { name: 'relay.example.org', wellFormed: true, address: '2001:db8::1' } },
    /from relay\.example\.org \(\[IPv6:2001:db8::1\]\)\r/,
  ],
  [
    'what is no name stands in a comment',
    { client: { name: 'my_printer', wellFormed: false, address: '192.0.2.7' } },
    /from \[192\.0\.2\.7\] \(EHLO my_printer\)\r/,
  ],
  [
    'our own users stay private',
    { client: undefined, authenticated: true, tls },
    /^Received: from mx\.example\.com \(logged-in user\)\r/,
  ],
  ['several recipients are not named', { recipient: undefined }, /\tid 1kdvdna002gwfdgq;\r\n\tMon/],
  ['HELO', { extended: false }, /with SMTP\r/],
  ['EHLO', {}, /with ESMTP\r/],
  // RFC 3848, RFC 6531 §4.3
  ['LMTP', { local: true }, /with LMTP\r/],
  ['LMTP, TLS', { local: true, tls }, /with LMTPS \(/],
  ['LMTP, SMTPUTF8', { local: true, utf8: true }, /with UTF8LMTP\r/],
  ['TLS', { tls }, /with ESMTPS \(/],
  ['login', { authenticated: true }, /with ESMTPA\r/],
  ['TLS and login', { tls, authenticated: true }, /with ESMTPSA \(/],
  ['SMTPUTF8', { utf8: true }, /with UTF8SMTP\r/],
  ['SMTPUTF8, TLS and login', { utf8: true, tls, authenticated: true }, /with UTF8SMTPSA \(/],
];

for (const [name, change, expected] of lines) {
  test(`a Received field: ${name}`, () => assert.match(formatReceived({ ...facts, ...change }), expected));
}
