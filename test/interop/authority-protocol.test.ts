// What dig, kdig and openssl make of the authority's cookies, options, CHAOS answers and TLS, on real sockets.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseConfig } from '../../src/config/parse-config.ts';
import { silentLog } from '../../src/lib/log.ts';
import { startSignpost } from '../../src/main.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import { SignpostFolder } from '../support/served-signpost.ts';

const zone = `$TTL 300
@ SOA ns hostmaster 1 3600 900 604800 60
@ NS ns
ns A 192.0.2.1
`;

const config = `hostname: ns1.example.com
listeners: { dns-authority: ["127.0.0.1:0"], dns-authority-tls: ["127.0.0.1:0"] }
zones: [{ name: example.com, file: example.com.zone }]
authority: { identity: ns1.example.com, version: Signpost, tcp: { idle: 7 } }
`;

describe('authority: protocol', { skip: missingPrograms('dig', 'kdig', 'openssl') }, () => {
  const opened = new AsyncDisposableStack();
  const ports: Record<string, number> = {};

  before(async () => {
    const folder = opened.use(await SignpostFolder.make({ 'example.com.zone': zone }));
    const parsed = parseConfig(config, join(folder.path, 'signpost.yaml'));
    assert.ok(parsed.ok, parsed.ok ? '' : JSON.stringify(parsed.fault));
    const running = await startSignpost(parsed.value, { log: silentLog });
    opened.defer(() => running.close(0));
    for (const { name, endpoint } of running.listeners) ports[name] = endpoint.port;
  });
  after(() => opened.disposeAsync());

  async function ask(program: 'dig' | 'kdig', args: readonly string[], port: string): Promise<string> {
    const { code, stdout, stderr } = await runProgram(program, [
      '@127.0.0.1',
      '-p',
      String(ports[port]),
      ...args,
    ]);
    const text = `${stdout.toString()}${stderr}`;
    assert.equal(code, 0, text);
    assert.doesNotMatch(text, /WARNING: (?!recursion|response timeout)|malformed|;; Got bad packet/i, text);
    return text;
  }

  const rows: readonly (readonly [
    what: string,
    program: 'dig' | 'kdig',
    args: readonly string[],
    port: 'dns-authority' | 'dns-authority-tls',
    has: readonly RegExp[],
  ])[] = [
    [
      'dig learns a cookie',
      'dig',
      ['+cookie', 'example.com', 'SOA'],
      'dns-authority',
      [/; COOKIE: [0-9a-f]{16}010{6}[0-9a-f]+ \(good\)/, /status: NOERROR/],
    ],
    [
      'dig shows a cookie that isn’t ours',
      'dig',
      ['+cookie=0102030405060708010000005cf79f111f8130c3eee29480', 'example.com', 'SOA'],
      'dns-authority',
      [/; COOKIE: 0102030405060708010{6}.* \(good\)/, /status: NOERROR/],
    ],
    [
      'kdig learns a cookie',
      'kdig',
      ['+cookie', 'example.com', 'SOA'],
      'dns-authority',
      [/status: NOERROR/, /COOKIE: [0-9a-f]{48}/i],
    ],
    [
      'dig asks a cookie alone',
      'dig',
      ['+cookie', '+header-only', '+qr'],
      'dns-authority',
      [/; COOKIE: .* \(good\)/],
    ],
    ['NSID', 'dig', ['+nsid', 'example.com', 'SOA'], 'dns-authority', [/; NSID: .*\("ns1\.example\.com"\)/]],
    [
      'keepalive',
      'dig',
      ['+tcp', '+keepalive', 'example.com', 'SOA'],
      'dns-authority',
      [/; TCP.KEEPALIVE: 7\.0 secs/],
    ],
    [
      'why a name is refused',
      'dig',
      ['example.net', 'SOA'],
      'dns-authority',
      [/status: REFUSED/, /EDE: 20 \(Not Authoritative\)/],
    ],
    [
      'version.bind',
      'dig',
      ['CH', 'TXT', 'version.bind'],
      'dns-authority',
      [/version\.bind\.\s+0\s+CH\s+TXT\s+"Signpost"/, /flags: qr aa/],
    ],
    [
      'id.server',
      'kdig',
      ['CH', 'TXT', 'id.server'],
      'dns-authority',
      [/id\.server\.\s+0\s+CH\s+TXT\s+"ns1\.example\.com"/],
    ],
    [
      'an unknown EDNS version',
      'dig',
      ['+edns=1', '+noednsneg', 'example.com', 'SOA'],
      'dns-authority',
      [/status: BADVERS/, /EDNS: version: 0/],
    ],
    [
      'an unknown option, flag and opcode',
      'dig',
      ['+ednsopt=100:0102', '+ednsflags=0x40', '+opcode=14', 'example.com', 'SOA'],
      'dns-authority',
      [/status: NOTIMP/, /EDNS: version: 0, flags:; udp: 1232/],
    ],
    [
      'TLS with padding',
      'kdig',
      ['+tls', '+padding', '+nsid', 'example.com', 'SOA'],
      'dns-authority-tls',
      [/;; TLS session \(TLS1\.3\)/, /status: NOERROR/, /PADDING: [0-9]+ B/i, /Received 468 B/],
    ],
    [
      'TLS keeps a connection for more',
      'kdig',
      ['+tls', '+keepopen', 'example.com', 'SOA', 'ns.example.com', 'A'],
      'dns-authority-tls',
      [/192\.0\.2\.1/, /SOA\s+ns\.example\.com/],
    ],
    [
      'dig over TLS',
      'dig',
      ['+tls', 'example.com', 'SOA'],
      'dns-authority-tls',
      [/status: NOERROR/, /\(TLS\)/],
    ],
  ];
  for (const [what, program, args, port, has] of rows) {
    test(what, async () => {
      const text = await ask(program, args, port);
      for (const pattern of has) assert.match(text, pattern);
    });
  }

  test('above the limit clients are sent to TCP, and a cookie spares them that', async () => {
    const folder = opened.use(await SignpostFolder.make({ 'example.com.zone': zone }));
    const text = `hostname: ns1.example.com
listeners: { dns-authority: ["127.0.0.1:0"] }
zones: [{ name: example.com, file: example.com.zone }]
workers: { dns: 1 }
authority: { rate-limit: { per-second: 1, slip: 1 } }
`;
    const parsed = parseConfig(text, join(folder.path, 'signpost.yaml'));
    assert.ok(parsed.ok);
    const running = await startSignpost(parsed.value, { log: silentLog });
    opened.defer(() => running.close(0));
    const [listener] = running.listeners;
    ports['limited'] = listener?.endpoint.port ?? assert.fail('no listener');
    const askOften = (args: readonly string[]): Promise<readonly string[]> =>
      Promise.all(Array.from({ length: 12 }, () => ask('dig', [...args, 'ns.example.com', 'A'], 'limited')));
    const plain = await askOften(['+nocookie']);
    assert.ok(plain.every((answer) => answer.includes('192.0.2.1')));
    assert.ok(plain.some((answer) => answer.includes('Truncated, retrying in TCP mode')));
    // dig asks again with the cookie that BADCOOKIE tells it.
    const first = await ask('dig', ['+cookie=0102030405060708', 'ns.example.com', 'A'], 'limited');
    const cookie = /; COOKIE: ([0-9a-f]{48})/.exec(first)?.[1] ?? assert.fail(first);
    const known = await askOften([`+cookie=${cookie}`]);
    assert.ok(known.every((answer) => answer.includes('192.0.2.1') && answer.includes('(UDP)')));
  });

  test('a cookie outlives the next query', async () => {
    const first = await ask('dig', ['+cookie=0102030405060708', 'example.com', 'SOA'], 'dns-authority');
    const cookie = /; COOKIE: ([0-9a-f]{48})/.exec(first)?.[1] ?? assert.fail(first);
    const second = await ask('dig', [`+cookie=${cookie}`, 'example.com', 'SOA'], 'dns-authority');
    assert.ok(second.includes(`; COOKIE: ${cookie} (good)`), second);
  });

  for (const version of ['tls1_2', 'tls1_3']) {
    test(`openssl: ${version}, ALPN and resumption`, async () => {
      const { stdout, stderr } = await runProgram(
        'openssl',
        [
          's_client',
          '-connect',
          `127.0.0.1:${ports['dns-authority-tls']}`,
          `-${version}`,
          '-alpn',
          'dot',
          '-brief',
        ],
        { input: '' },
      );
      const text = `${stdout.toString()}${stderr}`;
      assert.match(text, version === 'tls1_2' ? /TLSv1\.2/ : /TLSv1\.3/);
      assert.doesNotMatch(text, /alert/i);
    });
  }
});
