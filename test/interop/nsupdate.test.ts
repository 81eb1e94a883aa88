// nsupdate changes a zone of ours, signed by TSIG; dig sees the changes and takes them as IXFR; both are there after a restart.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import { ServedSignpost, SignpostFolder } from '../support/served-signpost.ts';

const secret = 'c2lnbnBvc3Qgc2lnbnBvc3Qgc2lnbnBvc3QhISEhISE=';
const config = `
hostname: ns1.example.com
listeners: { dns-authority: ["127.0.0.1:0"] }
workers: { dns: 1 }
keys:
  - { name: admin-key, secret: "${secret}" }
  - { name: acme-key, algorithm: hmac-sha512, secret: "${secret}" }
zones:
  - name: example.com
    file: example.com.zone
    transfer-to: [{ key: admin-key }]
    update:
      - { key: admin-key }
      - { key: admin-key, types: [SOA, NS] }
      - { key: acme-key, names: [_acme-challenge.example.com], types: [TXT] }
`;
const zone = `$TTL 300
@ SOA ns1 hostmaster 1 7200 3600 1209600 300
@ NS ns1
ns1 A 192.0.2.53
old A 192.0.2.1
$GENERATE 1-50 host-$ TXT "large enough for steps to be the shorter way"
`;

describe('nsupdate', { skip: missingPrograms('nsupdate', 'dig') }, () => {
  let folder: SignpostFolder;
  let served: ServedSignpost;
  let server: Endpoint;

  before(async () => {
    folder = await SignpostFolder.make({ 'signpost.yaml': config, 'example.com.zone': zone });
    await start();
  });
  after(async () => {
    await served[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  async function start(): Promise<void> {
    served = await ServedSignpost.start(folder);
    server = await served.endpoint('dns-authority');
  }

  /** Gives what nsupdate says; '' where all went well. */
  async function update(
    lines: readonly string[],
    key: string,
    ...options: readonly string[]
  ): Promise<string> {
    const input = [
      `server ${server.address} ${server.port}`,
      'check-names off',
      'zone example.com',
      ...lines,
      'send',
      '',
    ].join('\n');
    const done = await runProgram('nsupdate', [...options, '-y', key], { input });
    assert.equal(done.code === 0, done.stderr === '', done.stderr);
    return done.stderr.trim();
  }

  async function dig(...args: readonly string[]): Promise<readonly string[]> {
    const done = await runProgram('dig', [`@${server.address}`, '-p', `${server.port}`, '+time=3', ...args]);
    assert.equal(done.code, 0);
    return done.stdout
      .toString()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(';') && !line.includes('TSIG'))
      .map((line) => line.replaceAll(/\s+/g, ' '));
  }

  const admin = `hmac-sha256:admin-key:${secret}`;
  const acme = `hmac-sha512:acme-key:${secret}`;

  test('adds, replaces and deletes by UDP and TCP, with prerequisites', async () => {
    assert.equal(await update(['nxdomain new', 'add new 60 A 192.0.2.2'].map(relative), admin), '');
    assert.deepEqual(await dig('+short', 'new.example.com'), ['192.0.2.2']);
    assert.equal(
      await update(['prereq yxrrset old.example.com A', 'update delete old.example.com A'], admin, '-v'),
      '',
    );
    assert.deepEqual(await dig('+short', 'old.example.com'), []);
    const refused = await update(['prereq nxdomain new.example.com', 'update delete new.example.com'], admin);
    assert.match(refused, /YXDOMAIN/);
    assert.deepEqual(await dig('+short', 'SOA', 'example.com'), [
      'ns1.example.com. hostmaster.example.com. 3 7200 3600 1209600 300',
    ]);
  });

  test('each key changes what it may and no more', async () => {
    const challenge = 'update add _acme-challenge.example.com 60 TXT "token"';
    assert.equal(await update([challenge], acme), '');
    assert.deepEqual(await dig('+short', 'TXT', '_acme-challenge.example.com'), ['"token"']);
    assert.match(await update(['update add www.example.com 60 A 192.0.2.3'], acme), /REFUSED/);
    assert.match(await update(['update add _acme-challenge.example.com 60 A 192.0.2.3'], acme), /REFUSED/);
    assert.match(await update([challenge], `hmac-sha256:other-key:${secret}`), /NOTAUTH|BADKEY/);
    assert.match(await update([challenge], 'hmac-sha256:admin-key:AAAA'), /BADSIG|NOTAUTH/);
    assert.match(
      await update(['zone example.net', 'update add a.example.net 60 A 192.0.2.3'], admin),
      /NOTAUTH/,
    );
  });

  test('a whole delegation, and names with everything in them', async () => {
    const lines = [
      'update add sub.example.com 60 NS ns.sub.example.com.',
      'update add ns.sub.example.com 60 A 192.0.2.9',
      'update add *.w.example.com 60 TXT "a \\"quoted\\" text" "two"',
      'update add a\\.b.example.com 60 MX 10 Mail.Example.NET.',
      'update add x.example.com 60 TYPE65280 \\# 3 010203',
    ];
    assert.equal(await update(lines, admin), '');
    assert.deepEqual(await dig('+short', 'TXT', 'q.w.example.com'), ['"a \\"quoted\\" text" "two"']);
    assert.deepEqual(await dig('+short', 'MX', 'a\\.b.example.com'), ['10 Mail.Example.NET.']);
    assert.deepEqual(await dig('+short', 'TYPE65280', 'x.example.com'), ['\\# 3 010203']);
  });

  test('what was changed is there after a restart, and each update is one step of IXFR', async () => {
    const whole = (await dig('-y', admin, 'AXFR', 'example.com')).toSorted();
    const steps = await dig('-y', admin, 'IXFR=1', 'example.com');
    assert.equal(steps.filter((line) => line.includes(' SOA ')).length, 2 + 2 * 4, steps.join('\n'));
    assert.equal(await served.stop(), 0);
    await start();
    assert.deepEqual((await dig('-y', admin, 'AXFR', 'example.com')).toSorted(), whole);
    assert.deepEqual(await dig('-y', admin, 'IXFR=1', 'example.com'), steps);
  });
});

function relative(line: string): string {
  return line
    .replace(/^nxdomain (\S+)/, 'prereq nxdomain $1.example.com')
    .replace(/^add (\S+)/, 'update add $1.example.com');
}
