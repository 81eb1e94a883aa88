import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { configWarnings } from './config.ts';
import type { Config } from './config.ts';
import { formatConfigFault } from './config-fault.ts';
import { editDistance, nearest } from './did-you-mean.ts';
import { parseConfig } from './parse-config.ts';

const documented = `hostname: mx.example.com
data: ./data
tls: { cert: cert.pem, key: /etc/key.pem }
listeners:
  dns-authority: ["127.0.0.1:5300"]
  dns-resolver:  ["127.0.0.1:5301"]
  smtp:          ["127.0.0.1:2525"]
  submission:    ["127.0.0.1:2587"]
  pop3s:         ["127.0.0.1:2995", "[::1]:2995"]
zones:
  - { name: Example.COM., file: zones/example.com.zone }
resolver:
  root-hints: [{ name: a.root-servers.net, addresses: [198.41.0.4] }]
  trust-anchors: [". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"]
  allow: ["127.0.0.0/8", "::1/128"]
  forward: ["127.0.0.1:53"]
smtp: { max-message-size: 10 MiB }
workers: { dns: 2 }
network:
  map: { "198.41.0.4:53": "127.0.0.1:10053" }
`;

function parse(text: string): Config {
  const result = parseConfig(text, '/srv/signpost.yaml');
  assert.ok(result.ok, result.ok ? '' : result.fault.map(formatConfigFault).join('\n'));
  return result.value;
}

function faultsOf(text: string): string[] {
  const result = parseConfig(text, 'f');
  return result.ok
    ? []
    : result.fault.map(({ line, column, length, message }) => `${line}:${column}+${length} ${message}`);
}

test('the documented config: paths relative to the file, names in lower case, sizes in octets', () => {
  const config = parse(documented);
  assert.equal(config.data, '/srv/data');
  assert.deepEqual(config.tls, { cert: '/srv/cert.pem', key: '/etc/key.pem' });
  assert.deepEqual(config.listeners.pop3s, [
    { address: '127.0.0.1', port: 2995 },
    { address: '::1', port: 2995 },
  ]);
  assert.deepEqual(config.listeners.submissions, []);
  assert.deepEqual(
    config.zones.map(({ name, file }) => [name, file]),
    [['example.com', '/srv/zones/example.com.zone']],
  );
  assert.equal(config.smtp.maxMessageSize, 10 * 2 ** 20);
  assert.deepEqual(config.resolver.forward, [{ address: '127.0.0.1', port: 53 }]);
  assert.deepEqual([...config.network.map], [['198.41.0.4:53', { address: '127.0.0.1', port: 10053 }]]);
  assert.equal(configWarnings(config).length, 2);
});

test('defaults: only the hostname is needed', () => {
  const config = parse('hostname: mx.example.com\n');
  assert.equal(config.resolver.rootHints.length, 13);
  assert.deepEqual(config.resolver.trustAnchors, []);
  assert.deepEqual(config.resolver.allow, ['127.0.0.0/8', '::1/128']);
  assert.equal(config.tls, undefined);
  assert.equal(config.smtp.maxMessageSize, 52_428_800);
});

test('the config is frozen all the way down', () => {
  const { zones, listeners, resolver } = parse(documented);
  for (const part of [zones, zones[0], listeners, listeners.smtp, resolver.rootHints[0]?.addresses]) {
    assert.ok(Object.isFrozen(part));
  }
});

/** What is wrong, and every fault with its line, column and length. */
const table: readonly (readonly [string, string, readonly string[]])[] = [
  ['empty', '', ["1:1+1 the file is empty; it needs at least 'hostname'"]],
  ['not a group', '- a\n', ['1:1+3 the file: expected a group of keys, found a list']],
  [
    'missing hostname and a slip',
    'hostnme: a.example\n',
    [
      "1:1+18 'hostname' is missing: it must be a host name, like mx.example.com",
      "1:1+7 there is no key 'hostnme' here; did you mean 'hostname'?",
    ],
  ],
  [
    'unknown key like nothing',
    'hostname: a.example\nresolver: { colour: red }\n',
    ["2:13+6 resolver: there is no key 'colour' here; allowed are root-hints, trust-anchors, allow, forward"],
  ],
  [
    'duplicate key',
    'hostname: a\nhostname: b\n',
    ['2:1+1 this key stands twice in its group; keep one of them'],
  ],
  [
    'wrong types',
    'hostname: 5\nlisteners: { smtp: 25 }\nsmtp: { max-recipients: yes }\nzones: none\n',
    [
      '1:11+1 hostname: expected a host name, like mx.example.com, found the number 5',
      '2:20+2 listeners.smtp: expected a list of addresses with ports, like ["127.0.0.1:53", "[::1]:53"], found the number 25',
      "3:25+3 smtp.max-recipients: expected a whole number from 100 to 10000, found 'yes'",
      "4:8+4 zones: expected a list of zones, like [{ name: example.com, file: zones/example.com.zone }], found 'none'",
    ],
  ],
  [
    'bad addresses',
    'hostname: a\nlisteners:\n  smtp: ["localhost:25", "127.0.0.1", "[::1]:70000"]\n',
    [
      "3:10+14 listeners.smtp[0]: 'localhost' is not an IP address",
      "3:26+11 listeners.smtp[1]: '127.0.0.1' is not an address with a port, like 127.0.0.1:53 or [::1]:53",
      '3:39+13 listeners.smtp[2]: port 70000 is above 65535',
    ],
  ],
  [
    'a listener of a later version',
    'hostname: a\nlisteners: { imaps: ["127.0.0.1:993"] }\n',
    ["2:14+5 listeners: 'imaps' is not served yet by this version; take it out for now"],
  ],
  [
    'one port for two roles',
    'hostname: a\nlisteners: { smtp: ["127.0.0.1:25"], pop3: ["127.0.0.1:25"] }\n',
    ['2:45+14 listeners.pop3: 127.0.0.1:25 is already taken by listeners.smtp'],
  ],
  [
    'a zone twice, a bad zone name',
    'hostname: a\nzones: [{ name: b.c, file: d }, { name: B.C., file: e }]\n',
    ["2:41+4 zones: 'b.c' stands here twice"],
  ],
  [
    'names',
    'hostname: 192.0.2.1\nzones: [{ name: bücher.example, file: d }, { name: a..b, file: e }]\n',
    [
      "1:11+9 hostname: '192.0.2.1' is an IP address: other servers expect a name here, like mx.example.com",
      "2:17+14 zones[0].name: 'bücher.example' is to be written in its ASCII form (xn--…)",
      "2:52+4 zones[1].name: 'a..b' is not a domain name: there is nothing between two of its dots",
    ],
  ],
  [
    'ranges and sizes',
    'hostname: a\nsmtp: { max-message-size: 1 KiB, max-recipients: 5 }\n',
    [
      "2:27+5 smtp.max-message-size: expected a size from 65536 to 1073741824 octets, found '1 KiB'",
      '2:50+1 smtp.max-recipients: expected a whole number from 100 to 10000, found the number 5',
    ],
  ],
  [
    'address map and blocks',
    'hostname: a\nresolver: { allow: [10.0.0.0/40] }\nnetwork: { map: { "1.2.3.4:53": "x" } }\n',
    [
      "2:21+11 resolver.allow[0]: '10.0.0.0/40' is not an address block, like 127.0.0.0/8 or 2001:db8::/32",
      "3:33+3 network.map.1.2.3.4:53: 'x' is not an address with a port, like 127.0.0.1:53 or [::1]:53",
    ],
  ],
  [
    'address map: the left side',
    'hostname: a\nnetwork: { map: { "1.2.3.4": "127.0.0.1:1" } }\n',
    ["2:19+9 network.map: '1.2.3.4' is not an address with a port, like 127.0.0.1:53 or [::1]:53"],
  ],
  [
    'trust anchors',
    'hostname: a\nresolver: { trust-anchors: ["hello"] }\n',
    [
      "2:29+7 resolver.trust-anchors[0]: 'hello' is not a DS or DNSKEY record, like '. IN DS 20326 8 2 E06D44B8…'",
    ],
  ],
  [
    'half a certificate',
    'hostname: a\ntls: { cert: c }\n',
    ["2:6+11 tls: 'key' is missing: it must be the path of a file"],
  ],
  [
    'a tab',
    'hostname: a\nsmtp:\n\tmax-recipients: 5\n',
    ['3:1+1 the line is indented with a tab; YAML wants spaces'],
  ],
];

for (const [name, text, expected] of table) {
  test(`config faults: ${name}`, () => assert.deepEqual(faultsOf(text), expected));
}

test('a fault is shown with its line and a caret', () => {
  const result = parseConfig('hostname: a\nlisteners:\n  smtp: 25\n', '/etc/signpost.yaml');
  assert.ok(!result.ok);
  assert.equal(
    result.fault.map(formatConfigFault).join('\n'),
    `/etc/signpost.yaml:3:9: listeners.smtp: expected a list of addresses with ports, like ["127.0.0.1:53", "[::1]:53"], found the number 25
  3 |   smtp: 25
    |         ^^`,
  );
});

test('an alias bomb is refused', () => {
  const levels = Array.from(
    { length: 9 },
    (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`,
  );
  const [fault] = faultsOf(`l0: &l0 x\n${levels.join('\n')}\n`);
  assert.match(fault ?? '', /an alias \(\*name\) is used more than 100 times/);
});

test('whatever the file holds, the answer is a config or faults within the file', () => {
  const pieces = documented.split(/(?<=[\s:,{}[\]"])/);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 6 })), { maxLength: 40 }),
      (parts) => {
        const text = parts.join('');
        const result = parseConfig(text, 'f');
        if (result.ok) return;
        assert.ok(result.fault.length > 0);
        for (const { line, column } of result.fault) {
          assert.ok(line >= 1 && line <= text.split('\n').length && column >= 1, `${line}:${column}`);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('did you mean', () => {
  assert.equal(editDistance('kitten', 'sitting'), 3);
  assert.equal(editDistance('abcd', 'abdc'), 1);
  assert.equal(nearest('submision', ['submission', 'submissions']), 'submission');
  assert.equal(nearest('max_recipients', ['max-recipients']), 'max-recipients');
  assert.equal(nearest('zzz', ['smtp']), undefined);
});
