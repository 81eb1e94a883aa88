// The whole server with a config: who may take which zone, with a key, over TLS, and as a secondary that is told of changes in a file.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { silentLog } from '../../src/lib/log.ts';
import { startSignpost } from '../../src/main.ts';
import type { RunningSignpost } from '../../src/main.ts';
import { knot } from '../support/dns-peers/knot.ts';
import { DnsPeer, transferKey } from '../support/dns-peers/peer.ts';
import { contentAt, serialsSince, untilSerial } from '../support/dns-zone-content.ts';
import { freePort } from '../support/free-port.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import { SignpostFolder } from '../support/served-signpost.ts';

function zone(serial: number, extra = ''): string {
  return `$TTL 300\n@ SOA ns hostmaster ${serial} 3600 900 604800 60\n@ NS ns\nns A 192.0.2.1\n${extra}`;
}

function config(knotPort: number): string {
  return `hostname: ns1.example.com
listeners: { dns-authority: ["127.0.0.1:0"], dns-authority-tls: ["127.0.0.1:0"] }
workers: { dns: 1 }
keys: [{ name: ${transferKey.name}, secret: "${transferKey.secret}" }]
zones:
  - { name: keyed.example, file: keyed.zone, transfer-to: [key: ${transferKey.name}] }
  - { name: private.example, file: private.zone, transfer-to: [{ address: any, tls: true }] }
  - { name: nobodys.example, file: nobodys.zone }
  - name: followed.example
    file: followed.zone
    transfer-to: [key: ${transferKey.name}]
    notify: [{ address: "127.0.0.1:${knotPort}", key: ${transferKey.name} }]
`;
}

describe('transfers from a server with a config', { skip: missingPrograms('dig', 'kdig', 'knotd') }, () => {
  const opened = new AsyncDisposableStack();
  let folder: SignpostFolder;
  let running: RunningSignpost;
  let knotPort: number;

  before(async () => {
    const files = ['keyed', 'private', 'nobodys', 'followed'].map((name) => [`${name}.zone`, zone(1)]);
    folder = opened.use(await SignpostFolder.make(Object.fromEntries(files)));
    knotPort = await freePort();
    const parsed = parseConfig(config(knotPort), join(folder.path, 'signpost.yaml'));
    assert.ok(parsed.ok, parsed.ok ? '' : JSON.stringify(parsed.fault));
    running = await startSignpost(parsed.value, { log: silentLog });
    opened.defer(() => running.close(0));
  });
  after(() => opened.disposeAsync());

  function endpointOf(name: string): Endpoint {
    return running.listeners.find((each) => each.name === name)?.endpoint ?? assert.fail(name);
  }

  async function take(name: string, listener: string, args: readonly string[]): Promise<string> {
    const { port } = endpointOf(listener);
    const { stdout, stderr } = await runProgram('kdig', [
      '@127.0.0.1',
      '-p',
      String(port),
      name,
      'AXFR',
      ...args,
    ]);
    return `${stdout.toString()}${stderr}`;
  }

  const key = ['-y', `${transferKey.algorithm}:${transferKey.name}:${transferKey.secret}`];
  const rows: readonly (readonly [string, string, string, readonly string[], RegExp])[] = [
    ['with the key', 'keyed.example', 'dns-authority', key, /4 records/],
    ['with the key over TLS', 'keyed.example', 'dns-authority-tls', ['+tls', ...key], /4 records/],
    ['without the key', 'keyed.example', 'dns-authority', [], /REFUSED/],
    ['over TLS', 'private.example', 'dns-authority-tls', ['+tls'], /4 records/],
    ['in clear what is only given over TLS', 'private.example', 'dns-authority', [], /REFUSED/],
    ['what nobody may have', 'nobodys.example', 'dns-authority', key, /REFUSED/],
    ['what isn’t here', 'example.org', 'dns-authority', key, /NOTAUTH/],
  ];
  for (const [title, name, listener, args, expected] of rows)
    test(title, async () => assert.match(await take(name, listener, args), expected));

  test('what is signed, or asks for steps, gets past the threads that answer datagrams', async () => {
    const { port } = endpointOf('dns-authority');
    const at = ['@127.0.0.1', '-p', String(port), '+notcp', '+norec', ...key];
    for (const [args, expected] of [
      [['ns.keyed.example', 'A'], /status: NOERROR[\s\S]*192\.0\.2\.1[\s\S]*TSIG PSEUDOSECTION/],
      [['keyed.example', 'IXFR=1'], /SOA\tns\.keyed\.example\.[\s\S]*\(UDP\)/],
    ] as const) {
      const { stdout, stderr } = await runProgram('dig', [...at, ...args]);
      assert.match(stdout.toString(), expected, stderr);
      assert.doesNotMatch(stdout.toString(), /Couldn't verify|WARNING/);
    }
  });

  test('a secondary hears of the start, and of a file that is read again, by NOTIFY', async () => {
    const primary = endpointOf('dns-authority');
    await using peer = await DnsPeer.start(knot, [{ name: 'followed.example', primary }], knotPort);
    const said = (): string => peer.said;
    await untilSerial(peer.endpoint, 'followed.example', 1, said);
    await folder.write('followed.zone', zone(2, 'new A 192.0.2.2\n'));
    assert.deepEqual(await running.reload(), []);
    await untilSerial(peer.endpoint, 'followed.example', 2, said);
    assert.deepEqual(
      await contentAt(peer.endpoint, 'followed.example'),
      await contentAt(primary, 'followed.example'),
    );
    assert.deepEqual(await serialsSince(primary, 'followed.example', 2), [2]);
  });
});
