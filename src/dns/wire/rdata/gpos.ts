// GPOS: a place on earth, as three numbers in text (RFC 1712 §3); LOC took its place.
import { rrType } from '../rr-type.ts';
import { text } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface GposData {
  readonly longitude: Uint8Array;
  readonly latitude: Uint8Array;
  readonly altitude: Uint8Array;
}

export const gpos: RecordType<GposData> = defineType<GposData>(rrType.GPOS, 'GPOS', {
  longitude: text,
  latitude: text,
  altitude: text,
});
