// The server as a whole, in this process: what it opens, reloads and closes.
import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { SignpostFolder } from '../test/support/served-signpost.ts';
import type { Config } from './config/config.ts';
import { parseConfig } from './config/parse-config.ts';
import type { Endpoint } from './lib/endpoint.ts';
import { silentLog } from './lib/log.ts';
import type { Log } from './lib/log.ts';
import { openStores, startSignpost } from './main.ts';
import type { RunningSignpost } from './main.ts';
import { makeSelfSigned } from './net/self-signed.ts';
import { domainName } from './dns/wire/name.ts';
import { rrType } from './dns/wire/rr-type.ts';

const zone = '@ 60 IN SOA ns hostmaster 1 2 3 4 5\n@ 60 IN NS ns\nns 60 IN A 192.0.2.1\n';

async function configIn(folder: SignpostFolder, yaml: string): Promise<Config> {
  const parsed = parseConfig(`hostname: mx.example.com\n${yaml}`, join(folder.path, 'signpost.yaml'));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return Promise.resolve(parsed.value);
}

async function start(folder: SignpostFolder, yaml: string): Promise<RunningSignpost & AsyncDisposable> {
  const running = await startSignpost(await configIn(folder, yaml), { log: silentLog });
  return Object.assign(running, { [Symbol.asyncDispose]: () => running.close(0) });
}

function endpointOf(running: RunningSignpost, name: string): Endpoint {
  return running.listeners.find((each) => each.name === name)?.endpoint ?? assert.fail(`no listener ${name}`);
}

test('a role runs if it has a listener; without mail there is no store', async () => {
  await using folder = await SignpostFolder.make({ 'b.zone': zone });
  await using running = await start(
    folder,
    'listeners: { dns-authority: ["127.0.0.1:0", "[::1]:0"] }\nzones: [{ name: b.example, file: b.zone }]\n',
  );
  assert.deepEqual(
    running.listeners.map(({ name, endpoint }) => [name, endpoint.address]),
    [
      ['dns-authority', '127.0.0.1'],
      ['dns-authority', '::1'],
    ],
  );
  assert.equal(running.stores, undefined);
  await using stores = await openStores(running.config);
  assert.deepEqual(await stores.domains.listDomains(), []);
});

test('the resolver of one server finds what another serves, through the address map', async () => {
  await using rootFolder = await SignpostFolder.make({
    'root.zone': `${zone}b.example. 60 IN TXT "found"\n`,
  });
  await using root = await start(
    rootFolder,
    'listeners: { dns-authority: ["127.0.0.1:0"] }\nzones: [{ name: ., file: root.zone }]\n',
  );
  const { address, port } = endpointOf(root, 'dns-authority');
  await using folder = await SignpostFolder.make({});
  await using running = await start(
    folder,
    `resolver: { trust-anchors: [], root-hints: [{ name: ns, addresses: [192.0.2.1] }] }\nnetwork: { map: { "192.0.2.1:53": "${address}:${port}" } }\n`,
  );
  const found = await running.lookup.lookup(domainName('b.example'), rrType.TXT);
  assert.equal(found.kind, 'records');
  assert.ok(found.journey.some((step) => step.server?.address === '192.0.2.1:53'));
});

test('a start that fails leaves nothing open', async () => {
  await using folder = await SignpostFolder.make({ 'b.zone': zone });
  await using first = await start(folder, 'listeners: { dns-authority: ["127.0.0.1:0"] }\n');
  const taken = endpointOf(first, 'dns-authority');
  await using other = await SignpostFolder.make({});
  const yaml = `listeners: { smtp: ["127.0.0.1:0"], dns-authority: ["${taken.address}:${taken.port}"] }\n`;
  const config = await configIn(other, yaml);
  await assert.rejects(startSignpost(config, { log: silentLog }), /is in use by another program/);
  // The store would still be locked if it had been left open.
  await using stores = await openStores(config);
  assert.deepEqual(await stores.accounts.listAccounts(), []);
});

test('reload: certificates and zones; what is wrong is told, and the old one serves', async () => {
  const old = await makeSelfSigned(['old.example'], Date.now());
  await using folder = await SignpostFolder.make({
    'b.zone': zone,
    'cert.pem': old.cert,
    'key.pem': old.key,
  });
  await using running = await start(
    folder,
    'tls: { cert: cert.pem, key: key.pem }\nlisteners: { pop3s: ["127.0.0.1:0"] }\nzones: [{ name: b.example, file: b.zone }]\n',
  );
  const pop3s = endpointOf(running, 'pop3s');
  assert.equal(await subjectAt(pop3s), 'old.example');
  const renewed = await makeSelfSigned(['new.example'], Date.now());
  await folder.write('cert.pem', renewed.cert);
  const [halfway] = await running.reload();
  assert.match(halfway ?? '', /is not the key of the certificate/);
  assert.equal(await subjectAt(pop3s), 'old.example');
  await folder.write('key.pem', renewed.key);
  assert.deepEqual(await running.reload(), []);
  assert.equal(await subjectAt(pop3s), 'new.example');

  const file = join(folder.path, 'b.zone');
  await writeFile(file, `${await readFile(file, 'utf8')}www 60 IN A not-an-address\n`);
  const [wrong] = await running.reload();
  assert.match(wrong ?? '', /b\.zone:4:\d+: /);
  assert.equal(running.zones[0]?.records, 3);
});

test('closing twice is closing once, and frees the folder for the next', async () => {
  await using folder = await SignpostFolder.make({});
  const yaml = 'listeners: { smtp: ["127.0.0.1:0"], dns-resolver: ["127.0.0.1:0"] }\n';
  const running = await start(folder, yaml);
  await Promise.all([running.close(100), running.close(100)]);
  await using again = await start(folder, yaml);
  assert.equal(again.listeners.length, 2);
});

function subjectAt({ address, port }: Endpoint): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({ host: address, port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('a broken zone keeps no other from being served, and is served once it is mended', async () => {
  await using folder = await SignpostFolder.make({ 'a.zone': zone, 'b.zone': `${zone}www 60 IN A\n` });
  const told: string[] = [];
  const config = await configIn(
    folder,
    'listeners: { dns-authority: ["127.0.0.1:0"] }\nzones: [{ name: a.example, file: a.zone }, { name: b.example, file: b.zone }]\n',
  );
  const log: Log = {
    ...silentLog,
    child: () => log,
    error: (event, fields) => told.push(`${event}: ${String(fields?.['fault'])}`),
  };
  const running = await startSignpost(config, { log });
  try {
    assert.match(told.join('\n'), /b\.zone:4:12: error: the address is missing/);
    const answerCode = async (name: string): Promise<string> => {
      const server = endpointOf(running, 'dns-authority');
      const resolver = new Resolver({ timeout: 5000, tries: 1 });
      resolver.setServers([`${server.address}:${server.port}`]);
      return resolver.resolve4(name).then(
        ([address]) => address ?? '',
        (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : ''),
      );
    };
    assert.equal(await answerCode('ns.a.example'), '192.0.2.1');
    assert.equal(await answerCode('ns.b.example'), 'ESERVFAIL');
    assert.deepEqual((await running.reload()).length, 1, 'what is wrong is told again');
    await writeFile(join(folder.path, 'b.zone'), zone);
    assert.deepEqual(await running.reload(), []);
    assert.equal(await answerCode('ns.b.example'), '192.0.2.1');
    await writeFile(join(folder.path, 'b.zone'), 'nonsense\n');
    assert.equal((await running.reload()).length, 1);
    assert.equal(await answerCode('ns.b.example'), '192.0.2.1', 'the old content goes on');
  } finally {
    await running.close(0);
  }
});
