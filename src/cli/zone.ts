// `signpost zone …`: looks at the zones of the config file, or at any zone file.
import { resolve } from 'node:path';
import { Command } from 'commander';
import { recordView } from '../admin/resolution-view.ts';
import type { Config } from '../config/config.ts';
import { loadZone } from '../dns/server/zone-files.ts';
import type { LoadedZone } from '../dns/server/zone-files.ts';
import { formatZone } from '../dns/zonefile/zone-file-writer.ts';
import { parseName } from '../dns/wire/name.ts';
import type { DomainName } from '../dns/wire/name.ts';
import { formatRecord } from '../dns/wire/presentation.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { CommandFault } from './exit.ts';

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
      checkZones(sources, options.json === true);
    });
  zone
    .command('list')
    .summary('list the zones')
    .description('Lists the zones of the config file, with their serials and how many records they have.')
    .addOption(configOption())
    .option('--json', 'print them as JSON')
    .action(async (options: Options) =>
      listZones(zonesOf(await readConfig(options.config), undefined), options.json === true),
    );
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
      const [source] = zonesOf(await readConfig(options.config), name);
      if (source !== undefined) process.stdout.write(formatZone(source.name, load(source).records));
    });
  return zone;
}

interface Source {
  readonly name: DomainName;
  readonly file: string;
}

function readName(text: string): DomainName {
  const name = parseName(text);
  if (!name.ok) throw new CommandFault(name.fault, 2);
  return name.value;
}

/** The zones of the config, or the one that is named. */
function zonesOf(config: Config, name: string | undefined): readonly Source[] {
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

function knownZones(zones: readonly Source[]): string {
  return zones.length === 0
    ? ', nor any other'
    : `; it has ${zones.map(({ name }) => name.toString()).join(', ')}`;
}

function load(source: Source): LoadedZone {
  const loaded = loadZone(source);
  if (!loaded.ok)
    throw new CommandFault(`zone ${source.name.toString()} can't be loaded\n${loaded.fault.join('\n')}`);
  return loaded.value;
}

function checkZones(sources: readonly Source[], json: boolean): void {
  let wrong = 0;
  for (const source of sources) {
    const loaded = loadZone(source);
    const name = source.name.toString();
    const warnings = loaded.ok ? loaded.value.warnings : [];
    const faults = loaded.ok ? [] : loaded.fault;
    if (!loaded.ok) wrong += 1;
    if (json) {
      process.stdout.write(
        `${JSON.stringify({ zone: name, file: source.file, ok: loaded.ok, faults, warnings })}\n`,
      );
      continue;
    }
    for (const text of [...faults, ...warnings]) process.stdout.write(`${text}\n`);
    process.stdout.write(
      loaded.ok
        ? `zone ${name} is right: serial ${loaded.value.zone.serial}, ${loaded.value.records.length} records\n`
        : `zone ${name} is refused\n`,
    );
  }
  if (wrong > 0) process.exitCode = 1;
  else if (sources.length === 0 && !json) process.stdout.write('the config file has no zones\n');
}

function listZones(sources: readonly Source[], json: boolean): void {
  const rows = sources.map((source) => {
    const loaded = loadZone(source);
    const facts = loaded.ok
      ? { serial: loaded.value.zone.serial, records: loaded.value.records.length }
      : undefined;
    return {
      zone: source.name.toString(),
      ...(facts ?? { fault: loaded.ok ? '' : (loaded.fault[0] ?? '') }),
      file: source.file,
    };
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

function showZone(config: Config, name: DomainName, json: boolean): void {
  const sources = zonesOf(config, undefined)
    .filter((zone) => name.isAtOrBelow(zone.name))
    .sort((a, b) => b.name.labelCount - a.name.labelCount);
  const [source] = sources;
  if (source === undefined) {
    throw new CommandFault(
      `no zone of ${config.file} holds ${name.toString()}${knownZones(zonesOf(config, undefined))}`,
    );
  }
  const { records } = load(source);
  const shown = source.name.equals(name) ? records : records.filter(({ owner }) => owner.equals(name));
  if (shown.length === 0)
    throw new CommandFault(`zone ${source.name.toString()} has no records at ${name.toString()}`);
  for (const record of json ? [] : shown) process.stdout.write(`${formatRecord(record)}\n`);
  if (json) process.stdout.write(`${JSON.stringify(shown.map(recordView))}\n`);
}
