// DNS cookies, the server's side (RFC 7873) in the form that all servers of an anycast address can share (RFC 9018): a client
// that shows one of ours has been heard at its address before, so it isn't forged.
//
// A hot path: makes no object, and takes query, client address and answer where they lie.
import type { Clock } from '../../lib/clock.ts';
import { sipHash24, sipKey } from './sip-hash.ts';
import type { SipKey } from './sip-hash.ts';

/** Octets of a client's part, and of both parts as we make them. */
export const clientCookieLength = 8;
export const wholeCookieLength = 24;

/** RFC 9018 §4.3: the only version there is. */
const version = 1;
/** Seconds, all of RFC 9018 §4.3: believed for so long, given anew after so long, and not believed when so far ahead. */
const longestAge = 3600;
const renewalAge = 1800;
const mostAhead = 300;

/** What a query's COOKIE option came to. */
export const cookieState = {
  /** There was none. */
  absent: 0,
  /** The client's part alone: it hasn't one of ours yet. */
  clientOnly: 1,
  /** With a server's part that isn't ours, or too old. */
  wrong: 2,
  /** Ours: the client's address is not forged. */
  right: 3,
} as const;

export class ServerCookies {
  readonly #keys: readonly SipKey[];
  readonly #clock: Clock;
  /** What is hashed: the client's part, version, reserved, time, the client's address (RFC 9018 §4.4). */
  readonly #input = new Uint8Array(wholeCookieLength - 8 + 16);
  #inputLength = 0;
  readonly #hash = new Uint8Array(8);
  #renew = true;

  /** `secrets` have 16 octets each: the first makes cookies, all are believed, so that a new one can be rolled out. */
  constructor(secrets: readonly Uint8Array[], clock: Clock) {
    this.#keys = secrets.map(sipKey);
    this.#clock = clock;
  }

  /**
   * Reads the data of a COOKIE option, `length` octets of `query` from `at` on, from a client at that address (4 or 16 octets). Gives a
   * {@link cookieState}, or -1 for a length that no cookie has (RFC 7873 §5.2.2). Remembers what `write` needs.
   */
  read(
    query: Uint8Array,
    at: number,
    length: number,
    addresses: Uint8Array,
    addressAt: number,
    addressLength: number,
  ): number {
    if (length !== clientCookieLength && (length < 16 || length > 40)) return -1;
    const input = this.#input;
    // Version and reserved are hashed as they came (RFC 9018 §4.2).
    const copied = length === wholeCookieLength ? 16 : clientCookieLength;
    for (let i = 0; i < copied; i++) input[i] = query[at + i] ?? 0;
    for (let i = 0; i < addressLength; i++) input[16 + i] = addresses[addressAt + i] ?? 0;
    this.#inputLength = 16 + addressLength;
    this.#renew = true;
    if (length === clientCookieLength) return cookieState.clientOnly;
    if (length !== wholeCookieLength || input[8] !== version) return cookieState.wrong;
    // RFC 9018 §4.3: time goes by serial number arithmetic, so that the year 2106 is no end.
    const age = (this.#seconds() - u32(input, 12)) | 0;
    if (age > longestAge || age < -mostAhead) return cookieState.wrong;
    let right = -1;
    for (let i = 0; i < this.#keys.length && right < 0; i++) if (this.#isMadeBy(i, query, at + 16)) right = i;
    if (right < 0) return cookieState.wrong;
    this.#renew = right > 0 || age > renewalAge;
    return cookieState.right;
  }

  /** Writes the {@link wholeCookieLength} octets for the client of the last `read`: its own again, or a new one. */
  write(out: Uint8Array, at: number): void {
    const input = this.#input;
    if (this.#renew) {
      const seconds = this.#seconds();
      input[8] = version;
      input.fill(0, 9, 12);
      input[12] = seconds >>> 24;
      input[13] = seconds >>> 16;
      input[14] = seconds >>> 8;
      input[15] = seconds;
      const key = this.#keys[0];
      if (key !== undefined) sipHash24(key, input, 0, this.#inputLength, this.#hash, 0);
    }
    for (let i = 0; i < 16; i++) out[at + i] = input[i] ?? 0;
    for (let i = 0; i < 8; i++) out[at + 16 + i] = this.#hash[i] ?? 0;
  }

  #isMadeBy(index: number, query: Uint8Array, at: number): boolean {
    const key = this.#keys[index];
    if (key === undefined) return false;
    const hash = this.#hash;
    sipHash24(key, this.#input, 0, this.#inputLength, hash, 0);
    // All octets always, so that the time taken tells nothing of how many were right.
    let difference = 0;
    for (let i = 0; i < 8; i++) difference |= (hash[i] ?? 0) ^ (query[at + i] ?? 0);
    return difference === 0;
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000) | 0;
  }
}

function u32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}
