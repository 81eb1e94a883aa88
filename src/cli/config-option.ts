// The option `-c FILE` that every command has, and the reading of that file.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option } from 'commander';
import type { Config } from '../config/config.ts';
import { formatConfigFault } from '../config/config-fault.ts';
import { parseConfig } from '../config/parse-config.ts';
import { listZoneFolder } from '../dns/server/list-zone-folder.ts';
import { CommandFault } from './exit.ts';

export interface ConfigOption {
  readonly config: string;
}

export const defaultConfigFile = './signpost.yaml';

export function configOption(): Option {
  return new Option('-c, --config <file>', 'the config file').default(defaultConfigFile);
}

/** Reads and checks the config; ends the command with every fault of it. */
export async function readConfig(file: string): Promise<Config> {
  const parsed = parseConfig(await readConfigText(file), resolve(file), listZoneFolder);
  if (parsed.ok) return parsed.value;
  const faults = parsed.fault.map(formatConfigFault);
  throw new CommandFault([`${countFaults(faults.length)} in ${file}`, ...faults].join('\n'));
}

export async function readConfigText(file: string): Promise<string> {
  const path = resolve(file);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') {
      throw new CommandFault(
        `there is no config file ${path}: name yours with -c FILE, or make one with 'signpost quickstart you@your-domain'`,
      );
    }
    if (code === 'EACCES') throw new CommandFault(`no permission to read the config file ${path}`);
    if (code === 'EISDIR') throw new CommandFault(`${path} is a folder: name the config file in it`);
    throw new CommandFault(
      `the config file ${path} can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function countFaults(count: number): string {
  return count === 1 ? '1 fault' : `${count} faults`;
}
