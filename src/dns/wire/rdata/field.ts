// What a field of record data is; the kinds of fields are in fields/.
import type { WireReader } from '../reader.ts';
import type { NameStyle, WireWriter } from '../writer.ts';
import type { TokenReader } from './token-reader.ts';

export interface Field<Value> {
  read(reader: WireReader): Value;
  /** Checks what `read` would read, without making it. */
  skip(reader: WireReader): void;
  write(writer: WireWriter, value: Value): void;
  /** From wire form to wire form; only names can come out different. */
  copy(reader: WireReader, writer: WireWriter, style: NameStyle): void;
  /** `what` names the field where it is missing or wrong. */
  parse(tokens: TokenReader, what: string): Value;
  /** '' where the value has no words; `undefined` where it has no text form at all, so that the data is written as RFC 3597 has it. */
  format(value: Value): string | undefined;
}

/** Completes a field that holds no names, or only such as stay as they are: its octets are copied. */
export function nameless<Value>(field: Omit<Field<Value>, 'copy'>): Field<Value> {
  return {
    ...field,
    copy: (reader, writer) => {
      const from = reader.at;
      field.skip(reader);
      if (reader.fault === undefined) writer.putRange(reader.bytes, from, reader.at);
    },
  };
}
