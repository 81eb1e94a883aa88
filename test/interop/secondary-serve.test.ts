// A secondary as its operator sees it: `signpost serve` with a primary of Knot's, looked at and told to refresh by commands, restarted while the
// primary is away, and without a primary for too long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { knot } from '../support/dns-peers/knot.ts';
import { DnsPeer } from '../support/dns-peers/peer.ts';
import { contentAt, untilSerial } from '../support/dns-zone-content.ts';
import { transferKey } from '../support/dns-peers/peer.ts';
import { freePort } from '../support/free-port.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import { ServedSignpost, SignpostFolder } from '../support/served-signpost.ts';
import { keyedServer, transferConfig } from '../support/transfer-config.ts';

const zone = 'far.example';

/** `times`: refresh, retry and expire, seconds. */
function content(serial: number, times = '3600 600 86400'): string {
  return `$TTL 300\n@ SOA ns host ${serial} ${times} 300\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.${serial}\n`;
}

async function statusAt({ port }: Endpoint): Promise<string> {
  const { stdout } = await runProgram('dig', [
    '@127.0.0.1',
    '-p',
    String(port),
    `www.${zone}`,
    'A',
    '+norec',
  ]);
  return /status: (\w+)/.exec(stdout.toString())?.[1] ?? 'none';
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, `${what} never came`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function folderFor(port: number, primary: Endpoint): Promise<SignpostFolder> {
  const item = `{ name: ${zone}, transfer-to: [key: ${transferKey.name}], primaries: [${keyedServer(primary)}] }`;
  return SignpostFolder.make({ 'signpost.yaml': transferConfig(port, [item]) });
}

const skip = missingPrograms('knotd', 'dig');

test('zone refresh, transfer and status, and a restart while the primary is away', { skip }, async () => {
  const ours = { address: '127.0.0.1', port: await freePort() };
  const peer = await DnsPeer.start(knot, [{ name: zone, text: content(1) }]);
  await using folder = await folderFor(ours.port, peer.endpoint);
  let before: readonly string[];
  {
    await using _ = peer;
    await untilSerial(peer.endpoint, zone, 1, () => peer.said);
    await using served = await ServedSignpost.start(folder);
    await untilSerial(ours, zone, 1, () => served.stderr);
    const command = async (...words: string[]): Promise<string> => {
      const { code, stdout, stderr } = await folder.command(['zone', ...words]);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    assert.equal(await command('refresh', zone), `zone ${zone}. is as its primaries have it: serial 1\n`);
    await peer.replaceZone(zone, content(2));
    await untilSerial(peer.endpoint, zone, 2, () => peer.said);
    assert.match(
      await command('refresh', zone),
      /^zone far\.example\. was taken from .* in 1 step: serial 2\n$/,
    );
    assert.match(await command('transfer', zone), /was taken from .* whole: serial 2\n$/);
    assert.match(await command('status'), /^far\.example\. +2 +served +20\d\d-/m);
    const none = await folder.command(['zone', 'refresh', 'nowhere.example']);
    assert.deepEqual(
      [none.code, none.stderr.trim().endsWith('nowhere.example. is no zone that is taken from primaries')],
      [1, true],
    );
    before = await contentAt(ours, zone);
    assert.equal(await served.stop(), 0);
  }
  await using again = await ServedSignpost.start(folder);
  assert.deepEqual(await contentAt(ours, zone), before, again.stderr);
  const failed = await folder.command(['zone', 'refresh', zone]);
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /could not be taken: /);
});

test('expiry: SERVFAIL, also after a restart, until a primary is back', { skip }, async () => {
  const ours = { address: '127.0.0.1', port: await freePort() };
  const times = '1 1 2';
  const peer = await DnsPeer.start(knot, [{ name: zone, text: content(1, times) }]);
  await using folder = await folderFor(ours.port, peer.endpoint);
  {
    await using served = await ServedSignpost.start(folder);
    {
      await using _ = peer;
      await untilSerial(ours, zone, 1, () => served.stderr);
      assert.equal(await statusAt(ours), 'NOERROR');
    }
    await until('the expiry', async () => (await statusAt(ours)) === 'SERVFAIL');
    await served.stop();
  }
  await using again = await ServedSignpost.start(folder);
  assert.equal(await statusAt(ours), 'SERVFAIL', again.stderr);
  await using back = await DnsPeer.start(knot, [{ name: zone, text: content(1, times) }], peer.endpoint.port);
  await until('the zone', async () => (await statusAt(ours)) === 'NOERROR');
  assert.equal(back.endpoint.port, peer.endpoint.port);
});
