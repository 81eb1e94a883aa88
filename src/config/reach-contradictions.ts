// What can't be together among the keys of `resolver` that decide where its answers come from.
import type { ConfigFault } from './config-fault.ts';
import { keyText } from './places.ts';
import type { Places } from './places.ts';
import type { ReachValues } from './reach-schema.ts';
import { parseName } from './values.ts';

export function reachContradictions(values: ReachValues, places: Places): ConfigFault[] {
  return [
    ...routeFaults(values, places),
    ...hostFaults(values, places),
    ...localZoneFaults(values, places),
    ...blockFaults(values, places),
  ];
}

function routeFaults({ zones, forward }: ReachValues, places: Places): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const seen = new Set(forward.length > 0 ? ['.'] : []);
  for (const [i, route] of zones.entries()) {
    const path = ['resolver', 'zones', i];
    const key = keyText(path);
    if (route.forward === undefined && route.stub === undefined)
      faults.push(places.at(path, `${key}: the zone has no servers: set 'forward' or 'stub'`));
    if (route.forward !== undefined && route.stub !== undefined)
      faults.push(places.atKey(path, 'stub', `${key}: 'forward' and 'stub' exclude each other`));
    if (seen.has(route.name)) {
      const message =
        route.name === '.' && forward.length > 0
          ? `${key}: 'resolver.forward' names the servers of the root zone already`
          : `${key}: '${route.name}' stands here twice`;
      faults.push(places.at([...path, 'name'], message));
    }
    seen.add(route.name);
  }
  return faults;
}

function hostFaults({ hosts }: ReachValues, places: Places): ConfigFault[] {
  const path = ['resolver', 'hosts', 'names'];
  return Object.keys(hosts.names).flatMap((text) => {
    const name = parseName(text);
    return name.ok ? [] : [places.atKey(path, text, `${keyText(path)}: ${name.fault}`)];
  });
}

function localZoneFaults(values: ReachValues, places: Places): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const seen = new Set<string>();
  for (const [i, { name, type, records }] of values['local-zones'].entries()) {
    const path = ['resolver', 'local-zones', i];
    if (seen.has(name))
      faults.push(places.at([...path, 'name'], `${keyText(path)}: '${name}' stands here twice`));
    seen.add(name);
    const hasNone = type === 'nxdomain' || type === 'nodata' || type === 'world';
    if (hasNone && records.length > 0) {
      const message = `${keyText(path)}: a zone of type '${type}' answers with no records of its own; take them out`;
      faults.push(places.atKey(path, 'records', message));
    }
  }
  return faults;
}

function blockFaults({ block }: ReachValues, places: Places): ConfigFault[] {
  return block.flatMap(({ action, records }, i) => {
    const path = ['resolver', 'block', i];
    const key = keyText(path);
    if (action === 'records' && records.length === 0)
      return [places.atKey(path, 'action', `${key}: the records to answer with are missing: set 'records'`)];
    if (action !== 'records' && records.length > 0)
      return [places.atKey(path, 'records', `${key}: records are only given with 'action: records'`)];
    return [];
  });
}
