// Servers of one zone that answer anything, in a world whose other servers are honest: whatever they say of names that are not theirs, nobody
// believes it. The cache has nothing of such names but what is true, and nobody but their own servers is asked about them.
import assert from 'node:assert/strict';
import { Authority } from '../../../src/dns/authority/authority.ts';
import { endOfName } from '../../../src/dns/authority/query.ts';
import { Resolver } from '../../../src/dns/resolver/resolver.ts';
import type { Upstream, UpstreamRequest } from '../../../src/dns/resolver/upstream.ts';
import { rcode } from '../../../src/dns/wire/codes.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../../src/dns/wire/message-encoder.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import type { DomainName } from '../../../src/dns/wire/name.ts';
import { formatRdata } from '../../../src/dns/wire/rdata/registry.ts';
import type { ResourceRecord } from '../../../src/dns/wire/record.ts';
import { formatType, rrType } from '../../../src/dns/wire/rr-type.ts';
import { ZoneSet } from '../../../src/dns/zone/zone-set.ts';
import { concatBytes } from '../../../src/lib/bytes.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { Random } from '../../../src/lib/random.ts';
import { records, zoneFrom } from '../../support/simulated-internet.ts';
import type { FuzzTarget } from '../target.ts';

const limits = { timeMs: 3_000, queries: 16, cacheOctets: 64 * 1024 } as const;

const evil = domainName('evil.');
const soa = '@ 300 SOA ns h 1 2 3 4 300\n';
/** The honest ones, by address, with all that is true of names outside `evil.` */
const zones: readonly (readonly [address: string, origin: string, text: string])[] = [
  [
    '192.0.2.1',
    '.',
    `${soa}@ 300 NS ns\nns 300 A 192.0.2.1\ngood 300 NS ns.good\nns.good 300 A 192.0.2.2\nevil 300 NS ns.evil\nns.evil 300 A 192.0.2.66\n`,
  ],
  ['192.0.2.2', 'good.', `${soa}@ 300 NS ns\nns 300 A 192.0.2.2\nwww 300 A 192.0.2.80\nmail 300 CNAME www\n`],
];
const honest = new Map(
  zones.map(([address, origin, text]) => [address, new Authority(new ZoneSet([zoneFrom(origin, text)]))]),
);
const truth = new Set(zones.flatMap(([, origin, text]) => records(origin, text).map(inWords)));
/** That is there, so that nobody may be told that it isn't. */
const present = new Set(
  zones.flatMap(([, origin, text]) => records(origin, text).map(({ owner }) => owner.key)),
);

function inWords({ owner, type, rdata }: Pick<ResourceRecord, 'owner' | 'type' | 'rdata'>): string {
  return `${owner.lowerCase().toString()} ${formatType(type)} ${formatRdata(type, rdata).toLowerCase()}`;
}

const evilNames = ['www.evil.', 'evil.', 'a.b.sub.evil.', 'x.old.evil.'].map(domainName);
const goodNames = ['www.good.', 'mail.good.', 'good.', 'nope.good.', 'ns.good.', 'ns.'].map(domainName);
const types = [rrType.A, rrType.NS, rrType.CNAME, rrType.SOA, rrType.AAAA, rrType.DS, rrType.TXT];

const poison = '198.51.100.66';
/** Sections as lines of a zone file. */
const replies: readonly (readonly [
  rcode: number,
  answers: string,
  authorities: string,
  additionals: string,
])[] = [
  [
    0,
    `www.evil. 60 A ${poison}\nwww.good. 60 A ${poison}`,
    'good. 60 NS ns.evil.',
    `ns.good. 60 A ${poison}`,
  ],
  [0, `www.evil. 60 CNAME www.good.\nwww.good. 60 A ${poison}`, '', ''],
  [0, `www.evil. 60 CNAME mail.good.\nmail.good. 60 CNAME www.evil.\nwww.evil. 60 A ${poison}`, '', ''],
  [0, 'evil. 60 DNAME good.\nwww.evil. 60 CNAME www.good.', '', ''],
  [0, 'old.evil. 60 DNAME good.\ngood. 60 DNAME evil.', '', ''],
  [0, '. 60 DNAME evil.', '', ''],
  [3, '', 'good. 60 SOA ns.evil. h. 1 2 3 4 60', ''],
  [3, 'www.evil. 60 CNAME www.good.', 'good. 60 SOA ns.evil. h. 1 2 3 4 60', ''],
  [3, '', '. 60 SOA ns.evil. h. 1 2 3 4 60', ''],
  [3, '', 'evil. 60 SOA ns.evil. h. 1 2 3 4 60', ''],
  [0, '', 'good. 60 NS ns.evil.\n. 60 NS ns.evil.', `ns.evil. 60 A ${poison}\nns. 60 A ${poison}`],
  [
    0,
    '',
    'sub.evil. 60 NS ns.good.\nsub.evil. 60 NS www.good.',
    `ns.good. 60 A ${poison}\nwww.good. 60 A ${poison}`,
  ],
  [
    0,
    '',
    'evil. 60 NS ns.good.\nwww.evil. 60 NS ns.good.',
    `ns.good. 60 A ${poison}\nns.good. 60 AAAA 2001:db8::66`,
  ],
  [0, 'evil. 60 NS ns.good.\ngood. 60 NS ns.evil.', '', `ns.good. 60 A ${poison}`],
];

function seed([code, answer, authority, additional]: (typeof replies)[number]): Uint8Array {
  const section = (text: string): readonly ResourceRecord[] => (text === '' ? [] : records('.', text));
  return encodeMessage({
    id: 0,
    response: true,
    opcode: 0,
    authoritative: true,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: code,
    questions: [{ name: domainName('www.evil.'), type: rrType.A, class: 1 }],
    answers: section(answer),
    authorities: section(authority),
    additionals: section(additional),
    edns: undefined,
  });
}

const seeds = replies.map(seed);

/** Mostly the input, or a seed, under the id and question that were asked. */
function forged(query: Uint8Array, input: Uint8Array, random: Random): Uint8Array {
  const template = random.below(3) > 0 ? input : (seeds[random.below(seeds.length)] ?? input);
  if (random.below(20) === 0 || template.length < 17) return template;
  const end = (endOfName(query, 12) ?? 12) + 4;
  const rest = (endOfName(template, 12) ?? 12) + 4;
  const header = template.slice(0, 12);
  header.set(query.subarray(0, 2));
  header[2] = 0x80 | ((header[2] ?? 0) & 7);
  header.set(query.subarray(4, 6), 4);
  return concatBytes([header, query.subarray(12, end), template.subarray(rest)]);
}

function questionIn({ bytes }: UpstreamRequest): DomainName {
  const query = decodeMessage(bytes);
  const question = query.ok ? query.value.questions[0] : undefined;
  assert.ok(question);
  return question.name;
}

export const target: FuzzTarget = {
  name: 'resolver-bailiwick',
  seeds,
  testSteps: 500,
  run(input, random) {
    const clock = new VirtualClock();
    const upstream: Upstream = {
      ask: (request, heard) => {
        const authority = honest.get(request.to.address);
        if (authority === undefined)
          assert.ok(
            questionIn(request).isAtOrBelow(evil),
            `${request.to.address} is asked about ${questionIn(request).toString()}`,
          );
        const timer = clock.after(10, () => {
          if (authority === undefined)
            heard({ kind: 'message', bytes: forged(request.bytes, input, random) });
          else {
            const client = { from: { address: '192.0.2.200', port: 5353 }, transport: request.transport };
            authority.respond(request.bytes, client, (bytes) => heard({ kind: 'message', bytes }));
          }
        });
        return () => timer.cancel();
      },
    };
    const resolver = new Resolver({
      upstream,
      clock,
      random,
      rootHints: [{ name: domainName('ns.'), addresses: ['192.0.2.1'] }],
      limits,
    });
    const ask = (name: DomainName, type: number, honestly: boolean): void => {
      let done = 0;
      resolver.resolve({ name, type }, { checking: random.below(4) !== 0 }, ({ end, aliases }) => {
        done += 1;
        if (!honestly) return;
        if (end.kind === 'records')
          for (const rdata of end.rrset.rdatas)
            assert.ok(truth.has(inWords({ ...end.rrset, rdata })), inWords({ ...end.rrset, rdata }));
        for (const alias of aliases) assert.ok(truth.has(inWords(alias)), inWords(alias));
        if (end.kind === 'failure')
          assert.equal(end.rcode, rcode.NOERROR, `${name.toString()}: ${end.reason}`);
        if (end.kind === 'nxdomain') assert.ok(!present.has(name.key), `${name.toString()} is there`);
      });
      for (let next = clock.nextTimer(); next !== undefined; next = clock.nextTimer())
        clock.advance(next - clock.now());
      assert.equal(done, 1);
    };
    const any = <Item>(items: readonly Item[], otherwise: Item): Item =>
      items[random.below(items.length)] ?? otherwise;
    for (let i = 0; i < 2; i++) {
      ask(any(evilNames, evil), any(types, rrType.A), false);
      if (random.below(2) === 0) ask(any(goodNames, evil), any(types, rrType.A), true);
    }
    for (const { name, type, answer } of resolver.cacheItems()) {
      if (name.isAtOrBelow(evil)) continue;
      if (answer.kind === 'records')
        for (const rdata of answer.rrset.rdatas)
          assert.ok(truth.has(inWords({ ...answer.rrset, rdata })), inWords({ ...answer.rrset, rdata }));
      else if (type === undefined) assert.ok(!present.has(name.key), `${name.toString()} is there`);
      else
        assert.ok(
          ![...truth].some((each) => each.startsWith(`${name.lowerCase().toString()} ${formatType(type)} `)),
          `${name.toString()} has ${formatType(type)}`,
        );
    }
    ask(domainName('www.good.'), rrType.A, true);
  },
};
