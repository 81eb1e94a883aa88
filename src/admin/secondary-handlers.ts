// What the admin API does with the zones that are taken from primaries: asks for one now, and tells how they all are.
import type { RefreshOutcome } from '../dns/transfer/in/secondary-zone.ts';
import type { Secondary, SecondaryStatus } from '../dns/transfer/in/secondary.ts';
import { parseName } from '../dns/wire/name.ts';
import { fault, ok, unreachable } from '../lib/result.ts';
import type { Admin, RefreshView, SecondaryView } from './api.ts';

export type SecondaryPort = Pick<Secondary, 'refresh' | 'status'>;

/** Milliseconds that a caller waits for a refresh, which then goes on without it; a client gives up some seconds later. */
const patienceMs = 25_000;

/** `undefined`: no server runs, or one without an authority. */
export function secondaryHandlers(
  secondary: SecondaryPort | undefined,
  waitMs: number = patienceMs,
): Pick<Admin, 'refreshZone' | 'listSecondaries'> {
  const none = fault({
    kind: 'unavailable',
    message: 'no server is running that takes zones from primaries',
  } as const);
  return {
    refreshZone: async ({ name, whole }) => {
      if (secondary === undefined) return none;
      const origin = parseName(name);
      if (!origin.ok) return fault({ kind: 'invalid', message: origin.fault });
      const refresh = secondary.refresh(origin.value, whole === true);
      const zone = origin.value.toString();
      if (refresh === undefined)
        return fault({ kind: 'not-found', message: `${zone} is no zone that is taken from primaries` });
      return ok(refreshView(zone, await firstOf(refresh, waitMs)));
    },
    listSecondaries: () =>
      Promise.resolve(secondary === undefined ? none : ok(secondary.status().map(secondaryView))),
  };
}

/** `undefined` where it takes longer. */
function firstOf(refresh: Promise<RefreshOutcome>, waitMs: number): Promise<RefreshOutcome | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), waitMs);
    refresh.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function refreshView(zone: string, outcome: RefreshOutcome | undefined): RefreshView {
  switch (outcome?.kind) {
    case undefined: {
      const text = 'is still being taken from its primary; the log tells how it ends';
      return { zone, outcome: 'under way', serial: null, text };
    }
    case 'taken': {
      const { serial, from, steps } = outcome;
      const how = steps === undefined ? 'whole' : `in ${steps} step${steps === 1 ? '' : 's'}`;
      return { zone, outcome: 'taken', serial, text: `was taken from ${from} ${how}: serial ${serial}` };
    }
    case 'current':
      return {
        zone,
        outcome: 'current',
        serial: outcome.serial,
        text: `is as its primaries have it: serial ${outcome.serial}`,
      };
    case 'failed':
      return { zone, outcome: 'failed', serial: null, text: `could not be taken: ${outcome.reason}` };
    default:
      return unreachable(outcome);
  }
}

function secondaryView(status: SecondaryStatus): SecondaryView {
  const { origin, serial, expired, phase, refreshedAt, expiresAt, nextCheckAt } = status;
  const iso = (time: number | undefined): string | null =>
    time === undefined ? null : new Date(time).toISOString();
  return {
    zone: origin.toString(),
    serial: serial ?? null,
    expired,
    phase,
    refreshedAt: iso(refreshedAt),
    expiresAt: iso(expiresAt),
    nextCheckAt: iso(nextCheckAt),
  };
}
