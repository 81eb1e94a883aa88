// The admin API's calls about whole zones as they are served: which there are, what they hold, and content put into one from a zone file.
import type { ZoneConfig } from '../config/config.ts';
import { differenceOf, isNoChange } from '../dns/keeper/difference.ts';
import { parseName } from '../dns/wire/name.ts';
import type { DomainName } from '../dns/wire/name.ts';
import { recordsOf } from '../dns/wire/record.ts';
import type { ResourceRecord } from '../dns/wire/record.ts';
import { formatZoneProblem, loadZone } from '../dns/zone/load-zone.ts';
import { nextSerial, soaWithSerial } from '../dns/zone/serial.ts';
import { isLater } from '../dns/wire/serial-arithmetic.ts';
import type { ZoneChange } from '../dns/zone/zone-change.ts';
import type { ZoneKeeper } from '../dns/zone/zone-keeper.ts';
import type { ZoneView } from '../dns/zone/zone-view.ts';
import type { Zone } from '../dns/zone/zone.ts';
import { Breather } from '../lib/breather.ts';
import { systemClock } from '../lib/clock.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { AdminCalls, AdminFault, ListedZone } from './api.ts';
import { recordView } from './resolution-view.ts';
import { whyNotEditable } from './zone-handlers.ts';
import type { AdminZones } from './zone-handlers.ts';

/** Records that one answer has at most. */
const mostRecords = 20_000;
/** How often an import is made anew where an update comes in between. */
const mostAttempts = 5;

type Answer<Output> = Promise<Result<Output, AdminFault>>;

export type ZoneContentHandlers = {
  readonly [Name in 'listZones' | 'readZone' | 'importZone']: (
    input: AdminCalls[Name]['input'],
  ) => Answer<AdminCalls[Name]['output']>;
};

/** `undefined`: nobody serves zones here. */
export function zoneContentHandlers(zones: AdminZones | undefined): ZoneContentHandlers {
  const none = refuse('unavailable', 'this server keeps no zones');
  return {
    listZones: async () => (zones === undefined ? none : ok(await listZones(zones))),
    readZone: async ({ name, skip }) => (zones === undefined ? none : readZone(zones, name, skip ?? 0)),
    importZone: async ({ zone, text }) => (zones === undefined ? none : importZone(zones, zone, text)),
  };
}

async function listZones(zones: AdminZones): Promise<readonly ListedZone[]> {
  const listed: ListedZone[] = [];
  for (const config of zones.configured) {
    const origin = parseName(config.name);
    if (!origin.ok) continue;
    const keeper = await zones.keeperOf(origin.value);
    const view = keeper.ok ? keeper.value.view(origin.value) : undefined;
    listed.push({
      zone: origin.value.toString(),
      from: sourceOf(config),
      file: config.file ?? null,
      serial: view?.serial ?? null,
      fault: keeper.ok ? null : keeper.fault,
    });
  }
  return listed;
}

function sourceOf({ file, primaries, catalog }: ZoneConfig): ListedZone['from'] {
  if (primaries.length > 0) return 'primaries';
  if (catalog === 'producer') return 'catalog';
  return file === undefined ? 'store' : 'file';
}

/** `name`: the zone, or a name in it. */
async function readZone(
  zones: AdminZones,
  name: string,
  skip: number,
): Answer<AdminCalls['readZone']['output']> {
  const wanted = parseName(name);
  if (!wanted.ok) return refuse('invalid', wanted.fault);
  const origin = enclosing(zones, wanted.value);
  if (origin === undefined)
    return refuse('not-found', `no zone of the config holds ${wanted.value.toString()}`);
  const keeper = await zones.keeperOf(origin);
  if (!keeper.ok) return refuse('unavailable', keeper.fault);
  const view = keeper.value.view(origin);
  if (view === undefined) return refuse('conflict', `zone ${origin.toString()} has no content to show`);
  const facts = { zone: origin.toString(), serial: view.serial };
  if (!wanted.value.equals(origin)) {
    const records = (view.rrsets(wanted.value) ?? []).flatMap(recordsOf);
    return records.length === 0
      ? refuse('not-found', `zone ${origin.toString()} has no records at ${wanted.value.toString()}`)
      : ok({ ...facts, records: records.map(recordView), more: false });
  }
  const { records, more } = await page(view, skip);
  return ok({ ...facts, records: records.map(recordView), more });
}

async function page(
  view: ZoneView,
  skip: number,
): Promise<{ readonly records: readonly ResourceRecord[]; readonly more: boolean }> {
  const breather = new Breather(systemClock);
  const records: ResourceRecord[] = [];
  let passed = 0;
  for (const rrset of view.all()) {
    for (const record of recordsOf(rrset)) {
      if (passed++ < skip) continue;
      if (records.length === mostRecords) return { records, more: true };
      records.push(record);
    }
    if (passed % 64 === 0 && breather.due) await breather.rest();
  }
  return { records, more: false };
}

function enclosing({ configured }: AdminZones, name: DomainName): DomainName | undefined {
  let found: DomainName | undefined;
  for (const each of configured) {
    const origin = parseName(each.name);
    if (!origin.ok || !name.isAtOrBelow(origin.value)) continue;
    if (found === undefined || origin.value.labelCount > found.labelCount) found = origin.value;
  }
  return found;
}

/** The zone becomes what the text says, by one change; its serial is raised where the text doesn't do it. */
async function importZone(
  zones: AdminZones,
  name: string,
  text: string,
): Answer<AdminCalls['importZone']['output']> {
  const parsed = parseName(name);
  if (!parsed.ok) return refuse('invalid', parsed.fault);
  const origin = parsed.value;
  const config = zones.configured.find((each) => isNamed(each, origin));
  if (config === undefined) return refuse('not-found', `the config has no zone ${origin.toString()}`);
  const reason = whyNotEditable(config);
  if (reason !== undefined) return refuse('conflict', reason);
  const loaded = loadZone({ name: 'import', text }, { origin, now: Math.floor(systemClock.now() / 1000) });
  if (!loaded.ok) return refuse('invalid', loaded.fault.map(formatZoneProblem).join('\n'));
  const keeper = await zones.keeperOf(origin);
  if (!keeper.ok) return refuse('unavailable', keeper.fault);
  const { zone, records } = loaded.value;
  const serial = await putContent(keeper.value, zone);
  return serial.ok ? ok({ zone: origin.toString(), serial: serial.value, records }) : serial;
}

async function putContent(keeper: ZoneKeeper, zone: Zone): Answer<number> {
  const { origin } = zone;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const view = keeper.view(origin);
    if (view === undefined) {
      const replaced = await keeper.replace(origin, contentOf(zone));
      return replaced.ok ? ok(replaced.value.serial) : refuse('conflict', replaced.fault.join('; '));
    }
    const difference = await differenceOf(view, zone, new Breather(systemClock));
    if (isNoChange(difference)) return ok(view.serial);
    let late = false;
    const changed = await keeper.change<AdminFault>(origin, (newest) => {
      late = newest.serial !== view.serial;
      return ok(late ? undefined : raised(difference, view, zone));
    });
    if (late) continue;
    if (changed.ok) return ok(changed.value.serial);
    return changed.fault.kind === 'unfit'
      ? refuse('conflict', changed.fault.reasons.join('; '))
      : fault(changed.fault);
  }
  return refuse('conflict', `zone ${origin.toString()} is changed all the time: try again when it isn't`);
}

/** RFC 1982: a serial that isn't later would be taken for an old one by secondaries. */
function raised(difference: ZoneChange, { serial }: ZoneView, zone: Zone): ZoneChange {
  if (isLater(zone.serial, serial)) return difference;
  const { to } = difference;
  return { ...difference, to: { ...to, rdata: soaWithSerial(to.rdata, nextSerial(serial)) } };
}

async function* contentOf(zone: Zone): AsyncGenerator<readonly ResourceRecord[]> {
  let some: ResourceRecord[] = [];
  for (const rrset of zone.all()) {
    some.push(...recordsOf(rrset));
    if (some.length < 1000) continue;
    yield some;
    some = [];
  }
  yield await Promise.resolve(some);
}

function isNamed(config: ZoneConfig, origin: DomainName): boolean {
  const name = parseName(config.name);
  return name.ok && name.value.equals(origin);
}

function refuse(
  kind: AdminFault['kind'],
  message: string,
): { readonly ok: false; readonly fault: AdminFault } {
  return fault({ kind, message });
}
