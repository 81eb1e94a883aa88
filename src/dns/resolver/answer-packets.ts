// Whole answers as they went out, found again by the bytes of the question: what most clients ask is answered without decoding anything.
//
// A hot path: no objects, strings or closures for a hit but the view that is returned. Measured with 5,000 names in turn (in process, `respond`
// of the front called in a loop, process.cpuUsage): 12 µs a query through decoding and the answer cache, 0.7 µs from here.
import type { Random } from '../../lib/random.ts';
import type { DnsClient } from '../responder.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { maxLabelLength } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';

interface Packet {
  /** The whole response. */
  readonly bytes: Uint8Array;
  /** Where its question ends. */
  readonly questionEnd: number;
  readonly variant: number;
  /** Where each TTL stands, and what it was when the response was kept. */
  readonly ttlOffsets: readonly number[];
  readonly ttls: readonly number[];
  /** By the monotonic clock, in milliseconds. */
  readonly kept: number;
  readonly expires: number;
}

/** What of a query the answer depends on besides its question: without EDNS, with it, with DO. */
const withoutEdns = 0;
const withEdns = 1;
const withDnssec = 2;
/** Added to these: CD, for which there may be another answer, and AD, without which AD isn't told (RFC 6840 §5.7). */
const flagsFactor = 4;

const largestUdp = 1232;
const plainUdp = 512;
/** Octets beside the response itself; measured with 100,000 entries. */
const packetOctets = 450;
/** Answers are carved from blocks, as a block of its own for each would cost more than all the rest. */
const blockLength = 64 * 1024;

export class AnswerPackets {
  readonly #limit: number;
  /** Where hashing begins: nobody outside can know which questions share a place. */
  readonly #salt: number;
  /** By hash; of two questions with one hash the later is kept. */
  #young = new Map<number, Packet>();
  /** What was young before: it goes as a whole, unless it was used meanwhile. */
  #old = new Map<number, Packet>();
  #youngOctets = 0;
  #oldOctets = 0;
  #block = new Uint8Array(blockLength);
  #blockUsed = 0;
  // What `#parse` found, in fields so that it makes no object.
  #questionEnd = 0;
  #variant = 0;
  #udpSize = plainUdp;
  #hash = 0;

  /** `limit`: octets. */
  constructor(limit: number, random: Random) {
    this.#limit = limit;
    this.#salt = random.below(0x1_0000_0000) | 0;
  }

  get octets(): number {
    return this.#youngOctets + this.#oldOctets;
  }

  /** The answer to a query, ready to be sent, or `undefined` where it isn't known or the query is none of the plain ones. */
  find(query: Uint8Array, transport: DnsClient['transport'], now: number): Uint8Array | undefined {
    if (!this.#parse(query)) return undefined;
    const packet = this.#young.get(this.#hash) ?? this.#fromOld();
    if (packet === undefined || packet.expires <= now || !this.#isFor(packet, query)) return undefined;
    const { bytes, ttlOffsets, ttls } = packet;
    if (transport === 'udp' && bytes.length > this.#udpSize) return undefined;
    const answer = this.#carve(bytes.length);
    answer.set(bytes);
    const end = this.#questionEnd;
    answer[0] = query[0] ?? 0;
    answer[1] = query[1] ?? 0;
    // The question as this client writes it.
    for (let at = headerLength; at < end; at++) answer[at] = query[at] ?? 0;
    // Rounded up: no TTL may come out longer than it is.
    const age = Math.ceil((now - packet.kept) / 1000);
    if (age > 0) {
      for (let i = 0; i < ttlOffsets.length; i++) {
        const at = ttlOffsets[i] ?? 0;
        const ttl = Math.max(0, (ttls[i] ?? 0) - age);
        answer[at] = ttl >>> 24;
        answer[at + 1] = ttl >>> 16;
        answer[at + 2] = ttl >>> 8;
        answer[at + 3] = ttl;
      }
    }
    return answer;
  }

  /** Keeps a whole, untruncated response to `query` for `seconds`; queries that `find` doesn't take aren't kept. */
  keep(query: Uint8Array, response: Uint8Array, seconds: number, now: number): void {
    if (seconds <= 0 || !this.#parse(query)) return;
    const ttlOffsets = ttlOffsetsIn(response, this.#questionEnd);
    const octets = response.length + packetOctets + 16 * ttlOffsets.length;
    if (octets > this.#limit / 2) return;
    if (this.#youngOctets + octets > this.#limit / 2) {
      this.#old = this.#young;
      this.#oldOctets = this.#youngOctets;
      this.#young = new Map();
      this.#youngOctets = 0;
    }
    // An entry that is replaced is counted until its generation goes: the bound holds, if not quite used.
    this.#youngOctets += octets;
    this.#young.set(this.#hash, {
      bytes: response.slice(),
      questionEnd: this.#questionEnd,
      variant: this.#variant,
      ttlOffsets,
      ttls: ttlOffsets.map((at) => u32(response, at)),
      kept: now,
      expires: now + seconds * 1000,
    });
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#youngOctets = 0;
    this.#oldOctets = 0;
  }

  #fromOld(): Packet | undefined {
    const packet = this.#old.get(this.#hash);
    if (packet === undefined) return undefined;
    this.#old.delete(this.#hash);
    const octets = packet.bytes.length + packetOctets + 16 * packet.ttlOffsets.length;
    this.#oldOctets -= octets;
    this.#youngOctets += octets;
    this.#young.set(this.#hash, packet);
    return packet;
  }

  /** Letters are compared without case: the kept question is in whatever case its client used. */
  #isFor(packet: Packet, query: Uint8Array): boolean {
    const end = this.#questionEnd;
    if (packet.questionEnd !== end || packet.variant !== this.#variant) return false;
    const { bytes } = packet;
    for (let at = headerLength; at < end; at++) {
      const [a, b] = [bytes[at] ?? 0, query[at] ?? 0];
      if (a !== b && lower(a) !== lower(b)) return false;
    }
    return true;
  }

  /** Whether it is a plain query, and what its answer depends on. Anything unusual goes the long way. */
  #parse(query: Uint8Array): boolean {
    // RD alone; AD and CD may be set; one question, and at most an OPT record.
    if (query.length < headerLength + 5 || query[2] !== 1 || ((query[3] ?? 0) & 0xcf) !== 0) return false;
    if (query[4] !== 0 || query[5] !== 1 || query[6] !== 0 || query[7] !== 0) return false;
    if (query[8] !== 0 || query[9] !== 0 || query[10] !== 0 || (query[11] ?? 0) > 1) return false;
    let hash = this.#salt;
    let at = headerLength;
    for (;;) {
      const length = query[at] ?? 0xff;
      if (length > maxLabelLength || at + length + 5 > query.length) return false;
      hash = Math.imul(hash ^ length, 0x01000193);
      at += 1;
      if (length === 0) break;
      for (const end = at + length; at < end; at++)
        hash = Math.imul(hash ^ lower(query[at] ?? 0), 0x01000193);
    }
    if (at + 4 > query.length || at - headerLength > 255) return false;
    for (const end = at + 4; at < end; at++) hash = Math.imul(hash ^ (query[at] ?? 0), 0x01000193);
    this.#questionEnd = at;
    this.#udpSize = plainUdp;
    this.#variant = withoutEdns;
    if (query[11] === 1 ? !this.#parseOpt(query, at) : at !== query.length) return false;
    this.#variant += flagsFactor * ((query[3] ?? 0) >>> 4);
    hash = Math.imul(hash ^ this.#variant, 0x01000193);
    // 30 bits: a number that needs no object of its own.
    this.#hash = (hash ^ (hash >>> 15)) & 0x3fff_ffff;
    return true;
  }

  /** RFC 6891 §6.1.2: the root, type 41, size, extended code, version 0, flags, options (which nothing here depends on). */
  #parseOpt(query: Uint8Array, at: number): boolean {
    if (at + 11 > query.length || query[at] !== 0 || query[at + 1] !== 0 || query[at + 2] !== rrType.OPT)
      return false;
    if (query[at + 6] !== 0) return false;
    let option = at + 11;
    if (option + u16(query, at + 9) !== query.length) return false;
    while (option < query.length) {
      if (option + 4 > query.length) return false;
      option += 4 + u16(query, option + 2);
    }
    if (option !== query.length) return false;
    this.#udpSize = Math.min(largestUdp, Math.max(plainUdp, u16(query, at + 3)));
    this.#variant = ((query[at + 7] ?? 0) & 0x80) !== 0 ? withDnssec : withEdns;
    return true;
  }

  #carve(length: number): Uint8Array {
    if (length > blockLength / 4) return new Uint8Array(length);
    if (this.#blockUsed + length > blockLength) {
      this.#block = new Uint8Array(blockLength);
      this.#blockUsed = 0;
    }
    const from = this.#blockUsed;
    this.#blockUsed += length;
    return this.#block.subarray(from, from + length);
  }
}

/** Where the TTLs of all records but OPT stand in a response of our own making. */
function ttlOffsetsIn(response: Uint8Array, questionEnd: number): readonly number[] {
  const offsets: number[] = [];
  let at = questionEnd;
  while (at < response.length) {
    for (let length = response[at] ?? 0; length !== 0; length = response[at] ?? 0) {
      at += length >= 0xc0 ? 1 : length + 1;
      if (length >= 0xc0) break;
    }
    at += 1;
    if (u16(response, at) !== rrType.OPT) offsets.push(at + 4);
    at += 10 + u16(response, at + 8);
  }
  return offsets;
}

function lower(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function u32(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) * 0x1_0000 + u16(bytes, at + 2)) >>> 0;
}
