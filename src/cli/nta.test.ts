import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { SignpostFolder } from '../../test/support/served-signpost.ts';
import { parseConfig } from '../config/parse-config.ts';
import { silentLog } from '../lib/log.ts';
import { startSignpost } from '../main.ts';

const yaml =
  'hostname: mx.example.com\nresolver: { trust-anchors: [], negative-trust-anchors: [fixed.example] }\n';

test('signpost resolver nta: sets, lists and takes out, over a restart', async () => {
  await using folder = await SignpostFolder.make({ 'signpost.yaml': yaml });
  const config = parseConfig(yaml, join(folder.path, 'signpost.yaml'));
  assert.ok(config.ok);
  const run = async (...args: readonly string[]): Promise<readonly [number | null, string]> => {
    const { code, stdout, stderr } = await folder.command(['resolver', 'nta', ...args]);
    return [code, (stdout + stderr).trim()];
  };
  const down = await run('list');
  assert.equal(down[0], 1);
  const first = await startSignpost(config.value, { log: silentLog });
  try {
    const [code, text] = await run('add', 'Broken.example', '--for', '2h');
    assert.equal(code, 0, text);
    assert.match(text, /^Broken\.example\. is not validated until \d{4}-/);
    assert.equal((await run('add', 'a.example', '--for', '8d'))[0], 1);
    assert.equal((await run('add', 'a.example', '--for', 'long'))[0], 2);
    assert.equal((await run('add', 'a..example'))[0], 2);
    assert.equal((await run('remove', 'fixed.example'))[0], 1);
  } finally {
    await first.close(0);
  }
  const second = await startSignpost(config.value, { log: silentLog });
  try {
    const [, listed] = await run('list');
    assert.match(listed, /^Broken\.example\. +\d{4}-/m);
    assert.match(listed, /^fixed\.example\. +the config is changed/m);
    assert.deepEqual(await run('remove', 'broken.example'), [0, '']);
    assert.equal((await run('remove', 'broken.example'))[0], 1);
    assert.match((await run('list', '--json'))[1], /"until": ?null/);
  } finally {
    await second.close(0);
  }
});
