// Replies of all kinds, read where they lie and by the engine: whenever the quick way calls one plain, the engine takes it as well, says the same of it,
// answers a client by the same message, and keeps the same.
import assert from 'node:assert/strict';
import { AnswerCache } from '../../../src/dns/resolver/answer-cache.ts';
import type { KeptAnswer } from '../../../src/dns/resolver/answer-cache.ts';
import { answerOf, bodyOf, emptyResponse } from '../../../src/dns/resolver/client-answer.ts';
import { Exchanges } from '../../../src/dns/resolver/exchange.ts';
import type { ExchangeOutcome } from '../../../src/dns/resolver/exchange.ts';
import { mixCase } from '../../../src/dns/resolver/mix-case.ts';
import { plainTtl, writePlainBody } from '../../../src/dns/resolver/plain-body.ts';
import { plainReading, PlainReply } from '../../../src/dns/resolver/plain-reply.ts';
import { readReply } from '../../../src/dns/resolver/read-reply.ts';
import type { AnswerEnd } from '../../../src/dns/resolver/read-reply.ts';
import { takePlainReply } from '../../../src/dns/resolver/take-plain-reply.ts';
import { lowerOctets } from '../../../src/dns/wire/lower-octets.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import type { Message } from '../../../src/dns/wire/message.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import type { DomainName } from '../../../src/dns/wire/name.ts';
import type { ResourceRecord } from '../../../src/dns/wire/record.ts';
import { rrType } from '../../../src/dns/wire/rr-type.ts';
import { concatBytes } from '../../../src/lib/bytes.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { seededRandom } from '../../../src/lib/random.ts';
import type { Random } from '../../../src/lib/random.ts';
import { unreachable } from '../../../src/lib/result.ts';
import { wide } from '../../support/raw-replies.ts';
import { mutate } from '../mutate.ts';
import { PlainReplies } from '../plain-replies.ts';
import { plainResponse, underQuestion } from '../responses.ts';
import type { FuzzTarget } from '../target.ts';

const zone = domainName('example.org.');
const names = [
  'www.example.org.',
  'x.y.example.org.',
  'example.org.',
  '*.example.org.',
  `${'l'.repeat(63)}.${'m'.repeat(63)}.${'n'.repeat(63)}.${'o'.repeat(48)}.example.org.`,
].map(domainName);
const types = [rrType.A, rrType.AAAA, rrType.TXT, rrType.MX, rrType.PTR, rrType.SRV, rrType.CAA];
const ttlLimits = [
  { minTtl: 0, maxTtl: 86_400, maxNegativeTtl: 3600 },
  { minTtl: 30, maxTtl: 600, maxNegativeTtl: 900 },
] as const;
const server = '192.0.2.1';
const clock = new VirtualClock();
const tally: Record<keyof typeof plainReading | 'malformed beside it', number> = {
  ...plainReading,
  'malformed beside it': 0,
};
for (const kind of Object.keys(tally) as (keyof typeof tally)[]) tally[kind] = 0;

/** What is asked anew was not taken as brought. */
let isAskedAnew = false;
const exchanges = new Exchanges({
  clock,
  random: seededRandom(1),
  upstream: {
    ask(_request, heard) {
      isAskedAnew = true;
      heard({ kind: 'unreachable', scope: 'server', reason: 'nobody is there' });
      return () => undefined;
    },
  },
});
const caches = [1, 2].map(
  (seed) => new AnswerCache({ clock, random: seededRandom(seed), octets: 64 * 1024 }),
) as [AnswerCache, AnswerCache];

class Asked {
  readonly name: DomainName;
  readonly zone: DomainName = zone;
  readonly type: number;
  readonly sent: Uint8Array;
  readonly questionEnd: number;
  readonly zoneLength: number = zone.wire.length;
  readonly cookie: Uint8Array;
  readonly cookieLength: number;
  readonly cookieRequired: boolean;

  constructor(random: Random) {
    this.name = names[random.below(names.length)] ?? zone;
    this.type = types[random.below(types.length)] ?? rrType.A;
    const { wire } = mixCase(this.name, random);
    this.sent = concatBytes([wide(random.below(0x1_0000), 0, 1, 0, 0, 1), wire, wide(this.type, 1)]);
    this.questionEnd = this.sent.length;
    this.cookie = random.bytes([0, 8, 16, 40][random.below(4)] ?? 0);
    this.cookieLength = this.cookie.length;
    this.cookieRequired = this.cookieLength > 8 && random.below(2) === 0;
  }

  get sought(): { readonly name: DomainName; readonly type: number } {
    return { name: this.name, type: this.type };
  }

  /** What the engine makes of the reply, as if it had come to a question of its own; `undefined` where it waits on. */
  judged(reply: Uint8Array): ExchangeOutcome | undefined {
    exchanges.remember(this.sought, server, { query: this.sent, reply, ms: 1 });
    const { cookie, cookieRequired: required } = this;
    let told: ExchangeOutcome | undefined;
    isAskedAnew = false;
    exchanges.ask(
      {
        to: { address: server, port: 53 },
        transport: 'udp',
        ...this.sought,
        edns: true,
        dnssecOk: true,
        recursionDesired: false,
        mixCase: true,
        cookie:
          cookie.length === 0
            ? undefined
            : {
                client: cookie.subarray(0, 8),
                server: cookie.length > 8 ? cookie.subarray(8) : undefined,
                required,
              },
        timeoutMs: 1000,
      },
      (outcome) => (told = outcome),
    );
    return isAskedAnew ? undefined : told;
  }
}

const plain = new PlainReply();
const room = new Uint8Array(4096);

export const target: FuzzTarget = {
  name: 'plain-reply',
  seeds: [
    plainResponse('www.example.org.', [0, 'www.example.org. 60 A 192.0.2.1', '', '']),
    plainResponse('www.example.org.', [0, '', 'example.org. SOA ns. h. 1 2 3 4 5', '']),
  ],
  testSteps: 6000,
  keeps: 2 * 64 * 1024,
  tally: () => tally,
  run(input, random) {
    const asked = new Asked(random);
    const reply = replyTo(asked, input, random);
    // What lies behind the reply belongs to another.
    const octets = concatBytes([reply, new Uint8Array(16).fill(0x5a)]);
    const reading = plain.read(octets, reply.length, asked);
    for (const [kind, value] of Object.entries(plainReading) as [keyof typeof plainReading, number][])
      if (value === reading) tally[kind] += 1;
    switch (reading) {
      case plainReading.records:
        holdsTogether('records', asked, reply, random);
        return;
      case plainReading.nodata:
        holdsTogether('nodata', asked, reply, random);
        return;
      case plainReading.nxdomain:
        holdsTogether('nxdomain', asked, reply, random);
        return;
      case plainReading.foreign: {
        const outcome = asked.judged(reply);
        // A server's own mistakes are not a forger's, but neither are they an answer.
        if (outcome?.kind === 'reply') assert.equal(outcome.message.questions.length, 0);
        return;
      }
      case plainReading.other:
      case plainReading.cookieLost:
        return;
    }
  },
};

function replyTo(asked: Asked, input: Uint8Array, random: Random): Uint8Array {
  if (random.below(8) === 0) return underQuestion(input, asked.sent);
  const reply = new PlainReplies(asked, random).reply();
  if (random.below(4) > 0) return reply;
  const damaged = mutate({ ...target, seeds: [reply] }, random);
  return random.below(4) > 0 ? underQuestion(damaged, asked.sent) : damaged;
}

function holdsTogether(
  kind: 'records' | 'nodata' | 'nxdomain',
  asked: Asked,
  reply: Uint8Array,
  random: Random,
): void {
  const outcome = asked.judged(reply);
  // Whatever stands beside what is used isn't looked into, and may be anything.
  const isMalformed = outcome?.kind === 'malformed';
  if (isMalformed) tally['malformed beside it'] += 1;
  const taken = isMalformed ? asked.judged(withoutBeside(reply, asked.questionEnd)) : outcome;
  assert.ok(taken?.kind === 'reply', `${kind}, but the engine says ${taken?.kind}`);
  const { message } = taken;
  assert.ok(message.authoritative && !message.truncated);
  const { name, type } = asked;
  const read = readReply(message, { zone, name, type, wholeChain: false });
  assert.ok(read.kind === 'answer' && read.links.length === 0, read.kind);
  const { end } = read;
  assert.ok(end.kind !== 'elsewhere');
  assert.equal(end.kind, kind);

  const limits = ttlLimits[random.below(ttlLimits.length)] ?? ttlLimits[0];
  const isDenial = kind !== 'records';
  const ttl = plainTtl(plain, isDenial, limits);
  assert.equal(ttl, lifeOf(end, limits));
  if (ttl === 0) return;
  const answer = keptOf(end, ttl);
  const length = writePlainBody(room, reply, plain, asked.questionEnd, ttl, isDenial);
  saysTheSame(room.slice(0, length), asked, answer, ttl);
  if (!isMalformed) keepsTheSame(asked, reply, answer, end, ttl, random);
}

/** As the resolver bounds it. */
function lifeOf(end: Exclude<AnswerEnd, { kind: 'elsewhere' }>, limits: (typeof ttlLimits)[number]): number {
  const ttl = end.kind === 'records' ? end.rrset.ttl : Math.min(end.ttl, limits.maxNegativeTtl);
  return Math.max(limits.minTtl, Math.min(ttl, limits.maxTtl));
}

/** As the resolver keeps it of an insecure zone. */
function keptOf(end: Exclude<AnswerEnd, { kind: 'elsewhere' }>, ttl: number): KeptAnswer {
  if (end.kind !== 'records') return { kind: end.kind, authorities: end.authorities, security: 'insecure' };
  const { signatures, proofs } = end;
  return { kind: end.kind, rrset: { ...end.rrset, ttl }, signatures, proofs, security: 'insecure' };
}

/** Whether the packet is what the front would write to a client that doesn't ask for signatures. */
function saysTheSame(body: Uint8Array, { name, type }: Asked, end: KeptAnswer, endTtl: number): void {
  const query: Message = {
    ...emptyResponse,
    response: false,
    recursionDesired: true,
    questions: [{ name, type, class: 1 }],
  };
  const outcome = {
    aliases: [],
    aliasProofs: [],
    name,
    end,
    security: 'insecure',
    ttl: endTtl,
    endTtl,
  } as const;
  const expected = decodeMessage(bodyOf(query, answerOf(outcome, query)));
  // The packets put the client's letters there.
  body.set(name.wire, 12);
  const written = decodeMessage(body);
  assert.ok(written.ok && expected.ok);
  assert.deepEqual(legible(written.value), legible(expected.value));
}

/** In their data a name may come out in the case of an equal name that stands before it. */
const withNames: ReadonlySet<number> = new Set([rrType.SOA, rrType.MX, rrType.PTR]);

function legible({ questions, answers, authorities, additionals, ...head }: Message): unknown {
  return {
    ...head,
    questions: questions.map(
      (question) => `${question.name.wire.toHex()} ${question.type} ${question.class}`,
    ),
    answers: answers.map(textOf),
    authorities: authorities.map(textOf),
    additionals: additionals.map(textOf),
  };
}

function textOf(record: ResourceRecord): string {
  const lower = (rdata: Uint8Array): Uint8Array => rdata.map((octet) => lowerOctets[octet] ?? 0);
  return recordText(withNames.has(record.type) ? { ...record, rdata: lower(record.rdata) } : record);
}

function recordText({ owner, type, class: recordClass, ttl, rdata }: ResourceRecord): string {
  return `${owner.key} ${type} ${recordClass} ${ttl} ${rdata.toHex()}`;
}

/** Whether both ways leave the same in the cache, whatever it knew before. */
function keepsTheSame(
  { name, type, zoneLength }: Asked,
  reply: Uint8Array,
  answer: KeptAnswer,
  { rank }: Exclude<AnswerEnd, { kind: 'elsewhere' }>,
  ttl: number,
  random: Random,
): void {
  const before = random.below(4);
  for (const cache of caches) {
    cache.clear();
    if (before === 1)
      cache.put(name, type, { kind: 'nxdomain', authorities: [], security: 'insecure' }, 60, 2);
    if (before === 2) cache.put(name, type, { kind: 'nodata', authorities: [], security: 'secure' }, 60, 2);
    if (before === 3)
      cache.putFailure(name, type, { kind: 'failure', reason: '', extendedError: 0, rcode: 2 }, 5, 300);
  }
  const [quick, slow] = caches;
  takePlainReply(quick, { name, type }, { reply, ttl, asked: clock.monotonic(), zoneLength });
  slow.put(name, type, answer, ttl, rank);
  for (const sought of [type, type + 1])
    assert.deepEqual(keptText(quick, name, sought), keptText(slow, name, sought));
}

function keptText(cache: AnswerCache, name: DomainName, type: number): unknown {
  const hit = cache.get(name, type, 'checked');
  if (hit === undefined) return undefined;
  const { answer, ...rest } = hit;
  switch (answer.kind) {
    case 'records': {
      const { rrset, signatures, proofs, ...others } = answer;
      const rdatas = rrset.rdatas.map((rdata) => rdata.toHex());
      const set = { ...rrset, owner: rrset.owner.wire.toHex(), rdatas };
      return {
        ...rest,
        ...others,
        set,
        signatures: signatures.map(recordText),
        proofs: proofs.map(recordText),
      };
    }
    case 'nodata':
    case 'nxdomain':
      return { ...rest, ...answer, authorities: answer.authorities.map(recordText) };
    case 'failure':
      return { ...rest, ...answer };
    default:
      return unreachable(answer);
  }
}

/** The reply with nothing in it but what an answer is made of: its answer section, or else the first record of authority; and its OPT record. */
function withoutBeside(reply: Uint8Array, questionEnd: number): Uint8Array {
  const view = new DataView(reply.buffer, reply.byteOffset, reply.length);
  const answers = view.getUint16(6);
  const used = answers === 0 ? 1 : answers;
  const kept: Uint8Array[] = [];
  let opts = 0;
  for (let at = questionEnd, i = 0; at < reply.length; i++) {
    const start = at;
    while ((reply[at] ?? 0) > 0 && (reply[at] ?? 0) < 0xc0) at += 1 + (reply[at] ?? 0);
    at += (reply[at] ?? 0) === 0 ? 1 : 2;
    const isOpt = view.getUint16(at) === rrType.OPT;
    at += 10 + view.getUint16(at + 8);
    if (i < used || isOpt) kept.push(reply.subarray(start, at));
    if (isOpt) opts += 1;
  }
  const head = reply.slice(0, questionEnd);
  head.set(wide(1, answers, answers === 0 ? 1 : 0, opts), 4);
  return concatBytes([head, ...kept]);
}
