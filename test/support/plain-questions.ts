// Questions of a datagram thread to a zone's server, about `www.example.org.`, and pieces of what that replies.
import assert from 'node:assert/strict';
import { plainReading, PlainReply } from '../../src/dns/resolver/plain-reply.ts';
import type { PlainQuestion } from '../../src/dns/resolver/plain-reply.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { concatBytes } from '../../src/lib/bytes.ts';
import {
  nameOctets,
  optRecord,
  pointer,
  rawRecord,
  rawReply,
  rrsigData,
  soaData,
  wide,
} from './raw-replies.ts';
import type { RawReply } from './raw-replies.ts';

export type Kind = keyof typeof plainReading;

export const zoneOctets: Uint8Array = nameOctets('example.org.');
const noCookie = { cookie: new Uint8Array(0), cookieLength: 0, cookieRequired: false } as const;

/** In the case that was sent. */
export function asked(
  type: number,
  name = 'wWw.eXample.org.',
  more: Partial<PlainQuestion> = {},
): PlainQuestion {
  const sent = concatBytes([wide(0x4711, 0, 1, 0, 0, 1), nameOctets(name), wide(type, 1)]);
  return { sent, questionEnd: sent.length, type, zoneLength: zoneOctets.length, ...noCookie, ...more };
}

export const inName: Uint8Array = pointer(12);
/** Of `www.example.org`. */
export const inZone: Uint8Array = pointer(16);
export const inOrg: Uint8Array = pointer(24);
export const inRoot: Uint8Array = pointer(28);
export const address: Uint8Array = Uint8Array.of(192, 0, 2, 1);
export const answer = 0x8400;
export const nxdomain = 0x8403;

export function a(last = 1, ttl = 300, owner: Uint8Array = inName): Uint8Array {
  return rawRecord(owner, rrType.A, ttl, Uint8Array.of(192, 0, 2, last));
}

export function ns(): Uint8Array {
  return rawRecord(inZone, rrType.NS, 300, concatBytes([nameOctets('ns1.').subarray(0, 4), inZone]));
}

export function signature(covered: number, labels = 3, owner: Uint8Array = inName): Uint8Array {
  return rawRecord(owner, rrType.RRSIG, 300, rrsigData(covered, labels, zoneOctets));
}

export function soa(owner: Uint8Array = inZone, ttl = 300, minimum = 60): Uint8Array {
  const mailbox = concatBytes([Uint8Array.of(1, 0x68), inZone]);
  return rawRecord(owner, rrType.SOA, ttl, soaData(nameOctets('ns.example.test.'), mailbox, minimum));
}

export function nsec(owner: Uint8Array = inZone): Uint8Array {
  const bitmap = Uint8Array.of(0, 1, 0x40);
  return rawRecord(owner, rrType.NSEC, 60, concatBytes([nameOctets('x.example.org.'), bitmap]));
}

export const opt: Uint8Array = optRecord(new Uint8Array(0));

export function readingOf(question: PlainQuestion, octets: Uint8Array): Kind {
  const reading = new PlainReply().read(octets, octets.length, question);
  for (const kind of Object.keys(plainReading) as Kind[]) if (plainReading[kind] === reading) return kind;
  return assert.fail(`no such reading: ${reading}`);
}

export function replyTo(question: PlainQuestion, reply: RawReply): Uint8Array {
  return rawReply(question.sent, question.questionEnd, reply);
}

/** 192 octets of a name. */
export const longLabels: Uint8Array = concatBytes(
  Array.from({ length: 3 }, () => Uint8Array.of(63, ...new Uint8Array(63).fill(0x6c))),
);
export const forA: PlainQuestion = asked(rrType.A);
export const plainA: Uint8Array = replyTo(forA, { flags: answer, answers: [a()], additionals: [opt] });
export const plainSoa: Uint8Array = replyTo(forA, {
  flags: answer,
  authorities: [soa()],
  additionals: [opt],
});
