// Published resolver scenarios: Unbound's replay tests, played against our resolver. They are read from the folder of shared test data, and
// none of them is copied here. docs/resolver-replay.md says which are not played, and why.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { playReplay } from '../support/replay/play-replay.ts';

const folder = join(import.meta.dirname, '../../../shared/data/rpl');
const seeds = [1, 2, 3];

function notPlayed(): ReadonlyMap<string, string> {
  const page = readFileSync(join(import.meta.dirname, '../../docs/resolver-replay.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\S+\.rpl)`\s*\| (.+?)\s*\|$/gm)];
  return new Map(rows.map(([, name = '', reason = '']) => [name, reason]));
}

describe(
  'published resolver scenarios',
  { skip: existsSync(folder) ? false : `needs the shared test data in ${folder}` },
  () => {
    const excluded = notPlayed();
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.rpl')) : [];
    for (const name of files) {
      if (excluded.has(name)) continue;
      test(name, () => {
        const text = readFileSync(join(folder, name), 'utf8');
        for (const seed of seeds) playReplay(text, seed);
      });
    }

    test('those that are not played exist, are few, and each has its reason', () => {
      assert.equal(files.length, 103);
      assert.ok(excluded.size < 15, `${excluded.size} are not played`);
      for (const [name, reason] of excluded) {
        assert.ok(files.includes(name), name);
        assert.ok(reason.length > 20, name);
      }
    });
  },
);
