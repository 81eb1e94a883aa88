// What can't be together in `zones`: two sources of one zone's content, a secondary that nobody fills, keys and catalogs that
// aren't there. Each item is judged by itself first, then against the others.
import type { ConfigFault } from './config-fault.ts';
import { nearest } from './did-you-mean.ts';
import { keyText } from './places.ts';
import type { Places } from './places.ts';
import type { ConfigValues } from './schema.ts';
import { zonePlaceholder } from './zone-schema.ts';
import type { ZoneItem } from './zone-schema.ts';

export function zoneContradictions(values: ConfigValues, places: Places): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const keys = new Set(values.keys.map(({ name }) => name));
  const producers = new Set(
    values.zones.flatMap(({ name, catalog }) => (catalog === 'producer' && name !== undefined ? [name] : [])),
  );
  for (const [i, item] of values.zones.entries()) {
    const path = ['zones', i];
    for (const { key, message } of itemFaults(item)) {
      faults.push(places.atKey(path, key, `${keyText(path)}: ${message}`));
    }
    faults.push(...updateFaults(item, path, places));
    for (const reference of keysOf(item, path)) {
      if (!keys.has(reference.name)) faults.push(unknownName(reference, [...keys], 'key', places));
    }
    const catalog = item['member-of'];
    if (catalog !== undefined && !producers.has(catalog)) {
      const reference = { path: [...path, 'member-of'], name: catalog };
      faults.push(unknownName(reference, [...producers], "zone with 'catalog: producer'", places));
    }
  }
  return [...faults, ...zonesTwice(values.zones, places)];
}

interface ItemFault {
  /** Where the caret goes. */
  readonly key: string;
  readonly message: string;
}

function itemFaults(item: ZoneItem): ItemFault[] {
  const faults: ItemFault[] = [];
  const found = (key: string, message: string): void => void faults.push({ key, message });
  const naming = (['name', 'names', 'folder'] as const).filter((key) => item[key] !== undefined);
  const [first, second] = naming;
  if (first === undefined) found('', "'name' is missing: it must be a zone's name, like example.com");
  if (second !== undefined) found(second, `'${first}' and '${second}' exclude each other`);
  const secondary = item.primaries.length > 0;
  if (item.file !== undefined) {
    if (item.folder !== undefined) found('file', "'folder' has the files already; take out 'file'");
    if (item.name !== undefined && item.file.includes(zonePlaceholder)) {
      found('file', `'${zonePlaceholder}' stands for the zone's name only where 'names' has several`);
    }
    if (item.names !== undefined && !item.file.includes(zonePlaceholder)) {
      const message = `several zones can't share one file: write ${zonePlaceholder} for the zone's name, like zones/${zonePlaceholder}.zone`;
      found('file', message);
    }
  }
  const source = item.file === undefined ? (item.folder === undefined ? undefined : 'folder') : 'file';
  if (secondary) {
    if (source !== undefined) {
      const message = `a secondary gets its content from its primaries and keeps it itself: take out '${source}' or 'primaries'`;
      found(source, message);
    }
    if (item.update.length > 0) {
      found('update', 'a secondary takes no updates: they belong to its primary');
    }
  } else if (item['notify-from'].length > 0) {
    found('notify-from', "only a secondary is notified, and this zone has no 'primaries'");
  }
  return [...faults, ...catalogFaults(item, source)];
}

/** RFC 9432 §6: whoever changes a catalog changes what is served, so its content has one source. */
function catalogFaults(item: ZoneItem, source: string | undefined): ItemFault[] {
  const faults: ItemFault[] = [];
  const found = (key: string, message: string): void => void faults.push({ key, message });
  if (item.members !== undefined && item.catalog !== 'consumer') {
    found(
      'members',
      "'members' says how the zones of a consumed catalog are served: it needs 'catalog: consumer'",
    );
  }
  if (item['member-of'] !== undefined && item['member-of'] === item.name) {
    found('member-of', 'a catalog does not list itself');
  }
  if (item.catalog === undefined) return faults;
  if (item.name === undefined) found('catalog', "a catalog is one zone: it needs a 'name'");
  if (item.catalog === 'consumer' && item.primaries.length === 0) {
    found('catalog', "a consumed catalog comes from its primaries: set 'primaries'");
  }
  if (item.catalog === 'producer') {
    if (item.primaries.length > 0) found('primaries', 'a catalog of our own making has no primaries');
    if (source !== undefined) {
      found(source, `the catalog is made of the zones that are members of it: take out '${source}'`);
    }
    if (item.update.length > 0) {
      found('update', 'the catalog is made of the zones that are members of it: it takes no updates');
    }
  }
  return faults;
}

/** Names that an update rule lets change must lie in the zone. */
function updateFaults(item: ZoneItem, path: readonly PropertyKey[], places: Places): ConfigFault[] {
  return item.update.flatMap(({ names }, j) =>
    names.flatMap((pattern, k) => {
      const name = pattern.replace(/^\*\./, '');
      const zone = item.name ?? zonePlaceholder;
      if (zone === '.' || name === zone || name.endsWith(`.${zone}`)) return [];
      const place = [...path, 'update', j, 'names', k];
      const wanted =
        item.name === undefined
          ? `does not lie in each of the zones: end it with ${zonePlaceholder}, which stands for the zone's name`
          : `does not lie in ${item.name}`;
      return [places.at(place, `${keyText(place)}: '${pattern}' ${wanted}`)];
    }),
  );
}

/** What names a key or a catalog, with the place where it does. */
interface Reference {
  readonly path: readonly PropertyKey[];
  readonly name: string;
}

function keysOf(item: ZoneItem, path: readonly PropertyKey[]): Reference[] {
  const lists = [
    [['primaries'], item.primaries],
    [['transfer-to'], item['transfer-to']],
    [['notify'], item.notify],
    [['notify-from'], item['notify-from']],
    [['update'], item.update],
    [['members', 'primaries'], item.members?.primaries ?? []],
    [['members', 'transfer-to'], item.members?.['transfer-to'] ?? []],
    [['members', 'notify'], item.members?.notify ?? []],
  ] as const;
  return lists.flatMap(([steps, list]) =>
    list.flatMap(({ key }, j) =>
      key === undefined ? [] : [{ path: [...path, ...steps, j, 'key'], name: key }],
    ),
  );
}

function zonesTwice(items: readonly ZoneItem[], places: Places): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const zones = new Set<string>();
  const take = (name: string, path: readonly PropertyKey[]): void => {
    if (zones.has(name)) faults.push(places.at(path, `zones: '${name}' stands here twice`));
    zones.add(name);
  };
  for (const [i, { name, names = [] }] of items.entries()) {
    if (name !== undefined) take(name, ['zones', i, 'name']);
    for (const [j, each] of names.entries()) take(each, ['zones', i, 'names', j]);
  }
  return faults;
}

/** A name that must be one of `known`; `what` says of which kind: `key`. */
function unknownName(
  reference: Reference,
  known: readonly string[],
  what: string,
  places: Places,
): ConfigFault {
  const meant = nearest(reference.name, known);
  const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
  return places.at(
    reference.path,
    `${keyText(reference.path)}: there is no ${what} '${reference.name}'${hint}`,
  );
}
