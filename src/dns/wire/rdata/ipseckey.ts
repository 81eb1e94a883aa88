// IPSECKEY: the key for IPsec with the owner, and where (RFC 4025 §2).
import { base64ToBytes, bytesToBase64, emptyBytes } from '../../../lib/bytes.ts';
import { rrType } from '../rr-type.ts';
import { nameless } from './field.ts';
import { formatGateway, gatewayNumber, parseGateway, readGateway, writeGateway } from './gateway.ts';
import type { Gateway } from './gateway.ts';
import { defineWhole } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface IpseckeyData {
  /** The lowest is tried first. */
  readonly precedence: number;
  /** 0 none, 1 DSA, 2 RSA (RFC 4025 §2.4). */
  readonly algorithm: number;
  readonly gateway: Gateway;
  /** May have no octets. */
  readonly publicKey: Uint8Array;
}

/* 0                   1                   2                   3
   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
  |  precedence   | gateway type  |  algorithm  |     gateway     |
  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-------------+                 +
  ~                            gateway                            ~
  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
  |                                                               /
  /                          public key                           /
  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-| */
export const ipseckey: RecordType<IpseckeyData> = defineWhole<IpseckeyData>(
  rrType.IPSECKEY,
  'IPSECKEY',
  nameless({
    read: (reader) => {
      const [precedence, kind, algorithm] = [reader.u8(), reader.u8(), reader.u8()];
      return { precedence, algorithm, gateway: readGateway(reader, kind), publicKey: reader.rest() };
    },
    skip: (reader) => {
      reader.skip(1);
      const kind = reader.u8();
      reader.skip(1);
      readGateway(reader, kind);
      reader.rest();
    },
    write: (writer, data) => {
      writer.u8(data.precedence);
      writer.u8(gatewayNumber(data.gateway));
      writer.u8(data.algorithm);
      writeGateway(writer, data.gateway);
      writer.put(data.publicKey);
    },
    parse: (tokens) => {
      const precedence = tokens.integer('precedence', 255);
      const kind = tokens.integer('gateway type', 3);
      const algorithm = tokens.integer('algorithm', 255);
      const gateway = parseGateway(tokens, kind);
      const publicKey = tokens.remaining > 0 ? base64ToBytes(tokens.joined('public key')) : emptyBytes;
      if (publicKey === undefined) tokens.fail('the public key must be base64');
      return { precedence, algorithm, gateway, publicKey: publicKey ?? emptyBytes };
    },
    format: (data) =>
      `${data.precedence} ${gatewayNumber(data.gateway)} ${data.algorithm} ${formatGateway(data.gateway)} ${bytesToBase64(data.publicKey)}`.trimEnd(),
  }),
);
