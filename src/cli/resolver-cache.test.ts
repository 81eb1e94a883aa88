import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { SignpostFolder } from '../../test/support/served-signpost.ts';
import { parseConfig } from '../config/parse-config.ts';
import { silentLog } from '../lib/log.ts';
import { startSignpost } from '../main.ts';

const zone = [
  '@ 3600 SOA ns. host. 1 2 3 4 60',
  '@ NS ns',
  'ns A 127.0.0.1',
  'www A 192.0.2.1',
  'mx AAAA 2001:db8::1',
];

test('signpost resolver cache: tells what is remembered, and has it forgotten', async () => {
  const yaml = [
    'hostname: mx.example.com',
    'listeners: { dns-authority: ["127.0.0.1:0"], dns-resolver: ["127.0.0.1:0"] }',
    'workers: { dns: 1 }',
    'zones: [{ name: example.com, file: example.zone }]',
    'resolver: { trust-anchors: [], root-hints: [{ name: a.root, addresses: [192.0.2.53] }], zones: [{ name: example.com, stub: [192.0.2.53] }], private-servers: [192.0.2.0/24] }',
  ].join('\n');
  await using folder = await SignpostFolder.make({
    'signpost.yaml': yaml,
    'example.zone': `${zone.join('\n')}\n`,
  });
  const authority = await start(folder, yaml);
  const port = authority.listeners.find(({ name }) => name === 'dns-authority')?.endpoint.port;
  await authority.close(0);
  const mapped = yaml
    .replace('dns-authority: ["127.0.0.1:0"]', `dns-authority: ["127.0.0.1:${port}"]`)
    .concat(`\nnetwork: { map: { "192.0.2.53:53": "127.0.0.1:${port}" } }\n`);
  const server = await start(folder, mapped);
  try {
    const run = async (...args: readonly string[]): Promise<readonly [number | null, string]> => {
      const { code, stdout, stderr } = await folder.command(['resolver', 'cache', ...args]);
      return [code, stdout + stderr];
    };
    const ask = (name: string): Promise<unknown> => folder.command(['query', name, 'A']);
    await ask('www.example.com');
    await ask('mx.example.com');
    await ask('nowhere.example.com');
    const [, dumped] = await run('dump');
    assert.match(dumped, /^www\.example\.com\. A \(\d+ s, insecure, authoritative\)\n {2}A 192\.0\.2\.1$/m);
    assert.match(dumped, /^mx\.example\.com\. A nodata \(/m);
    assert.match(dumped, /^nowhere\.example\.com\. all types nxdomain \(/m);
    assert.match((await run('dump', '--json'))[1], /^\{"name":"www\.example\.com\.","type":"A"/m);
    assert.deepEqual(await run('flush', 'www.example.com', 'A'), [0, '']);
    const [, left] = await run('dump');
    assert.doesNotMatch(left, /^www/m);
    assert.match(left, /^mx/m);
    assert.deepEqual(await run('flush', 'example.com', '--subtree'), [0, '']);
    assert.doesNotMatch((await run('dump'))[1], /example\.com/);
    assert.equal((await run('flush', 'a..b'))[0], 2);
    assert.equal((await run('flush', 'a.example', 'NOTYPE'))[0], 2);
    assert.equal((await run('flush', 'a.example', 'A', '--subtree'))[0], 2);
  } finally {
    await server.close(0);
  }
});

async function start(folder: SignpostFolder, yaml: string) {
  const config = parseConfig(yaml, join(folder.path, 'signpost.yaml'));
  assert.ok(config.ok, JSON.stringify(config));
  return startSignpost(config.value, { log: silentLog });
}
