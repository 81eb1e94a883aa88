// Fields that are unsigned numbers, most significant octet first (RFC 1035 §2.3.2).
import { parseDuration } from '../../duration.ts';
import { formatType, parseType } from '../../rr-type.ts';
import { nameless } from '../field.ts';
import type { Field } from '../field.ts';

export const u8: Field<number> = nameless({
  read: (reader) => reader.u8(),
  skip: (reader) => reader.skip(1),
  write: (writer, value) => writer.u8(value),
  parse: (tokens, what) => tokens.integer(what, 0xff),
  format: String,
});

export const u16: Field<number> = nameless({
  read: (reader) => reader.u16(),
  skip: (reader) => reader.skip(2),
  write: (writer, value) => writer.u16(value),
  parse: (tokens, what) => tokens.integer(what, 0xffff),
  format: String,
});

export const u32: Field<number> = nameless({
  read: (reader) => reader.u32(),
  skip: (reader) => reader.skip(4),
  write: (writer, value) => writer.u32(value),
  parse: (tokens, what) => tokens.integer(what, 0xffff_ffff),
  format: String,
});

export const u48: Field<number> = nameless({
  read: (reader) => reader.u48(),
  skip: (reader) => reader.skip(6),
  write: (writer, value) => writer.u48(value),
  parse: (tokens, what) => tokens.integer(what, 0xffff_ffff_ffff),
  format: String,
});

/** 32 bits of seconds; the text may also have units as in BIND's zone files: `1w2d3h4m5s`. */
export const duration: Field<number> = nameless({
  ...u32,
  parse: (tokens, what) => {
    const text = tokens.word(what);
    if (tokens.fault !== undefined) return 0;
    const seconds = parseDuration(text);
    if (seconds === undefined) tokens.fail(`the ${what} must be seconds or a time like 1d12h, not '${text}'`);
    return seconds ?? 0;
  },
});

/** A record type's number, in text its mnemonic. */
export const typeCode: Field<number> = nameless({
  ...u16,
  parse: (tokens, what) => {
    const text = tokens.word(what);
    if (tokens.fault !== undefined) return 0;
    const code = parseType(text);
    if (code === undefined) tokens.fail(`the ${what} '${text}' is not a record type`);
    return code ?? 0;
  },
  format: formatType,
});

/**
 * A number for which a mnemonic may stand in the text. What is written is the number, or with `written` as 'mnemonic' the
 * mnemonic where there is one: as dig does it for each type.
 */
export function named(
  base: Field<number>,
  mnemonics: Readonly<Record<string, number>>,
  written: 'number' | 'mnemonic' = 'number',
): Field<number> {
  const entries = Object.entries(mnemonics);
  return nameless({
    ...base,
    parse: (tokens, what) => {
      const word = tokens.peek()?.text.toUpperCase();
      const code = entries.find(([mnemonic]) => mnemonic === word)?.[1];
      if (code === undefined) return base.parse(tokens, what);
      tokens.word(what);
      return code;
    },
    format: (value) => {
      const mnemonic = entries.find(([, code]) => code === value)?.[0];
      return written === 'mnemonic' && mnemonic !== undefined ? mnemonic : base.format(value);
    },
  });
}
