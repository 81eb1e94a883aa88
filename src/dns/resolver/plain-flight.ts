// A question that a datagram thread has under way (plain-asker.ts): the query as it was sent, where to, and who waits. As `Exchanges` asks: under a random
// id, the name's letters in random case (0x20), with EDNS, DO and the server's cookie (RFC 5452, RFC 7873).
//
// A hot path: made once, and used for one question after the other.
import type { Random } from '../../lib/random.ts';
import { rrClass } from '../wire/codes.ts';
import { ednsOption } from '../wire/edns-option.ts';
import { lowerOctets } from '../wire/lower-octets.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { rrType } from '../wire/rr-type.ts';
import type { PlainQuestion } from './plain-reply.ts';
import { upstreamUdpSize } from './upstream.ts';
import { ChosenWay, longestCookie } from './way-memory.ts';

const longestQuestion = 255 + 4;
/** An OPT record without options, and the head of one. */
const optOctets = 11;
const optionHead = 4;
const randomAtOnce = 256;

/** Octets of a source of randomness, drawn many at a time; each is used once. */
export class RandomOctets {
  readonly #random: Random;
  #octets: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): number {
    if (this.#used === this.#octets.length) {
      this.#octets = this.#random.bytes(randomAtOnce);
      this.#used = 0;
    }
    return this.#octets[this.#used++] ?? 0;
  }
}

export class PlainFlight<Client> implements PlainQuestion {
  readonly index: number;
  readonly way: ChosenWay = new ChosenWay();
  readonly #octets = new Uint8Array(headerLength + longestQuestion + optOctets + optionHead + longestCookie);
  sent: Uint8Array = this.#octets;
  questionEnd = 0;
  type = 0;
  /** Of the question, without regard to case. */
  hash = 0;
  /** Tells it from what was in its place before. */
  serial = 0;
  /** Its socket; -1 where it isn't under way. */
  fd = -1;
  /** Of the packets (`PacketMemory.generation`) when it was asked. */
  generation = 0;
  /** By the clock of all threads, in milliseconds. */
  asked = 0;
  deadline = 0;
  /** Replies that were none. */
  wrong = 0;
  clients: Client[] = [];

  constructor(index: number) {
    this.index = index;
  }

  get zoneLength(): number {
    return this.way.zoneLength;
  }

  get cookie(): Uint8Array {
    return this.way.cookie;
  }

  get cookieLength(): number {
    return this.way.cookieLength;
  }

  get cookieRequired(): boolean {
    return this.way.cookieRequired;
  }

  /** Whether the question that lies in `bytes`, so many octets with the header, is the same but for case. */
  isOf(bytes: Uint8Array, at: number, questionLength: number): boolean {
    const { sent, questionEnd } = this;
    if (questionEnd !== questionLength) return false;
    for (let i = headerLength; i < questionEnd - 4; i++)
      if (lowerOctets[sent[i] ?? 0] !== lowerOctets[bytes[at + i] ?? 0]) return false;
    return (
      sent[questionEnd - 4] === bytes[at + questionEnd - 4] &&
      sent[questionEnd - 3] === bytes[at + questionEnd - 3]
    );
  }

  /** Writes the query for the client's question that lies in `bytes`, so many octets with the header; type and way are there. */
  write(bytes: Uint8Array, at: number, questionLength: number, random: RandomOctets): void {
    const sent = this.#octets;
    sent.fill(0, 0, headerLength);
    sent[0] = random.next();
    sent[1] = random.next();
    // One question, and the OPT record.
    sent[5] = 1;
    sent[11] = 1;
    const nameEnd = questionLength - 4;
    let bits = 0;
    for (let i = headerLength; i < nameEnd; i++) {
      const letter = lowerOctets[bytes[at + i] ?? 0] ?? 0;
      // Length octets are below 64 and so are never letters.
      if (letter < 0x61 || letter > 0x7a) {
        sent[i] = letter;
        continue;
      }
      if (bits <= 1) bits = 0x100 | random.next();
      sent[i] = letter ^ ((bits & 1) << 5);
      bits >>>= 1;
    }
    sent[nameEnd] = this.type >>> 8;
    sent[nameEnd + 1] = this.type;
    sent[nameEnd + 2] = 0;
    sent[nameEnd + 3] = rrClass.IN;
    this.questionEnd = questionLength;
    const length = this.#writeOpt(questionLength);
    if (this.sent.length !== length) this.sent = sent.subarray(0, length);
  }

  /** The root's name, type OPT, our size, version 0, DO (RFC 6891 §6.1.2, RFC 3225), the cookie. Gives where it ends. */
  #writeOpt(at: number): number {
    const sent = this.#octets;
    const { cookie, cookieLength } = this.way;
    const withCookie = cookieLength > 0;
    sent.fill(0, at, at + optOctets);
    sent[at + 2] = rrType.OPT;
    sent[at + 3] = upstreamUdpSize >>> 8;
    sent[at + 4] = upstreamUdpSize & 255;
    sent[at + 7] = 0x80;
    if (!withCookie) return at + optOctets;
    sent[at + 10] = optionHead + cookieLength;
    const option = at + optOctets;
    sent[option] = 0;
    sent[option + 1] = ednsOption.COOKIE;
    sent[option + 2] = 0;
    sent[option + 3] = cookieLength;
    for (let i = 0; i < cookieLength; i++) sent[option + optionHead + i] = cookie[i] ?? 0;
    return option + optionHead + cookieLength;
  }
}
