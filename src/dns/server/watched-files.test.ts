import assert from 'node:assert/strict';
import { mkdtempDisposable, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import { WatchedFiles } from './watched-files.ts';

test('a change is told once it is whole, whatever it is', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'signpost-'));
  const [list, other] = [join(folder.path, 'list'), join(folder.path, 'other')];
  await writeFile(list, 'a');
  const clock = new VirtualClock();
  let told = 0;
  const changed = (): Promise<void> => Promise.resolve(void (told += 1));
  using watched = new WatchedFiles({ files: [list, other], clock, changed });
  const look = async (): Promise<number> => {
    clock.advance(2_000);
    // The next look waits for what this one has told.
    await new Promise((settle) => setImmediate(settle));
    return told;
  };
  assert.equal(await look(), 0);
  const changes = [
    () => writeFile(list, 'ab'),
    () => writeFile(other, 'new'),
    () => rename(other, list),
    () => rm(list),
  ];
  for (const [i, change] of changes.entries()) {
    await change();
    assert.equal(await look(), i, 'seen, but perhaps still being written');
    assert.equal(await look(), i + 1);
    assert.equal(await look(), i + 1);
  }
  await writeFile(list, 'a');
  await look();
  await writeFile(list, 'abc');
  assert.equal(await look(), changes.length, 'it has changed again');
  watched[Symbol.dispose]();
  assert.equal(await look(), changes.length);
});
