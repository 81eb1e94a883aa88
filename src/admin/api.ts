// The admin API, defined once: what can be asked, by which method and path, with which input. The server and the client are
// both made from this table, and so is a command that works on the store itself where no server runs.
import { z } from 'zod';
import type { JourneyStep } from '../lib/journey.ts';
import type { Result } from '../lib/result.ts';
import { peopleRoutes } from './people-api.ts';
import type { PeopleCalls } from './people-api.ts';

export interface AdminFault {
  readonly kind: 'invalid' | 'not-found' | 'conflict' | 'unavailable';
  /** A sentence for the operator. */
  readonly message: string;
}

/** Times are ISO 8601 in UTC, sizes octets, addresses `local@domain`. */
export interface StatusView {
  readonly version: string;
  readonly pid: number;
  readonly hostname: string;
  readonly startedAt: string;
  readonly listeners: readonly { readonly name: string; readonly address: string }[];
  readonly zones: readonly { readonly name: string; readonly records: number }[];
  /** False where no listener takes or hands out mail; then the server has no store open. */
  readonly mail: boolean;
  readonly certificate: { readonly expiresAt: string; readonly fingerprint: string } | null;
}

export interface QueueView {
  readonly id: number;
  /** The message's journey. */
  readonly journey: string;
  /** `<>` for the null reverse-path. */
  readonly from: string;
  readonly to: string;
  readonly size: number;
  readonly queuedAt: string;
  readonly nextAttemptAt: string;
  readonly attempts: number;
  readonly lastReply: string | null;
  readonly held: boolean;
}

export interface JourneyView {
  readonly id: string;
  readonly receivedAt: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly size: number;
  readonly steps: readonly JourneyStep[];
}

export interface RecordView {
  readonly name: string;
  readonly ttl: number;
  readonly class: string;
  readonly type: string;
  /** Presentation form. */
  readonly data: string;
}

export interface ResolutionView {
  /** `NOERROR`, `NXDOMAIN` */
  readonly rcode: string;
  readonly answers: readonly RecordView[];
  /** The whole message as dig prints it. */
  readonly text: string;
  readonly ms: number;
  readonly steps: readonly JourneyStep[];
}

/** What came of asking a zone's primaries; `text` goes on after the zone's name. */
export interface RefreshView {
  readonly zone: string;
  readonly outcome: 'taken' | 'current' | 'failed' | 'under way';
  readonly serial: number | null;
  readonly text: string;
}

/** A zone that is taken from primaries. */
export interface SecondaryView {
  readonly zone: string;
  readonly serial: number | null;
  readonly expired: boolean;
  readonly phase: 'idle' | 'waiting' | 'running';
  readonly refreshedAt: string | null;
  readonly expiresAt: string | null;
  readonly nextCheckAt: string | null;
}

/** One step of a zone's journal; records are lines of a zone file. */
export interface ZoneStepView {
  readonly from: number;
  readonly to: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export interface ZoneChangeView {
  readonly zone: string;
  /** After the change. */
  readonly serial: number;
  /** `null` where the zone was so already. */
  readonly step: ZoneStepView | null;
}

export interface ListedZone {
  readonly zone: string;
  readonly from: 'file' | 'store' | 'primaries' | 'catalog';
  readonly file: string | null;
  /** `null`: it has no content that could be served. */
  readonly serial: number | null;
  /** Why it can't be served, where that is known. */
  readonly fault: string | null;
}

/** What the resolver is doing, and has done since it started. */
export interface ResolverView {
  /** Questions that are being resolved, and how many may be at one time. */
  readonly inFlight: number;
  readonly mostInFlight: number;
  readonly cachedAnswers: number;
  /** Octets that the caches hold, and may hold. */
  readonly cacheOctets: number;
  readonly mostCacheOctets: number;
  /** Upstream servers that are remembered, and what was counted of all there ever were. */
  readonly servers: number;
  readonly upstream: UpstreamCountsView;
}

/** What the resolver remembers of one type at a name. */
export interface CacheItemView {
  readonly name: string;
  /** `null`: that there is no such name holds for all types. */
  readonly type: string | null;
  readonly kind: 'records' | 'nodata' | 'nxdomain' | 'failure';
  /** Seconds that are left; less than 0: it has ended, and is kept for when nobody can be asked. */
  readonly ttl: number;
  readonly security: 'secure' | 'insecure' | 'unchecked' | 'bogus';
  /** Whether a server of the zone said so itself (RFC 2181 §5.4.1). */
  readonly authoritative: boolean;
  /** In the form of a zone file, without the name: signatures behind the records, and what proves that there are none. */
  readonly records: readonly string[];
  /** Why it is bogus, or asking failed. */
  readonly reason: string | null;
}

/** Questions to upstream servers, and what came of them. */
export interface UpstreamCountsView {
  readonly queries: number;
  readonly overTcp: number;
  readonly answers: number;
  readonly timeouts: number;
  readonly unreachable: number;
  readonly unusable: number;
  readonly forged: number;
  readonly truncated: number;
  readonly lame: number;
}

/** One of the latest questions of clients, as the query log has it. */
export interface QueryView {
  readonly at: string;
  readonly client: string;
  readonly transport: string;
  readonly name: string;
  readonly type: string;
  readonly rcode: string | null;
  readonly ms: number;
  readonly cached: boolean;
  readonly security: string | null;
  readonly error: { readonly code: number; readonly text: string } | null;
}

export interface UpstreamView extends UpstreamCountsView {
  readonly server: string;
  /** Milliseconds of its UDP answers. */
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
  /** Answers by RCODE: `{ "NOERROR": 12 }`. */
  readonly rcodes: Readonly<Record<string, number>>;
}

/** A name at and below which nothing is validated (RFC 7646). */
export interface NegativeAnchorView {
  readonly name: string;
  /** `null`: it stands in the config. */
  readonly until: string | null;
}

type Nothing = Readonly<Record<string, never>>;

/** Every call: what goes in, what comes out. */
export interface AdminCalls extends PeopleCalls {
  status: { input: Nothing; output: StatusView };
  /** What couldn't be reloaded, each a text for people; the old keeps serving. */
  reload: { input: Nothing; output: { readonly faults: readonly string[] } };
  listQueue: { input: { readonly limit?: number | undefined }; output: readonly QueueView[] };
  showQueue: { input: { readonly id: number }; output: QueueView };
  /** Makes one entry due now, or all of them; how many. */
  retryQueue: { input: { readonly id?: number | undefined }; output: { readonly retried: number } };
  cancelQueue: { input: { readonly id: number }; output: Nothing };
  /** The newest first. */
  listJourneys: { input: { readonly limit?: number | undefined }; output: readonly JourneyView[] };
  showJourney: { input: { readonly id: string }; output: JourneyView };
  /** Asks the server's resolver; `type` is a name or TYPE123. */
  resolveName: {
    input: { readonly name: string; readonly type: string; readonly dnssec?: boolean | undefined };
    output: ResolutionView;
  };
  showResolver: { input: Nothing; output: ResolverView };
  /** Some of what the resolver remembers, in no order; `next`: where to go on, `null` at the end. */
  dumpCache: {
    input: { readonly from?: string | undefined; readonly limit?: number | undefined };
    output: { readonly items: readonly CacheItemView[]; readonly next: string | null };
  };
  /** Of a name, of one type at it, or (`subtree`) of all below it, too. */
  flushCache: {
    input: {
      readonly name: string;
      readonly type?: string | undefined;
      readonly subtree?: boolean | undefined;
    };
    output: Nothing;
  };
  /** What clients asked, the newest first, where the query log is on. */
  listQueries: { input: { readonly limit?: number | undefined }; output: readonly QueryView[] };
  /** The servers that were asked most often first. */
  listUpstreams: { input: { readonly limit?: number | undefined }; output: readonly UpstreamView[] };
  listNegativeAnchors: { input: Nothing; output: readonly NegativeAnchorView[] };
  /** In place of one of that name set before. */
  addNegativeAnchor: {
    input: { readonly name: string; readonly seconds: number };
    output: NegativeAnchorView;
  };
  removeNegativeAnchor: { input: { readonly name: string }; output: Nothing };
  /** Asks the primaries of a zone now; `whole`: takes all of it, whatever its serial. */
  refreshZone: {
    input: { readonly name: string; readonly whole?: boolean | undefined };
    output: RefreshView;
  };
  listSecondaries: { input: Nothing; output: readonly SecondaryView[] };
  /** Records as lines of a zone file, all or none. */
  addRecords: { input: RecordsInput; output: ZoneChangeView };
  /** Records as lines, or names with or without a type: then all of that go. */
  removeRecords: { input: RecordsInput; output: ZoneChangeView };
  /** Steps from one serial to another; the last one, or those up to now. `more`: there are more than were given. */
  diffZone: {
    input: {
      readonly zone: string;
      readonly from?: number | undefined;
      readonly to?: number | undefined;
    };
    output: {
      readonly zone: string;
      readonly serial: number;
      readonly steps: readonly ZoneStepView[];
      readonly more: boolean;
    };
  };
  /** Those of the config. */
  listZones: { input: Nothing; output: readonly ListedZone[] };
  /** A zone's records as they are served, or those of one name in it. `more`: there are more than were given; `skip` them. */
  readZone: {
    input: { readonly name: string; readonly skip?: number | undefined };
    output: {
      readonly zone: string;
      readonly serial: number;
      readonly records: readonly RecordView[];
      readonly more: boolean;
    };
  };
  /** Makes the zone what the text of a zone file says, by one change. */
  importZone: {
    input: { readonly zone: string; readonly text: string };
    output: { readonly zone: string; readonly serial: number; readonly records: number };
  };
  /** One new step that brings back what was at that serial. */
  rollbackZone: { input: { readonly zone: string; readonly serial: number }; output: ZoneChangeView };
}

interface RecordsInput {
  readonly zone: string;
  readonly records: readonly string[];
}

export type CallName = keyof AdminCalls;

/** The API as functions, wherever they run. */
export type Admin = {
  readonly [Name in CallName]: (
    input: AdminCalls[Name]['input'],
  ) => Promise<Result<AdminCalls[Name]['output'], AdminFault>>;
};

export interface Route<Input> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `:name` stands for that key of the input; other keys go into the query (GET, DELETE) or the body. */
  readonly path: string;
  readonly input: z.ZodType<Input>;
  /** Octets that the body has at most, where it is not the usual. */
  readonly bodyOctets?: number;
}

export type Routes = { readonly [Name in CallName]: Route<AdminCalls[Name]['input']> };

const nothing = z.strictObject({});
const text = z.string().min(1).max(1024);
const limit = z.coerce.number().int().min(1).max(10_000).optional();
const serial = z.coerce.number().int().min(0).max(0xffff_ffff);
const records = z.strictObject({
  zone: text,
  records: z.array(z.string().min(1).max(65_536)).min(1).max(10_000),
});
const id = z.coerce.number().int().min(1);

export const routes: Routes = {
  status: { method: 'GET', path: '/v1/status', input: nothing },
  reload: { method: 'POST', path: '/v1/reload', input: nothing },
  ...peopleRoutes,
  listQueue: { method: 'GET', path: '/v1/queue', input: z.strictObject({ limit }) },
  showQueue: { method: 'GET', path: '/v1/queue/:id', input: z.strictObject({ id }) },
  retryQueue: { method: 'POST', path: '/v1/queue/retry', input: z.strictObject({ id: id.optional() }) },
  cancelQueue: { method: 'DELETE', path: '/v1/queue/:id', input: z.strictObject({ id }) },
  listJourneys: { method: 'GET', path: '/v1/journeys', input: z.strictObject({ limit }) },
  showJourney: { method: 'GET', path: '/v1/journeys/:id', input: z.strictObject({ id: text }) },
  resolveName: {
    method: 'POST',
    path: '/v1/resolve',
    input: z.strictObject({ name: text, type: text, dnssec: z.boolean().optional() }),
  },
  showResolver: { method: 'GET', path: '/v1/resolver', input: nothing },
  dumpCache: {
    method: 'GET',
    path: '/v1/resolver/cache',
    input: z.strictObject({ from: text.optional(), limit }),
  },
  flushCache: {
    method: 'POST',
    path: '/v1/resolver/cache/flush',
    input: z.strictObject({ name: text, type: text.optional(), subtree: z.boolean().optional() }),
  },
  listQueries: { method: 'GET', path: '/v1/resolver/queries', input: z.strictObject({ limit }) },
  listUpstreams: { method: 'GET', path: '/v1/resolver/upstreams', input: z.strictObject({ limit }) },
  listNegativeAnchors: { method: 'GET', path: '/v1/resolver/negative-anchors', input: nothing },
  addNegativeAnchor: {
    method: 'POST',
    path: '/v1/resolver/negative-anchors',
    input: z.strictObject({ name: text, seconds: z.number().int().min(1) }),
  },
  removeNegativeAnchor: {
    method: 'DELETE',
    path: '/v1/resolver/negative-anchors/:name',
    input: z.strictObject({ name: text }),
  },
  refreshZone: {
    method: 'POST',
    path: '/v1/zones/:name/refresh',
    input: z.strictObject({ name: text, whole: z.boolean().optional() }),
  },
  listSecondaries: { method: 'GET', path: '/v1/secondaries', input: nothing },
  addRecords: { method: 'POST', path: '/v1/zones/:zone/records', input: records },
  removeRecords: { method: 'POST', path: '/v1/zones/:zone/removals', input: records },
  diffZone: {
    method: 'GET',
    path: '/v1/zones/:zone/steps',
    input: z.strictObject({ zone: text, from: serial.optional(), to: serial.optional() }),
  },
  listZones: { method: 'GET', path: '/v1/zones', input: nothing },
  readZone: {
    method: 'GET',
    path: '/v1/zones/:name/records',
    input: z.strictObject({ name: text, skip: z.coerce.number().int().min(0).optional() }),
  },
  importZone: {
    method: 'PUT',
    path: '/v1/zones/:zone/content',
    input: z.strictObject({ zone: text, text: z.string() }),
    bodyOctets: 64 * 2 ** 20,
  },
  rollbackZone: {
    method: 'POST',
    path: '/v1/zones/:zone/rollback',
    input: z.strictObject({ zone: text, serial }),
  },
};
