// Finds the fuzz targets: every file in targets/ exports one.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FuzzTarget } from './target.ts';

/** All targets, ordered by file name. */
export async function findTargets(): Promise<readonly FuzzTarget[]> {
  const folder = join(import.meta.dirname, 'targets');
  const targets: FuzzTarget[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.ts')) continue;
    const module = (await import(pathToFileURL(join(folder, file)).href)) as { readonly target?: FuzzTarget };
    if (module.target === undefined) throw new Error(`test/fuzz/targets/${file} exports no 'target'`);
    if (targets.some(({ name }) => name === module.target?.name))
      throw new Error(`two fuzz targets are called '${module.target.name}'`);
    targets.push(module.target);
  }
  return targets;
}
