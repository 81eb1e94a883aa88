// OPT: the pseudo-record that carries EDNS(0) (RFC 6891 §6.1.2). Messages hold it as `Message.edns`; zones never do.
import { hexToBytes } from '../../../lib/bytes.ts';
import { rrType } from '../rr-type.ts';
import { nameless } from './field.ts';
import type { Field } from './field.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface EdnsOption {
  readonly code: number;
  readonly bytes: Uint8Array;
}

export interface OptData {
  readonly options: readonly EdnsOption[];
}

/*                +0 (MSB)                            +1 (LSB)
   +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
0: |                          OPTION-CODE                          |
   +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
2: |                         OPTION-LENGTH                         |
   +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
4: /                          OPTION-DATA                          /  */
const options: Field<readonly EdnsOption[]> = nameless({
  read: (reader) => {
    const list: EdnsOption[] = [];
    while (reader.remaining > 0) list.push({ code: reader.u16(), bytes: reader.take(reader.u16()) });
    return list;
  },
  skip: (reader) => {
    while (reader.remaining > 0) {
      reader.skip(2);
      reader.skip(reader.u16());
    }
  },
  write: (writer, value) => {
    for (const { code, bytes } of value) {
      writer.u16(code);
      writer.u16(bytes.length);
      writer.put(bytes);
    }
  },
  // RFC 6891 §6.1.1: OPT has no presentation form; the words here are for logs, `code=hex`.
  parse: (tokens, what) => {
    const list: EdnsOption[] = [];
    while (tokens.remaining > 0) {
      const [, code = '', hex = ''] = /^(\d{1,5})=([0-9a-fA-F]*)$/.exec(tokens.word(what)) ?? [];
      const bytes = hexToBytes(hex);
      if (code === '' || Number(code) > 0xffff || bytes === undefined) tokens.fail('an option is code=hex');
      else list.push({ code: Number(code), bytes });
    }
    return list;
  },
  format: (value) => value.map(({ code, bytes }) => `${code}=${bytes.toHex()}`).join(' '),
});

export const opt: RecordType<OptData> = defineType<OptData>(rrType.OPT, 'OPT', { options });
