// One zone from its first content to its last: changes in a pipeline, whole contents in turn, old content put aside.
import { Breather } from '../../lib/breather.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import { serialOfSoa } from '../zone/serial.ts';
import type { ZoneChange } from '../zone/zone-change.ts';
import type { UnfitZone, ZoneEvent } from '../zone/zone-keeper.ts';
import type { ZoneSet } from '../zone/zone-set.ts';
import type { KeptZone, ZoneStore } from '../zone/zone-store.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import type { Zone } from '../zone/zone.ts';
import { contentChunks } from './content-chunks.ts';
import { Journal } from './journal.ts';
import type { NewZoneBuild } from './zone-build.ts';

export interface ZoneSettings {
  readonly origin: DomainName;
  /** Whether a file has its content; what changes is kept beside it. */
  readonly file: boolean;
  /** Whether changes must outlive a restart: the zone is updated, or no file has it. */
  readonly durable: boolean;
  /** Octets of changes kept for IXFR. */
  readonly journalSize: number;
}

/** What all zones share. */
export interface Surroundings {
  /** What is answered from. */
  readonly served: ZoneSet;
  readonly store: ZoneStore | undefined;
  readonly newBuild: NewZoneBuild;
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: (event: ZoneEvent) => void;
  /** Lets the zones' memory be put in order when that has become due. */
  readonly makeRoom: () => void;
  /** Runs long work of the store for all zones one after the other. */
  readonly later: (work: () => Promise<void>) => void;
}

export class ZoneLife {
  readonly settings: ZoneSettings;
  readonly around: Surroundings;
  readonly journal: Journal;
  /** What the store had of it at the start and nobody has looked at yet. */
  kept: KeptZone | undefined;
  /** Of the file's text as it was last taken. */
  fileHash: string | undefined;
  #expired = false;
  /** Resolves once all changes made so far are served; rejects where they can't be kept. */
  #tail: Promise<void> = Promise.resolve();
  /** Counts failures: what was made before one is abandoned by it. */
  #failures = 0;
  /** The end of the last whole content that is being taken. */
  #turn: Promise<void> | undefined;
  #tidying = false;
  #octetsAtTidying = 0;
  #contentOctets = 0;

  constructor(settings: ZoneSettings, around: Surroundings) {
    this.settings = settings;
    this.around = around;
    const { origin, journalSize, durable } = settings;
    // Until there is content: the zone is ours, so that its names aren't refused.
    around.served.withhold(origin);
    this.journal = new Journal({ origin, journalSize, store: durable ? around.store : undefined });
  }

  get origin(): DomainName {
    return this.settings.origin;
  }

  /** What is answered from. */
  get view(): Zone | undefined {
    return this.#expired ? undefined : this.content;
  }

  /** What there is, expired or not. */
  get content(): Zone | undefined {
    return this.#set.get(this.origin);
  }

  get #set(): ZoneSet {
    return this.around.served;
  }

  newBreather(): Breather {
    return new Breather(this.around.clock);
  }

  /** As `ZoneKeeper.change`. */
  async change<Fault>(
    make: (newest: ZoneView) => Result<ZoneChange | undefined, Fault>,
  ): Promise<Result<ZoneView, Fault | UnfitZone>> {
    while (this.#turn !== undefined) await this.#turn;
    const newest = this.#set.newest(this.origin);
    if (newest === undefined) return fault(unfit([`zone ${this.origin.toString()} has no content yet`]));
    const made = make(newest);
    if (!made.ok) return made;
    if (made.value === undefined) {
      // What makes it needless may still be on its way to the disk.
      await this.#tail;
      return ok(newest);
    }
    const prepared = this.#set.prepare(this.origin, made.value);
    if (!prepared.ok) return fault(unfit(prepared.fault.map(({ message }) => message)));
    await this.#keep(made.value);
    return ok(prepared.value);
  }

  /** Lets `work` have the zone for itself: after the changes before it, and before those after it. */
  async exclusively<Value>(work: () => Promise<Value>): Promise<Value> {
    const before = this.#turn;
    const turn = Promise.withResolvers<void>();
    this.#turn = turn.promise;
    try {
      await before;
      await this.#tail.catch(() => undefined);
      return await work();
    } finally {
      if (this.#turn === turn.promise) this.#turn = undefined;
      turn.resolve();
    }
  }

  /** Answers from this content from now on. `change` leads there, if any does. Only from within `exclusively`. */
  put(zone: Zone, change?: ZoneChange): void {
    const isNew = this.content === undefined;
    this.#set.put(zone);
    if (this.#expired) this.#set.withhold(this.origin);
    if (change !== undefined) this.journal.remember(change);
    if (!this.#expired) this.around.tell({ kind: isNew ? 'added' : 'changed', origin: this.origin });
  }

  /** No longer answers from the zone. */
  drop(): void {
    this.#set.delete(this.origin);
    this.around.tell({ kind: 'removed', origin: this.origin });
  }

  /** As `ZoneKeeper.expire`. */
  expire(): void {
    if (this.content === undefined || this.#expired) return;
    this.#expired = true;
    this.#set.withhold(this.origin);
    this.around.tell({ kind: 'changed', origin: this.origin });
  }

  /** As `ZoneKeeper.revive`. */
  revive(): void {
    if (!this.#expired) return;
    this.#expired = false;
    this.#set.restore(this.origin);
    this.around.tell({ kind: 'changed', origin: this.origin });
  }

  #keep(change: ZoneChange): Promise<void> {
    const failures = this.#failures;
    const state = this.fileHash === undefined ? {} : { fileHash: this.fileHash };
    const appended = this.journal.append(change, state);
    const kept = this.#tail
      .then(() => appended)
      .then(
        () => this.#publish(change),
        (error: unknown) => {
          this.#abandon(failures);
          throw error;
        },
      );
    // Whoever made the change waits for `kept`, which tells the first failure; nobody may wait for these.
    for (const promise of [appended, kept]) promise.catch(() => undefined);
    this.#tail = kept;
    return kept;
  }

  #publish(change: ZoneChange): void {
    this.#set.publish(this.origin, serialOfSoa(change.to.rdata));
    this.journal.remember(change);
    if (!this.#expired) this.around.tell({ kind: 'changed', origin: this.origin });
    this.#tidyWhenDue();
    this.around.makeRoom();
  }

  /** The first of several that fail takes back all that was made upon it; what is made after that isn't touched by the others. */
  #abandon(failures: number): void {
    if (failures !== this.#failures) return;
    this.#failures += 1;
    this.#set.abandon(this.origin);
    this.#tail = Promise.resolve();
  }

  /**
   * The journal is cut when it has grown by half, or by a quarter of the content if that is more: the content must be written for it, and
   * writing it shall not cost much more than the changes did.
   */
  #tidyWhenDue(): void {
    const { journalSize } = this.settings;
    const slack = Math.max(journalSize / 2, this.#contentOctets / 4);
    const { store, later } = this.around;
    const grown = this.journal.octets - Math.max(journalSize, this.#octetsAtTidying);
    if (store === undefined || this.#tidying || grown <= slack) return;
    this.#tidying = true;
    later(async () => {
      try {
        await this.#tidy(store);
        this.#octetsAtTidying = 0;
      } catch (error) {
        // Nothing is lost, the journal is longer than it should be; it is tried again when it has grown as much again.
        this.#octetsAtTidying = this.journal.octets;
        this.around.log.warn('the journal of a zone could not be cut', {
          zone: this.origin.toString(),
          error: String(error),
        });
      } finally {
        this.#tidying = false;
      }
    });
  }

  async #tidy(store: ZoneStore): Promise<void> {
    const { content } = this;
    if (content === undefined) return;
    await store.writeSnapshot(
      this.origin,
      content.serial,
      this.#counted(contentChunks(content, this.newBreather())),
      'keep',
    );
    await this.journal.trim(this.settings.journalSize);
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let octets = 0;
    for await (const chunk of chunks) {
      octets += chunk.length;
      yield chunk;
    }
    this.#contentOctets = octets;
  }
}

function unfit(reasons: readonly string[]): UnfitZone {
  return { kind: 'unfit', reasons };
}
