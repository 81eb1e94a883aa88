import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  asked,
  inName,
  inZone,
  inRoot,
  address,
  answer,
  nxdomain,
  a,
  ns,
  signature,
  soa,
  nsec,
  opt,
  readingOf,
  replyTo,
  longLabels,
  forA,
  plainA,
  plainSoa,
} from '../../../test/support/plain-questions.ts';
import type { Kind } from '../../../test/support/plain-questions.ts';
import {
  ednsOptionOctets,
  nameOctets,
  optRecord,
  rawRecord,
  wide,
} from '../../../test/support/raw-replies.ts';
import type { RawReply } from '../../../test/support/raw-replies.ts';
import { concatBytes } from '../../lib/bytes.ts';
import { ednsOption } from '../wire/edns-option.ts';
import { rrType } from '../wire/rr-type.ts';
import { plainReading, PlainReply } from './plain-reply.ts';
import type { PlainQuestion } from './plain-reply.ts';

suite('what is plain', () => {
  interface Plain {
    readonly of: PlainQuestion;
    readonly reply: RawReply;
    readonly kind: Kind;
    readonly ttl: number;
    readonly records: number;
    /** Octets of the records that make the answer. */
    readonly used: number;
  }
  const mailName = concatBytes([nameOctets('mail.').subarray(0, 5), inZone]);
  const mx = (data: Uint8Array, ttl = 300): Uint8Array =>
    rawRecord(inName, rrType.MX, ttl, concatBytes([wide(10), data]));
  const text = (data: Uint8Array): Uint8Array => rawRecord(inName, rrType.TXT, 300, data);
  const sixteen = Array.from({ length: 16 }, (_, i) => a(i));
  const records = (
    type: number,
    answers: readonly Uint8Array[],
    more: Omit<RawReply, 'flags'> = {},
  ): Plain => ({
    of: asked(type),
    reply: { flags: answer, answers, ...more },
    kind: 'records',
    ttl: 300,
    records: answers.length,
    used: answers.reduce((sum, { length }) => sum + length, 0),
  });
  const denial = (authorities: readonly Uint8Array[], ttl = 60, flags = answer): Plain => ({
    of: forA,
    reply: { flags, authorities },
    kind: flags === nxdomain ? 'nxdomain' : 'nodata',
    ttl,
    records: 1,
    used: authorities[0]?.length ?? 0,
  });
  const signed = records(rrType.A, [a(), a(2), signature(rrType.A), signature(rrType.A)]);
  const cases: Readonly<Record<string, Plain>> = {
    'an address': records(rrType.A, [a()]),
    'so many as there may be': records(rrType.A, sixteen),
    'the least TTL of the set counts': { ...records(rrType.A, [a(1, 900), a(2, 7), a(3, 800)]), ttl: 7 },
    'a TTL with the top bit set is none': { ...records(rrType.A, [a(1, 0x8000_0000), a(2)]), ttl: 0 },
    'the largest TTL': { ...records(rrType.A, [a(1, 0x7fff_ffff)]), ttl: 0x7fff_ffff },
    'an IPv6 address': records(rrType.AAAA, [
      rawRecord(inName, rrType.AAAA, 300, concatBytes([wide(0x2001, 0xdb8), new Uint8Array(12)])),
    ]),
    'a text': records(rrType.TXT, [text(Uint8Array.of(1, 0x61))]),
    'a text of several strings': records(rrType.TXT, [text(Uint8Array.of(1, 0x61, 0, 2, 0x62, 0x63))]),
    'a text of one empty string': records(rrType.TXT, [text(Uint8Array.of(0))]),
    'a mail server below the zone': records(rrType.MX, [mx(mailName)]),
    'a mail server elsewhere, written out': records(rrType.MX, [mx(nameOctets('mail.example.test.'))]),
    'a mail server that is the name itself': records(rrType.MX, [mx(inName)]),
    'no mail (RFC 7505)': records(rrType.MX, [mx(Uint8Array.of(0))]),
    'a pointer to the root of the name': records(rrType.MX, [mx(inRoot)]),
    'mail servers that differ in preference alone': records(rrType.MX, [
      mx(mailName),
      rawRecord(inName, rrType.MX, 300, concatBytes([wide(20), mailName])),
    ]),
    'the longest name': records(rrType.PTR, [
      rawRecord(
        inName,
        rrType.PTR,
        300,
        concatBytes([longLabels, Uint8Array.of(49), new Uint8Array(49).fill(0x6c), inZone]),
      ),
    ]),
    'a name of the address': records(rrType.PTR, [rawRecord(inName, rrType.PTR, 300, mailName)]),
    'signatures behind the set': { ...signed, records: 2, used: 32 },
    'signatures of a wildcard itself': {
      ...records(rrType.A, [a(), signature(rrType.A, 2)]),
      of: asked(rrType.A, '*.example.org.'),
      records: 1,
      used: 16,
    },
    'with servers and their addresses beside it': records(rrType.A, [a()], {
      authorities: [ns()],
      additionals: [a(9, 5, inZone), signature(rrType.NS, 2, inZone), opt],
    }),
    'options that we know nothing of': records(rrType.A, [a()], {
      additionals: [optRecord(ednsOptionOctets(ednsOption.NSID, address))],
    }),
    'the zone has no such type': denial([soa()]),
    'the zone has no such name': denial([soa()], 60, nxdomain),
    'the TTL of the SOA, where that is less': denial([soa(inZone, 5)], 5),
    'as much as the minimum likes to be': denial([soa(inZone, 300, 0xffff_ffff)], 300),
    'a SOA with a TTL that is none': denial([soa(inZone, 0xffff_ffff)], 0),
    'the SOA of a zone between, on the same server': denial([soa(inName)]),
    'proofs behind the SOA': denial([soa(), signature(rrType.SOA, 2, inZone), nsec()], 60, nxdomain),
  };
  for (const [title, { of, reply, kind, ttl, records: count, used }] of Object.entries(cases)) {
    test(title, () => {
      const octets = replyTo(of, reply);
      const read = new PlainReply();
      assert.equal(read.read(octets, octets.length, of), plainReading[kind]);
      assert.equal(read.ttl, ttl);
      assert.equal(read.records, count);
      assert.equal(read.end, of.questionEnd + used);
      assert.equal(read.rcode, kind === 'nxdomain' ? 3 : 0);
    });
  }

  test('for any type there may be nothing', () => {
    for (const type of [rrType.SRV, rrType.CAA, rrType.HTTPS, 65_280]) {
      const question = asked(type);
      assert.equal(readingOf(question, replyTo(question, { flags: answer, authorities: [soa()] })), 'nodata');
    }
  });

  test('what was read before leaves nothing behind', () => {
    const read = new PlainReply();
    const three = replyTo(forA, { flags: answer, answers: [a(1, 1), a(2, 1), a(3, 1)] });
    assert.equal(read.read(three, three.length, forA), plainReading.records);
    assert.equal(read.read(plainSoa, plainSoa.length, forA), plainReading.nodata);
    assert.equal(read.read(plainA, plainA.length, forA), plainReading.records);
    assert.deepEqual([read.records, read.ttl, read.end], [1, 300, forA.questionEnd + 16]);
  });
});

suite('what is no reply to the question', () => {
  const cases: Readonly<Record<string, Uint8Array>> = {
    nothing: new Uint8Array(0),
    'no more than a header': plainA.slice(0, 12),
    'a question that is cut off': plainA.slice(0, forA.questionEnd - 1),
    'another id': plainA.with(0, 0),
    'another id at its end': plainA.with(1, 0),
    'a query': plainA.with(2, 0x04),
    'another opcode': plainA.with(2, 0x84 | 0x20),
    'no question': plainA.with(5, 0),
    'two questions': plainA.with(5, 2),
    'very many questions': plainA.with(4, 1),
    'a letter of the name in another case': plainA.with(13, 0x57),
    'another name': plainA.with(14, 0x78),
    'another label, as long': plainA.with(12, 2),
    'another type': plainA.with(forA.questionEnd - 3, rrType.AAAA),
    'another type at its beginning': plainA.with(forA.questionEnd - 4, 1),
    'another class': plainA.with(forA.questionEnd - 1, 3),
    'another class at its beginning': plainA.with(forA.questionEnd - 2, 1),
  };
  for (const [title, octets] of Object.entries(cases))
    test(title, () => {
      assert.equal(readingOf(forA, plainA), 'records');
      assert.equal(readingOf(forA, octets), 'foreign');
    });
});

suite('cookies', () => {
  const client = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const server = new Uint8Array(16).fill(9);
  const cookie = concatBytes([client, server]);
  const option = (...parts: readonly Uint8Array[]): Uint8Array =>
    ednsOptionOctets(ednsOption.COOKIE, concatBytes(parts));
  const required = { cookie, cookieLength: 24, cookieRequired: true };
  const sentOnly = { ...required, cookieRequired: false };
  const right = option(client, server);
  const nsid = ednsOptionOctets(ednsOption.NSID, server);
  const none = new Uint8Array(0);
  const cases: readonly (readonly [string, Uint8Array, required: Kind, sentOnly: Kind])[] = [
    ['right', right, 'records', 'records'],
    [
      'right, and new',
      option(
        client,
        server.map((octet) => octet + 1),
      ),
      'records',
      'records',
    ],
    ['right, behind another option', concatBytes([nsid, right]), 'records', 'records'],
    ['the shortest', option(client, server.subarray(0, 8)), 'records', 'records'],
    ['the longest', option(client, server, server), 'records', 'records'],
    ['no option', none, 'cookieLost', 'records'],
    ['other options alone', nsid, 'cookieLost', 'records'],
    ['ours alone', option(client), 'cookieLost', 'records'],
    ['another’s', option(client.with(7, 0), server), 'foreign', 'foreign'],
    ['another’s from its first octet', option(client.with(0, 0), server), 'foreign', 'foreign'],
    ['empty', option(), 'foreign', 'foreign'],
    ['part of ours', option(client.subarray(0, 7)), 'foreign', 'foreign'],
    ['too short', option(client, server.subarray(0, 7)), 'foreign', 'foreign'],
    ['too long', option(client, server, server, Uint8Array.of(0)), 'foreign', 'foreign'],
    ['right, and then another’s', concatBytes([right, option(server)]), 'records', 'records'],
    ['another’s, and then the right one', concatBytes([option(server), right]), 'foreign', 'foreign'],
    ['ours alone, and then the right one', concatBytes([option(client), right]), 'cookieLost', 'records'],
    ['right, and then half an option', concatBytes([right, wide(3)]), 'other', 'other'],
    ['another’s, and then half an option', concatBytes([option(server), wide(3)]), 'foreign', 'foreign'],
  ];
  for (const [title, options, whenRequired, whenSent] of cases)
    test(title, () => {
      for (const [more, expected] of [
        [required, whenRequired],
        [sentOnly, whenSent],
        // Whoever has sent none looks for none.
        [{}, title.includes('half an option') ? 'other' : 'records'],
      ] as const) {
        const question = asked(rrType.A, 'www.example.org.', more);
        const reply = replyTo(question, { flags: answer, answers: [a()], additionals: [optRecord(options)] });
        assert.equal(readingOf(question, reply), expected);
      }
    });

  test('count in denials and in what isn’t plain, too', () => {
    const question = asked(rrType.A, 'www.example.org.', required);
    for (const parts of [
      { flags: nxdomain, authorities: [soa()] },
      { flags: answer, answers: [rawRecord(inName, rrType.CNAME, 300, inZone)] },
      { flags: answer | 2 },
    ]) {
      const withCookie = (options: Uint8Array): Uint8Array =>
        replyTo(question, { ...parts, additionals: [optRecord(options)] });
      assert.equal(readingOf(question, withCookie(none)), 'cookieLost');
      assert.equal(readingOf(question, withCookie(option(server))), 'foreign');
      assert.notEqual(readingOf(question, withCookie(right)), 'cookieLost');
    }
  });

  test('one that lies behind the reply is none of it', () => {
    const question = asked(rrType.A, 'www.example.org.', required);
    const whole = replyTo(question, { flags: answer, answers: [a()], additionals: [optRecord(right)] });
    assert.equal(readingOf(question, whole), 'records');
    for (let length = question.questionEnd; length < whole.length; length++)
      assert.equal(new PlainReply().read(whole, length, question), plainReading.cookieLost);
  });

  test('no option of another version of EDNS is one', () => {
    const question = asked(rrType.A, 'www.example.org.', required);
    const additionals = [optRecord(right, Uint8Array.of(0), 1)];
    assert.equal(
      readingOf(question, replyTo(question, { flags: answer, answers: [a()], additionals })),
      'cookieLost',
    );
  });
});

suite('cut at every octet', () => {
  const question = asked(rrType.MX);
  const name = concatBytes([Uint8Array.of(4, 0x6d, 0x61, 0x69, 0x6c), inZone]);
  const mail = replyTo(question, {
    flags: answer,
    answers: [rawRecord(inName, rrType.MX, 300, concatBytes([wide(10), name])), signature(rrType.MX)],
    additionals: [opt],
  });
  const cases: readonly (readonly [string, PlainQuestion, Uint8Array])[] = [
    ['an address', forA, plainA],
    ['a denial', forA, plainSoa],
    ['a mail server', question, mail],
  ];
  for (const [title, asking, whole] of cases)
    test(title, () => {
      assert.ok(['records', 'nodata'].includes(readingOf(asking, whole)));
      for (let length = 0; length < whole.length; length++) {
        const expected = length < asking.questionEnd ? 'foreign' : 'other';
        assert.equal(readingOf(asking, whole.slice(0, length)), expected, `${length} octets`);
        // What lies behind them is not the reply's.
        assert.equal(new PlainReply().read(whole, length, asking), plainReading[expected]);
      }
    });
});
