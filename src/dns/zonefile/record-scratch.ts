// The one record that a reader of zone files fills again and again, and hands to its sink.
import type { RawRecord } from './record-sink.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { maxNameLength } from '../wire/name.ts';

export class RecordScratch implements RawRecord {
  /** A name that is too long is seen to be so only once it is written. */
  static readonly ownerRoom: number = 2 * maxNameLength + 2;
  /** The length of record data has 16 bits (RFC 1035 §3.2.1). */
  static readonly rdataRoom: number = 0xffff;

  owner: Uint8Array = new Uint8Array(RecordScratch.ownerRoom);
  /** 0: there was no owner yet. */
  ownerLength = 0;
  sameOwner = false;
  type = 0;
  class = 0;
  ttl = 0;
  rdata: Uint8Array = new Uint8Array(0);
  rdataLength = 0;
  file = 0;
  line = 0;
  at = 0;

  setOwner(wire: Uint8Array): void {
    this.owner.set(wire);
    this.ownerLength = wire.length;
    this.sameOwner = false;
  }

  /** All but owner and place. */
  setData({ type, class: recordClass, ttl, rdata }: Omit<ResourceRecord, 'owner'>): void {
    this.type = type;
    this.class = recordClass;
    this.ttl = ttl;
    this.rdata = rdata;
    this.rdataLength = rdata.length;
  }
}
