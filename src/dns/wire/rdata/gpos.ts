// GPOS: a place on earth, as three numbers in text (RFC 1712 §3); LOC took its place.
import { bytesToLatin1 } from '../../../lib/bytes.ts';
import { rrType } from '../rr-type.ts';
import { text } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface GposData {
  readonly longitude: Uint8Array;
  readonly latitude: Uint8Array;
  readonly altitude: Uint8Array;
}

/** RFC 1712 §3: decimal numbers. Their ranges are not looked at, since the RFC's own example has the first two swapped. */
function misfit(data: GposData): string | undefined {
  const isNumber = (octets: Uint8Array): boolean => /^[+-]?\d+(?:\.\d+)?$/.test(bytesToLatin1(octets));
  const wrong = (['longitude', 'latitude', 'altitude'] as const).find((field) => !isNumber(data[field]));
  return wrong === undefined ? undefined : `the ${wrong} must be a decimal number`;
}

export const gpos: RecordType<GposData> = defineType<GposData>(
  rrType.GPOS,
  'GPOS',
  {
    longitude: text,
    latitude: text,
    altitude: text,
  },
  'plain',
  misfit,
);
