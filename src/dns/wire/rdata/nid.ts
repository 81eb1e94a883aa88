// NID: a node identifier of ILNP (RFC 6742 §2.1).
import { rrType } from '../rr-type.ts';
import { u16 } from './fields/number.ts';
import { colonHex } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface NidData {
  readonly preference: number;
  /** 8 octets. */
  readonly nodeId: Uint8Array;
}

export const nid: RecordType<NidData> = defineType<NidData>(rrType.NID, 'NID', {
  preference: u16,
  nodeId: colonHex(8),
});
