// Plays test/scenario/resolver/*.scenario, each from several seeds: whom the resolver chooses among equals must not matter.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { playResolverScenario, scenarioFolder } from '../support/resolver-scenario.ts';

const seeds = [1, 2, 3, 4, 5];

for (const name of readdirSync(scenarioFolder).filter((name) => name.endsWith('.scenario'))) {
  const text = readFileSync(join(scenarioFolder, name), 'utf8');
  test(`resolver/${name}`, () => {
    for (const seed of seeds) playResolverScenario(text, seed);
  });
}
