// Writes DER (X.690), as far as a self-signed certificate needs it.
import { concatBytes, utf8ToBytes } from '../lib/bytes.ts';

const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One element: tag, length in the shortest form (X.690 §10.1), content. */
export function derElement(tagOctet: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(content);
  return concatBytes([Uint8Array.of(tagOctet), derLength(body.length), body]);
}

export function derSequence(...content: readonly Uint8Array[]): Uint8Array {
  return derElement(tag.sequence, ...content);
}

export function derSet(...content: readonly Uint8Array[]): Uint8Array {
  return derElement(tag.set, ...content);
}

export function derBoolean(value: boolean): Uint8Array {
  return derElement(tag.boolean, Uint8Array.of(value ? 0xff : 0));
}

/** A positive integer, its octets with the highest first. */
export function derInteger(octets: Uint8Array): Uint8Array {
  const first = octets.findIndex((octet) => octet !== 0);
  const significant = first === -1 ? Uint8Array.of(0) : octets.subarray(first);
  // Two's complement: a set top bit would make it negative.
  const sign = (significant[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0);
  return derElement(tag.integer, sign, significant);
}

/** `1.2.840.10045.4.3.2` */
export function derOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left & 0x7f) | 0x80);
    }
    octets.push(...groups);
  }
  return derElement(tag.oid, Uint8Array.from(octets));
}

/** `unusedBits` of the last octet don't count. */
export function derBitString(octets: Uint8Array, unusedBits: number = 0): Uint8Array {
  return derElement(tag.bitString, Uint8Array.of(unusedBits), octets);
}

export function derOctetString(content: Uint8Array): Uint8Array {
  return derElement(tag.octetString, content);
}

export function derUtf8String(text: string): Uint8Array {
  return derElement(tag.utf8String, utf8ToBytes(text));
}

/** `YYYYMMDDHHMMSSZ`; RFC 5280 §4.1.2.5 wants this form from the year 2050 on, and UTCTime before. */
export function derTime(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  return Number(digits.slice(0, 4)) < 2050
    ? derElement(0x17, utf8ToBytes(`${digits.slice(2)}Z`))
    : derElement(tag.generalizedTime, utf8ToBytes(`${digits}Z`));
}

function derLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const octets: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) octets.unshift(left & 0xff);
  return Uint8Array.of(0x80 | octets.length, ...octets);
}
