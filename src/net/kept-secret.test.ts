import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '../lib/random.ts';
import { keepSecret } from './kept-secret.ts';

test('the secret is the same each time, its owner alone may read it, and a damaged one is made anew', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'signpost-secret-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'below', 'a.secret');
  const secret = await keepSecret(file, seededRandom(1));
  assert.equal(secret.length, 32);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(await keepSecret(file, seededRandom(2)), secret);
  await writeFile(file, 'short');
  const anew = await keepSecret(file, seededRandom(3));
  assert.notDeepEqual(anew, secret);
  assert.deepEqual(await keepSecret(file, seededRandom(4)), anew);
  await assert.rejects(keepSecret(folder, seededRandom(5)));
});
