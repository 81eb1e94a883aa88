// TSIG: a message's signature by a shared key (RFC 8945 §4.2); the last record of a message, never in a zone.
import { tsigError } from '../codes.ts';
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { named, u16, u48 } from './fields/number.ts';
import { countedBase64 } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface TsigData {
  readonly algorithm: DomainName;
  /** Seconds since 1970. */
  readonly timeSigned: number;
  /** Seconds that the clocks may differ. */
  readonly fudge: number;
  readonly mac: Uint8Array;
  readonly originalId: number;
  readonly error: number;
  readonly other: Uint8Array;
}

/*                        1 1 1 1 1 1 1 1 1 1 2 2 2 2 2 2 2 2 2 2 3 3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   /                         Algorithm Name                        /
   |                                                               |
   |          Time Signed          +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                               |            Fudge              |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |          MAC Size             |                               /
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+             MAC               /
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |          Original ID          |            Error              |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |          Other Len            |                               /
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+           Other Data          /
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+ */
export const tsig: RecordType<TsigData> = defineType<TsigData>(rrType.TSIG, 'TSIG', {
  algorithm: name,
  timeSigned: u48,
  fudge: u16,
  mac: countedBase64,
  originalId: u16,
  error: named(u16, tsigError, 'mnemonic'),
  other: countedBase64,
});
