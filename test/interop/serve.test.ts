// `signpost serve -c` with a config as docs/config.md has it, driven from outside by real programs: dig asks the authority and
// the resolver, swaks submits, curl and fetchmail retrieve byte for byte.
import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseConfig } from '../../src/config/parse-config.ts';
import { formatEndpoint } from '../../src/lib/endpoint.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { silentLog } from '../../src/lib/log.ts';
import { startSignpost } from '../../src/main.ts';
import type { RunningSignpost } from '../../src/main.ts';
import { findFreePort } from '../../src/lab/ports.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import { ServedSignpost, SignpostFolder } from '../support/served-signpost.ts';

const soa = 'ns1.example.com. hostmaster.example.com. 1 7200 3600 1209600 300';

const zones: Readonly<Record<string, string>> = {
  'zones/example.com.zone': `$TTL 300
@ IN SOA ${soa}
@ IN NS ns1
@ IN MX 10 mx
@ IN A 192.0.2.80
ns1 IN A 192.0.2.53
mx IN A 192.0.2.25
www IN CNAME www.example.org.
*.wild IN TXT "from the wildcard"
sub IN NS ns.sub
ns.sub IN A 192.0.2.99
big IN TXT "${'x'.repeat(250)}" "${'y'.repeat(250)}" "${'z'.repeat(250)}" "${'a'.repeat(250)}" "${'b'.repeat(250)}" "${'c'.repeat(250)}"
`,
  'zones/example.org.zone': `$TTL 300
@ IN SOA ${soa}
@ IN NS ns1.example.com.
www IN A 198.51.100.80
`,
};

const rootZone = `. 300 IN SOA ${soa}
. 300 IN NS a.root-servers.net.
a.root-servers.net. 300 IN A 198.41.0.4
com. 300 IN NS ns1.example.com.
org. 300 IN NS ns1.example.com.
example.com. 300 IN NS ns1.example.com.
example.org. 300 IN NS ns1.example.com.
ns1.example.com. 300 IN A 192.0.2.53
`;

describe('signpost serve', { skip: missingPrograms('dig', 'swaks', 'curl', 'fetchmail') }, () => {
  const opened = new AsyncDisposableStack();
  let folder: SignpostFolder;
  let served: ServedSignpost;
  let authority: Endpoint;
  let resolver: Endpoint;

  before(async () => {
    const root = await openRoot(opened);
    const authorityPort = await findFreePort(0);
    const rootAddress = formatEndpoint(
      root.listeners[0]?.endpoint ?? assert.fail('the root has no listener'),
    );
    folder = opened.use(
      await SignpostFolder.make({
        ...zones,
        'signpost.yaml': `hostname: mx.example.com
data: ./data
listeners:
  dns-authority: ["127.0.0.1:${authorityPort}"]
  dns-resolver:  ["127.0.0.1:0"]
  smtp:          ["127.0.0.1:0"]
  submission:    ["127.0.0.1:0"]
  submissions:   ["127.0.0.1:0"]
  pop3s:         ["127.0.0.1:0"]
zones:
  - { name: example.com, file: zones/example.com.zone }
  - { name: example.org, file: zones/example.org.zone }
resolver:
  root-hints: [{ name: a.root-servers.net, addresses: [198.41.0.4] }]
  trust-anchors: []
  allow: ["127.0.0.0/8", "::1/128"]
network:
  map: { "198.41.0.4:53": "${rootAddress}", "192.0.2.53:53": "127.0.0.1:${authorityPort}" }
`,
      }),
    );
    served = opened.use(await ServedSignpost.start(folder));
    authority = await served.endpoint('dns-authority');
    resolver = await served.endpoint('dns-resolver');
  });
  after(() => opened.disposeAsync());

  test('prints one line, and nothing else, on stdout', () => {
    assert.equal(served.stdout, 'signpost ready\n');
  });

  /** Question, options, and what must stand in dig's answer. */
  const answers: readonly (readonly [string, readonly string[], readonly RegExp[]])[] = [
    [
      'A',
      ['example.com', 'A'],
      [/status: NOERROR/, /flags:[^;]* aa/, /example\.com\.\s+300\s+IN\s+A\s+192\.0\.2\.80/],
    ],
    [
      'MX with its address',
      ['example.com', 'MX'],
      [/MX\s+10 mx\.example\.com\./, /mx\.example\.com\.\s+300\s+IN\s+A\s+192\.0\.2\.25/],
    ],
    [
      'wildcard',
      ['any.thing.wild.example.com', 'TXT'],
      [/any\.thing\.wild\.example\.com\.\s+300\s+IN\s+TXT\s+"from the wildcard"/],
    ],
    [
      'CNAME across zones',
      ['www.example.com', 'A'],
      [/CNAME\s+www\.example\.org\./, /www\.example\.org\.\s+300\s+IN\s+A\s+198\.51\.100\.80/],
    ],
    [
      'referral with glue',
      ['host.sub.example.com', 'A', '+norecurse'],
      [
        /ANSWER: 0, AUTHORITY: 1/,
        /sub\.example\.com\.\s+300\s+IN\s+NS\s+ns\.sub\.example\.com\./,
        /ns\.sub\.example\.com\.\s+300\s+IN\s+A\s+192\.0\.2\.99/,
      ],
    ],
    ['NXDOMAIN', ['nobody.example.com', 'A'], [/status: NXDOMAIN/, /example\.com\.\s+300\s+IN\s+SOA/]],
    ['NODATA', ['mx.example.com', 'AAAA'], [/status: NOERROR/, /ANSWER: 0, AUTHORITY: 1/, /SOA/]],
    ['over TCP', ['example.com', 'A', '+tcp'], [/192\.0\.2\.80/, /\(TCP\)/]],
    ['truncated over UDP', ['big.example.com', 'TXT', '+ignore', '+notcp'], [/flags:[^;]* tc/]],
    ['retried over TCP', ['big.example.com', 'TXT'], [/Truncated, retrying in TCP mode/, /x{250}/]],
  ];
  for (const [name, args, expected] of answers) {
    test(`the authority answers dig: ${name}`, async () => {
      const out = await dig(authority, args);
      for (const pattern of expected) assert.match(out, pattern);
    });
  }

  test('the resolver finds the same names from the root down, and the second time in its cache', async () => {
    // Of zones that it serves itself it keeps answers for five seconds, so that changes show.
    const first = await dig(resolver, ['www.example.com', 'A']);
    assert.match(first, /flags: qr rd ra;/);
    assert.match(first, /www\.example\.com\.\s+5\s+IN\s+CNAME\s+www\.example\.org\./);
    assert.match(first, /www\.example\.org\.\s+5\s+IN\s+A\s+198\.51\.100\.80/);
    for (const [args, pattern] of [
      [['example.com', 'MX'], /MX\s+10 mx\.example\.com\./],
      [['x.wild.example.com', 'TXT'], /from the wildcard/],
      [['nobody.example.com', 'A'], /status: NXDOMAIN/],
      [['mx.example.com', 'AAAA'], /status: NOERROR[\s\S]*ANSWER: 0/],
      [['example.com', 'A', '+tcp'], /192\.0\.2\.80/],
    ] as const) {
      assert.match(await dig(resolver, args), pattern);
    }
    // The authority's answer is always fresh; one from the cache counts down.
    await new Promise((settle) => setTimeout(settle, 1100));
    const second = await dig(resolver, ['www.example.com', 'A']);
    const ttl = Number(/www\.example\.org\.\s+(\d+)\s+IN\s+A/.exec(second)?.[1]);
    assert.ok(ttl < 5, `the TTL is ${ttl}`);
  });

  test('swaks submits, curl and fetchmail retrieve byte for byte', async () => {
    assert.equal((await folder.command(['domain', 'add', 'example.com'])).code, 0);
    const added = await folder.command(
      ['account', 'add', 'bob@example.com', '--password-stdin'],
      'can we fix it\n',
    );
    assert.deepEqual(added, { code: 0, stdout: 'bob@example.com can log in and get mail now\n', stderr: '' });

    const letter =
      'From: bob@example.com\r\nTo: bob@example.com\r\nSubject: to myself\r\n\r\n.dots\r\n..\r\nüñí\r\n';
    await folder.write('letter.eml', letter);
    const server = formatEndpoint(await served.endpoint('submission'));
    const login = ['--auth', 'PLAIN', '--auth-user', 'bob@example.com', '--auth-password', 'can we fix it'];
    const path = [
      '--from',
      'bob@example.com',
      '--to',
      'bob@example.com',
      '--data',
      `@${join(folder.path, 'letter.eml')}`,
    ];
    const sent = await runProgram('swaks', ['--server', server, '--tls', ...login, ...path]);
    assert.equal(sent.code, 0, sent.stdout.toString());
    const atOnce = formatEndpoint(await served.endpoint('submissions'));
    const sentToo = await runProgram('swaks', ['--server', atOnce, '--tls-on-connect', ...login, ...path]);
    assert.equal(sentToo.code, 0, sentToo.stdout.toString());

    const pop3s = await served.endpoint('pop3s');
    const user = 'bob@example.com:can we fix it';
    const curl = await runProgram('curl', [
      '-sS',
      '-k',
      '--user',
      user,
      `pop3s://${formatEndpoint(pop3s)}/1`,
    ]);
    assert.equal(curl.code, 0, curl.stderr);
    const retrieved = curl.stdout.toString();
    // Our trace fields in front, then what was submitted, and the empty line that swaks ends each message with.
    assert.match(retrieved, /^Return-Path: <bob@example\.com>\r\nReceived: from /);
    assert.ok(retrieved.endsWith(`${letter}\r\n`), retrieved);

    const fetched = await fetchAll(folder, pop3s);
    assert.equal(fetched.length, 2);
    assert.ok(fetched.includes(retrieved), 'fetchmail and curl have got different octets');
    const journeys = await folder.command(['journey', '--json']);
    const [newest] = JSON.parse(journeys.stdout) as readonly {
      readonly id: string;
      readonly to: readonly string[];
    }[];
    assert.deepEqual(newest?.to, ['bob@example.com']);
    const told = await folder.command(['journey', newest?.id ?? '']);
    assert.match(told.stdout, /S1[\s\S]*S2[\s\S]*S3[\s\S]*S6/);
  });

  test('SIGHUP reloads zones; a wrong one is told of with its place, and the old one keeps serving', async () => {
    const file = 'zones/example.com.zone';
    const zone = zones[file] ?? '';
    await folder.write(file, zone.replace('192.0.2.80', '192.0.2.81'));
    served.signal('SIGHUP');
    await served.logged('reloaded zones and certificates');
    assert.match(await dig(authority, ['example.com', 'A']), /192\.0\.2\.81/);
    await folder.write(file, `${zone}broken IN A 1.2.3\n`);
    served.signal('SIGHUP');
    await served.logged('not reloaded');
    assert.match(served.stderr, /zones\/example\.com\.zone:13:13: /);
    assert.match(await dig(authority, ['example.com', 'A']), /192\.0\.2\.81/);
  });

  test('SIGTERM ends it with 0, and nothing was said on stdout but that it was ready', async () => {
    assert.equal(await served.stop(), 0);
    assert.equal(served.stdout, 'signpost ready\n');
  });
});

async function dig(server: Endpoint, args: readonly string[]): Promise<string> {
  const where = [`@${server.address}`, '-p', String(server.port), '+tries=2', '+time=5'];
  const { stdout } = await runProgram('dig', [...where, ...args]);
  return stdout.toString();
}

/** A root server, in this process. */
async function openRoot(opened: AsyncDisposableStack): Promise<RunningSignpost> {
  const folder = opened.use(await SignpostFolder.make({ 'root.zone': rootZone }));
  const config = parseConfig(
    'hostname: a.root-servers.net\nlisteners: { dns-authority: ["127.0.0.1:0"] }\nzones: [{ name: ., file: root.zone }]\n',
    join(folder.path, 'signpost.yaml'),
  );
  assert.ok(config.ok);
  const running = await startSignpost(config.value, { log: silentLog });
  opened.defer(() => running.close(0));
  return running;
}

/** What fetchmail takes, one text a message. */
async function fetchAll(folder: SignpostFolder, pop3s: Endpoint): Promise<readonly string[]> {
  const rc = join(folder.path, 'fetchmailrc');
  const out = join(folder.path, 'fetched');
  const mda = join(folder.path, 'mda');
  await writeFile(mda, `#!/bin/sh\ncat >> ${out}\nprintf '\\0' >> ${out}\n`);
  await chmod(mda, 0o700);
  await writeFile(
    rc,
    `set invisible\npoll ${pop3s.address} protocol pop3 port ${pop3s.port} auth any user "bob@example.com" password "can we fix it"\n` +
      `  ssl no sslcertck no rewrite nostripcr no dropstatus fetchall nokeep mda "${mda}"\n`,
  );
  await chmod(rc, 0o600);
  const done = await runProgram('fetchmail', ['-f', rc, '--pidfile', join(folder.path, 'pid')], {
    env: { HOME: folder.path, FETCHMAILHOME: folder.path },
  });
  assert.equal(done.code, 0, `${done.stderr}${done.stdout.toString()}`);
  return (await readFile(out, 'utf8')).split('\0').filter((text) => text !== '');
}
