// TXT: descriptive text (RFC 1035 §3.3.14). SPF, DKIM, DMARC and others join the strings without blanks (RFC 7208 §3.3).
import { concatBytes } from '../../../lib/bytes.ts';
import { rrType } from '../rr-type.ts';
import { texts } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface TxtData {
  /** At least one, each of 255 octets at most. */
  readonly strings: readonly Uint8Array[];
}

export const txt: RecordType<TxtData> = defineType<TxtData>(rrType.TXT, 'TXT', { strings: texts });

/** The strings as one. */
export function joinedText(data: TxtData): Uint8Array {
  return concatBytes(data.strings);
}

/** Splits octets of any number into strings of 255 at most. */
export function textData(octets: Uint8Array): TxtData {
  const strings: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < octets.length; at += 255) strings.push(octets.subarray(at, at + 255));
  return { strings };
}
