// What a zone was when it was kept last: its kept content and the changes after it.
import type { Breather } from '../../lib/breather.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import type { ZoneStore } from '../zone/zone-store.ts';
import type { Zone } from '../zone/zone.ts';
import { decodeRecords } from './record-bytes.ts';
import { replay } from './replay.ts';
import type { NewZoneBuild } from './zone-build.ts';

/** `snapshotSerial` is what the store says of the kept content. The faults are sentences: what is kept is damaged. */
export async function readKeptContent(
  origin: DomainName,
  snapshotSerial: number,
  store: ZoneStore,
  newBuild: NewZoneBuild,
  breather: Breather,
): Promise<Result<Zone, readonly string[]>> {
  const damaged = (what: string): Result<never, readonly string[]> =>
    fault([`what is kept of zone ${origin.toString()} is damaged: ${what}`]);
  using build = newBuild(origin);
  for await (const chunk of store.readSnapshot(origin)) {
    const records = decodeRecords(chunk);
    if (records === undefined) return damaged('its content is not made of records');
    build.add(records);
    if (breather.due) await breather.rest();
  }
  const built = await build.finish();
  if (!built.ok) return damaged(built.fault.join('; '));
  if (built.value.serial !== snapshotSerial)
    return damaged(`its content has serial ${built.value.serial} instead of ${snapshotSerial}`);
  const changes = await store.readChanges(origin, snapshotSerial);
  const zone = changes === undefined ? undefined : await replay(built.value, changes, breather);
  return zone === undefined ? damaged('its changes do not fit its content') : ok(zone);
}
