import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  a,
  answer,
  asked,
  inName,
  inZone,
  ns,
  nsec,
  nxdomain,
  opt,
  replyTo,
  signature,
  soa,
  zoneOctets,
} from '../../../test/support/plain-questions.ts';
import { lines } from '../../../test/support/dns-messages.ts';
import { nameOctets, rawRecord, rrsigData, wide } from '../../../test/support/raw-replies.ts';
import type { RawReply } from '../../../test/support/raw-replies.ts';
import { concatBytes } from '../../lib/bytes.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { domainName } from '../wire/name.ts';
import { recordsOf } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { AnswerCache } from './answer-cache.ts';
import { takePlainReply } from './take-plain-reply.ts';

interface Case {
  readonly title: string;
  readonly name?: string;
  readonly type: number;
  readonly reply: RawReply;
  readonly kind: string;
  /** Records, SOA, signatures and proofs, as far as there are any. */
  readonly kept: readonly string[];
}

const rrsig = (name: string, covered: string, labels: number, ttl = 300): string =>
  `${name} ${ttl} IN RRSIG ${covered} 13 ${labels} 3600 20330518033320 20231114221320 4711 example.org. BwcHBwcHBwc=`;
const zoneSoa = 'example.org. 300 IN SOA ns.example.test. h.example.org. 1 7200 3600 86400 60';
const mail = rawRecord(
  inName,
  rrType.MX,
  300,
  concatBytes([wide(10), nameOctets('mail.').subarray(0, 5), inZone]),
);

const cases: readonly Case[] = [
  {
    title: 'addresses and their signatures',
    type: rrType.A,
    reply: { flags: answer, answers: [a(1, 300), a(2, 100), signature(rrType.A)], authorities: [ns()] },
    kind: 'records',
    kept: [
      'www.example.org. 60 IN A 192.0.2.1',
      'www.example.org. 60 IN A 192.0.2.2',
      rrsig('www.example.org.', 'A', 3),
    ],
  },
  {
    title: 'a signature with a TTL that is none (RFC 2181 §8)',
    type: rrType.A,
    reply: {
      flags: answer,
      answers: [a(), rawRecord(inName, rrType.RRSIG, 0x8000_0001, rrsigData(rrType.A, 3, zoneOctets))],
    },
    kind: 'records',
    kept: ['www.example.org. 60 IN A 192.0.2.1', rrsig('www.example.org.', 'A', 3, 0)],
  },
  {
    title: 'names, in the case that was asked for, and their signatures',
    type: rrType.MX,
    reply: { flags: answer, answers: [mail, signature(rrType.MX)], additionals: [opt] },
    kind: 'records',
    kept: ['www.example.org. 60 IN MX 10 mail.example.org.', rrsig('www.example.org.', 'MX', 3)],
  },
  {
    title: 'a denial of the zone right above, and its proofs',
    type: rrType.A,
    reply: { flags: answer, authorities: [soa(), signature(rrType.SOA, 2, inZone), nsec()] },
    kind: 'nodata',
    kept: [zoneSoa, rrsig('example.org.', 'SOA', 2), 'example.org. 60 IN NSEC x.example.org. A'],
  },
  {
    title: 'a denial of a zone further up',
    name: 'a.b.c.example.org.',
    type: rrType.AAAA,
    reply: {
      flags: nxdomain,
      authorities: [rawRecord(wide(0xc000 | (12 + 6)), rrType.SOA, 300, soa().subarray(12))],
    },
    kind: 'nxdomain',
    kept: ['example.org. 300 IN SOA ns.example.test. h.c.example.org. 1 7200 3600 86400 60'],
  },
  {
    title: 'a denial of the zone about itself',
    name: 'example.org.',
    type: rrType.A,
    reply: {
      flags: answer,
      authorities: [
        rawRecord(inName, rrType.SOA, 300, concatBytes([inName, inName, new Uint8Array(20)])),
        // Its next name is not the zone's.
        rawRecord(inName, rrType.NSEC, 60, concatBytes([nameOctets('evil.org.'), Uint8Array.of(0, 1, 0x40)])),
      ],
    },
    kind: 'nodata',
    kept: ['example.org. 300 IN SOA example.org. example.org. 0 0 0 0 0'],
  },
];

for (const { title, name: text = 'www.example.org.', type, reply, kind, kept } of cases)
  test(title, () => {
    const clock = new VirtualClock(5000);
    const cache = new AnswerCache({ clock, random: seededRandom(1), octets: 64 * 1024 });
    const name = domainName(text);
    const question = asked(type, text.replace('w', 'W').replace('o', 'O'));
    const heard = { reply: replyTo(question, reply), ttl: 60, asked: 5000, zoneLength: zoneOctets.length };
    takePlainReply(cache, { name, type }, heard);
    const hit = cache.get(name, type, 'checked') ?? assert.fail('nothing is kept');
    const { answer: known } = hit;
    assert.equal(known.kind, kind);
    assert.ok(known.kind !== 'failure' && known.security === 'insecure');
    const records =
      known.kind === 'records'
        ? [...recordsOf(known.rrset), ...known.signatures, ...known.proofs]
        : known.authorities;
    assert.deepEqual(lines(records), kept);
    assert.equal(hit.ttl, 60);
  });
