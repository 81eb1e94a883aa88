import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { configWarnings } from './config.ts';
import type { Config } from './config.ts';
import { formatConfigFault } from './config-fault.ts';
import { editDistance, nearest } from './did-you-mean.ts';
import { ok } from '../lib/result.ts';
import { parseConfig } from './parse-config.ts';
import { rootAnchors } from './root-anchors.ts';
import { listZonesAgain } from './zone-list.ts';

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
  assert.deepEqual(config.tls, { cert: '/srv/cert.pem', key: '/etc/key.pem', others: [] });
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
  assert.deepEqual(config.resolver.routes, [
    {
      name: '.',
      kind: 'forward',
      servers: [{ endpoint: { address: '127.0.0.1', port: 53 }, tls: undefined }],
      first: false,
    },
  ]);
  assert.deepEqual([...config.network.map], [['198.41.0.4:53', { address: '127.0.0.1', port: 10053 }]]);
  assert.deepEqual(configWarnings(config), []);
});

test('a negative trust anchor for everything is warned of', () => {
  const config = parse(
    'hostname: a\nlisteners: { pop3: ["127.0.0.1:0"] }\nresolver: { negative-trust-anchors: [.] }\n',
  );
  assert.equal(configWarnings(config).length, 1);
});

test('defaults: only the hostname is needed', () => {
  const config = parse('hostname: mx.example.com\n');
  assert.equal(config.resolver.rootHints.length, 13);
  assert.deepEqual(config.resolver.trustAnchors, rootAnchors);
  assert.deepEqual(config.resolver.allow, ['127.0.0.0/8', '::1/128']);
  assert.equal(config.tls, undefined);
  assert.equal(config.smtp.maxMessageSize, 52_428_800);
  assert.equal(config.smtp.maxMemory, 512 * 2 ** 20);
});

test('the memory for messages that arrive is as set, or enough for four of the largest', () => {
  const memoryOf = (smtp: string): number => parse(`hostname: a\nsmtp: ${smtp}\n`).smtp.maxMemory;
  assert.equal(memoryOf('{ max-memory: 100 MiB }'), 100 * 2 ** 20);
  assert.equal(memoryOf('{ max-message-size: 1 GiB }'), 4 * 2 ** 30);
});

test('the config is frozen all the way down', () => {
  const { zones, listeners, resolver } = parse(documented);
  for (const part of [zones, zones[0], listeners, listeners.smtp, resolver.rootHints[0]?.addresses]) {
    assert.ok(Object.isFrozen(part));
  }
});

const zonesOfEachKind = `hostname: a
zones:
  - { name: example.com, file: z/%.zone, transfer-to: [192.0.2.0/24, key: XFR., { address: [any], key: xfr, tls: true }] }
  - name: example.net
    primaries: [192.0.2.1, "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:54", { address: 192.0.2.2, key: xfr, tls: ns.example }, { address: 192.0.2.3, tls: true }]
    notify-from: [2001:db8::/32]
    member-of: cat.example
  - { name: dyn.example, update: [{ key: dyn, names: ["*.Dyn.example"], types: [a, TYPE65280] }], journal-size: 1 MiB }
  - { names: [a.example, b.example], file: z/%s.zone, update: [{ key: dyn, names: [_acme-challenge.%s] }] }
  - { name: cat.example, catalog: producer }
  - { name: in.example, catalog: consumer, primaries: [192.0.2.1] }
  - { name: in2.example, catalog: consumer, primaries: [192.0.2.1], members: { primaries: [192.0.2.9], notify: [192.0.2.8] } }
  - { folder: hosted, notify: [192.0.2.2] }
keys:
  - { name: Xfr, secret: c2VjcmV0c2VjcmV0c2VjcmV0 }
  - { name: dyn, algorithm: hmac-sha512, secret-file: dyn.key }
authority:
  udp-size: 1400
  minimal-responses: false
  identity: ns1
  cookies: { secrets: [E5E973E5A6B2A43F48E7DC849E37BFCF] }
  rate-limit: { per-second: 20, exempt: [127.0.0.0/8] }
  tcp: { idle: 30 }
`;

const reach = `hostname: a
resolver:
  zones:
    - { name: Corp.Example., forward: [192.0.2.1, "192.0.2.1:5353", "2001:db8::1@5353", "[2001:db8::1]", "tls://192.0.2.2#Dns.example", "tls://192.0.2.2@8853"], first: true }
    - { name: lab.example, stub: ["127.0.0.1:5300"], insecure: true }
  hosts: { files: [hosts], names: { Printer.lan: 192.168.1.7, nas.lan: [192.168.1.8, "fd00::8"] } }
  local-zones: [{ name: lan, records: ["printer A 192.168.1.7"] }, { name: 10.in-addr.arpa, type: world }]
  block:
    - { file: ads.txt, format: domains }
    - { file: /rpz.zone, format: rpz }
    - { file: h, format: hosts, action: records, records: [A 192.0.2.1], reason: censored }
  rebinding-protection: { enabled: true, except: [corp.example] }
  dns64: {}
  root-zone: { file: root.zone }
`;

test('where the resolver has its answers from: short forms are filled in', () => {
  const { routes, hosts, localZones, block, rebinding, dns64, rootZone, negativeTrustAnchors } =
    parse(reach).resolver;
  const [corp, lab] = routes;
  assert.deepEqual(
    corp?.servers.map(({ endpoint: { address, port }, tls }) => [address, port, tls]),
    [
      ['192.0.2.1', 53, undefined],
      ['192.0.2.1', 5353, undefined],
      ['2001:db8::1', 5353, undefined],
      ['2001:db8::1', 53, undefined],
      ['192.0.2.2', 853, { name: 'dns.example' }],
      ['192.0.2.2', 8853, { name: undefined }],
    ],
  );
  assert.deepEqual([corp?.name, corp?.kind, corp?.first], ['corp.example', 'forward', true]);
  assert.deepEqual([lab?.kind, lab?.first, negativeTrustAnchors], ['stub', false, ['lab.example']]);
  assert.deepEqual(hosts, {
    files: ['/srv/hosts'],
    names: [
      { name: 'printer.lan', addresses: ['192.168.1.7'] },
      { name: 'nas.lan', addresses: ['192.168.1.8', 'fd00::8'] },
    ],
  });
  assert.deepEqual(
    localZones.map(({ name, type, records }) => [name, type, records.length]),
    [
      ['lan', 'static', 1],
      ['10.in-addr.arpa', 'world', 0],
    ],
  );
  assert.deepEqual(
    block.map(({ file, action, reason }) => [file, action, reason]),
    [
      ['/srv/ads.txt', 'nxdomain', 'blocked'],
      ['/rpz.zone', undefined, 'blocked'],
      ['/srv/h', 'records', 'censored'],
    ],
  );
  assert.ok(rebinding.enabled && rebinding.addresses.includes('10.0.0.0/8'));
  assert.deepEqual(dns64, { prefix: '64:ff9b::/96', exclude: ['::ffff:0:0/96'] });
  assert.deepEqual(rootZone, { file: '/srv/root.zone' });
  const plain = parse('hostname: a\n').resolver;
  assert.deepEqual([plain.rebinding.enabled, plain.dns64, plain.rootZone], [false, undefined, undefined]);
});

function remote(address: string, port: number, key?: string, tls?: { readonly name: string | undefined }) {
  return { endpoint: { address, port }, key, tls };
}

test('zones of each kind: short forms are filled in', () => {
  const { zones, zoneFolders, keys, authority } = parse(zonesOfEachKind);
  const zone = Object.fromEntries(zones.map((each) => [each.name, each]));
  assert.deepEqual(zone['example.com']?.transferTo, [
    { addresses: ['192.0.2.0/24'], key: undefined, tls: false },
    { addresses: [], key: 'xfr', tls: false },
    { addresses: ['0.0.0.0/0', '::/0'], key: 'xfr', tls: true },
  ]);
  assert.deepEqual(zone['example.net']?.primaries, [
    remote('192.0.2.1', 53),
    remote('192.0.2.1', 5353),
    remote('2001:db8::1', 53),
    remote('2001:db8::1', 54),
    remote('192.0.2.2', 853, 'xfr', { name: 'ns.example' }),
    remote('192.0.2.3', 853, undefined, { name: undefined }),
  ]);
  assert.equal(zone['example.net']?.file, undefined);
  assert.equal(zone['example.net']?.memberOf, 'cat.example');
  assert.deepEqual(zone['dyn.example']?.update, [
    { addresses: [], key: 'dyn', tls: false, names: ['*.dyn.example'], types: ['A', 'TYPE65280'] },
  ]);
  assert.equal(zone['dyn.example']?.journalSize, 2 ** 20);
  assert.equal(zone['b.example']?.file, '/srv/z/b.example.zone');
  assert.deepEqual(zone['b.example']?.update[0]?.names, ['_acme-challenge.b.example']);
  assert.equal(zone['cat.example']?.catalog, 'producer');
  assert.equal(zone['cat.example']?.journalSize, 16 * 2 ** 20);
  const nobody = { transferTo: [], notify: [] };
  assert.deepEqual(zone['in.example']?.catalog, { ...nobody, primaries: [remote('192.0.2.1', 53)] });
  assert.deepEqual(zone['in2.example']?.catalog, {
    primaries: [remote('192.0.2.9', 53)],
    transferTo: [],
    notify: [remote('192.0.2.8', 53)],
  });
  assert.deepEqual(
    zoneFolders.map(({ folder, policy }) => [folder, policy.notify]),
    [['/srv/hosted', [remote('192.0.2.2', 53)]]],
  );
  assert.deepEqual(keys, [
    { name: 'xfr', algorithm: 'hmac-sha256', secret: 'c2VjcmV0c2VjcmV0c2VjcmV0', secretFile: undefined },
    { name: 'dyn', algorithm: 'hmac-sha512', secret: undefined, secretFile: '/srv/dyn.key' },
  ]);
  assert.deepEqual(authority, {
    udpSize: 1400,
    minimalResponses: false,
    identity: 'ns1',
    version: undefined,
    cookies: { enabled: true, secrets: ['e5e973e5a6b2a43f48e7dc849e37bfcf'] },
    rateLimit: { perSecond: 20, slip: 2, exempt: ['127.0.0.0/8'] },
    tcp: { maxConnections: 1000, maxConnectionsPerAddress: 50, idle: 30 },
  });
});

test('the zones of a folder: one for each zone file, but for those with an item of their own', () => {
  const yaml =
    'hostname: a\nzones: [{ folder: /z, update: [{ key: k, names: [x.%s] }] }, { name: b.c, file: f }]\nkeys: [{ name: k, secret: c2VjcmV0c2VjcmV0c2VjcmV0 }]\n';
  const list = (names: readonly string[]) => parseConfig(yaml, '/srv/signpost.yaml', () => ok(names));
  const found = list(['D.e.zone', 'b.c.zone', 'a.b.zone', 'a.b.zone~', '.a.zone', 'README']);
  assert.ok(found.ok);
  assert.deepEqual(
    found.value.zones.map(({ name, file, update }) => [name, file, update[0]?.names[0]]),
    [
      ['b.c', '/srv/f', undefined],
      ['d.e', '/z/D.e.zone', 'x.d.e'],
      ['a.b', '/z/a.b.zone', 'x.a.b'],
    ],
  );
  const again = listZonesAgain(found.value, () => ok(['n.e.zone', 'a.b.zone', 'b.c.zone']));
  assert.deepEqual(again.ok && again.value.map(({ name, file }) => [name, file]), [
    ['b.c', '/srv/f'],
    ['a.b', '/z/a.b.zone'],
    ['n.e', '/z/n.e.zone'],
  ]);
  const both = list(['D.e.zone', 'd.e.zone']);
  assert.match(
    both.ok ? '' : both.fault.map(formatConfigFault).join(),
    /\/z\/D\.e\.zone and \/z\/d\.e\.zone are both named for d\.e/,
  );
  const odd = list(['a..b.zone']);
  assert.match(
    odd.ok ? '' : odd.fault.map(formatConfigFault).join(),
    /2:19: zones\[0\]\.folder: \/z\/a\.\.b\.zone is not named for a zone: 'a\.\.b' is not a domain name/,
  );
});

test('30,000 zones take seconds, and a fault among many is told in its place', () => {
  const names = Array.from({ length: 30_000 }, (_, i) => `    - zone${i}.example\n`);
  const start = process.cpuUsage();
  const config = parse(`hostname: a\nzones:\n  - file: zones/%s.zone\n    names:\n${names.join('')}`);
  const { user } = process.cpuUsage(start);
  assert.equal(config.zones.length, 30_000);
  assert.equal(config.zones[29_999]?.file, '/srv/zones/zone29999.example.zone');
  // Microseconds of CPU: 0.5 s alone on the machine; more, because the tests of other files run beside this one.
  assert.ok(user < 2e6, `${user} µs`);
  const items = Array.from({ length: 3000 }, (_, i) => `  - { name: zone${i}.example, flie: z }\n`);
  const faults = faultsOf(`hostname: a\nzones:\n${items.join('')}`);
  assert.equal(faults.length, 3000);
  assert.equal(faults[2_999], "3002:31+4 zones[2999]: there is no key 'flie' here; did you mean 'file'?");
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
    [
      "2:13+6 resolver: there is no key 'colour' here; allowed are root-hints, trust-anchors, negative-trust-anchors, allow, private-servers, zones, forward, hosts, local-zones, block, rebinding-protection, dns64, root-zone, rate-limit, max-pending-per-client, tcp, https, query-log, cache-size, max-ttl, min-ttl, serve-stale, prefetch, aggressive-nsec",
    ],
  ],
  [
    'routes that contradict themselves',
    `hostname: a
resolver:
  forward: [192.0.2.1]
  zones:
    - { name: a.example, forward: [192.0.2.1], stub: [192.0.2.1] }
    - { name: b.example }
    - { name: b.example, stub: ["192.0.2.1#b"] }
    - { name: ., stub: [b] }
`,
    [
      "7:33+13 resolver.zones[2].stub[0]: '192.0.2.1#b': only a server that is asked over TLS has a name to check; write tls://192.0.2.1#b",
      '8:25+1 resolver.zones[3].stub[0]: \'b\' is not the address of a server, like 192.0.2.1, "192.0.2.1:5353" or "tls://192.0.2.1#dns.example"',
    ],
  ],
  [
    'routes that contradict one another',
    `hostname: a
resolver:
  forward: [192.0.2.1]
  zones:
    - { name: a.example, forward: [192.0.2.1], stub: [192.0.2.1] }
    - { name: b.example }
    - { name: b.example, stub: [192.0.2.1] }
    - { name: ., stub: [192.0.2.1] }
`,
    [
      "5:48+4 resolver.zones[0]: 'forward' and 'stub' exclude each other",
      "6:7+19 resolver.zones[1]: the zone has no servers: set 'forward' or 'stub'",
      "7:15+9 resolver.zones[2]: 'b.example' stands here twice",
      "8:15+1 resolver.zones[3]: 'resolver.forward' names the servers of the root zone already",
    ],
  ],
  [
    'lists and local zones that contradict themselves',
    `hostname: a
resolver:
  hosts: { names: { "a b": 192.0.2.1 } }
  local-zones: [{ name: lan, type: world, records: [a A 192.0.2.1] }, { name: lan }]
  block:
    - { file: a, format: domains, records: [A 192.0.2.1] }
    - { file: a, format: rpz, action: records }
`,
    [
      "3:21+5 resolver.hosts.names: 'a b' is not a domain name: 'a b' may only have letters, digits and inner hyphens, 63 at most",
      "4:43+7 resolver.local-zones[0]: a zone of type 'world' answers with no records of its own; take them out",
      "4:79+3 resolver.local-zones[1]: 'lan' stands here twice",
      "6:35+7 resolver.block[0]: records are only given with 'action: records'",
      "7:31+6 resolver.block[1]: the records to answer with are missing: set 'records'",
    ],
  ],
  [
    'a prefix that has no place for an IPv4 address',
    'hostname: a\nresolver: { dns64: { prefix: "64:ff9b::/80" } }\n',
    [
      "2:30+14 resolver.dns64.prefix: '64:ff9b::/80': the prefix is one of IPv6, of 32, 40, 48, 56, 64 or 96 bits (RFC 6052 §2.2)",
    ],
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
    'memory for one message only',
    'hostname: a\nsmtp: { max-message-size: 10 MiB, max-memory: 19 MiB }\n',
    ['2:47+6 smtp.max-memory: must be at least twice smtp.max-message-size, which makes 20971520 octets'],
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
    'what a zone is',
    'hostname: a\nzones:\n  - { file: f }\n  - { name: a, names: [b] }\n  - { names: [c, d], file: f }\n  - { names: [e, e], primaries: [192.0.2.1] }\n',
    [
      "3:5+11 zones[0]: 'name' is missing: it must be a zone's name, like example.com",
      "4:16+5 zones[1]: 'name' and 'names' exclude each other",
      "5:22+4 zones[2]: several zones can't share one file: write %s for the zone's name, like zones/%s.zone",
      "6:18+1 zones: 'e' stands here twice",
    ],
  ],
  [
    'where the content comes from',
    `hostname: a
keys: [{ name: k, secret: c2VjcmV0c2VjcmV0c2VjcmV0 }]
zones:
  - { name: a, file: f, primaries: [192.0.2.1] }
  - { name: b, primaries: [192.0.2.1], update: [{ key: k }] }
  - { name: c, file: f, notify-from: [192.0.2.1] }
  - { name: d, catalog: consumer }
  - { name: e, catalog: producer, file: f }
  - { name: f, file: f, members: { notify: [192.0.2.1] } }
  - { name: g, file: f, member-of: ee }
  - { folder: f, catalog: producer }
`,
    [
      "4:16+4 zones[0]: a secondary gets its content from its primaries and keeps it itself: take out 'file' or 'primaries'",
      '5:40+6 zones[1]: a secondary takes no updates: they belong to its primary',
      "6:25+11 zones[2]: only a secondary is notified, and this zone has no 'primaries'",
      "7:16+7 zones[3]: a consumed catalog comes from its primaries: set 'primaries'",
      "8:35+4 zones[4]: the catalog is made of the zones that are members of it: take out 'file'",
      "9:25+7 zones[5]: 'members' says how the zones of a consumed catalog are served: it needs 'catalog: consumer'",
      "10:36+2 zones[6].member-of: there is no zone with 'catalog: producer' 'ee'; did you mean 'e'?",
      "11:7+6 zones[7]: the catalog is made of the zones that are members of it: take out 'folder'",
      "11:18+7 zones[7]: a catalog is one zone: it needs a 'name'",
    ],
  ],
  [
    'access rules, servers and updates',
    `hostname: a
zones:
  - name: a.b
    file: f
    transfer-to: [192.0.2.0/33, { tls: true }, { kee: x }, key: ksy, 5]
    notify: [ns.example, { address: 192.0.2.1, tls: [] }, "192.0.2.1:0"]
    update: [{ names: [x.a.b] }, { key: key, names: [a.c, x.%s], types: ["*"] }]
  - { names: [c.d], primaries: [192.0.2.1], notify: [{ address: 192.0.2.1, key: ksy }] }
keys: [{ name: key, secret: c2VjcmV0c2VjcmV0c2VjcmV0 }]
`,
    [
      "5:19+12 zones[0].transfer-to[0]: '192.0.2.0/33' is not an address block, like 127.0.0.0/8 or 2001:db8::/32",
      '5:33+13 zones[0].transfer-to[1]: names neither an address nor a key; to let in everyone, write any',
      "5:50+3 zones[0].transfer-to[2]: there is no key 'kee' here; did you mean 'key'?",
      '5:70+1 zones[0].transfer-to[4]: expected an address block, or { address, key, tls }, found the number 5',
      "6:14+10 zones[0].notify[0]: 'ns.example' is not a server's address, like 192.0.2.1 or \"[2001:db8::1]:5353\"",
      '6:53+2 zones[0].notify[1].tls: expected true, or the name that its certificate must be valid for, found an empty list',
      "6:59+13 zones[0].notify[2]: '192.0.2.1:0': port 0 can't be asked",
      "7:14+18 zones[0].update[0]: 'key' is missing: it must be a key's name, like transfer-key",
      "7:74+3 zones[0].update[1].types[0]: '*' is not the type of a record, like A or TYPE65280",
    ],
  ],
  [
    'secrets and algorithms',
    'hostname: a\nkeys: [{ name: x, secret: c2V, algorithm: hmac-md5 }]\n',
    [
      '2:27+3 keys[0].secret: the secret is not base64, which openssl rand -base64 32 makes',
      "2:43+8 keys[0].algorithm: expected one of hmac-sha256, hmac-sha384, hmac-sha512, found 'hmac-md5'",
    ],
  ],
  [
    'keys and names that are not there, or not in the zone',
    `hostname: a
zones:
  - { name: a.b, file: f, transfer-to: [key: ksy], update: [{ key: key, names: [a.c, "*.a.b", a.b] }] }
  - { names: [c.d], file: "%s", update: [{ key: zzz, names: [c.d] }] }
keys: [{ name: key, secret: c2VjcmV0c2VjcmV0c2VjcmV0 }, { name: KEY, secret-file: f }, { name: x }, { name: y, secret: c2Vj, secret-file: f }]
`,
    [
      "3:46+3 zones[0].transfer-to[0].key: there is no key 'ksy'; did you mean 'key'?",
      "3:81+3 zones[0].update[0].names[0]: 'a.c' does not lie in a.b",
      "4:49+3 zones[1].update[0].key: there is no key 'zzz'",
      "4:62+3 zones[1].update[0].names[0]: 'c.d' does not lie in each of the zones: end it with %s, which stands for the zone's name",
      "5:65+3 keys: 'key' stands here twice",
      "5:88+11 keys[2]: the key has no secret: set 'secret' or 'secret-file'",
      "5:126+11 keys[3]: 'secret' and 'secret-file' exclude each other",
    ],
  ],
  [
    'the authority',
    'hostname: a\nauthority: { udp-size: 100, cookies: { secrets: [abc] }, rate-limit: { slip: -1 }, tcp: { idle: no }, identity: 5 }\n',
    [
      '2:24+3 authority.udp-size: expected a whole number from 512 to 65535, found the number 100',
      '2:50+3 authority.cookies.secrets[0]: a secret has 32 hexadecimal digits, which openssl rand -hex 16 makes',
      '2:78+2 authority.rate-limit.slip: expected a whole number from 0 to 100, found the number -1',
      "2:97+2 authority.tcp.idle: expected a whole number from 1 to 3600, found 'no'",
      '2:113+1 authority.identity: expected a text of at most 255 octets, found the number 5',
    ],
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

test('mail checks: choices, and a mailbox’s name', () => {
  assert.deepEqual(
    faultsOf(
      'hostname: a\nmail-checks:\n  dmarc: reject\n  spf-fail: yes\n  temporary: refuse\n  reverse-dns-fail: quarantine\n  quarantine-mailbox: "a\\nb"\n  exempt: [here]\n  dmarc-reports: { days: 91 }\n',
    ),
    [
      "3:10+6 mail-checks.dmarc: expected obey, quarantine or mark, found 'reject'",
      "4:13+3 mail-checks.spf-fail: expected mark, quarantine or reject, found 'yes'",
      "5:14+6 mail-checks.temporary: expected accept or defer, found 'refuse'",
      "6:21+10 mail-checks.reverse-dns-fail: expected mark or reject, found 'quarantine'",
      "7:23+6 mail-checks.quarantine-mailbox: expected a mailbox's name of 1 to 200 characters, like Junk, found 'a\nb'",
      "8:12+4 mail-checks.exempt[0]: 'here' is not an address block, like 127.0.0.0/8 or 2001:db8::/32",
      '9:26+2 mail-checks.dmarc-reports.days: expected a whole number from 0 to 90, found the number 91',
    ],
  );
  assert.deepEqual(parse('hostname: a\n').mailChecks, {
    enabled: true,
    exempt: ['127.0.0.0/8', '::1/128'],
    spfFail: 'mark',
    iprevFail: 'mark',
    dmarc: 'obey',
    temporary: 'accept',
    quarantineMailbox: 'Junk',
    reports: { days: 7, rows: 10_000 },
  });
});

test('addresses and submission: a separator, and limits', () => {
  assert.deepEqual(
    faultsOf(
      'hostname: a\naddresses: { separator: "++" }\nsubmission:\n  received: maybe\n  limits: { messages: { minute: -1, year: 5 } }\n',
    ),
    [
      "2:25+4 addresses.separator: expected one of + - _ = . ~ # none, found '++'",
      "4:13+5 submission.received: expected full or hidden, found 'maybe'",
      '5:33+2 submission.limits.messages.minute: expected a whole number from 0 to 1000000, found the number -1',
      "5:37+4 submission.limits.messages: there is no key 'year' here; allowed are minute, hour, day",
    ],
  );
  assert.equal(parse('hostname: a\n').addresses.separator, '+');
  assert.equal(parse('hostname: a\naddresses: { separator: none }\n').addresses.separator, undefined);
  assert.deepEqual(parse('hostname: a\nsubmission: { limits: { messages: { hour: 9 } } }\n').submission, {
    tellClient: false,
    limits: {
      messages: { minute: 60, hour: 9, day: 2000 },
      recipients: { minute: 500, hour: 2000, day: 5000 },
    },
  });
});

test('warnings: a zone that nothing fills, TLS without a listener, a secret that can be guessed', () => {
  const yaml = `hostname: a
listeners: { dns-authority: ["127.0.0.1:0"] }
zones: [{ name: b }, { name: c }, { name: d, file: f, transfer-to: [{ key: k, tls: true }] }]
keys: [{ name: k, secret: c2VjcmV0 }]
`;
  assert.deepEqual(configWarnings(parse(yaml)), [
    "zone b and 1 more: there is no file, no primaries and no update rule, so only 'signpost zone import' can give it content",
    'zone d: a rule of transfer-to wants TLS, but there is no dns-authority-tls listener',
    'key k: a secret of 6 octets can be guessed; openssl rand -base64 32 makes a better one',
  ]);
});

test('warnings: a root of one’s own, and the real root’s trust anchors', () => {
  const own = `hostname: a
listeners: { dns-resolver: ["127.0.0.1:0"] }
resolver: { root-hints: [{ name: a.root, addresses: [192.0.2.1] }]`;
  assert.match(configWarnings(parse(`${own} }\n`)).join('\n'), /trust anchors are the real root's/);
  for (const rest of [', trust-anchors: [] }', ', forward: [192.0.2.2] }'])
    assert.deepEqual(configWarnings(parse(`${own}${rest}\n`)), []);
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
