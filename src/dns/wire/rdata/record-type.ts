// What a record type is: its number and mnemonic, and its data's wire and presentation forms both ways. `defineType` makes
// one from its fields, in the order of the RFC's wire diagram; a type with a shape of its own implements the interface.
import { emptyBytes } from '../../../lib/bytes.ts';
import { fault, ok } from '../../../lib/result.ts';
import type { Result } from '../../../lib/result.ts';
import type { DomainName } from '../name.ts';
import { WireReader } from '../reader.ts';
import { WireWriter } from '../writer.ts';
import type { NameStyle } from '../writer.ts';
import type { Field } from './field.ts';
import { TokenReader } from './token-reader.ts';
import type { RdataFault, RdataToken } from './token-reader.ts';

/**
 * How the names inside a type's data are treated:
 * - `compressed`: written with compression, read with pointers, lower case in canonical form. The types of RFC 1035 only
 *   (RFC 3597 §4).
 * - `decompressed`: written without, read with pointers, lower case in canonical form (the list of RFC 3597 §4).
 * - `lower`: no pointers, lower case in canonical form (RFC 4034 §6.2 as amended by RFC 6840 §5.1).
 * - `plain`: no pointers, case kept in canonical form; also for types without names.
 */
export type NameTreatment = 'compressed' | 'decompressed' | 'lower' | 'plain';

export interface RecordType<Data> {
  readonly code: number;
  readonly mnemonic: string;
  readonly names: NameTreatment;
  /** Reads the data that fills `reader`; what doesn't fit the type is a fault of the reader. */
  read(reader: WireReader): Data;
  /**
   * Checks what {@link RecordType.read} would read, without making it. Data that passes can be carried; a type whose data may have
   * faults of meaning only, which its users judge, lets them pass here and not in `read`.
   */
  check(reader: WireReader): void;
  write(writer: WireWriter, data: Data): void;
  /** From wire form to wire form, names written in `style`. */
  copy(reader: WireReader, writer: WireWriter, style: NameStyle): void;
  /** Reads the presentation form; what is wrong is a fault of `tokens`. */
  parse(tokens: TokenReader): Data;
  /** `undefined` where the type's own text form can't say it: then it is written as RFC 3597 has it. */
  format(data: Data): string | undefined;
}

/** A field for each property of `Data`, in wire order. */
export type Fields<Data> = { readonly [Key in keyof Data]-?: Field<Data[Key]> };

/**
 * A record type whose data is its fields one after the other, in both forms. `misfit` says what is wrong with data whose fields are
 * each right but don't go together: such data is not taken from text and not written in the type's own text form, while on the
 * wire it passes, since it is for others to judge.
 */
export function defineType<Data extends object>(
  code: number,
  mnemonic: string,
  fields: Fields<Data>,
  names: NameTreatment = 'plain',
  misfit: (data: Data) => string | undefined = () => undefined,
): RecordType<Data> {
  const entries: readonly (readonly [string, Field<unknown>, words: string])[] = Object.entries<
    Field<unknown>
  >(fields).map(([key, field]) => [key, field, wordsOf(key)]);
  const list = entries.map(([, field]) => field);
  const readWith = (value: (field: Field<unknown>, words: string) => unknown): Data => {
    const data: Record<string, unknown> = {};
    for (const [key, field, words] of entries) data[key] = value(field, words);
    // `fields` has exactly the properties of `Data`, each read by its own field.
    return data as Data;
  };
  const valueOf = (data: Data, key: string): unknown => (data as Readonly<Record<string, unknown>>)[key];
  return {
    code,
    mnemonic,
    names,
    read: (reader) => readWith((field) => field.read(reader)),
    check: (reader) => {
      for (const field of list) field.skip(reader);
    },
    write: (writer, data) => {
      for (const [key, field] of entries) field.write(writer, valueOf(data, key));
    },
    copy: (reader, writer, style) => {
      for (const field of list) field.copy(reader, writer, style);
    },
    parse: (tokens) => {
      const data = readWith((field, words) => field.parse(tokens, words));
      const wrong = tokens.fault === undefined ? misfit(data) : undefined;
      if (wrong !== undefined) tokens.fail(wrong);
      return data;
    },
    format: (data) => {
      if (misfit(data) !== undefined) return undefined;
      const words: string[] = [];
      for (const [key, field] of entries) {
        const text = field.format(valueOf(data, key));
        if (text === undefined) return undefined;
        if (text !== '') words.push(text);
      }
      return words.join(' ');
    },
  };
}

/** A record type whose data is one field with a shape of its own. */
export function defineWhole<Data>(
  code: number,
  mnemonic: string,
  field: Field<Data>,
  names: NameTreatment = 'plain',
): RecordType<Data> {
  return {
    code,
    mnemonic,
    names,
    read: (reader) => field.read(reader),
    check: (reader) => field.skip(reader),
    write: (writer, data) => field.write(writer, data),
    copy: (reader, writer, style) => field.copy(reader, writer, style),
    parse: (tokens) => field.parse(tokens, `${mnemonic} data`),
    format: (data) => field.format(data),
  };
}

/** `keyTag` → `key tag`: what an error message calls a field. */
function wordsOf(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** The typed view of uncompressed record data, or `undefined` where it doesn't fit the type. */
export function readRdata<Data>(type: RecordType<Data>, rdata: Uint8Array): Data | undefined {
  const reader = new WireReader(rdata, 0, rdata.length, false);
  const data = type.read(reader);
  return reader.fault === undefined && reader.remaining === 0 ? data : undefined;
}

/** One for all data: writing is synchronous and doesn't nest, and a zone file has many records. */
const writer = new WireWriter();

/** The uncompressed wire form. Numbers must be within their fields; data of more than 65,535 octets is a bug, and throws. */
export function writeRdata<Data>(type: RecordType<Data>, data: Data): Uint8Array {
  writer.rewind(0);
  type.write(writer, data);
  if (writer.overflowed) throw new RangeError(`${type.mnemonic} data of more than 65535 octets`);
  return writer.finish();
}

/** From presentation to wire form by one type. */
export function parseWith<Data>(
  type: RecordType<Data>,
  tokens: readonly RdataToken[],
  origin: DomainName,
): Result<Uint8Array, RdataFault> {
  const reader = new TokenReader(tokens, origin);
  const data = type.parse(reader);
  if (reader.fault === undefined && reader.remaining > 0) {
    reader.fail(`unexpected '${reader.word('')}' after the end of the ${type.mnemonic} data`);
  }
  if (reader.fault !== undefined) return fault(reader.fault);
  writer.rewind(0);
  type.write(writer, data);
  if (writer.overflowed)
    return fault({ message: `this ${type.mnemonic} data is longer than 65535 octets`, token: 0 });
  return ok(writer.length === 0 ? emptyBytes : writer.finish());
}
