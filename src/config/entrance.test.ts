// The keys that say who comes in, and how: login, lmtp, proxies, tls.others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from './config.ts';
import { parseConfig } from './parse-config.ts';

function faultsOf(yaml: string): readonly string[] {
  const result = parseConfig(`hostname: a\n${yaml}\n`, '/srv/signpost.yaml');
  return result.ok ? [] : result.fault.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const tokens = (more: string): string => `login: { tokens: { issuer: i, audience: [a], keys: k, ${more} } }`;
const faults: readonly (readonly [what: string, yaml: string, expected: readonly string[]])[] = [
  [
    'tokens without keys',
    'login: { tokens: { issuer: i, audience: [a] } }',
    [
      "2:18 login.tokens: 'keys' is missing: it must be a file, or an address like https://login.example/keys",
    ],
  ],
  [
    'tokens for nobody',
    'login: { tokens: { issuer: i, audience: [], keys: k } }',
    ['2:41 login.tokens.audience: expected a list of at least one name, found an empty list'],
  ],
  [
    'keys in clear',
    'login: { tokens: { issuer: i, audience: [a], keys: "http://login.example/keys" } }',
    ["2:52 login.tokens.keys: 'http://login.example/keys' is no address that begins with https://"],
  ],
  [
    'keys by another protocol',
    'login: { tokens: { issuer: i, audience: [a], keys: "ftp://127.0.0.1/keys" } }',
    ["2:52 login.tokens.keys: 'ftp://127.0.0.1/keys' is no address that begins with https://"],
  ],
  [
    'a configuration that is a file',
    tokens('discovery: here.json'),
    ["2:66 login.tokens.discovery: 'here.json' is no address that begins with https://"],
  ],
  ['a slip', tokens('scop: x'), ["2:55 login.tokens: there is no key 'scop' here; did you mean 'scope'?"]],
  [
    'certificates of nobody',
    'login: { certificates: {} }',
    ["2:24 login.certificates: nobody could log in: set 'authorities' or 'fingerprints'"],
  ],
  [
    'no fingerprint',
    "login: { certificates: { fingerprints: { 'AB:CD': a@b } } }",
    [
      "2:42 login.certificates.fingerprints: 'AB:CD' is no SHA-256 fingerprint: 64 hexadecimal digits, as 'openssl x509 -fingerprint -sha256' tells",
    ],
  ],
  [
    'no address block',
    'lmtp: { from: [here] }',
    ["2:16 lmtp.from[0]: 'here' is not an address block, like 127.0.0.0/8 or 2001:db8::/32"],
  ],
  [
    'a proxy that is a name',
    'proxies: { xclient: [proxy.example] }',
    ["2:22 proxies.xclient[0]: 'proxy.example' is not an address block, like 127.0.0.0/8 or 2001:db8::/32"],
  ],
  [
    'one more certificate that has no key',
    'tls: { cert: a, key: b, others: [{ cert: c }] }',
    ["2:34 tls.others[0]: 'key' is missing: it must be the path of a file"],
  ],
];
for (const [what, yaml, expected] of faults) test(what, () => assert.deepEqual(faultsOf(yaml), expected));

test('what is right is taken, with paths made whole and nothing open by default', () => {
  const read = (yaml: string): Config => {
    const result = parseConfig(`hostname: a\n${yaml}\n`, '/srv/signpost.yaml');
    assert.ok(result.ok);
    return result.value;
  };
  const { login, lmtp, proxies } = read('');
  assert.deepEqual(login, { tokens: undefined, certificates: undefined });
  assert.deepEqual(lmtp, { socket: undefined, from: ['127.0.0.0/8', '::1/128'] });
  assert.deepEqual(proxies, { proxyProtocol: [], xclient: [] });
  const set = read(
    [
      'login:',
      '  tokens: { issuer: i, audience: [a], keys: k.json }',
      `  certificates: { authorities: ca.pem, fingerprints: { '${'AB:'.repeat(31)}CD': a@b.example } }`,
      'lmtp: { socket: run/l.sock, from: [192.0.2.1] }',
      'proxies: { proxy-protocol: [192.0.2.0/24], xclient: ["::1"] }',
      'tls: { cert: a, key: b, others: [{ cert: c, key: /d }] }',
    ].join('\n'),
  );
  assert.deepEqual(set.login.tokens, {
    issuer: 'i',
    audience: ['a'],
    keys: '/srv/k.json',
    claim: 'email',
    scope: undefined,
    discovery: undefined,
  });
  assert.equal(set.login.certificates?.authorities, '/srv/ca.pem');
  assert.deepEqual(
    [...(set.login.certificates?.fingerprints ?? [])],
    [[`${'ab'.repeat(31)}cd`, 'a@b.example']],
  );
  assert.deepEqual(set.lmtp, { socket: '/srv/run/l.sock', from: ['192.0.2.1/32'] });
  assert.deepEqual(set.proxies, { proxyProtocol: ['192.0.2.0/24'], xclient: ['::1/128'] });
  assert.deepEqual(set.tls?.others, [{ cert: '/srv/c', key: '/d' }]);
  assert.equal(read(tokens('claim: sub')).login.tokens?.claim, 'sub');
  const local = read('login: { tokens: { issuer: i, audience: [a], keys: "http://127.0.0.1:8080/keys" } }');
  assert.equal(local.login.tokens?.keys, 'http://127.0.0.1:8080/keys');
});
