// A small internet whose servers lose packets, cut answers short, refuse, are lame, slow, silent or lie, one kind at a time and all together, from many
// seeds: no answer is wrong, no question is stuck, and nearly all are answered. How long they take is printed;
// `CHAOS_SEEDS=200 npm test -- …` makes the table of docs/resolver-limits.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '../../src/dns/resolver/limits.ts';
import { Resolver } from '../../src/dns/resolver/resolver.ts';
import type { Upstream, UpstreamEvent, UpstreamRequest } from '../../src/dns/resolver/upstream.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { formatRdata } from '../../src/dns/wire/rdata/registry.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import type { Random } from '../../src/lib/random.ts';
import { SimulatedInternet, records } from '../support/simulated-internet.ts';

const seeds = Number(process.env['CHAOS_SEEDS'] ?? 6);
const zones = 6;
const hostsOfZone = 6;
/** Of each zone, the root included. */
const servers = [1, 2, 3];

/** What one server does; `share`: to how many of a hundred questions. */
type Fault = {
  readonly does: 'loses' | 'truncates' | 'refuses' | 'is lame' | 'is slow' | 'is silent' | 'lies';
  readonly share: number;
};

interface Kind {
  readonly name: string;
  /** By the number of a zone's server. */
  readonly faults: Readonly<Record<number, readonly Fault[]>>;
  /** Of a thousand questions that may stay without an answer. */
  readonly failures: number;
}

const always = 100;
const loss: Fault = { does: 'loses', share: 30 };
const kinds: readonly Kind[] = [
  { name: 'nothing is wrong', faults: {}, failures: 0 },
  { name: '30 % of packets are lost', faults: { 1: [loss], 2: [loss], 3: [loss] }, failures: 5 },
  {
    name: 'half of the answers are cut short',
    faults: Object.fromEntries(servers.map((i) => [i, [{ does: 'truncates', share: 50 } as const]])),
    failures: 0,
  },
  {
    name: 'one server of each zone refuses',
    faults: { 1: [{ does: 'refuses', share: always }] },
    failures: 0,
  },
  {
    name: 'one server of each zone is lame',
    faults: { 1: [{ does: 'is lame', share: always }] },
    failures: 0,
  },
  {
    name: 'one server of each zone is slow',
    faults: { 1: [{ does: 'is slow', share: always }] },
    failures: 0,
  },
  {
    name: 'two servers of each zone are silent',
    faults: { 1: [{ does: 'is silent', share: always }], 2: [{ does: 'is silent', share: always }] },
    failures: 0,
  },
  {
    name: 'all servers lie about others',
    faults: Object.fromEntries(servers.map((i) => [i, [{ does: 'lies', share: always } as const]])),
    failures: 0,
  },
  {
    name: 'all of it',
    faults: {
      1: [
        loss,
        { does: 'refuses', share: 30 },
        { does: 'is lame', share: 50 },
        { does: 'lies', share: always },
      ],
      2: [
        loss,
        { does: 'is slow', share: 50 },
        { does: 'truncates', share: 50 },
        { does: 'lies', share: always },
      ],
      3: [loss, { does: 'lies', share: always }],
    },
    // Now and then all three of a zone's servers are mute, or of no use, three times in a row.
    failures: 40,
  },
];

const poisoned = '203.0.113.66';
/** What a liar adds to each answer: it concerns others, or names that nobody asked about. */
const lies = {
  answers: records(
    '.',
    `www.zone1.chaos. A ${poisoned}\nwww.zone2.chaos. A ${poisoned}\nzone3.chaos. DNAME evil.chaos.`,
  ),
  authorities: records('.', 'chaos. NS evil.chaos.\nzone1.chaos. NS evil.chaos.\n. NS evil.chaos.'),
  additionals: records(
    '.',
    `evil.chaos. A ${poisoned}\nns1.zone1.chaos. A ${poisoned}\nns1. A ${poisoned}\nns1.chaos. A ${poisoned}`,
  ),
};

function addressOf(zone: number, server: number): string {
  return `198.51.${zone}.${server}`;
}

function putInternet(clock: VirtualClock, random: Random): SimulatedInternet {
  const internet = new SimulatedInternet(clock);
  const put = (zone: number, origin: string, text: string): void => {
    const dot = origin === '.' ? '' : origin;
    const own = servers.map((i) => `@ NS ns${i}.${dot}\nns${i}.${dot} A ${addressOf(zone, i)}\n`).join('');
    for (const i of servers)
      internet.put(
        addressOf(zone, i),
        new Map([[origin, `@ SOA ns1.${dot} h. 1 7200 3600 1209600 300\n${own}${text}`]]),
        {
          delay: 5 + random.below(60),
          does: [],
        },
      );
  };
  const cut = (zone: number, origin: string): string =>
    servers.map((i) => `${origin} NS ns${i}.${origin}\nns${i}.${origin} A ${addressOf(zone, i)}\n`).join('');
  put(1, '.', cut(2, 'chaos.'));
  const numbers = Array.from({ length: zones }, (_, i) => i + 1);
  put(2, 'chaos.', numbers.map((i) => cut(i + 2, `zone${i}.chaos.`)).join(''));
  for (const i of numbers)
    put(
      i + 2,
      `zone${i}.chaos.`,
      `www A 192.0.2.${i}\nalias CNAME www.zone${(i % zones) + 1}.chaos.\n` +
        Array.from({ length: hostsOfZone }, (_, host) => `host${host} A 192.0.2.${10 * i + host}\n`).join(''),
    );
  return internet;
}

class Chaos implements Upstream {
  readonly #internet: SimulatedInternet;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #kind: Kind;

  constructor(internet: SimulatedInternet, clock: VirtualClock, random: Random, kind: Kind) {
    this.#internet = internet;
    this.#clock = clock;
    this.#random = random;
    this.#kind = kind;
  }

  ask(request: UpstreamRequest, heard: (event: UpstreamEvent) => void): () => void {
    const faults = this.#kind.faults[Number(request.to.address.split('.').at(-1))] ?? [];
    const does = new Set(
      faults.filter(({ share }) => this.#random.below(100) < share).map((fault) => fault.does),
    );
    const overUdp = request.transport === 'udp';
    if (does.has('is silent') || (does.has('loses') && overUdp)) return () => undefined;
    const late = (does.has('is slow') ? 700 + this.#random.below(1500) : 0) + (overUdp ? 0 : 40);
    let stopped = false;
    const stop = this.#internet.ask(request, (event) => {
      const changed =
        event.kind === 'message' ? { ...event, bytes: altered(event.bytes, does, overUdp) } : event;
      this.#clock.after(late, () => {
        if (!stopped) heard(changed);
      });
    });
    return () => {
      stopped = true;
      stop();
    };
  }
}

function altered(bytes: Uint8Array, does: ReadonlySet<Fault['does']>, overUdp: boolean): Uint8Array {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return bytes;
  const message: Message = decoded.value;
  const empty = { answers: [], authorities: [], additionals: [] };
  if (does.has('refuses')) return encodeMessage({ ...message, ...empty, authoritative: false, rcode: 5 });
  if (does.has('is lame'))
    return encodeMessage({
      ...message,
      ...empty,
      authoritative: false,
      authorities: records('.', '. NS ns1.'),
    });
  if (does.has('truncates') && overUdp) return encodeMessage({ ...message, ...empty, truncated: true });
  if (!does.has('lies')) return bytes;
  const asked = message.questions[0]?.name;
  // About the name that was asked a liar's word is as good as any other of the zone's servers: only signatures help.
  const ofOthers = (all: typeof lies.answers): typeof lies.answers =>
    all.filter(({ owner }) => asked !== undefined && !asked.isAtOrBelow(owner));
  return encodeMessage({
    ...message,
    answers: [...message.answers, ...ofOthers(lies.answers)],
    authorities: [...message.authorities, ...ofOthers(lies.authorities)],
    additionals: [...message.additionals, ...ofOthers(lies.additionals)],
  });
}

/** Names, and what is at the end of them. */
const expected: readonly (readonly [string, string])[] = Array.from({ length: zones }, (_, at) => {
  const i = at + 1;
  const hosts = Array.from(
    { length: hostsOfZone },
    (_, host) => [`host${host}.zone${i}.chaos.`, `192.0.2.${10 * i + host}`] as const,
  );
  const next = (i % zones) + 1;
  return [
    [`www.zone${i}.chaos.`, `192.0.2.${i}`] as const,
    [`alias.zone${i}.chaos.`, `192.0.2.${next}`] as const,
    [`nope.zone${i}.chaos.`, 'nxdomain'] as const,
    ...hosts,
  ];
}).flat();

for (const kind of kinds)
  test(`chaos: ${kind.name}`, (t) => {
    const times: number[] = [];
    let failures = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const random = seededRandom(seed * 1000 + kind.name.length);
      const clock = new VirtualClock();
      const internet = putInternet(clock, random);
      const resolver = new Resolver({
        clock,
        random,
        upstream: new Chaos(internet, clock, random, kind),
        rootHints: servers.map((i) => ({ name: domainName(`ns${i}.`), addresses: [addressOf(1, i)] })),
      });
      const order = expected.map((each) => ({ each, key: random.below(1_000_000) }));
      for (const { each } of order.sort((a, b) => a.key - b.key)) {
        const [name, right] = each;
        const box: { got?: string } = {};
        const began = clock.now();
        resolver.resolve({ name: domainName(name), type: rrType.A }, {}, ({ end }) => {
          const [rdata] = end.kind === 'records' ? end.rrset.rdatas : [];
          box.got = rdata === undefined ? end.kind : formatRdata(rrType.A, rdata);
        });
        clock.run(() => box.got !== undefined);
        assert.ok(box.got !== undefined, `${name} is stuck, seed ${seed}`);
        const ms = clock.now() - began;
        assert.ok(ms <= defaultLimits.timeMs + 1, `${name}: ${ms} ms, seed ${seed}`);
        if (box.got === 'failure') failures += 1;
        else assert.equal(box.got, right, `${name}, seed ${seed}`);
        times.push(ms);
      }
      assert.equal(resolver.inFlight, 0);
    }
    times.sort((a, b) => a - b);
    const percentile = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(0);
    const most = times.at(-1)?.toFixed(0);
    t.diagnostic(
      `${times.length} questions: p50 ${percentile(0.5)} ms, p95 ${percentile(0.95)} ms, p99 ${percentile(0.99)} ms, most ${most} ms, ${failures} without an answer`,
    );
    assert.ok(
      failures * 1000 <= kind.failures * times.length,
      `${failures} of ${times.length} without an answer`,
    );
  });
