// The list of record types at a name, as windows of bits (RFC 4034 §4.1.2): NSEC, NSEC3, CSYNC.
import { formatType, parseType } from '../../rr-type.ts';
import type { WireReader } from '../../reader.ts';
import { nameless } from '../field.ts';
import type { Field } from '../field.ts';

/** Type numbers in increasing order. */
export const typeBitmap: Field<readonly number[]> = nameless({
  read: (reader) => {
    const types: number[] = [];
    readWindows(reader, (type) => types.push(type));
    return types;
  },
  skip: (reader) => readWindows(reader, () => undefined),
  write: (writer, value) => {
    const types = [...new Set(value)].sort((a, b) => a - b);
    for (let i = 0; i < types.length;) {
      const window = (types[i] ?? 0) >>> 8;
      const bits = new Uint8Array(32);
      let length = 0;
      for (; i < types.length && (types[i] ?? 0) >>> 8 === window; i++) {
        const low = (types[i] ?? 0) & 0xff;
        bits[low >>> 3] = (bits[low >>> 3] ?? 0) | (0x80 >>> (low & 7));
        length = (low >>> 3) + 1;
      }
      writer.u8(window);
      writer.u8(length);
      writer.put(bits.subarray(0, length));
    }
  },
  parse: (tokens, what) => {
    const types: number[] = [];
    while (tokens.remaining > 0) {
      const word = tokens.word(what);
      const type = parseType(word);
      if (type === undefined) tokens.fail(`'${word}' in the ${what} is not a record type`);
      else types.push(type);
    }
    return types.sort((a, b) => a - b);
  },
  format: (value) => value.map(formatType).join(' '),
});

/** RFC 4034 §4.1.2: windows increase, have 1 to 32 octets, and don't end in a zero octet. */
function readWindows(reader: WireReader, onType: (type: number) => void): void {
  for (let last = -1; reader.remaining > 0;) {
    const window = reader.u8();
    const length = reader.u8();
    if (window <= last) return reader.fail('windows of types that do not increase');
    if (length < 1 || length > 32) return reader.fail(`a window of types with ${length} octets`);
    const bits = reader.take(length);
    if (reader.fault === undefined && bits[length - 1] === 0)
      return reader.fail('a window of types that ends in a zero octet');
    for (const [index, octet] of bits.entries()) {
      for (let bit = 0; bit < 8; bit++) {
        if ((octet & (0x80 >>> bit)) !== 0) onType((window << 8) | (index << 3) | bit);
      }
    }
    last = window;
  }
}
