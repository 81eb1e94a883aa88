// What the admin API does with zones: changes by hand, the steps of the journal, and the way back.
import type { ZoneConfig } from '../config/config.ts';
import { additionsTo, changeBack, removalsFrom } from '../dns/update/hand-edit.ts';
import { rrClass } from '../dns/wire/codes.ts';
import { parseName } from '../dns/wire/name.ts';
import type { DomainName } from '../dns/wire/name.ts';
import { isZoneData } from '../dns/wire/rdata/zone-data.ts';
import { formatRecord } from '../dns/wire/presentation.ts';
import { serialOfSoa, soaWithSerial } from '../dns/zone/serial.ts';
import type { ZoneChange } from '../dns/zone/zone-change.ts';
import type { ZoneKeeper } from '../dns/zone/zone-keeper.ts';
import type { ZoneView } from '../dns/zone/zone-view.ts';
import { equalBytes } from '../lib/bytes.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import { StoreFault } from '../mailbox/message.ts';
import type { AdminCalls, AdminFault, ZoneChangeView, ZoneStepView } from './api.ts';
import { parseAdditions, parseRemovals } from './zone-text.ts';

export interface AdminZones {
  /** Those of the config. */
  readonly configured: readonly ZoneConfig[];
  /** Who keeps that zone: the server's keeper, or where no server runs one that was opened for it. */
  keeperOf(origin: DomainName): Promise<Result<ZoneKeeper>>;
}

/** Lines of steps that one answer has at most. */
const mostLines = 20_000;
/** How often a change is made anew where an update comes in between. */
const mostAttempts = 5;

type Answer<Output> = Promise<Result<Output, AdminFault>>;

interface Found {
  readonly origin: DomainName;
  readonly keeper: ZoneKeeper;
  readonly view: ZoneView;
}

export type ZoneHandlers = {
  readonly [Name in 'addRecords' | 'removeRecords' | 'diffZone' | 'rollbackZone']: (
    input: AdminCalls[Name]['input'],
  ) => Answer<AdminCalls[Name]['output']>;
};

/** `undefined`: nobody serves zones here. */
export function zoneHandlers(zones: AdminZones | undefined): ZoneHandlers {
  const withZone = async <Output>(
    name: string,
    edit: boolean,
    run: (found: Found) => Answer<Output>,
  ): Answer<Output> => {
    if (zones === undefined) return refuse('unavailable', 'this server keeps no zones');
    try {
      const found = await findZone(zones, name, edit);
      return found.ok ? await run(found.value) : found;
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      return refuse('unavailable', error.message);
    }
  };
  return {
    addRecords: ({ zone, records }) =>
      withZone(zone, true, async ({ origin, keeper, view }) => {
        const parsed = parseAdditions(origin, records, view.soa.ttl);
        if (!parsed.ok) return refuse('invalid', parsed.fault);
        const other = parsed.value.find(({ record }) => record.class !== rrClass.IN);
        if (other !== undefined)
          return refuse('invalid', `${formatRecord(other.record)}: records are of class IN`);
        const unfit = parsed.value.find(({ record }) => !isZoneData(record.type, record.rdata));
        if (unfit !== undefined)
          return refuse(
            'invalid',
            `${formatRecord(unfit.record)}: other servers would refuse this data, and the zone with it`,
          );
        return change(keeper, origin, (newest) => additionsTo(newest, parsed.value));
      }),
    removeRecords: ({ zone, records }) =>
      withZone(zone, true, async ({ origin, keeper }) => {
        const parsed = parseRemovals(origin, records);
        if (!parsed.ok) return refuse('invalid', parsed.fault);
        return change(keeper, origin, (newest) => removalsFrom(newest, parsed.value));
      }),
    diffZone: ({ zone, from, to }) => withZone(zone, false, (found) => diff(found, from, to)),
    rollbackZone: ({ zone, serial }) => withZone(zone, true, (found) => rollback(found, serial)),
  };
}

async function findZone(zones: AdminZones, name: string, edit: boolean): Answer<Found> {
  const parsed = parseName(name);
  if (!parsed.ok) return refuse('invalid', parsed.fault);
  const origin = parsed.value;
  const config = zones.configured.find((each) => parseName(each.name).ok && sameName(each.name, origin));
  if (config === undefined) {
    const known = zones.configured.slice(0, 10).map((each) => each.name);
    return refuse(
      'not-found',
      `the config has no zone ${origin.toString()}${known.length === 0 ? '' : `; it has ${known.join(', ')}`}`,
    );
  }
  const reason = edit ? whyNotEditable(config) : undefined;
  if (reason !== undefined) return refuse('conflict', reason);
  const keeper = await zones.keeperOf(origin);
  if (!keeper.ok) return refuse('unavailable', keeper.fault);
  const view = keeper.value.view(origin);
  return view === undefined
    ? refuse('conflict', `zone ${origin.toString()} has no content yet`)
    : ok({ origin: view.origin, keeper: keeper.value, view });
}

/** A sentence that says where the zone is to be changed instead. */
export function whyNotEditable({ name, file, primaries, update, catalog }: ZoneConfig): string | undefined {
  if (primaries.length > 0) return `zone ${name} is taken from its primaries: change it there`;
  if (catalog !== 'none') return `zone ${name} is a catalog: it is made of the zones that are members of it`;
  if (file === undefined || update.length > 0) return undefined;
  return (
    `zone ${name} is kept in its file: edit ${file}, raise its serial, and reload the server (SIGHUP); ` +
    `or give the zone an 'update' rule in the config, and changes by command and by update are kept beside the file`
  );
}

async function change(
  keeper: ZoneKeeper,
  origin: DomainName,
  make: (newest: ZoneView) => Result<ZoneChange | undefined>,
): Answer<ZoneChangeView> {
  let made: ZoneChange | undefined;
  const changed = await keeper.change<AdminFault>(origin, (newest) => {
    const result = make(newest);
    if (!result.ok) return fault({ kind: 'not-found', message: `${result.fault}; nothing was changed` });
    made = result.value;
    return ok(made);
  });
  if (changed.ok)
    return ok({
      zone: origin.toString(),
      serial: changed.value.serial,
      step: made === undefined ? null : stepView(made),
    });
  if (changed.fault.kind !== 'unfit') return fault(changed.fault);
  return refuse(
    'conflict',
    `nothing was changed, for it would leave no right zone: ${changed.fault.reasons.join('; ')}`,
  );
}

async function diff(
  { origin, keeper, view }: Found,
  from: number | undefined,
  to: number | undefined,
): Answer<AdminCalls['diffZone']['output']> {
  const steps = from === undefined ? await lastStep(keeper, view) : await keeper.changesSince(origin, from);
  if (steps === undefined) return notReached(origin, from ?? view.serial);
  const end =
    to === undefined ? steps.length : steps.findIndex((step) => serialOfSoa(step.to.rdata) === to) + 1;
  if (to !== undefined && end === 0 && to !== from)
    return refuse(
      'not-found',
      `zone ${origin.toString()} never came from serial ${from ?? view.serial} to serial ${to}`,
    );
  const views: ZoneStepView[] = [];
  let lines = 0;
  for (const step of steps.slice(0, end)) {
    lines += step.removed.length + step.added.length;
    if (lines > mostLines && views.length > 0) break;
    views.push(stepView(step));
  }
  return ok({ zone: origin.toString(), serial: view.serial, steps: views, more: views.length < end });
}

/** The journal is found by where steps begin, so the last one's beginning is tried for: the serial before, or some before it. */
async function lastStep(keeper: ZoneKeeper, view: ZoneView): Promise<readonly ZoneChange[] | undefined> {
  for (let back = 1; back <= 16; back++) {
    const steps = await keeper.changesSince(view.origin, (view.serial - back) >>> 0);
    if (steps !== undefined) return steps.slice(-1);
  }
  return [];
}

async function rollback({ origin, keeper }: Found, serial: number): Answer<ZoneChangeView> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const steps = await keeper.changesSince(origin, serial);
    if (steps === undefined) return notReached(origin, serial);
    const last = steps.at(-1);
    if (last === undefined)
      return refuse('conflict', `zone ${origin.toString()} is at serial ${serial} already`);
    let late = false;
    const done = await change(keeper, origin, (newest) => {
      late = newest.serial !== serialOfSoa(last.to.rdata);
      return late ? ok(undefined) : ok(changeBack(newest, steps));
    });
    if (!late) return done;
  }
  return refuse('conflict', `zone ${origin.toString()} is changed all the time: try again when it isn't`);
}

function notReached(origin: DomainName, serial: number): Result<never, AdminFault> {
  return refuse(
    'not-found',
    `what is kept of zone ${origin.toString()} has no steps from serial ${serial}: it doesn't reach back so far, or there was no such serial`,
  );
}

function stepView(step: ZoneChange): ZoneStepView {
  const { from, to, removed, added } = step;
  const serial = serialOfSoa(to.rdata);
  // The serial stands beside; the SOA is only told where something else in it has changed.
  const sameSoa = from.ttl === to.ttl && equalBytes(soaWithSerial(from.rdata, serial), to.rdata);
  return {
    from: serialOfSoa(from.rdata),
    to: serial,
    removed: (sameSoa ? removed : [from, ...removed]).map(formatRecord),
    added: (sameSoa ? added : [to, ...added]).map(formatRecord),
  };
}

function sameName(text: string, origin: DomainName): boolean {
  const name = parseName(text);
  return name.ok && name.value.equals(origin);
}

function refuse(
  kind: AdminFault['kind'],
  message: string,
): { readonly ok: false; readonly fault: AdminFault } {
  return fault({ kind, message });
}
