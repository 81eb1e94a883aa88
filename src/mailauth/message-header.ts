// A message's header section as signatures see it: fields by name, counted from the bottom up, in either canonical form.
import { bytesToLatin1, concatBytes, utf8ToBytes } from '../lib/bytes.ts';
import { scanHeader } from '../message/header.ts';
import type { HeaderField, HeaderLimits, HeaderScan } from '../message/header.ts';

export type Canonicalization = 'simple' | 'relaxed';

/** A longer header is not checked: each signature goes through all of it. */
export const signedHeaderLimits: HeaderLimits = { octets: 256 * 1024, fields: 2000 };

const [tab, lf, cr, space] = [9, 10, 13, 32];
const crlf = Uint8Array.of(cr, lf);

export class MessageHeader {
  readonly bytes: Uint8Array;
  readonly scan: HeaderScan;
  readonly #fields = new Map<string, HeaderField[]>();

  /** `bytes`: the section, at least; `scan`: what was found in it. */
  constructor(bytes: Uint8Array, scan: HeaderScan = scanHeader(bytes, signedHeaderLimits)) {
    this.bytes = bytes;
    this.scan = scan;
    for (const field of this.scan.fields) {
      const name = field.name.toLowerCase();
      const others = this.#fields.get(name);
      if (others === undefined) this.#fields.set(name, [field]);
      else others.push(field);
    }
  }

  /** By lower-case name, in their order. */
  named(name: string): readonly HeaderField[] {
    return this.#fields.get(name) ?? [];
  }

  /** The value as it stands, folds and all, an octet a character. */
  value(field: HeaderField): string {
    return bytesToLatin1(this.bytes.subarray(field.valueStart, field.end));
  }

  /**
   * What a signature over these fields signs (RFC 6376 §3.7): the fields named, each instance once, from the bottom up, then the
   * signature's own field without the value of its `b` and without its line end. `own`: offsets of that value in the field's value.
   */
  signed(
    names: readonly string[],
    form: Canonicalization,
    field: HeaderField,
    own: { readonly start: number; readonly end: number },
  ): Uint8Array {
    return concatBytes([this.signedFields(names, form), this.unsealed(field, form, own)]);
  }

  /** The fields alone. */
  signedFields(names: readonly string[], form: Canonicalization): Uint8Array {
    const used = new Map<string, number>();
    const parts: Uint8Array[] = [];
    for (const name of names) {
      const instances = this.named(name);
      const count = used.get(name) ?? 0;
      used.set(name, count + 1);
      const instance = instances[instances.length - 1 - count];
      // RFC 6376 §5.4.2: a field that isn't there is signed as nothing.
      if (instance !== undefined) parts.push(this.canonical(instance, form));
    }
    return concatBytes(parts);
  }

  /** A signature's own field as it is signed: without its `b`, without its line end. */
  unsealed(
    field: HeaderField,
    form: Canonicalization,
    own: { readonly start: number; readonly end: number },
  ): Uint8Array {
    const bytes = concatBytes([
      this.bytes.subarray(field.start, field.valueStart + own.start),
      this.bytes.subarray(field.valueStart + own.end, field.end),
    ]);
    const valueStart = field.valueStart - field.start;
    return canonicalField(bytes, valueStart, form).subarray(0, -2);
  }

  /** With its line end. */
  canonical(field: HeaderField, form: Canonicalization): Uint8Array {
    return canonicalField(this.bytes.subarray(field.start, field.end), field.valueStart - field.start, form);
  }
}

/** RFC 6376 §3.4.1, §3.4.2. `bytes`: the field; its value begins at `valueStart`. Always ends in CRLF. */
export function canonicalField(bytes: Uint8Array, valueStart: number, form: Canonicalization): Uint8Array {
  if (form === 'simple') {
    const ended = bytes[bytes.length - 1] === lf;
    return ended ? bytes : concatBytes([bytes, crlf]);
  }
  const out = new Uint8Array(bytes.length + 3);
  let length = 0;
  for (let at = 0; at < valueStart; at++) {
    const octet = bytes[at] ?? 0;
    // The blanks before the colon go.
    if (octet !== space && octet !== tab) out[length++] = octet >= 0x41 && octet <= 0x5a ? octet + 32 : octet;
  }
  const empty = length;
  let blank = false;
  for (let at = valueStart; at < bytes.length; at++) {
    const octet = bytes[at] ?? 0;
    if (octet === cr || octet === lf) continue;
    if (octet === space || octet === tab) {
      blank = true;
      continue;
    }
    if (blank && length > empty) out[length++] = space;
    blank = false;
    out[length++] = octet;
  }
  out[length++] = cr;
  out[length++] = lf;
  return out.subarray(0, length);
}

/** A field of our own making, with its line end. */
export function canonicalText(field: string, form: Canonicalization): Uint8Array {
  return canonicalField(utf8ToBytes(field), field.indexOf(':') + 1, form);
}
