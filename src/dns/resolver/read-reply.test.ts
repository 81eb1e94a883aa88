// What is taken from an answer, and what isn't: filed by what the server said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { records } from '../../../test/support/simulated-internet.ts';
import { rcode } from '../wire/codes.ts';
import type { Message } from '../wire/message.ts';
import { domainName } from '../wire/name.ts';
import { parseType, rrType } from '../wire/rr-type.ts';
import { readReply } from './read-reply.ts';
import type { Reading } from './read-reply.ts';
import { dataOf } from './words.ts';

interface Case {
  readonly what: string;
  /** `www.example.org A`, asked of a server of `zone` (example.org unless given). */
  readonly asked?: string;
  readonly zone?: string;
  readonly flags?: Partial<Message>;
  readonly answer?: string;
  readonly authority?: string;
  readonly additional?: string;
  readonly wholeChain?: boolean;
  readonly reads: string;
}

const soa = 'example.org. 900 SOA ns. h. 1 2 3 4 300';

/** An RRSIG over a set of `www.example.org.`, made for so many labels. */
const signed = (type: string, labels: number): string =>
  `www.example.org. RRSIG ${type} 13 ${labels} 300 20300101000000 20200101000000 1 example.org. AAAA`;
const nsec = 'a.example.org. NSEC z.example.org. A';

const cases: readonly Case[] = [
  { what: 'an answer', answer: 'www.example.org. A 192.0.2.1', reads: 'records 192.0.2.1 (rank 2)' },
  {
    what: 'an answer without AA',
    flags: { authoritative: false },
    answer: 'www.example.org. A 192.0.2.1',
    reads: 'records 192.0.2.1 (rank 1)',
  },
  {
    what: 'duplicates count once (RFC 2181 §5)',
    answer: 'www.example.org. A 192.0.2.1\nwww.example.org. A 192.0.2.1',
    reads: 'records 192.0.2.1 (rank 2)',
  },
  { what: 'an answer about another name', answer: 'mail.example.org. A 192.0.2.1', reads: 'nodata ttl 0' },
  {
    what: 'an answer about another name beside the asked one',
    answer: 'www.example.org. A 192.0.2.1\nwww.example.com. A 203.0.113.66',
    reads: 'records 192.0.2.1 (rank 2)',
  },
  {
    what: 'a CNAME',
    answer: 'www.example.org. CNAME a.example.org.',
    reads: 'www.example.org. → a.example.org., elsewhere',
  },
  {
    what: 'a CNAME with its target: the target is asked for again',
    answer: 'www.example.org. CNAME a.example.org.\na.example.org. A 192.0.2.1',
    reads: 'www.example.org. → a.example.org., elsewhere',
  },
  {
    what: 'the same from a resolver',
    wholeChain: true,
    zone: '.',
    answer: 'www.example.org. CNAME a.example.org.\na.example.org. A 192.0.2.1',
    reads: 'www.example.org. → a.example.org., records 192.0.2.1 (rank 1)',
  },
  {
    what: 'a CNAME out of the zone from a resolver for that zone alone: its proofs say nothing of where it leads',
    wholeChain: true,
    answer: 'www.example.org. CNAME www.example.com.',
    authority: `${nsec}\nexample.org. RRSIG NSEC 13 2 300 20300101000000 20200101000000 1 example.org. AAAA`,
    reads: 'www.example.org. → www.example.com., elsewhere',
  },
  {
    what: 'a CNAME where CNAME was asked for',
    asked: 'www.example.org CNAME',
    answer: 'www.example.org. CNAME a.example.org.',
    reads: 'records a.example.org. (rank 2)',
  },
  {
    what: 'two CNAMEs (RFC 2181 §10.1)',
    answer: 'www.example.org. CNAME a.example.org.\nwww.example.org. CNAME b.example.org.',
    reads: 'www.example.org. → a.example.org., elsewhere',
  },
  {
    what: 'a DNAME, whose CNAME is not looked at',
    answer: 'd.example.org. DNAME e.example.\nx.d.example.org. CNAME evil.example.',
    asked: 'x.d.example.org A',
    reads: 'x.d.example.org. → x.e.example., elsewhere',
  },
  {
    what: "a DNAME above the zone is not its servers' to say",
    answer: 'org. DNAME e.example.',
    reads: 'nodata ttl 0',
  },
  {
    what: 'a DNAME at the very name moves only what is below (RFC 6672 §2.3)',
    answer: 'www.example.org. DNAME e.example.',
    reads: 'nodata ttl 0',
  },
  { what: 'no such name', flags: { rcode: rcode.NXDOMAIN }, authority: soa, reads: 'nxdomain ttl 300' },
  {
    what: "no such name, the SOA's own TTL is less",
    flags: { rcode: rcode.NXDOMAIN },
    authority: 'example.org. 60 SOA ns. h. 1 2 3 4 300',
    reads: 'nxdomain ttl 60',
  },
  {
    what: 'no such name without SOA is not kept (RFC 2308 §5)',
    flags: { rcode: rcode.NXDOMAIN },
    reads: 'nxdomain ttl 0',
  },
  {
    what: 'a SOA of another zone denies nothing for long',
    flags: { rcode: rcode.NXDOMAIN },
    authority: 'com. 900 SOA ns. h. 1 2 3 4 300',
    reads: 'nxdomain ttl 0',
  },
  {
    what: 'a SOA of a zone beside the name',
    flags: { rcode: rcode.NXDOMAIN },
    authority: 'a.example.org. 900 SOA ns. h. 1 2 3 4 300',
    reads: 'nxdomain ttl 0',
  },
  { what: 'no such type', authority: soa, reads: 'nodata ttl 300' },
  {
    what: 'a referral',
    authority: 'www.example.org. 60 NS ns.www.example.org.',
    additional: 'ns.www.example.org. 50 A 192.0.2.9',
    flags: { authoritative: false },
    reads: 'referral www.example.org. ttl 50: ns.www.example.org. 192.0.2.9',
  },
  {
    what: 'a referral with glue from outside the zone',
    authority: 'www.example.org. 60 NS ns.example.com.',
    additional: 'ns.example.com. A 203.0.113.66',
    flags: { authoritative: false },
    reads: 'referral www.example.org. ttl 60: ns.example.com.',
  },
  {
    what: 'glue for a server that is not named',
    authority: 'www.example.org. 60 NS ns.www.example.org.',
    additional: 'a.example.org. A 203.0.113.66',
    flags: { authoritative: false },
    reads: 'referral www.example.org. ttl 60: ns.www.example.org.',
  },
  {
    what: 'a referral upwards',
    authority: 'org. NS a.example.',
    flags: { authoritative: false },
    reads: 'lame',
  },
  {
    what: 'a referral to the zone itself',
    authority: 'example.org. NS a.example.org.',
    flags: { authoritative: false },
    reads: 'lame',
  },
  {
    what: 'a referral to the side',
    authority: 'mail.example.org. NS a.example.org.',
    flags: { authoritative: false },
    reads: 'lame',
  },
  {
    what: 'signatures wherever they stand, those of the set alone',
    answer: `www.example.org. A 192.0.2.1\n${signed('A', 3)}`,
    authority: signed('NS', 3),
    additional: signed('A', 3),
    reads: 'records 192.0.2.1 (rank 2), 2 signatures',
  },
  {
    what: 'NSEC beside what no wildcard made: it proves nothing that was asked for',
    answer: `www.example.org. A 192.0.2.1\n${signed('A', 3)}`,
    authority: nsec,
    reads: 'records 192.0.2.1 (rank 2), 1 signatures',
  },
  {
    what: 'what a wildcard made, with its proof',
    answer: `www.example.org. A 192.0.2.1\n${signed('A', 2)}`,
    authority: `${nsec}\na.example.com. NSEC z.example.com. A`,
    reads: 'records 192.0.2.1 (rank 2), 1 signatures, 1 proofs',
  },
  {
    what: 'a CNAME that a wildcard made, with its proof',
    answer: `www.example.org. CNAME a.example.org.\n${signed('CNAME', 2)}`,
    authority: nsec,
    reads: 'www.example.org. → a.example.org. (1 proofs), elsewhere',
  },
  {
    what: 'a proof without SOA and AA: who has it serves the zone',
    authority: nsec,
    flags: { authoritative: false },
    reads: 'nodata ttl 0, 1 proofs',
  },
  {
    what: 'the proof of another zone without SOA and AA',
    authority: 'a.example.com. NSEC z.example.com. A',
    flags: { authoritative: false },
    reads: 'lame',
  },
  {
    what: "a referral where the zone's DS records were asked for, with them",
    asked: 'www.example.org DS',
    authority:
      'www.example.org. NS ns.www.example.org.\nwww.example.org. DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000',
    flags: { authoritative: false },
    reads: 'records 1 13 2 0000000000000000000000000000000000000000000000000000000000000000 (rank 1)',
  },
  {
    what: "a referral where the zone's DS records were asked for, with the proof that there are none",
    asked: 'www.example.org DS',
    authority: `www.example.org. NS ns.www.example.org.\n${nsec}`,
    flags: { authoritative: false },
    reads: 'nodata ttl 0, 1 proofs',
  },
  {
    what: 'a referral above the name whose DS records were asked for',
    asked: 'a.www.example.org DS',
    authority: 'www.example.org. 60 NS ns.www.example.org.',
    flags: { authoritative: false },
    reads: 'referral www.example.org. ttl 60: ns.www.example.org.',
  },
  {
    what: 'NSEC that reaches beyond the zone',
    asked: 'a.example.org NSEC',
    answer: 'a.example.org. NSEC z.example.com. A',
    authority: 'a.example.org. NSEC z.example.com. A',
    reads: 'nodata ttl 0',
  },
  { what: 'nothing, with AA', reads: 'nodata ttl 0' },
  { what: 'nothing, without AA', flags: { authoritative: false }, reads: 'lame' },
  {
    what: 'an answer from a cache',
    flags: { authoritative: false, recursionAvailable: true },
    answer: 'www.example.org. A 192.0.2.1',
    reads: 'lame, otherwise records 192.0.2.1 (rank 1)',
  },
  { what: 'refused', flags: { rcode: rcode.REFUSED }, reads: 'error REFUSED' },
  {
    what: 'a failure',
    flags: { rcode: rcode.SERVFAIL },
    answer: 'www.example.org. A 192.0.2.1',
    reads: 'error SERVFAIL',
  },
];

for (const {
  what,
  asked = 'www.example.org A',
  zone = 'example.org.',
  flags,
  answer = '',
  authority = '',
  additional = '',
  wholeChain = false,
  reads,
} of cases) {
  test(`reading ${what}`, () => {
    const [name = '', type = ''] = asked.split(' ');
    const section = (text: string) => (text === '' ? [] : records('.', text));
    const message: Message = {
      id: 1,
      response: true,
      opcode: 0,
      authoritative: true,
      truncated: false,
      recursionDesired: false,
      recursionAvailable: false,
      authenticData: false,
      checkingDisabled: false,
      rcode: 0,
      questions: [],
      answers: section(answer),
      authorities: section(authority),
      additionals: section(additional),
      edns: undefined,
      ...flags,
    };
    const question = {
      zone: domainName(zone),
      name: domainName(`${name}.`),
      type: parseType(type) ?? 0,
      wholeChain,
    };
    assert.equal(inWords(readReply(message, question)), reads);
  });
}

function inWords(reading: Reading): string {
  switch (reading.kind) {
    case 'answer': {
      const { links, end } = reading;
      const aliases = links.map(
        ({ from, to, proofs }) =>
          `${from.toString()} → ${to?.toString() ?? 'too long'}${proofs.length > 0 ? ` (${proofs.length} proofs)` : ''}`,
      );
      if (end.kind === 'records')
        return [
          ...aliases,
          `records ${dataOf(end.rrset).join(' ')} (rank ${end.rank})`,
          ...(end.signatures.length > 0 ? [`${end.signatures.length} signatures`] : []),
          ...(end.proofs.length > 0 ? [`${end.proofs.length} proofs`] : []),
        ].join(', ');
      if (end.kind === 'elsewhere') return [...aliases, 'elsewhere'].join(', ');
      const others = end.authorities.filter(({ type }) => type !== rrType.SOA).length;
      return [...aliases, `${end.kind} ttl ${end.ttl}`, ...(others > 0 ? [`${others} proofs`] : [])].join(
        ', ',
      );
    }
    case 'referral': {
      const servers = reading.servers.map(({ name, addresses }) => [name.toString(), ...addresses].join(' '));
      return `referral ${reading.zone.toString()} ttl ${reading.ttl}: ${servers.join(', ')}`;
    }
    case 'lame':
      return reading.otherwise === undefined ? 'lame' : `lame, otherwise ${inWords(reading.otherwise)}`;
    case 'error':
      return `error ${reading.reason}`;
    default:
      return assert.fail();
  }
}

test('a long list of servers is cut, and so is one of their addresses', () => {
  const many = Array.from({ length: 3000 }, (_, i) => `www.example.org. 60 NS n${i}.example.org.`).join('\n');
  // Ten for each server, of which the first 160 are looked at.
  const glue = Array.from(
    { length: 200 },
    (_, i) => `n${Math.floor(i / 10)}.example.org. 60 A 192.0.2.${i}`,
  ).join('\n');
  const message: Message = {
    id: 1,
    response: true,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [],
    answers: [],
    authorities: records('.', many),
    additionals: records('.', glue),
    edns: undefined,
  };
  const reading = readReply(message, {
    zone: domainName('example.org.'),
    name: domainName('www.example.org.'),
    type: 1,
    wholeChain: false,
  });
  assert.ok(reading.kind === 'referral' && reading.servers.length === 20);
  assert.deepEqual(
    reading.servers.map(({ addresses }) => addresses.length),
    [...Array<number>(16).fill(8), ...Array<number>(4).fill(0)],
  );
});
