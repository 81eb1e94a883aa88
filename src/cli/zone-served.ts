// Zones as they are served, changes and transfers included, for commands: from the running server, or from the store where none runs.
import type { AdminCalls } from '../admin/api.ts';
import { findServer } from '../admin/client.ts';
import { controlSocket } from '../admin/socket-path.ts';
import type { Config, ZoneConfig } from '../config/config.ts';
import { domainName } from '../dns/wire/name.ts';
import type { DomainName } from '../dns/wire/name.ts';
import type { ResourceRecord } from '../dns/wire/record.ts';
import { parseZoneFile } from '../dns/zonefile/zone-file-parser.ts';
import { CommandFault } from './exit.ts';
import { expectDone, withZoneAdmin } from './open-admin.ts';

/** Whether the files of these zones don't tell all: a server runs, or something of them is kept in the store. */
export async function isServedOtherwise(config: Config, zones: readonly ZoneConfig[]): Promise<boolean> {
  if (zones.some(({ file, update }) => file === undefined || update.length > 0)) return true;
  return (await findServer(controlSocket(config))).kind === 'running';
}

export function listServed(config: Config): Promise<AdminCalls['listZones']['output']> {
  return withZoneAdmin(config, async (admin) => expectDone(await admin.listZones({})));
}

/** All records of a zone, or those of one name in it; in no order that means anything. Ends the command where there are none. */
export function servedRecords(config: Config, name: DomainName): Promise<readonly ResourceRecord[]> {
  return withZoneAdmin(config, async (admin) => {
    const records: ResourceRecord[] = [];
    let serial: number | undefined;
    for (;;) {
      const page = expectDone(await admin.readZone({ name: name.toString(), skip: records.length }));
      serial ??= page.serial;
      if (page.serial !== serial)
        throw new CommandFault(`zone ${page.zone} was changed while it was read: try again`);
      records.push(...parseRecords(page));
      if (!page.more) return records;
    }
  });
}

/** The API tells records as zone files have them. */
function parseRecords({ zone, records }: AdminCalls['readZone']['output']): readonly ResourceRecord[] {
  const text = records.map((record) =>
    [record.name, record.ttl, record.class, record.type, record.data].join(' '),
  );
  const file = parseZoneFile({ name: zone, text: `${text.join('\n')}\n` }, { origin: domainName(zone) });
  if (!file.ok) throw new CommandFault(`the server told records of ${zone} that can't be read`);
  return file.value.records;
}
