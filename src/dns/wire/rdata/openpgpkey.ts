// OPENPGPKEY: the OpenPGP key of a mail user (RFC 7929 §2.1).
import { rrType } from '../rr-type.ts';
import { base64Rest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface OpenpgpkeyData {
  readonly key: Uint8Array;
}

export const openpgpkey: RecordType<OpenpgpkeyData> = defineType<OpenpgpkeyData>(
  rrType.OPENPGPKEY,
  'OPENPGPKEY',
  { key: base64Rest },
);
