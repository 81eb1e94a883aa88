// Cached answers as octets, as short as they can be, and back: what is kept of a hundred thousand names is an eighth of what the objects would take.
// Within the process alone: whoever reads has written, so nothing is checked but what a snapshot checks as a whole.
import { bytesToUtf8, utf8ToBytes } from '../../lib/bytes.ts';
import { unreachable } from '../../lib/result.ts';
import type { Checked, Security, ValidationFault } from '../dnssec/security.ts';
import { rrClass } from '../wire/codes.ts';
import { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import type { CachedAnswer } from './answer-cache.ts';

const kinds = ['records', 'nodata', 'nxdomain', 'failure'] as const satisfies readonly CachedAnswer['kind'][];
const securities = ['secure', 'insecure', 'unchecked', 'bogus'] as const satisfies readonly Security[];
const faultFlag = 0x10;
/** Of a record's owner: `0` to `254`: the answer's name from that octet on; otherwise the owner follows. */
const ownerFollows = 255;
/** Octets in front of a record's data (RFC 1035 §3.2.1), with an owner that is a pointer. */
const plainRecordHead = 12;

/** Grows to the longest answer there was. */
let scratch = new Uint8Array(4096);
let length = 0;

/**
 * The octets of an answer about `name`, behind `head` octets that the caller fills. They lie in memory that the next call
 * overwrites.
 */
export function answerToOctets(answer: CachedAnswer, name: DomainName, head: number): Uint8Array {
  length = 0;
  room(head);
  length = head;
  const security = answer.kind === 'failure' ? 'insecure' : answer.security;
  const fault = answer.kind === 'failure' ? undefined : answer.fault;
  u8(
    kinds.indexOf(answer.kind) | (securities.indexOf(security) << 2) | (fault === undefined ? 0 : faultFlag),
  );
  if (fault !== undefined) {
    u16(fault.code);
    text(fault.reason);
  }
  switch (answer.kind) {
    case 'records':
      u16(answer.rrset.rdatas.length);
      for (const rdata of answer.rrset.rdatas) data(rdata);
      records(answer.signatures, name);
      records(answer.proofs, name);
      break;
    case 'nodata':
    case 'nxdomain':
      records(answer.authorities, name);
      break;
    case 'failure':
      u16(answer.extendedError);
      u16(answer.rcode);
      text(answer.reason);
      break;
    default:
      return unreachable(answer);
  }
  return scratch.subarray(0, length);
}

/** Records of a reply as they lie in it: `count` of them from `at` on, a set of the type and behind it its signatures; each owner is a pointer of two octets. */
export interface PlainRecords {
  readonly reply: Uint8Array;
  readonly at: number;
  readonly count: number;
}

/** As `answerToOctets`, of such records in an insecure zone, with data that are kept as they are. */
export function plainAnswerToOctets(
  { reply, at, count }: PlainRecords,
  type: number,
  head: number,
): Uint8Array {
  length = 0;
  room(head + 7 + reply.length);
  length = head;
  u8(kinds.indexOf('records') | (securities.indexOf('insecure') << 2));
  const countAt = length;
  u16(0);
  let next = at + plainRecordHead;
  let records = 0;
  for (; records < count && octets16(reply, next - 10) === type; records++) next = dataOf(reply, next);
  scratch[countAt] = records >>> 8;
  scratch[countAt + 1] = records;
  u16(count - records);
  for (let left = count - records; left > 0; left--) {
    // The owner: all of the name.
    u8(0);
    u16(octets16(reply, next - 10));
    // RFC 2181 §8: a TTL with the top bit set is 0.
    const isTtl = (reply[next - 6] ?? 0) < 0x80;
    u16(isTtl ? octets16(reply, next - 6) : 0);
    u16(isTtl ? octets16(reply, next - 4) : 0);
    next = dataOf(reply, next);
  }
  // No proofs.
  u16(0);
  return scratch.subarray(0, length);
}

/** Takes the data at `at`, and gives where those of the next record lie. */
function dataOf(reply: Uint8Array, at: number): number {
  const octets = octets16(reply, at - 2);
  u16(octets);
  room(octets);
  for (let i = 0; i < octets; i++) scratch[length++] = reply[at + i] ?? 0;
  return at + octets + plainRecordHead;
}

function octets16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** The answer that stands in `octets` from `at` on; its parts are views of them. `ttl`: of the records. */
export function answerFromOctets(
  octets: Uint8Array,
  at: number,
  name: DomainName,
  type: number,
  ttl: number,
): CachedAnswer {
  const reader = new OctetReader(octets, at, name);
  const start = reader.u8();
  const kind = kinds[start & 3] ?? 'failure';
  if (kind === 'failure') {
    const code = reader.u16();
    const rcode = reader.u16();
    return { kind, extendedError: code, rcode, reason: reader.text() };
  }
  const security = securities[(start >>> 2) & 3] ?? 'unchecked';
  const fault = (start & faultFlag) === 0 ? undefined : reader.fault();
  const checked: Checked = fault === undefined ? { security } : { security, fault };
  if (kind !== 'records') return { kind, ...checked, authorities: reader.records() };
  const rdatas: Uint8Array[] = [];
  for (let count = reader.u16(); count > 0; count--) rdatas.push(reader.data());
  const rrset = { owner: name, type, class: rrClass.IN, ttl, rdatas };
  return { kind, ...checked, rrset, signatures: reader.records(), proofs: reader.records() };
}

/** Of an answer in octets, without reading all of it. */
export function securityInOctets(octets: Uint8Array, at: number): Security {
  const start = octets[at] ?? 0;
  return kinds[start & 3] === 'failure' ? 'insecure' : (securities[(start >>> 2) & 3] ?? 'unchecked');
}

/** As {@link securityInOctets}. */
export function kindInOctets(octets: Uint8Array, at: number): CachedAnswer['kind'] {
  return kinds[(octets[at] ?? 0) & 3] ?? 'failure';
}

function room(more: number): void {
  if (length + more <= scratch.length) return;
  const larger = new Uint8Array(Math.max(length + more, scratch.length * 2));
  larger.set(scratch);
  scratch = larger;
}

function u8(value: number): void {
  room(1);
  scratch[length++] = value;
}

function u16(value: number): void {
  room(2);
  scratch[length++] = value >>> 8;
  scratch[length++] = value;
}

function data(octets: Uint8Array): void {
  u16(octets.length);
  room(octets.length);
  scratch.set(octets, length);
  length += octets.length;
}

function text(value: string): void {
  data(utf8ToBytes(value.slice(0, 1000)));
}

function records(all: readonly ResourceRecord[], name: DomainName): void {
  u16(all.length);
  for (const { owner, type, ttl, rdata } of all) {
    const suffix = suffixAt(name, owner);
    u8(suffix);
    if (suffix === ownerFollows) {
      u8(owner.wire.length);
      room(owner.wire.length);
      scratch.set(owner.wire, length);
      length += owner.wire.length;
    }
    u16(type);
    u16(ttl >>> 16);
    u16(ttl & 0xffff);
    data(rdata);
  }
}

/** Where in the wire form of `name` that of `owner` begins, case included. */
function suffixAt(name: DomainName, owner: DomainName): number {
  const extra = name.wire.length - owner.wire.length;
  if (extra < 0 || !name.isAtOrBelow(owner)) return ownerFollows;
  for (let i = 0; i < owner.wire.length; i++) if (name.wire[extra + i] !== owner.wire[i]) return ownerFollows;
  return extra;
}

class OctetReader {
  readonly #octets: Uint8Array;
  readonly #name: DomainName;
  #at: number;

  constructor(octets: Uint8Array, at: number, name: DomainName) {
    this.#octets = octets;
    this.#at = at;
    this.#name = name;
  }

  u8(): number {
    return this.#octets[this.#at++] ?? 0;
  }

  u16(): number {
    return (this.u8() << 8) | this.u8();
  }

  data(): Uint8Array {
    return this.#take(this.u16());
  }

  text(): string {
    return bytesToUtf8(this.data());
  }

  fault(): ValidationFault {
    const code = this.u16();
    return { code, reason: this.text() };
  }

  records(): ResourceRecord[] {
    const all: ResourceRecord[] = [];
    for (let count = this.u16(); count > 0; count--) {
      const suffix = this.u8();
      const owner = DomainName.unchecked(
        suffix === ownerFollows ? this.#take(this.u8()) : this.#name.wire.subarray(suffix),
      );
      const type = this.u16();
      const ttl = this.u16() * 0x1_0000 + this.u16();
      all.push({ owner, type, class: rrClass.IN, ttl, rdata: this.data() });
    }
    return all;
  }

  #take(count: number): Uint8Array {
    const taken = this.#octets.subarray(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }
}
