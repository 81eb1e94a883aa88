// Domain names in record data.
import type { DomainName } from '../../name.ts';
import type { WireReader } from '../../reader.ts';
import type { NameStyle, WireWriter } from '../../writer.ts';
import type { Field } from '../field.ts';

export const name: Field<DomainName> = {
  read: (reader) => reader.name(),
  skip: (reader) => reader.skipName(),
  write: (writer, value) => writer.name(value, 'plain'),
  copy: (reader, writer, style) => writer.name(reader.name(), style),
  parse: (tokens, what) => tokens.name(what),
  format: String,
};

/** Names one after the other up to the end; none is possible. */
export const names: Field<readonly DomainName[]> = {
  read: (reader) => {
    const list: DomainName[] = [];
    while (reader.remaining > 0) list.push(reader.name());
    return list;
  },
  skip: (reader) => {
    while (reader.remaining > 0) reader.skipName();
  },
  write: (writer, value) => {
    for (const each of value) writer.name(each, 'plain');
  },
  copy: (reader: WireReader, writer: WireWriter, style: NameStyle) => {
    while (reader.remaining > 0) writer.name(reader.name(), style);
  },
  parse: (tokens, what) => {
    const list: DomainName[] = [];
    while (tokens.remaining > 0) list.push(tokens.name(what));
    return list;
  },
  format: (value) => value.join(' '),
};
