// Where the records of a zone file go, one at a time as they are read. A file can hold millions, so none becomes an object of its own:
// the reader fills one `RawRecord` again and again, and a sink copies out of it what it wants to keep.

/** One record in wire form. Reader and sink share it: it is only valid during the call of `RecordSink.add`. */
export interface RawRecord {
  /** The owner: an uncompressed, absolute, valid name from offset 0, case as written. What follows it is left from others. */
  readonly owner: Uint8Array;
  readonly ownerLength: number;
  /** The owner is octet for octet that of the record added before by the same reader. */
  readonly sameOwner: boolean;
  readonly type: number;
  readonly class: number;
  /** Seconds, 0 to 2^31 - 1. */
  readonly ttl: number;
  /** Uncompressed data, valid for its type, from offset 0. */
  readonly rdata: Uint8Array;
  readonly rdataLength: number;
  /** Where it was written: an index into the files that were read, in the order they were opened. */
  readonly file: number;
  /** From 1; that of its first word. */
  readonly line: number;
  /** Octets of the file before its first word. */
  readonly at: number;
}

export interface RecordSink {
  /** Must not keep the record nor views of its octets. */
  add(record: RawRecord): void;
}
