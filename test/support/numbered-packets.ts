// Questions by number, and answers to them each octet of whose data says to which they belong.
import type { Packet } from '../../src/dns/resolver/packet-cache.ts';
import type { Random } from '../../src/lib/random.ts';
import { concatBytes } from '../../src/lib/bytes.ts';
import { nameOctets, pointer, rawRecord, wide } from './raw-replies.ts';

/** Up to 64 of them. */
export function numberedQuestion(number: number): Uint8Array {
  return concatBytes([wide(7, 0x0100, 1, 0, 0, 0), nameOctets(`name${number}.example.org.`), wide(1, 1)]);
}

/** One of many answers: how long it is, and which of four, is chosen. */
export function numberedAnswer(number: number, random: Random): Packet {
  const query = numberedQuestion(number);
  const data = new Uint8Array(1 + random.below(400)).fill(number | (random.below(4) << 6));
  const head = query.with(2, 0x81).with(3, 0x80).with(7, 1);
  return {
    body: concatBytes([head, rawRecord(pointer(12), 1, 300, data)]),
    questionEnd: query.length,
    authentic: false,
    dnssecOk: false,
    checkingDisabled: false,
    error: new Uint8Array(0),
  };
}

/** What isn't as it should be; '' where all is. */
export function faultInAnswer(number: number, response: Uint8Array): string {
  const query = numberedQuestion(number);
  const dataAt = query.length + 12;
  const told = ((response[dataAt - 2] ?? 0) << 8) | (response[dataAt - 1] ?? 0);
  const data = response.subarray(dataAt);
  const isWhole =
    response.subarray(12, query.length).toHex() === query.subarray(12).toHex() &&
    response[7] === 1 &&
    told === data.length &&
    data.length > 0 &&
    data.every((octet) => octet === data[0]) &&
    ((data[0] ?? 0) & 63) === number;
  return isWhole ? '' : `of ${number}: ${response.toHex()}`;
}
