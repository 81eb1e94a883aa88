// The port by which zones are kept beyond a restart: the whole content of those that no file has (transferred ones), the journal
// of changes of those that change while they are served, and how far a secondary's timers had come.
import type { DomainName } from '../wire/name.ts';
import type { ZoneChange } from './zone-change.ts';

export interface KeptZone {
  readonly origin: DomainName;
  /** The serial of the kept content; `undefined` where only changes are kept, upon a file. */
  readonly snapshot: number | undefined;
  /** From which serial to which the kept changes lead, without a gap; `undefined` where there are none. */
  readonly changes: { readonly from: number; readonly to: number } | undefined;
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

export interface ZoneStore {
  listKeptZones(): Promise<readonly KeptZone[]>;
  findKeptZone(origin: DomainName): Promise<KeptZone | undefined>;
  /** The kept content: records in uncompressed wire form one behind the other, in chunks of whole records. */
  readSnapshot(origin: DomainName): AsyncIterable<Uint8Array>;
  /**
   * Replaces the content, in one step at the end, and drops the changes up to `serial`. Chunks of whole records, at most 1 MiB each.
   * Until it resolves the old content counts.
   */
  writeSnapshot(
    origin: DomainName,
    serial: number,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    state: ZoneState,
  ): Promise<void>;
  /** Durable when it resolves. Calls made before earlier ones have resolved are kept in their order and share a commit. */
  appendChange(origin: DomainName, change: ZoneChange): Promise<void>;
  /** The changes that lead from that serial to the last, oldest first; `undefined` where the journal doesn't have them. */
  readChanges(origin: DomainName, fromSerial: number): Promise<readonly ZoneChange[] | undefined>;
  /** Drops the oldest changes until the journal of that zone has at most so many octets; gives how many it dropped. */
  trimChanges(origin: DomainName, mostOctets: number): Promise<number>;
  /** Drops all changes: the content they led to is no more what is served. */
  dropChanges(origin: DomainName): Promise<void>;
  saveState(origin: DomainName, state: ZoneState): Promise<void>;
  removeZone(origin: DomainName): Promise<void>;
}
