// One zone of the config kept without a server: for a command that changes it where none runs.
import type { ZoneConfig } from '../../config/config.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { Keeper } from '../keeper/keeper.ts';
import { domainName } from '../wire/name.ts';
import type { ZoneLoader, ZoneLoadOutcome } from '../zone/zone-loader.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import type { ZoneStore } from '../zone/zone-store.ts';

/** The keeper has the zone as a server would serve it: its file, if it has one, and what is kept of it. The fault is for the operator. */
export async function keepOneZone(
  config: ZoneConfig,
  means: {
    readonly store: ZoneStore;
    readonly loader: ZoneLoader;
    readonly clock: Clock;
    readonly log: Log;
  },
): Promise<Result<Keeper>> {
  const { name, file, update, journalSize } = config;
  const origin = domainName(name);
  const keeper = new Keeper({ zones: new ZoneSet(), ...means });
  const durable = file === undefined || update.length > 0;
  const faults = [...(await keeper.open([{ origin, file: file !== undefined, durable, journalSize }]))];
  const outcomes: ZoneLoadOutcome[] = [];
  if (file !== undefined)
    await means.loader.load([{ name: origin, file }], (_, outcome) => outcomes.push(outcome));
  for (const outcome of outcomes) {
    if (outcome.kind === 'refused') faults.push(...outcome.faults);
    if (outcome.kind !== 'loaded') continue;
    const taken = await keeper.takeFile(origin, outcome);
    if (!taken.ok) faults.push(...taken.fault);
  }
  return faults.length > 0 ? fault(faults.join('\n')) : ok(keeper);
}
