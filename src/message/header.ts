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
const hyphen = 45;
/** RFC 5322 §2.1.1 allows a line 998 octets, so a name can't be longer. */
const longestName = 998;

/**
 * Scans the header section at the start of `bytes`. Lines end with CRLF, or with LF alone, which only comes in by other doors than SMTP;
 * a last line may lack its own end.
 */
export function scanHeader(bytes: Uint8Array, limits: HeaderLimits = usualHeaderLimits): HeaderScan {
  const scanner = new HeaderScanner(limits, 0);
  scanner.scan(bytes, true);
  return scanner.result();
}

/** Scans a header section that comes in pieces, line by line: no line is judged twice, no octet searched twice. */
export class HeaderScanner {
  readonly #limits: HeaderLimits;
  readonly #base: number;
  readonly #fields: HeaderField[] = [];
  /** The field that the next line may continue. */
  #open: Omit<HeaderField, 'end'> | undefined;
  /** Offset in the section of the first line that is not yet judged; at last, the section's end. */
  #line = 0;
  /** Where to look for its end. */
  #searched = 0;
  #lines = 0;
  #bodyStart = 0;
  #complete = true;

  /** `base` is where the section begins in the message: added to all offsets. */
  constructor(limits: HeaderLimits, base: number) {
    this.#limits = limits;
    this.#base = base;
  }

  /** Line ends passed, that of the empty line included. */
  get lines(): number {
    return this.#lines;
  }

  /**
   * `bytes` are the section from its start on, as many as are there; `last` says that no more come. Gives whether its end was found.
   * `endsBefore` is asked of lines that begin with two hyphens, as a boundary does: true ends the section there, `undefined` says that
   * more octets are needed.
   */
  scan(bytes: Uint8Array, last: boolean, endsBefore?: (line: number) => boolean | undefined): boolean {
    const length = Math.min(bytes.length, this.#limits.octets);
    for (;;) {
      const line = this.#line;
      if (endsBefore !== undefined && bytes[line] === hyphen && bytes[line + 1] === hyphen) {
        const ends = endsBefore(line);
        if (ends === undefined) return false;
        if (ends) return this.#end(line);
      }
      const found = this.#searched < length ? bytes.indexOf(lf, this.#searched) : -1;
      if (found < 0 || found >= length) {
        this.#searched = length;
        if (length < bytes.length) return this.#giveUp(bytes);
        if (!last) return false;
        if (line === length) return this.#end(length);
        if (this.#isFull(bytes)) return this.#giveUp(bytes);
        if (this.#judge(bytes, length)) this.#line = length;
        return this.#end(this.#line);
      }
      const next = found + 1;
      if (found === line || (found === line + 1 && bytes[line] === cr)) {
        this.#lines += 1;
        return this.#end(next);
      }
      if (this.#isFull(bytes)) return this.#giveUp(bytes);
      if (!this.#judge(bytes, length)) return this.#end(line);
      this.#lines += 1;
      this.#line = next;
      this.#searched = next;
    }
  }

  /** What was found, once `scan` has given true. */
  result(): HeaderScan {
    return {
      fields: this.#fields,
      end: this.#base + this.#line,
      bodyStart: this.#base + this.#bodyStart,
      complete: this.#complete,
    };
  }

  /** Whether the line belongs to the section: it begins a field, or continues one. */
  #judge(bytes: Uint8Array, length: number): boolean {
    const line = this.#line;
    if (isBlank(bytes[line])) return this.#open !== undefined;
    const nameEnd = fieldNameEnd(bytes, line, length);
    if (nameEnd === undefined) return false;
    this.#close(line);
    this.#open = {
      name: nameOf(bytes, line, nameEnd),
      start: this.#base + line,
      valueStart: this.#base + skipBlanks(bytes, nameEnd, length) + 1,
    };
    return true;
  }

  /** Whether the line is one field too many. */
  #isFull(bytes: Uint8Array): boolean {
    const fields = this.#fields.length + (this.#open === undefined ? 0 : 1);
    return fields >= this.#limits.fields && !isBlank(bytes[this.#line]);
  }

  #close(end: number): void {
    if (this.#open !== undefined) this.#fields.push({ ...this.#open, end: this.#base + end });
    this.#open = undefined;
  }

  #end(bodyStart: number): true {
    this.#close(this.#line);
    this.#bodyStart = bodyStart;
    return true;
  }

  /** A limit cuts between fields, never inside one. */
  #giveUp(bytes: Uint8Array): true {
    if (this.#open !== undefined && isBlank(bytes[this.#line])) {
      this.#line = this.#open.start - this.#base;
      this.#open = undefined;
      this.#lines = countLines(bytes, this.#line);
    }
    this.#complete = false;
    return this.#end(this.#line);
  }
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
  return bytesToUtf8(bytes.subarray(field.valueStart, field.end)).replaceAll(/\r?\n/g, '').trim();
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
  while (end < length && isBlank(bytes[end])) end++;
  return end;
}

function countLines(bytes: Uint8Array, to: number): number {
  let lines = 0;
  for (let at = 0; at < to; at++) if (bytes[at] === lf) lines++;
  return lines;
}

function isBlank(octet: number | undefined): boolean {
  return octet === space || octet === tab;
}

function nameOf(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
