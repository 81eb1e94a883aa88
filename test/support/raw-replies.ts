// Replies put together from pieces of octets, whole or not: for what reads them where they lie.
import { concatBytes } from '../../src/lib/bytes.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';

export const wide = (...numbers: readonly number[]): Uint8Array =>
  Uint8Array.from(numbers.flatMap((number) => [(number >>> 8) & 0xff, number & 0xff]));

export const long = (number: number): Uint8Array => wide(Math.floor(number / 0x1_0000), number % 0x1_0000);

/** Uncompressed. */
export const nameOctets = (text: string): Uint8Array => domainName(text).wire;

export const pointer = (at: number): Uint8Array => wide(0xc000 | at);

/** A record (RFC 1035 §3.2.1); the class is IN, unless given. */
export function rawRecord(
  owner: Uint8Array,
  type: number,
  ttl: number,
  data: Uint8Array,
  recordClass = 1,
): Uint8Array {
  return concatBytes([owner, wide(type, recordClass), long(ttl), wide(data.length), data]);
}

/** Data of a SOA whose last field is `minimum`. */
export function soaData(primary: Uint8Array, mailbox: Uint8Array, minimum: number): Uint8Array {
  return concatBytes([primary, mailbox, long(1), long(7200), long(3600), long(86_400), long(minimum)]);
}

/** Data of an RRSIG over a set of `covered`, whose owner has so many labels (RFC 4034 §3.1). */
export function rrsigData(covered: number, labels: number, signer: Uint8Array): Uint8Array {
  return concatBytes([
    wide(covered),
    Uint8Array.of(13, labels),
    long(3600),
    long(2_000_000_000),
    long(1_700_000_000),
    wide(4711),
    signer,
    new Uint8Array(8).fill(7),
  ]);
}

/** `upper`: the upper part of the response code, and the version (RFC 6891 §6.1.3). */
export function optRecord(options: Uint8Array, owner: Uint8Array = Uint8Array.of(0), upper = 0): Uint8Array {
  return rawRecord(owner, rrType.OPT, upper * 0x1_0000, options, 1232);
}

export function ednsOptionOctets(code: number, data: Uint8Array): Uint8Array {
  return concatBytes([wide(code, data.length), data]);
}

export interface RawReply {
  /** As a header has them: QR, opcode, AA and so on, and the response code. */
  readonly flags: number;
  readonly answers?: readonly Uint8Array[];
  readonly authorities?: readonly Uint8Array[];
  readonly additionals?: readonly Uint8Array[];
  /** Of questions and of the three sections, where they are not as many as there are. */
  readonly counts?: readonly [number, number, number, number];
  /** Behind all of it. */
  readonly tail?: Uint8Array;
}

/** The reply to the query whose header and question are the first `questionEnd` octets of `query`. */
export function rawReply(query: Uint8Array, questionEnd: number, reply: RawReply): Uint8Array {
  const { flags, answers = [], authorities = [], additionals = [], tail = new Uint8Array(0) } = reply;
  return concatBytes([
    query.subarray(0, 2),
    wide(flags),
    wide(...(reply.counts ?? [1, answers.length, authorities.length, additionals.length])),
    query.subarray(12, questionEnd),
    ...answers,
    ...authorities,
    ...additionals,
    tail,
  ]);
}
