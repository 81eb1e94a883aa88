// Makes of the file's keys what the program reads: one list of routes, names in one form, paths complete.
import type { ResolverConfig } from './config.ts';
import type { RouteConfig } from './reach-config.ts';
import type { ReachValues } from './reach-schema.ts';
import { parseName } from './values.ts';

type Reach = Pick<
  ResolverConfig,
  'routes' | 'hosts' | 'localZones' | 'block' | 'rebinding' | 'dns64' | 'rootZone'
>;

/** `absolute` completes a path. */
export function reachOf(values: ReachValues, absolute: (path: string) => string): Reach {
  const rootZone = values['root-zone'];
  return {
    routes: routesOf(values),
    hosts: {
      files: values.hosts.files.map(absolute),
      names: Object.entries(values.hosts.names).flatMap(([text, addresses]) => {
        const name = parseName(text);
        return name.ok ? [{ name: name.value, addresses }] : [];
      }),
    },
    localZones: values['local-zones'],
    block: values.block.map((list) => ({ ...list, file: absolute(list.file) })),
    rebinding: values['rebinding-protection'],
    dns64: values.dns64,
    rootZone: rootZone && { file: absolute(rootZone.file) },
  };
}

function routesOf({ zones, forward }: ReachValues): readonly RouteConfig[] {
  const routes = zones.map(({ name, first, ...servers }): RouteConfig => {
    const kind = servers.stub === undefined ? 'forward' : 'stub';
    return { name, kind, servers: servers[kind] ?? [], first };
  });
  if (forward.length === 0) return routes;
  return [...routes, { name: '.', kind: 'forward', servers: forward, first: false }];
}
