import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultLimits } from './limits.ts';

/** What the page tells of in a sentence of its own. */
const toldElsewhere: ReadonlySet<string> = new Set(['cacheOctets']);

test('docs/resolver-limits.md has each limit as it is', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/resolver-limits.md'), 'utf8');
  const told = new Map(
    [...page.matchAll(/^\| `(\w+)` +\|[^|]*\| (\d+) +\|/gm)].map(([, limit = '', ours]) => [
      limit,
      Number(ours),
    ]),
  );
  for (const [limit, value] of Object.entries(defaultLimits)) {
    if (toldElsewhere.has(limit)) assert.ok(page.includes(`\`${limit}\``), limit);
    else assert.equal(told.get(limit), value, limit);
  }
  for (const limit of told.keys()) assert.ok(limit in defaultLimits, limit);
});
