// `signpost config check`: reads the config file, and says what is wrong or weak in it.
import { resolve } from 'node:path';
import { Command } from 'commander';
import { configWarnings } from '../config/config.ts';
import { formatConfigFault } from '../config/config-fault.ts';
import { parseConfig } from '../config/parse-config.ts';
import { listZoneFolder } from '../dns/server/list-zone-folder.ts';
import { configOption, readConfig, readConfigText } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';

export function configCommand(): Command {
  const config = new Command('config').description('Works on the config file.');
  config
    .command('check')
    .summary('say what is wrong in the config file')
    .description('Reads the config file and tells every fault with its line and column. Changes nothing.')
    .addOption(configOption())
    .option('--json', 'print the faults as JSON')
    .action(async (options: ConfigOption & { readonly json?: true }) => {
      if (options.json === true) await checkForPrograms(options.config);
      else await checkForPeople(options.config);
    });
  return config;
}

async function checkForPeople(file: string): Promise<void> {
  const config = await readConfig(file);
  for (const warning of configWarnings(config)) process.stdout.write(`warning: ${warning}\n`);
  process.stdout.write(`${file} is right\n`);
}

async function checkForPrograms(file: string): Promise<void> {
  const parsed = parseConfig(await readConfigText(file), resolve(file), listZoneFolder);
  const report = parsed.ok
    ? { ok: true, faults: [], warnings: configWarnings(parsed.value) }
    : {
        ok: false,
        faults: parsed.fault.map((fault) => ({ ...fault, text: formatConfigFault(fault) })),
        warnings: [],
      };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  if (!parsed.ok) process.exitCode = 1;
}
