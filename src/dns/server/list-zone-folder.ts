// Lists a folder of zone files for the config.
import { readdirSync } from 'node:fs';
import type { ListFolder } from '../../config/zone-list.ts';
import { fault, ok } from '../../lib/result.ts';

/** The names of the files in a folder, or why they can't be told. */
export const listZoneFolder: ListFolder = (folder) => {
  try {
    return ok(readdirSync(folder));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return fault(`there is no folder ${folder}`);
    if (code === 'ENOTDIR') return fault(`${folder} is not a folder`);
    if (code === 'EACCES') return fault(`no permission to read the folder ${folder}`);
    return fault(`${folder} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};
