// AMTRELAY: relays for multicast tunnelled over unicast (RFC 8777 §4).
import { rrType } from '../rr-type.ts';
import { nameless } from './field.ts';
import { formatGateway, gatewayNumber, parseGateway, readGateway, writeGateway } from './gateway.ts';
import type { Gateway } from './gateway.ts';
import { defineWhole } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface AmtrelayData {
  /** The lowest is tried first. */
  readonly precedence: number;
  /** D: a client need not discover anything, it may ask the relay at once (RFC 8777 §4.2.2). */
  readonly discoveryOptional: boolean;
  readonly relay: Gateway;
}

/* 0                   1                   2                   3
   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
  |   precedence  |D|    type     |                               |
  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
  ~                            relay                              ~
  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+ */
export const amtrelay: RecordType<AmtrelayData> = defineWhole<AmtrelayData>(
  rrType.AMTRELAY,
  'AMTRELAY',
  nameless({
    read: (reader) => {
      const [precedence, kind] = [reader.u8(), reader.u8()];
      return {
        precedence,
        discoveryOptional: (kind & 0x80) !== 0,
        relay: readGateway(reader, kind & 0x7f),
      };
    },
    skip: (reader) => {
      reader.skip(1);
      readGateway(reader, reader.u8() & 0x7f);
    },
    write: (writer, data) => {
      writer.u8(data.precedence);
      writer.u8((data.discoveryOptional ? 0x80 : 0) | gatewayNumber(data.relay));
      writeGateway(writer, data.relay);
    },
    parse: (tokens) => {
      const precedence = tokens.integer('precedence', 255);
      const discoveryOptional = tokens.integer('discovery-optional flag', 1) === 1;
      return {
        precedence,
        discoveryOptional,
        relay: parseGateway(tokens, tokens.integer('relay type', 3)),
      };
    },
    format: ({ precedence, discoveryOptional, relay }) =>
      `${precedence} ${discoveryOptional ? 1 : 0} ${gatewayNumber(relay)} ${formatGateway(relay)}`,
  }),
);
