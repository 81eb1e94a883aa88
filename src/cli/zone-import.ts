// `signpost zone import`: makes a zone that the server keeps what a zone file says, by one change.
import { resolve } from 'node:path';
import { Command } from 'commander';
import { ThreadedZoneLoader } from '../dns/server/threaded-zone-loader.ts';
import { recordsOf } from '../dns/wire/record.ts';
import type { ZoneLoadOutcome } from '../dns/zone/zone-loader.ts';
import { formatZone } from '../dns/zonefile/zone-file-writer.ts';
import { parseName } from '../dns/wire/name.ts';
import { systemClock } from '../lib/clock.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { CommandFault } from './exit.ts';
import { expectDone, withZoneAdmin } from './open-admin.ts';
import { jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';

export function zoneImportCommand(): Command {
  return new Command('import')
    .summary('put the content of a zone file into a zone')
    .description(
      'Makes a zone what a zone file says, by one change that secondaries follow; where the file has no later serial, the next one is taken. ' +
        'The zone must be kept by the server: one without a file, or with update rules.',
    )
    .argument('<name>', 'the zone')
    .argument('<file>', 'a zone file')
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (name: string, file: string, options: ConfigOption & JsonOption) => {
      const config = await readConfig(options.config);
      const text = await readZoneText(name, resolve(file));
      const imported = await withZoneAdmin(config, async (admin) =>
        expectDone(await admin.importZone({ zone: name, text }), 1),
      );
      printData(
        imported,
        options,
        ({ zone, serial, records }) =>
          `zone ${zone} has the ${records} records of the file, and serial ${serial} now\n`,
      );
    });
}

/** The file with what it includes, checked, as one text. */
async function readZoneText(name: string, file: string): Promise<string> {
  const origin = parseName(name);
  if (!origin.ok) throw new CommandFault(origin.fault, 2);
  const outcomes: ZoneLoadOutcome[] = [];
  const loader = new ThreadedZoneLoader({ clock: systemClock });
  await loader.load([{ name: origin.value, file }], (_, outcome) => outcomes.push(outcome));
  const [outcome] = outcomes;
  if (outcome?.kind === 'loaded') return formatZone(origin.value, [...outcome.zone.all()].flatMap(recordsOf));
  const faults = outcome?.kind === 'refused' ? outcome.faults : [];
  throw new CommandFault(`${file} can't be loaded\n${faults.join('\n')}`);
}
