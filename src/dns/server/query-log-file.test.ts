import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import type { Log, LogFields } from '../../lib/log.ts';
import { QueryLogFile } from './query-log-file.ts';

class Folder implements AsyncDisposable {
  readonly path: string;
  readonly file: string;

  private constructor(path: string) {
    this.path = path;
    this.file = join(path, 'logs', 'queries.log');
  }

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), 'signpost-query-log-')));
  }

  async lines(name = 'queries.log'): Promise<readonly string[]> {
    const text = await readFile(join(this.path, 'logs', name), 'utf8');
    return text.split('\n').slice(0, -1);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

const config = (file: string, maxSize = 1_000_000, oldFiles = 2) => ({ file, oneIn: 1, maxSize, oldFiles });

test('lines are written in order, for their owner only, and none is lost at the end', async () => {
  await using folder = await Folder.make();
  const file = new QueryLogFile(config(folder.file), new VirtualClock(), silentLog);
  for (let i = 0; i < 20_000; i++) file.write(`${i}\n`);
  await file[Symbol.asyncDispose]();
  assert.deepEqual(
    await folder.lines(),
    Array.from({ length: 20_000 }, (_, i) => String(i)),
  );
  assert.equal((await stat(folder.file)).mode & 0o777, 0o600);
  const again = new QueryLogFile(config(folder.file), new VirtualClock(), silentLog);
  again.write('again\n');
  await again[Symbol.asyncDispose]();
  assert.equal((await folder.lines()).length, 20_001);
});

test('a full file makes way, and so many old ones are kept', async () => {
  await using folder = await Folder.make();
  const file = new QueryLogFile(config(folder.file, 100), new VirtualClock(), silentLog);
  for (let i = 0; i < 5; i++) {
    file.write(`${i}`.repeat(79) + '\n');
    await file.reopen();
  }
  await file[Symbol.asyncDispose]();
  assert.deepEqual((await readdir(join(folder.path, 'logs'))).toSorted(), [
    'queries.log',
    'queries.log.1',
    'queries.log.2',
  ]);
  for (const [name, first] of [
    ['queries.log', '4'],
    ['queries.log.1', '3'],
    ['queries.log.2', '2'],
  ] as const)
    assert.equal((await folder.lines(name))[0]?.[0], first);
});

test('who moves the file away gets the next lines in a new one', async () => {
  await using folder = await Folder.make();
  const file = new QueryLogFile(config(folder.file), new VirtualClock(), silentLog);
  file.write('1\n');
  await file.reopen();
  await rename(folder.file, `${folder.file}.moved`);
  file.write('2\n');
  await file[Symbol.asyncDispose]();
  assert.deepEqual(await folder.lines(), ['2']);
  assert.deepEqual(await folder.lines('queries.log.moved'), ['1']);
});

test('a disk that takes nothing is told of, and costs no more than a bound of memory', async () => {
  await using folder = await Folder.make();
  const told: [string, LogFields | undefined][] = [];
  const log: Log = { ...silentLog, warn: (event, fields) => told.push([event, fields]) };
  // A file stands where the folder should be.
  const blocked = new QueryLogFile(config(folder.path), new VirtualClock(), silentLog);
  blocked.write('x\n');
  await blocked[Symbol.asyncDispose]();
  const file = new QueryLogFile(config(join(folder.path, 'x', '\0')), new VirtualClock(), log);
  const line = `${'a'.repeat(1023)}\n`;
  for (let i = 0; i < 10_000; i++) file.write(line);
  await file.reopen();
  assert.equal(told.length, 1);
  assert.match(told[0]?.[0] ?? '', /can not be written/);
  await file[Symbol.asyncDispose]();
});

test('lines wait a second at most', async () => {
  await using folder = await Folder.make();
  const clock = new VirtualClock();
  const file = new QueryLogFile(config(folder.file), clock, silentLog);
  file.write('1\n');
  clock.advance(1000);
  while (
    !(await readdir(folder.path)).includes('logs') ||
    (await folder.lines().catch(() => [])).length === 0
  )
    await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(await folder.lines(), ['1']);
  await file[Symbol.asyncDispose]();
});
