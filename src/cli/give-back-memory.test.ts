import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { giveBackMemory } from './give-back-memory.ts';

const mib = 1024 * 1024;

function heldMib(): number {
  return getHeapStatistics().total_physical_size / mib;
}

test('what nobody needs any more goes back to the system, where the launcher made that possible', (t) => {
  const before = globalThis.gc;
  t.after(() => (globalThis.gc = before));
  const base = heldMib();
  let records: object[] = Array.from({ length: 500_000 }, (_, i) => ({ owner: [i], ttl: i }));
  const full = heldMib();
  assert.ok(full - base > 30, `only ${full - base} MiB were taken`);
  assert.equal(records.length, 500_000);
  records = [];
  globalThis.gc = undefined;
  giveBackMemory();
  // What `--expose-gc` does, which bin/signpost gives to Node.js.
  setFlagsFromString('--expose-gc');
  globalThis.gc = runInNewContext('gc') as NodeJS.GCFunction;
  giveBackMemory();
  const left = heldMib();
  assert.ok(full - left > 0.8 * (full - base), `${left} MiB are held of ${full}, and ${base} before`);
});
