// HIP: a host's identity and its rendezvous servers (RFC 8005 §5).
import { base64ToBytes, bytesToBase64, bytesToHex, emptyBytes, hexToBytes } from '../../../lib/bytes.ts';
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import type { WireReader } from '../reader.ts';
import { nameless } from './field.ts';
import { names } from './fields/name.ts';
import { defineWhole } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface HipData {
  readonly algorithm: number;
  /** Host identity tag. */
  readonly tag: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly rendezvousServers: readonly DomainName[];
}

/* 0                   1                   2                   3
   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
  |  HIT length   | PK algorithm  |          PK length            |
  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
  ~                           HIT                                 ~
  ~                         Public Key                            ~
  ~                     Rendezvous Servers                        ~
  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+ */
export const hip: RecordType<HipData> = defineWhole<HipData>(
  rrType.HIP,
  'HIP',
  nameless({
    read,
    skip: (reader) => void read(reader),
    write: (writer, data) => {
      writer.u8(data.tag.length);
      writer.u8(data.algorithm);
      writer.u16(data.publicKey.length);
      writer.put(data.tag);
      writer.put(data.publicKey);
      names.write(writer, data.rendezvousServers);
    },
    parse: (tokens) => {
      const algorithm = tokens.integer('algorithm', 255);
      const tag = hexToBytes(tokens.word('host identity tag'));
      if (tag === undefined || tag.length === 0 || tag.length > 255)
        tokens.fail('the host identity tag must be 1 to 255 octets of hexadecimal digits');
      const publicKey = base64ToBytes(tokens.word('public key'));
      if (publicKey === undefined || publicKey.length === 0 || publicKey.length > 0xffff)
        tokens.fail('the public key must be base64, without blanks inside');
      return {
        algorithm,
        tag: tag ?? emptyBytes,
        publicKey: publicKey ?? emptyBytes,
        rendezvousServers: names.parse(tokens, 'rendezvous server'),
      };
    },
    format: ({ algorithm, tag, publicKey, rendezvousServers }) =>
      [algorithm, bytesToHex(tag).toUpperCase(), bytesToBase64(publicKey), ...rendezvousServers].join(' '),
  }),
);

function read(reader: WireReader): HipData {
  const tagLength = reader.u8();
  const algorithm = reader.u8();
  const keyLength = reader.u16();
  if (tagLength === 0 || keyLength === 0) reader.fail('a tag or key of no octets');
  return {
    algorithm,
    tag: reader.take(tagLength),
    publicKey: reader.take(keyLength),
    rendezvousServers: names.read(reader),
  };
}
