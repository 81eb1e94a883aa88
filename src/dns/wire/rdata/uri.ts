// URI: where a service is found, as a URI (RFC 7553 §4.1).
import { rrType } from '../rr-type.ts';
import { u16 } from './fields/number.ts';
import { textRest } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface UriData {
  readonly priority: number;
  readonly weight: number;
  readonly target: Uint8Array;
}

export const uri: RecordType<UriData> = defineType<UriData>(rrType.URI, 'URI', {
  priority: u16,
  weight: u16,
  target: textRest,
});
