// Makes the list of zones from the items of `zones`: one zone, several by name, or the files of a folder.
import { join } from 'node:path';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { UpdateRule, ZoneConfig, ZoneFolderConfig, ZonePolicy } from './config.ts';
import { parseName } from './values.ts';
import { zonePlaceholder } from './zone-schema.ts';
import type { ZoneItem } from './zone-schema.ts';

const zoneFileEnding = '.zone';

export interface ZoneLists {
  readonly zones: readonly ZoneConfig[];
  readonly zoneFolders: readonly ZoneFolderConfig[];
}

/** The names of the files in a folder; the fault says in words why they can't be told. */
export type ListFolder = (folder: string) => Result<readonly string[]>;

/** What is wrong with the folder of an item, which is told by its index. */
export interface FolderFault {
  readonly item: number;
  readonly message: string;
}

/** `absolute` completes a path. Without `listFolder` the zones of folders are left out. */
export function listZones(
  items: readonly ZoneItem[],
  absolute: (path: string) => string,
  listFolder: ListFolder | undefined,
): Result<ZoneLists, readonly FolderFault[]> {
  const zones = items.flatMap((item) => namedZones(item, absolute));
  const folders = items.flatMap((item, i) =>
    item.folder === undefined ? [] : [{ i, folder: absolute(item.folder), policy: policyOf(item) }],
  );
  const zoneFolders = folders.map(({ folder, policy }) => ({ folder, policy }));
  const taken = new Set(zones.map(({ name }) => name));
  const faults: FolderFault[] = [];
  for (const { i, ...folder } of folders) {
    if (listFolder === undefined) break;
    const found = listOne(folder, taken, listFolder);
    if (found.ok) zones.push(...found.value);
    else faults.push({ item: i, message: found.fault });
  }
  return faults.length > 0 ? fault(faults) : ok({ zones, zoneFolders });
}

/**
 * `config.zones` with its folders looked into again, for a reload. The fault, a sentence, is of a folder that can't be read or has a
 * file that can't be a zone's.
 */
export function listZonesAgain(config: ZoneLists, listFolder: ListFolder): Result<readonly ZoneConfig[]> {
  const zones = config.zones.filter(({ folder }) => folder === undefined);
  const taken = new Set(zones.map(({ name }) => name));
  for (const folder of config.zoneFolders) {
    const found = listOne(folder, taken, listFolder);
    if (!found.ok) return found;
    zones.push(...found.value);
  }
  return ok(zones);
}

/** What is found is taken. */
function listOne(
  folder: ZoneFolderConfig,
  taken: Set<string>,
  listFolder: ListFolder,
): Result<readonly ZoneConfig[]> {
  const fileNames = listFolder(folder.folder);
  const found = fileNames.ok ? zonesInFolder(folder, fileNames.value, taken) : fileNames;
  if (found.ok) for (const { name } of found.value) taken.add(name);
  return found;
}

/**
 * The zones whose files lie in a folder: `example.com.zone` has example.com; files with other endings are none. Those in `named` have
 * an item or a folder before this one and are left out. The fault names a file that can't be a zone's.
 */
function zonesInFolder(
  { folder, policy }: ZoneFolderConfig,
  fileNames: readonly string[],
  named: ReadonlySet<string>,
): Result<readonly ZoneConfig[]> {
  const zones = new Map<string, ZoneConfig>();
  for (const fileName of fileNames.toSorted()) {
    if (!fileName.endsWith(zoneFileEnding) || fileName.startsWith('.')) continue;
    const name = parseName(fileName.slice(0, -zoneFileEnding.length));
    const path = join(folder, fileName);
    if (!name.ok) return fault(`${path} is not named for a zone: ${name.fault}`);
    const other = zones.get(name.value)?.file;
    if (other !== undefined) return fault(`${other} and ${path} are both named for ${name.value}`);
    if (!named.has(name.value)) zones.set(name.value, { ...zoneOf(name.value, path, policy), folder });
  }
  return ok([...zones.values()]);
}

function namedZones(item: ZoneItem, absolute: (path: string) => string): readonly ZoneConfig[] {
  const policy = policyOf(item);
  const path = item.file === undefined ? undefined : absolute(item.file);
  const names = item.name === undefined ? (item.names ?? []) : [item.name];
  return names.map((name) => zoneOf(name, path, policy));
}

function zoneOf(name: string, file: string | undefined, policy: ZonePolicy): ZoneConfig {
  return {
    ...policy,
    name,
    file: file?.replaceAll(zonePlaceholder, name),
    update: policy.update.some(hasPlaceholder)
      ? policy.update.map((rule) => ({
          ...rule,
          names: rule.names.map((each) => each.replaceAll(zonePlaceholder, name)),
        }))
      : policy.update,
  };
}

function hasPlaceholder({ names }: UpdateRule): boolean {
  return names.some((name) => name.includes(zonePlaceholder));
}

function policyOf(item: ZoneItem): ZonePolicy {
  return {
    primaries: item.primaries,
    transferTo: item['transfer-to'],
    notify: item.notify,
    notifyFrom: item['notify-from'],
    update: item.update,
    catalog:
      item.catalog === 'consumer'
        ? {
            primaries: item.members?.primaries ?? item.primaries,
            transferTo: item.members?.['transfer-to'] ?? [],
            notify: item.members?.notify ?? [],
          }
        : (item.catalog ?? 'none'),
    memberOf: item['member-of'],
    journalSize: item['journal-size'],
  };
}
