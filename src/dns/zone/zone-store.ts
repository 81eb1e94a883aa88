// The port by which zones are kept beyond a restart: the whole content of those that no file has (transferred ones), the journal
// of changes of those that change while they are served, and how far a secondary's timers had come.
import type { DomainName } from '../wire/name.ts';
import type { ZoneChange } from './zone-change.ts';

export interface KeptZone {
  readonly origin: DomainName;
  /** The kept content: its serial and its size in octets; `undefined` where only changes are kept, upon a file. */
  readonly snapshot: { readonly serial: number; readonly octets: number } | undefined;
  /**
   * From which serial to which the kept changes lead, without a gap; the snapshot's serial is one of theirs. The two are
   * the same where there are no changes yet; `undefined` where none may be kept, as no journal was started.
   */
  readonly changes: { readonly from: number; readonly to: number; readonly octets: number } | undefined;
  readonly state: ZoneState;
}

/** What must be remembered of a zone beside its records. Times are milliseconds since the epoch. */
export interface ZoneState {
  /** A secondary: when a primary last said that its serial is not later than ours; the expiry counts from it. */
  readonly refreshedAt?: number;
  /** A primary from a file: a hash of the file's text as it was last loaded, hexadecimal. */
  readonly fileHash?: string;
  /** A member of a catalog zone: that catalog, and the member's unique label (RFC 9432 §4.1), in presentation form. */
  readonly catalog?: string;
  readonly member?: string;
}

/** Calls are carried out in the order in which they are made, and share commits. Each throws `StoreFault` where it can't be. */
export interface ZoneStore {
  listKeptZones(): Promise<readonly KeptZone[]>;
  findKeptZone(origin: DomainName): Promise<KeptZone | undefined>;
  /** The kept content: records in uncompressed wire form one behind the other, in chunks of whole records. Nothing where there is none. */
  readSnapshot(origin: DomainName): AsyncIterable<Uint8Array>;
  /**
   * Replaces the kept content, in one step at the end: until it resolves the old content counts. Chunks of whole records, at
   * most 1 MiB each. `changes` says what becomes of the journal: `keep` where the content is what the journal leads
   * to at that serial, `restart` where it isn't; the journal then has no changes and goes on from that serial.
   */
  writeSnapshot(
    origin: DomainName,
    serial: number,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    changes: 'keep' | 'restart',
  ): Promise<void>;
  /** Begins a journal of changes upon content that is kept elsewhere, in a file; drops changes and content that are kept. */
  startJournal(origin: DomainName, serial: number): Promise<void>;
  /** Durable when it resolves. Throws where the change doesn't begin at the serial that the journal has come to. */
  appendChange(origin: DomainName, change: ZoneChange): Promise<void>;
  /**
   * The changes that lead from that serial to the last, oldest first; `undefined` where the journal doesn't have them. With `enoughOctets`
   * no more of them, once those before have as many: what is read from there then goes on.
   */
  readChanges(
    origin: DomainName,
    fromSerial: number,
    enoughOctets?: number,
  ): Promise<readonly ZoneChange[] | undefined>;
  /**
   * Drops the oldest changes until the journal of that zone has at most so many octets, but none that the kept content still
   * needs, nor any where there is no kept content; gives how many it dropped.
   */
  trimChanges(origin: DomainName, mostOctets: number): Promise<number>;
  /** Replaces the state; what else is kept of the zone stays. */
  saveState(origin: DomainName, state: ZoneState): Promise<void>;
  /** Forgets all that is kept of the zone. */
  removeZone(origin: DomainName): Promise<void>;
}
