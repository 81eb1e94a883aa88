// How often a secondary looks for changes, and how long what it has is good: the times of the SOA record (RFC 1034 §4.3.5), within
// bounds, because anybody's zone may say anything.
import { readRdata } from '../../wire/rdata/record-type.ts';
import { soa as soaType } from '../../wire/rdata/soa.ts';
import type { ZoneView } from '../../zone/zone-view.ts';

/** Milliseconds. */
export interface SoaTimers {
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
}

const least = 1_000;
const mostRefresh = 28 * 86_400_000;
/** Of a zone that has no content yet: the wait after the first failure, doubled up to the most. */
const firstWait = 5_000;
const longestWait = 600_000;

export function soaTimersOf(view: ZoneView): SoaTimers {
  const [rdata] = view.soa.rdatas;
  const soa = rdata === undefined ? undefined : readRdata(soaType, rdata);
  const refresh = bounded(soa?.refresh ?? 0, mostRefresh);
  const retry = bounded(soa?.retry ?? 0, mostRefresh);
  // RFC 1912 §2.2: an expiry before the second try would make every lost datagram an outage.
  return { refresh, retry, expire: Math.max((soa?.expire ?? 0) * 1000, refresh + retry) };
}

/** `failures`: how often it was tried, at least 1. */
export function waitWithoutContent(failures: number): number {
  return Math.min(firstWait * 2 ** Math.min(failures - 1, 20), longestWait);
}

function bounded(seconds: number, most: number): number {
  return Math.min(Math.max(seconds * 1000, least), most);
}
