// `signpost zone add|remove|diff|rollback`: changes zones by hand as updates do, one step each, and tells of the steps there were.
import { Argument, Command, InvalidArgumentError } from 'commander';
import type { AdminCalls, ZoneChangeView, ZoneStepView } from '../admin/api.ts';
import { oneLine } from '../lib/one-line.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { expectDone, withZoneAdmin } from './open-admin.ts';
import { jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';

type Options = ConfigOption & JsonOption;

export function zoneAddCommand(): Command {
  return new Command('add')
    .summary('add records to a zone')
    .description(
      "Adds records to a zone, all of them or none, as one step: signpost zone add example.com 'www 300 A 192.0.2.1'. " +
        'A record is a line of a zone file; without a TTL it takes that of its set, or of the SOA. ' +
        'The zone must be kept by the server: one without a file, or with update rules.',
    )
    .argument('<zone>', 'the zone')
    .argument('<records...>', "each in quotes: 'www 300 A 192.0.2.1'")
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (zone: string, records: string[], options: Options) => {
      const config = await readConfig(options.config);
      const added = await withZoneAdmin(config, async (admin) =>
        expectDone(await admin.addRecords({ zone, records })),
      );
      printData(added, options, (view) => changeText(view, 'all of that is there already'));
    });
}

export function zoneRemoveCommand(): Command {
  return new Command('remove')
    .summary('take records out of a zone')
    .description(
      "Takes records out of a zone, all of them or none, as one step: 'www A 192.0.2.1' is one record, " +
        "'www A' all of a type, 'www' all of a name.",
    )
    .argument('<zone>', 'the zone')
    .argument('<records...>', "each in quotes: 'www A 192.0.2.1', 'www A', www")
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (zone: string, records: string[], options: Options) => {
      const config = await readConfig(options.config);
      const removed = await withZoneAdmin(config, async (admin) =>
        expectDone(await admin.removeRecords({ zone, records })),
      );
      printData(removed, options, (view) => changeText(view, 'nothing was there'));
    });
}

export function zoneDiffCommand(): Command {
  return new Command('diff')
    .summary('show how a zone has changed')
    .description(
      'Shows the last step of a zone, or all steps since a serial, or those between two serials: what was taken away and what was added.',
    )
    .argument('<zone>', 'the zone')
    .addArgument(serialArgument('[from]', 'the serial that the steps begin at'))
    .addArgument(serialArgument('[to]', 'the serial that they lead to; the one being served unless given'))
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (zone: string, from: number | undefined, to: number | undefined, options: Options) => {
      const config = await readConfig(options.config);
      const found = await withZoneAdmin(config, async (admin) =>
        expectDone(await admin.diffZone({ zone, from, to })),
      );
      printData(found, options, diffText);
    });
}

export function zoneRollbackCommand(): Command {
  return new Command('rollback')
    .summary('bring back what a zone was at a serial')
    .description(
      'Brings back the content that a zone had at an earlier serial, by one new step with the next serial, so that secondaries follow. ' +
        "'signpost zone diff' shows the steps since.",
    )
    .argument('<zone>', 'the zone')
    .addArgument(serialArgument('<serial>', 'the serial to go back to'))
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (zone: string, serial: number, options: Options) => {
      const config = await readConfig(options.config);
      const done = await withZoneAdmin(config, async (admin) =>
        expectDone(await admin.rollbackZone({ zone, serial })),
      );
      printData(done, options, (view) => changeText(view, `it is what it was at serial ${serial}`));
    });
}

function serialArgument(flag: string, description: string): Argument {
  return new Argument(flag, description).argParser((text) => {
    if (/^\d{1,10}$/.test(text) && Number(text) <= 0xffff_ffff) return Number(text);
    throw new InvalidArgumentError('a serial is a number from 0 to 4294967295');
  });
}

function changeText({ zone, serial, step }: ZoneChangeView, unchanged: string): string {
  return step === null
    ? `zone ${zone} stays at serial ${serial}: ${unchanged}\n`
    : `${stepText(zone, step)}zone ${zone} has serial ${serial} now\n`;
}

function diffText({ zone, serial, steps, more }: AdminCalls['diffZone']['output']): string {
  if (steps.length === 0) return `zone ${zone} has no such steps; it has serial ${serial}\n`;
  const last = steps.at(-1)?.to ?? serial;
  const note = more ? `there are more steps: 'signpost zone diff ${zone} ${last}' shows them\n` : '';
  return steps.map((step) => stepText(zone, step)).join('') + note;
}

/** In the manner of diff -u. */
function stepText(zone: string, { from, to, removed, added }: ZoneStepView): string {
  const lines = [
    `--- ${zone} serial ${from}`,
    `+++ ${zone} serial ${to}`,
    ...removed.map((record) => `-${record}`),
    ...added.map((record) => `+${record}`),
  ];
  return lines.map((line) => `${oneLine(line.replaceAll('\t', ' '))}\n`).join('');
}
