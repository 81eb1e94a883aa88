import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { cookieSecrets } from './cookie-secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'cookies-'));
after(() => rmSync(folder, { recursive: true }));
const ours = { enabled: true, secrets: [] };

function hexOf(secrets: readonly Uint8Array[]): readonly string[] {
  return secrets.map((secret) => secret.toHex());
}

test('cookie secrets: our own is made once, and only we can read it', () => {
  const file = join(folder, 'new', 'secret');
  const [first] = hexOf(cookieSecrets(ours, file, seededRandom(1)));
  assert.equal(first?.length, 32);
  assert.deepEqual(hexOf(cookieSecrets(ours, file, seededRandom(2))), [first]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('cookie secrets: a file that holds none is made anew', () => {
  const file = join(folder, 'broken');
  for (const text of ['', 'abc', '00'.repeat(15), 'no hexadecimal digits at all, is it']) {
    writeFileSync(file, text);
    const made = hexOf(cookieSecrets(ours, file, seededRandom(3)));
    assert.deepEqual(hexOf(cookieSecrets(ours, file, seededRandom(4))), made);
  }
});

test('cookie secrets: where nothing can be written there is one all the same', () => {
  writeFileSync(join(folder, 'file'), '');
  assert.equal(cookieSecrets(ours, join(folder, 'file', 'secret'), seededRandom(5)).length, 1);
});

test('cookie secrets: those of the config come first and alone, none where cookies are off', () => {
  const secrets = ['00112233445566778899aabbccddeeff', 'ffeeddccbbaa99887766554433221100'];
  const file = join(folder, 'unused');
  assert.deepEqual(hexOf(cookieSecrets({ enabled: true, secrets }, file, seededRandom(1))), secrets);
  assert.deepEqual(cookieSecrets({ enabled: false, secrets }, file, seededRandom(1)), []);
  assert.throws(() => statSync(file));
});
