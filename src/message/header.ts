// Finds the fields of a message's header section (RFC 5322 §2.2) in its octets: names, positions and unfolded values.
// Nothing is changed or judged; work and memory are bounded by the limits, whatever the octets hold.
import { bytesToUtf8 } from '../lib/bytes.ts';

export interface HeaderField {
  /** As written; field names are compared without case (RFC 5322 §1.2.2): see {@link isField}. */
  readonly name: string;
  /** Offset of the name's first octet. */
  readonly start: number;
  /** Offset of the first octet after the colon. */
  readonly valueStart: number;
  /** Offset after the field's last CRLF: where the next field begins. */
  readonly end: number;
}

export interface HeaderScan {
  readonly fields: readonly HeaderField[];
  /** Where the header section ends: the offset of the empty line, or of the first line that can't be a field. */
  readonly end: number;
  /** Where the body begins: after the empty line, or the same as `end` where there is none. */
  readonly bodyStart: number;
  /** False where a limit was met before the section's end: fields may be missing. */
  readonly complete: boolean;
}

export interface HeaderLimits {
  /** Octets looked at. */
  readonly octets: number;
  readonly fields: number;
}

/** Far above what real mail has: long `Received` and `ARC` chains reach 64 KiB. */
export const usualHeaderLimits: HeaderLimits = { octets: 1024 * 1024, fields: 10_000 };

const cr = 13;
const lf = 10;
const space = 32;
const tab = 9;
const colon = 58;
/** RFC 5322 §2.1.1 allows a line 998 octets, so a name can't be longer. */
const longestName = 998;

/** Scans the header section at the start of `bytes`, whose lines end with CRLF (a last line may lack its own). */
export function scanHeader(bytes: Uint8Array, limits: HeaderLimits = usualHeaderLimits): HeaderScan {
  const length = Math.min(bytes.length, limits.octets);
  const fields: HeaderField[] = [];
  let at = 0;
  while (at < length) {
    if (bytes[at] === cr && bytes[at + 1] === lf)
      return { fields, end: at, bodyStart: at + 2, complete: true };
    const nameEnd = fieldNameEnd(bytes, at, length);
    if (nameEnd === undefined) return { fields, end: at, bodyStart: at, complete: true };
    if (fields.length >= limits.fields) return { fields, end: at, bodyStart: at, complete: false };
    const colonAt = skipBlanks(bytes, nameEnd, length);
    const end = fieldEnd(bytes, colonAt + 1, length);
    if (end === undefined) {
      if (length < bytes.length) return { fields, end: at, bodyStart: at, complete: false };
      fields.push({ name: ascii(bytes, at, nameEnd), start: at, valueStart: colonAt + 1, end: length });
      return { fields, end: length, bodyStart: length, complete: true };
    }
    fields.push({ name: ascii(bytes, at, nameEnd), start: at, valueStart: colonAt + 1, end });
    at = end;
  }
  return { fields, end: at, bodyStart: at, complete: length === bytes.length };
}

/**
 * The front of a message in chunks, as one array: all of it up to its header section's end, and at most `limits.octets`.
 * Gives a view into the first chunk where that holds the whole section.
 */
export function headerOctets(
  content: readonly Uint8Array[],
  limits: HeaderLimits = usualHeaderLimits,
): Uint8Array {
  const first = content[0] ?? new Uint8Array(0);
  if (content.length <= 1 || endsInside(first, limits)) return first;
  let gathered = 0;
  for (const chunk of content) gathered = Math.min(limits.octets, gathered + chunk.length);
  const joined = new Uint8Array(gathered);
  let at = 0;
  for (const chunk of content) {
    if (at === gathered) break;
    const part = chunk.subarray(0, gathered - at);
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function endsInside(first: Uint8Array, limits: HeaderLimits): boolean {
  const scan = scanHeader(first, limits);
  // A section that ends with an empty line ends there whatever follows; any other end may be the chunk's own.
  return scan.bodyStart > scan.end;
}

export function isField(field: HeaderField, name: string): boolean {
  return field.name.length === name.length && field.name.toLowerCase() === name.toLowerCase();
}

/** The fields of that name, in their order. */
export function fieldsNamed(header: HeaderScan, name: string): readonly HeaderField[] {
  return header.fields.filter((field) => isField(field, name));
}

/** The value without the blank before it, unfolded (RFC 5322 §2.2.3: each CRLF before a blank goes); not UTF-8 becomes U+FFFD. */
export function fieldValue(bytes: Uint8Array, field: HeaderField): string {
  return bytesToUtf8(bytes.subarray(field.valueStart, field.end)).replaceAll('\r\n', '').trim();
}

// field-name = 1*ftext
// ftext = %d33-57 / %d59-126
/** Where the name that begins at `at` ends; `undefined` where no field begins there. Blanks before the colon: RFC 5322 §4.5. */
function fieldNameEnd(bytes: Uint8Array, at: number, length: number): number | undefined {
  const limit = Math.min(length, at + longestName + 1);
  let end = at;
  for (; end < limit; end++) {
    const octet = bytes[end] ?? 0;
    if (octet < 33 || octet > 126 || octet === colon) break;
  }
  if (end === at) return undefined;
  return bytes[skipBlanks(bytes, end, length)] === colon ? end : undefined;
}

function skipBlanks(bytes: Uint8Array, at: number, length: number): number {
  let end = at;
  while (end < length && (bytes[end] === space || bytes[end] === tab)) end++;
  return end;
}

/** The offset after the CRLF that is not followed by a blank; `undefined` where the octets end before it. */
function fieldEnd(bytes: Uint8Array, from: number, length: number): number | undefined {
  let at = from;
  for (;;) {
    const found = bytes.indexOf(lf, at);
    if (found < 0 || found >= length) return undefined;
    at = found + 1;
    if (found <= 0 || bytes[found - 1] !== cr) continue;
    if (at >= bytes.length) return at;
    if (bytes[at] !== space && bytes[at] !== tab) return at;
  }
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
