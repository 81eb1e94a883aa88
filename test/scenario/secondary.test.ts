// Plays test/scenario/secondary/*.scenario, each from several seeds: how the times are spread must not matter.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { playSecondaryScenario } from '../support/secondary-scenario.ts';

const folder = join(import.meta.dirname, 'secondary');
const seeds = [1, 2, 3];

for (const name of readdirSync(folder).filter((name) => name.endsWith('.scenario'))) {
  const text = readFileSync(join(folder, name), 'utf8');
  test(`secondary/${name}`, async () => {
    for (const seed of seeds) await playSecondaryScenario(text, seed);
  });
}
