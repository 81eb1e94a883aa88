// The changes of one zone: the latest ones in memory, because that is where IXFR looks nearly always, and all of them in the
// store, where the zone's content would be lost without them.
import type { DomainName } from '../wire/name.ts';
import { serialOfSoa } from '../zone/serial.ts';
import type { ZoneChange } from '../zone/zone-change.ts';
import type { ZoneState, ZoneStore } from '../zone/zone-store.ts';
import { changeLength } from './record-bytes.ts';
import { RememberedChanges } from './remembered-changes.ts';

/** Octets of changes in memory, of a zone whose store has them all. */
const rememberedOctets = 64 * 1024;

export interface JournalParts {
  readonly origin: DomainName;
  /** `undefined`: changes are only remembered, as the zone's file has what matters. */
  readonly store: ZoneStore | undefined;
  /** Octets of changes kept for IXFR. */
  readonly journalSize: number;
}

export class Journal {
  readonly #origin: DomainName;
  readonly #store: ZoneStore | undefined;
  readonly #remembered: RememberedChanges;
  /** Whether the store has a journal that changes can be appended to. */
  #begun = false;
  #octets = 0;

  constructor({ origin, store, journalSize }: JournalParts) {
    this.#origin = origin;
    this.#store = store;
    this.#remembered = new RememberedChanges(
      store === undefined ? journalSize : Math.min(journalSize, rememberedOctets),
    );
  }

  /** Whether the store has a journal of the zone. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Octets of changes in the store. */
  get octets(): number {
    return this.#octets;
  }

  /** Goes on with the journal that the store has. */
  resume(octets: number): void {
    this.#begun = true;
    this.#octets = octets;
  }

  /**
   * Makes the change durable, if it is to be; calls are kept in order. The first begins the journal at its own serial, upon
   * content that is kept elsewhere, of which `state` tells.
   */
  async append(change: ZoneChange, state: ZoneState): Promise<void> {
    if (this.#store === undefined) return;
    const beginning = this.#begun ? [] : this.#begin(serialOfSoa(change.from.rdata), state);
    this.#begun = true;
    try {
      await Promise.all([...beginning, this.#store.appendChange(this.#origin, change)]);
    } catch (error) {
      if (beginning.length > 0) this.#begun = false;
      throw error;
    }
    this.#octets += changeLength(change);
  }

  /** The change is served now, so that IXFR may tell of it. */
  remember(change: ZoneChange): void {
    this.#remembered.add(change);
  }

  /** Upon other content, which the store has already, or a file: no changes lead there. */
  restart(begun: boolean): void {
    this.#remembered.clear();
    this.#begun = begun;
    this.#octets = 0;
  }

  /**
   * The changes from one serial to another, which is the one served; `undefined` where they aren't kept. `enoughOctets` as
   * `ZoneKeeper.changesSince` has it.
   */
  async between(from: number, to: number, enoughOctets?: number): Promise<readonly ZoneChange[] | undefined> {
    if (from === to) return [];
    const remembered = this.#remembered.since(from);
    if (remembered !== undefined) return remembered;
    if (this.#store === undefined || !this.#begun) return undefined;
    const changes = await this.#store.readChanges(this.#origin, from, enoughOctets);
    if (changes === undefined || changes.length === 0) return undefined;
    // What the store has beyond what is served isn't told of yet.
    const last = changes.findIndex((change) => serialOfSoa(change.to.rdata) === to);
    if (last >= 0) return changes.slice(0, last + 1);
    return enoughOctets === undefined ? undefined : changes;
  }

  /** Keeps at most so many octets in the store, as far as its content doesn't need them. */
  async trim(journalSize: number): Promise<void> {
    if (this.#store === undefined) return;
    await this.#store.trimChanges(this.#origin, journalSize);
    const kept = await this.#store.findKeptZone(this.#origin);
    // Changes that were appended meanwhile are counted there too, some perhaps twice: it is only when to trim again.
    if (kept?.changes !== undefined) this.#octets = kept.changes.octets;
  }

  #begin(serial: number, state: ZoneState): Promise<void>[] {
    return this.#store === undefined
      ? []
      : [this.#store.startJournal(this.#origin, serial), this.#store.saveState(this.#origin, state)];
  }
}
