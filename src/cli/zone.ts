// `signpost zone …`: looks at the zones of the config file, or at any zone file.
import { resolve } from 'node:path';
import { Command } from 'commander';
import { recordView } from '../admin/resolution-view.ts';
import type { Config } from '../config/config.ts';
import { ThreadedZoneLoader } from '../dns/server/threaded-zone-loader.ts';
import { formatZone } from '../dns/zonefile/zone-file-writer.ts';
import { parseName } from '../dns/wire/name.ts';
import type { DomainName } from '../dns/wire/name.ts';
import { formatRecord } from '../dns/wire/presentation.ts';
import { recordsOf } from '../dns/wire/record.ts';
import type { ResourceRecord } from '../dns/wire/record.ts';
import { rrType } from '../dns/wire/rr-type.ts';
import type { ZoneLoadOutcome, ZoneSource } from '../dns/zone/zone-loader.ts';
import type { Zone } from '../dns/zone/zone.ts';
import { systemClock } from '../lib/clock.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { CommandFault } from './exit.ts';
import { formatTable, printData } from './print.ts';
import { addRefreshCommands } from './zone-refresh.ts';
import { zoneImportCommand } from './zone-import.ts';
import { isServedOtherwise, listServed, servedRecords } from './zone-served.ts';
import { zoneAddCommand, zoneDiffCommand, zoneRemoveCommand, zoneRollbackCommand } from './zone-changes.ts';

type Options = ConfigOption & { readonly json?: true };

export function zoneCommand(): Command {
  const zone = new Command('zone').description('Works on the zones of the config file.');
  zone
    .command('check')
    .summary('say what is wrong in zones')
    .description(
      'Checks every zone of the config file, or the one named; with FILE, that file as the zone NAME, and no config is needed.',
    )
    .argument('[name]', 'the zone')
    .argument('[file]', 'a zone file')
    .addOption(configOption())
    .option('--json', 'print the verdicts as JSON')
    .action(async (name: string | undefined, file: string | undefined, options: Options) => {
      const sources =
        name !== undefined && file !== undefined
          ? [{ name: readName(name), file: resolve(file) }]
          : zonesOf(await readConfig(options.config), name);
      await checkZones(sources, options.json === true);
    });
  zone
    .command('list')
    .summary('list the zones')
    .description('Lists the zones of the config file with their serials, as a running server has them.')
    .addOption(configOption())
    .option('--json', 'print them as JSON')
    .action(async (options: Options) => {
      const config = await readConfig(options.config);
      if (await isServedOtherwise(config, config.zones)) await listServedZones(config, options.json === true);
      else await listZones(zonesOf(config, undefined), options.json === true);
    });
  zone
    .command('show')
    .summary('show the records of a zone')
    .description('Shows the records of one zone, or those of one name in it, as dig prints them.')
    .argument('<name>', 'the zone, or a name in it')
    .addOption(configOption())
    .option('--json', 'print them as JSON')
    .action(async (name: string, options: Options) =>
      showZone(await readConfig(options.config), readName(name), options.json === true),
    );
  zone
    .command('export')
    .summary('write a zone as a zone file')
    .description(
      'Writes one zone to stdout as a zone file: $INCLUDE and $GENERATE carried out, names sorted.',
    )
    .argument('<name>', 'the zone')
    .addOption(configOption())
    .action(async (name: string, options: Options) => {
      const config = await readConfig(options.config);
      const origin = readName(name);
      const zone = config.zones.find((each) => readName(each.name).equals(origin));
      if (zone !== undefined && (await isServedOtherwise(config, [zone]))) {
        process.stdout.write(formatZone(origin, await servedRecords(config, origin)));
        return;
      }
      const [source] = zonesOf(config, name);
      if (source !== undefined) process.stdout.write(formatZone(source.name, recordsIn(await load(source))));
    });
  addRefreshCommands(zone);
  for (const command of [
    zoneAddCommand(),
    zoneRemoveCommand(),
    zoneDiffCommand(),
    zoneRollbackCommand(),
    zoneImportCommand(),
  ])
    zone.addCommand(command);
  return zone;
}

function readName(text: string): DomainName {
  const name = parseName(text);
  if (!name.ok) throw new CommandFault(name.fault, 2);
  return name.value;
}

/** The zones of the config, or the one that is named. */
function zonesOf(config: Config, name: string | undefined): readonly ZoneSource[] {
  const all = config.zones.flatMap(({ name: zone, file }) =>
    file === undefined ? [] : [{ name: readName(zone), file }],
  );
  if (name === undefined) return all;
  const wanted = readName(name);
  const found = all.filter((zone) => zone.name.equals(wanted));
  if (found.length === 0)
    throw new CommandFault(`${config.file} has no zone ${wanted.toString()}${knownZones(all)}`);
  return found;
}

function knownZones(zones: readonly ZoneSource[]): string {
  return zones.length === 0
    ? ', nor any other'
    : `; it has ${zones.map(({ name }) => name.toString()).join(', ')}`;
}

async function load(source: ZoneSource): Promise<Zone> {
  const outcomes = await loadAll([source]);
  const outcome = outcomes.get(source);
  if (outcome?.kind === 'loaded') return outcome.zone;
  const faults = outcome?.kind === 'refused' ? outcome.faults : [];
  throw new CommandFault(`zone ${source.name.toString()} can't be loaded\n${faults.join('\n')}`);
}

async function loadAll(sources: readonly ZoneSource[]): Promise<ReadonlyMap<ZoneSource, ZoneLoadOutcome>> {
  const outcomes = new Map<ZoneSource, ZoneLoadOutcome>();
  const loader = new ThreadedZoneLoader({ clock: systemClock });
  await loader.load(sources, (source, outcome) => outcomes.set(source, outcome));
  return outcomes;
}

/** In no order that means anything. */
function recordsIn(zone: Zone): readonly ResourceRecord[] {
  return [...zone.all()].flatMap(recordsOf);
}

async function checkZones(sources: readonly ZoneSource[], json: boolean): Promise<void> {
  let wrong = 0;
  const outcomes = await loadAll(sources);
  for (const source of sources) {
    const outcome = outcomes.get(source);
    const loaded = outcome?.kind === 'loaded' ? outcome : undefined;
    const name = source.name.toString();
    const warnings = loaded?.warnings ?? [];
    const faults = outcome?.kind === 'refused' ? outcome.faults : [];
    if (loaded === undefined) wrong += 1;
    if (json) {
      const verdict = { zone: name, file: source.file, ok: loaded !== undefined, faults, warnings };
      process.stdout.write(`${JSON.stringify(verdict)}\n`);
      continue;
    }
    for (const text of [...faults, ...warnings]) process.stdout.write(`${text}\n`);
    process.stdout.write(
      loaded === undefined
        ? `zone ${name} is refused\n`
        : `zone ${name} is right: serial ${loaded.zone.serial}, ${loaded.records} records\n`,
    );
  }
  if (wrong > 0) process.exitCode = 1;
  else if (sources.length === 0 && !json) process.stdout.write('the config file has no zones\n');
}

async function listZones(sources: readonly ZoneSource[], json: boolean): Promise<void> {
  const outcomes = await loadAll(sources);
  const rows = sources.map((source) => {
    const outcome = outcomes.get(source);
    const facts =
      outcome?.kind === 'loaded'
        ? { serial: outcome.zone.serial, records: outcome.records }
        : { fault: outcome?.kind === 'refused' ? (outcome.faults[0] ?? '') : '' };
    return { zone: source.name.toString(), ...facts, file: source.file };
  });
  if (json) {
    process.stdout.write(`${JSON.stringify(rows)}\n`);
    return;
  }
  const width = Math.max(4, ...rows.map(({ zone }) => zone.length));
  for (const row of rows) {
    const facts =
      'fault' in row
        ? `can't be loaded: see 'signpost zone check'`
        : `serial ${row.serial}, ${row.records} records`;
    process.stdout.write(`${row.zone.padEnd(width)}  ${facts}  ${row.file}\n`);
  }
}

async function listServedZones(config: Config, json: boolean): Promise<void> {
  const zones = await listServed(config);
  const from = { file: 'a file', store: 'the store', primaries: 'its primaries', catalog: 'a catalog' };
  printData(zones, json ? { json } : {}, () =>
    formatTable(
      ['zone', 'serial', 'from'],
      zones.map((zone) => [
        zone.zone,
        zone.serial === null ? 'not served' : String(zone.serial),
        zone.file ?? from[zone.from],
      ]),
    ),
  );
}

async function showZone(config: Config, name: DomainName, json: boolean): Promise<void> {
  const [holding] = config.zones
    .filter((each) => name.isAtOrBelow(readName(each.name)))
    .sort((a, b) => readName(b.name).labelCount - readName(a.name).labelCount);
  if (holding !== undefined && (await isServedOtherwise(config, [holding]))) {
    printRecords([...(await servedRecords(config, name))].sort(inZoneOrder), json);
    return;
  }
  const sources = zonesOf(config, undefined)
    .filter((zone) => name.isAtOrBelow(zone.name))
    .sort((a, b) => b.name.labelCount - a.name.labelCount);
  const [source] = sources;
  if (source === undefined) {
    throw new CommandFault(
      `no zone of ${config.file} holds ${name.toString()}${knownZones(zonesOf(config, undefined))}`,
    );
  }
  const zone = await load(source);
  const shown = source.name.equals(name)
    ? [...recordsIn(zone)].sort(inZoneOrder)
    : (zone.rrsets(name) ?? []).flatMap(recordsOf);
  if (shown.length === 0)
    throw new CommandFault(`zone ${source.name.toString()} has no records at ${name.toString()}`);
  printRecords(shown, json);
}

function printRecords(records: readonly ResourceRecord[], json: boolean): void {
  for (const record of json ? [] : records) process.stdout.write(`${formatRecord(record)}\n`);
  if (json) process.stdout.write(`${JSON.stringify(records.map(recordView))}\n`);
}

/** The SOA first, then in canonical order (RFC 4034 §6.1). */
function inZoneOrder(a: ResourceRecord, b: ResourceRecord): number {
  return (
    Number(b.type === rrType.SOA) - Number(a.type === rrType.SOA) ||
    a.owner.compare(b.owner) ||
    a.type - b.type
  );
}
