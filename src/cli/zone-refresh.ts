// `signpost zone refresh|transfer|status`: zones that are taken from primaries, at the running server.
import type { Command } from 'commander';
import type { Admin, RefreshView, SecondaryView } from '../admin/api.ts';
import { adminClient, findServer } from '../admin/client.ts';
import { controlSocket } from '../admin/socket-path.ts';
import { oneLine } from '../lib/one-line.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { CommandFault } from './exit.ts';
import { expectDone } from './open-admin.ts';
import { formatTable, formatTime, jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';

type Options = ConfigOption & JsonOption;

/** Adds the commands to `signpost zone`. */
export function addRefreshCommands(zone: Command): void {
  const kinds = [
    ['refresh', false, 'ask the primaries of a zone for something new'],
    ['transfer', true, 'take a zone anew from its primaries'],
  ] as const;
  for (const [name, whole, summary] of kinds) {
    zone
      .command(name)
      .summary(summary)
      .description(
        whole
          ? 'Takes the whole zone from its primaries, whatever its serial: also where theirs has gone back.'
          : 'Asks the primaries now, and takes what is new; nothing where their serial is not later than ours.',
      )
      .argument('<name>', 'the zone')
      .addOption(configOption())
      .option(...jsonFlag)
      .action(async (origin: string, options: Options) => {
        const admin = await runningServer(options);
        const view = expectDone(await admin.refreshZone({ name: origin, whole }));
        printData(view, options, refreshLine);
        if (view.outcome === 'failed') process.exitCode = 1;
      });
  }
  zone
    .command('status')
    .summary('tell how the zones from primaries are')
    .description(
      'Lists the zones that are taken from primaries: when each was last good, and when it is asked for next.',
    )
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (options: Options) => {
      const admin = await runningServer(options);
      printData(expectDone(await admin.listSecondaries({})), options, statusTable);
    });
}

async function runningServer(options: Options): Promise<Admin> {
  const socket = controlSocket(await readConfig(options.config));
  const server = await findServer(socket);
  if (server.kind === 'unreachable') throw new CommandFault(server.reason);
  if (server.kind === 'none') throw new CommandFault('no server is running with this config');
  return adminClient(socket);
}

function refreshLine({ zone, text }: RefreshView): string {
  return `${oneLine(`zone ${zone} ${text}`)}\n`;
}

function statusTable(zones: readonly SecondaryView[]): string {
  if (zones.length === 0) return 'no zone is taken from primaries\n';
  const time = (iso: string | null): string => (iso === null ? '-' : formatTime(iso));
  return formatTable(
    ['zone', 'serial', 'state', 'last good', 'good until', 'next look'],
    zones.map((zone) => [
      zone.zone,
      String(zone.serial ?? '-'),
      zone.serial === null ? 'not there yet' : zone.expired ? 'expired' : 'served',
      time(zone.refreshedAt),
      time(zone.expiresAt),
      zone.phase === 'running' ? 'under way' : time(zone.nextCheckAt),
    ]),
  );
}
