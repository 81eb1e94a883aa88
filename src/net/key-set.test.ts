import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '../lib/clock.ts';
import { KeySet } from './key-set.ts';

const set = (kid: string): string => JSON.stringify({ keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA', kid }] });

test('keys from a file are remembered for an hour, or until one is missing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'signpost-keys-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'keys.json');
  const clock = new VirtualClock();
  const keys = new KeySet(file, clock);
  const kid = async (fresh: boolean): Promise<string | undefined> => (await keys.keys(fresh)).keys[0]?.kid;
  await assert.rejects(kid(false), /ENOENT/);
  await writeFile(file, set('one'));
  await assert.rejects(kid(false), /a moment ago/);
  clock.advance(60_000);
  assert.equal(await kid(false), 'one');
  await writeFile(file, set('two'));
  assert.equal(await kid(true), 'one', 'asked a moment ago');
  clock.advance(60_000);
  assert.equal(await kid(false), 'one');
  assert.equal(await kid(true), 'two');
  await writeFile(file, 'no json');
  clock.advance(3_600_000);
  assert.equal(await kid(false), 'two', 'what is known is better than nothing');
  await writeFile(file, set('three'));
  clock.advance(3_600_000);
  assert.equal(await kid(false), 'three');
});

test('keys from an address: fetched once for all who wait, in bounds, and from there alone', async (t) => {
  let asked = 0;
  let answer: RequestListener = (_, response) => response.end(set('web'));
  const server = createServer((request, response) => {
    asked++;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  const clock = new VirtualClock();
  const keys = new KeySet(url, clock);
  const all = await Promise.all([keys.keys(false), keys.keys(false), keys.keys(true)]);
  assert.deepEqual(
    all.map((each) => each.keys[0]?.kid),
    ['web', 'web', 'web'],
  );
  assert.equal(asked, 1);
  const answers: readonly (readonly [RequestListener, RegExp])[] = [
    [(_, response) => response.writeHead(404).end(), /answers 404/],
    [(_, response) => response.writeHead(302, { location: url }).end(), /fetch failed/],
    [(_, response) => response.end(' '.repeat(300_000)), /more than 262144 octets/],
    [(_, response) => response.end('[]'), /no JWK Set/],
    [(_, response) => void response.destroy(), /fetch failed/],
  ];
  for (const [next, expected] of answers) {
    answer = next;
    await assert.rejects(new KeySet(url, clock).keys(false), expected);
  }
});
