// ISDN: a host's telephone number (RFC 1183 §3.2).
import { rrType } from '../rr-type.ts';
import { optionalText, text } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface IsdnData {
  readonly address: Uint8Array;
  readonly subaddress: Uint8Array | undefined;
}

export const isdn: RecordType<IsdnData> = defineType<IsdnData>(rrType.ISDN, 'ISDN', {
  address: text,
  subaddress: optionalText,
});
