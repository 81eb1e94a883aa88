// What is signed and by which function (RFC 8945 §4.3, §5.3.1): the message as if its TSIG record weren't there, behind the signature
// that it answers or follows, before the record's own fields.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Hmac } from 'node:crypto';
import { WireWriter } from '../wire/writer.ts';
import { algorithmFacts } from './tsig-key.ts';
import type { TsigKey } from './tsig-key.ts';
import type { TsigRecord } from './tsig-record.ts';

/** The fields that are signed of a record whose signature isn't known yet, too. */
export type TsigFields = Pick<TsigRecord, 'keyName' | 'timeSigned' | 'fudge' | 'error' | 'other'>;

/** Seconds that clocks may differ (RFC 8945 §10). */
export const usualFudge = 300;

/** One for all signatures: writing is synchronous and doesn't nest. */
const writer = new WireWriter();

/** Gathers what one signature covers, in the order of the calls. */
export class TsigMac {
  readonly #key: TsigKey;
  readonly #hmac: Hmac;

  constructor(key: TsigKey) {
    this.#key = key;
    this.#hmac = createHmac(algorithmFacts[key.algorithm].hash, key.secret);
  }

  /** The signature of the request, or of the message before in a stream (RFC 8945 §5.3, §5.3.1). */
  priorMac(mac: Uint8Array): void {
    this.#hmac.update(Uint8Array.of(mac.length >>> 8, mac.length));
    this.#hmac.update(mac);
  }

  /** A message without its TSIG record. Servers on the way may have changed its id: the one it was signed with counts (RFC 8945 §4.3.2). */
  message(message: Uint8Array, originalId: number): void {
    this.#hmac.update(Uint8Array.of(originalId >>> 8, originalId));
    this.#hmac.update(message.subarray(2));
  }

  /** RFC 8945 §4.3.3 */
  variables({ keyName, timeSigned, fudge, error, other }: TsigFields): void {
    writer.rewind(0);
    writer.name(keyName, 'lower');
    writer.u16(255);
    writer.u32(0);
    writer.name(algorithmFacts[this.#key.algorithm].name, 'lower');
    writer.u48(timeSigned);
    writer.u16(fudge);
    writer.u16(error);
    writer.u16(other.length);
    writer.put(other);
    this.#hmac.update(writer.finish());
  }

  /** What stands for the variables in the later messages of a stream (RFC 8945 §5.3.1). */
  timers({ timeSigned, fudge }: Pick<TsigRecord, 'timeSigned' | 'fudge'>): void {
    writer.rewind(0);
    writer.u48(timeSigned);
    writer.u16(fudge);
    this.#hmac.update(writer.finish());
  }

  /** The whole signature. Nothing may be added after it. */
  finish(): Uint8Array {
    return new Uint8Array(this.#hmac.digest());
  }
}

export type MacVerdict = 'right' | 'wrong' | 'malformed';

/** Compares a signature, which may be cut short, with the one it should be. How short it may be is the caller's policy. */
export function compareMac(mac: Uint8Array, wanted: Uint8Array): MacVerdict {
  // RFC 8945 §5.2.2.1: longer than the function's output, or shorter than half of it or 10 octets, is a format error.
  if (mac.length > wanted.length || mac.length < Math.max(10, wanted.length / 2)) return 'malformed';
  return timingSafeEqual(mac, wanted.subarray(0, mac.length)) ? 'right' : 'wrong';
}

/** Whether a signature of that length is believed with that key. */
export function isLongEnough(mac: Uint8Array, key: TsigKey): boolean {
  return mac.length >= (key.leastMacLength ?? algorithmFacts[key.algorithm].macLength);
}

/** RFC 8945 §5.2.3: whether a message was signed near enough to now. Both in seconds since 1970. */
export function isTimely({ timeSigned, fudge }: TsigRecord, now: number): boolean {
  return Math.abs(now - timeSigned) <= fudge;
}

/** Seconds since 1970, as TSIG counts. */
export function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
