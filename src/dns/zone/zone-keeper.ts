// The port by which transfers, updates, catalogs and commands read and change the zones being served. Whoever implements
// it makes each change durable before it is seen, keeps changes of one zone in order, and tells everyone of new serials.
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import type { ZoneChange } from './zone-change.ts';
import type { ZoneView } from './zone-view.ts';

export interface ZoneEvent {
  readonly kind: 'added' | 'changed' | 'removed';
  readonly origin: DomainName;
}

/** Why a change would leave no zone that can be served, in sentences; nothing was changed. */
export interface UnfitZone {
  readonly kind: 'unfit';
  readonly reasons: readonly string[];
}

/** How a zone is kept that isn't in the config: a member of a catalog. */
export interface AddedZone {
  readonly origin: DomainName;
  /** Octets of changes kept for IXFR. */
  readonly journalSize: number;
}

export interface ZoneKeeper {
  /** What is served now; `undefined` where there is no such zone, or a secondary has none yet or an expired one. */
  view(origin: DomainName): ZoneView | undefined;
  /** The longest origin at or above `name` that is configured here, whether it has content or not. */
  enclosing(name: DomainName): DomainName | undefined;
  /**
   * Steps from that serial to the one served; `undefined` where the journal doesn't reach back so far. With `enoughOctets` not all of
   * those that must be read from the store: the last may lead to a serial from which to ask again.
   */
  changesSince(
    origin: DomainName,
    serial: number,
    enoughOctets?: number,
  ): Promise<readonly ZoneChange[] | undefined>;
  /**
   * Makes one change. `make` sees the newest version, changes on their way to the disk included, and is called in the order
   * of the calls; it gives the change, `undefined` where there is nothing to do, or why not. Resolves once
   * the change is durable and served. Throws where it can't be kept (a full disk): then it isn't served either.
   * Where there is no content to change, that is unfit too.
   */
  change<Fault>(
    origin: DomainName,
    make: (newest: ZoneView) => Result<ZoneChange | undefined, Fault>,
  ): Promise<Result<ZoneView, Fault | UnfitZone>>;
  /**
   * Replaces the whole content (a full transfer). The records may come in any order and as they arrive.
   * The fault says in words why they make no zone; the old content then keeps serving. So it does where `records` throws, which
   * `replace` then throws too. `check` is asked about what is otherwise good, before it is kept and served; what it gives
   * are faults that refuse it. The new serial may be anything: what journal there was is dropped.
   */
  replace(
    origin: DomainName,
    records: AsyncIterable<ReadonlyArray<ZoneChange['from']>>,
    check?: (content: ZoneView) => Promise<readonly string[]>,
  ): Promise<Result<ZoneView, readonly string[]>>;
  /**
   * A secondary's content has become too old (RFC 1034 §4.3.5): it is kept, and can be changed and replaced, but `view` gives
   * none of it and questions get SERVFAIL until `revive`. A no-op where there is no content. Neither is kept beyond a restart.
   */
  expire(origin: DomainName): void;
  /** A primary has said that the content is good, or has made it so: it is served again. Tells of a change where it wasn't. */
  revive(origin: DomainName): void;
  /** Begins to serve a zone that the config doesn't name, with what content is kept of it. Nothing where it is known already. */
  add(zone: AddedZone): Promise<void>;
  /** No longer serves such a zone, and forgets what is kept of it. */
  remove(origin: DomainName): Promise<void>;
  /** Called after each change of what is served; returns how to stop. */
  watch(listener: (event: ZoneEvent) => void): () => void;
}
