// Servers of one zone that answer anything, in a world whose other servers are honest: whatever they say of names that are not theirs, nobody
// believes it. The cache has nothing of such names but what is true, no answer to anybody has, and nobody but their own servers is asked about them.
import assert from 'node:assert/strict';
import { AnchorSet } from '../../../src/dns/dnssec/anchor-set.ts';
import { Policy } from '../../../src/dns/policy/policy.ts';
import { Resolver } from '../../../src/dns/resolver/resolver.ts';
import type { Resolved } from '../../../src/dns/resolver/resolver-options.ts';
import type { Route } from '../../../src/dns/resolver/routes.ts';
import type { Upstream, UpstreamRequest } from '../../../src/dns/resolver/upstream.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import type { DomainName } from '../../../src/dns/wire/name.ts';
import { rrType } from '../../../src/dns/wire/rr-type.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { JourneyStep } from '../../../src/lib/journey.ts';
import { silentLog } from '../../../src/lib/log.ts';
import type { Log } from '../../../src/lib/log.ts';
import type { Random } from '../../../src/lib/random.ts';
import { keyedHashRing } from '../../support/keyed-hash-signing.ts';
import { evil, evilAddress, HonestWorld } from '../bailiwick/honest-world.ts';
import { Liar } from '../bailiwick/liar.ts';
import { mutate } from '../mutate.ts';
import { plainResponse } from '../responses.ts';
import type { Reply } from '../responses.ts';
import type { FuzzTarget } from '../target.ts';

const limits = { timeMs: 3_000, queries: 16, cacheOctets: 64 * 1024 } as const;

const plainWorld = new HonestWorld(false);
const signedWorld = new HonestWorld(true);
/** For names of the liars' in one step, so that most of a step's work is theirs. */
const questions = 16;
const policy = new Policy();
/** The liars as resolvers that the operator forwards their zone to ("MaginotDNS"). */
const forwarded: Route = {
  delegation: {
    zone: evil,
    servers: [{ name: domainName('ns.evil.'), addresses: [evilAddress] }],
    forwards: true,
    expires: Number.POSITIVE_INFINITY,
  },
  first: false,
};

const evilNames = [
  'www.evil.',
  'evil.',
  'x.old.evil.',
  'ns.sub.evil.',
  ...Array.from({ length: 12 }, (_, i) => `${i}.evil.`),
  ...Array.from({ length: 12 }, (_, i) => `b.${i}.sub.evil.`),
].map(domainName);
const goodNames = [
  'www.good.',
  'mail.good.',
  'good.',
  'nope.good.',
  'ns.good.',
  'ns.',
  '.',
  'www.child.good.',
  'www.old.good.',
  'x.wild.good.',
].map(domainName);
const types = [
  rrType.A,
  rrType.A,
  rrType.NS,
  rrType.CNAME,
  rrType.DNAME,
  rrType.SOA,
  rrType.AAAA,
  rrType.DS,
  rrType.DNSKEY,
  rrType.TXT,
  rrType.NSEC,
];
/** Of the liars' own names everything may be asked. */
const evilTypes = [...types, rrType.RRSIG, rrType.NSEC3, rrType.ANY, 65_280];

/** Where no zone of the world has servers: this host and its network (RFC 6890 §2.2, RFC 1918). */
const inside = /^(?:127\.|10\.|::|fe80:)/;
const poison = '198.51.100.66';
const replies: readonly Reply[] = [
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

const seeds = replies.map((reply) => plainResponse('www.evil.', reply));

/** A bug inside a resolution is caught there, and told to the log only: here it must fail the run. */
const throwingLog: Log = {
  ...silentLog,
  error: (event, fields) => assert.fail(`${event}: ${JSON.stringify(fields)}`),
  child: () => throwingLog,
};

/** Of hostile responses: those that reached the resolver, those that it took for the answer to its question, and those of which it used something. */
const tally = { served: 0, read: 0, used: 0 };

/** One resolver that knows nothing yet, and the servers around it. */
class Scene {
  readonly clock = new VirtualClock();
  readonly resolver: Resolver;
  readonly #world: HonestWorld;
  readonly #signed: boolean;
  readonly #liar: Liar;
  readonly #input: Uint8Array;
  readonly #random: Random;
  /** Who waits for one and the same is told the same steps. */
  readonly #counted = new WeakSet<JourneyStep>();
  #asked = 0;
  #answered = 0;

  constructor(input: Uint8Array, random: Random) {
    this.#input = input;
    this.#random = random;
    this.#signed = random.below(2) === 0;
    this.#world = this.#signed ? signedWorld : plainWorld;
    const truth = (query: Uint8Array): Uint8Array | undefined =>
      this.#world.answer(evilAddress, query, 'tcp');
    this.#liar = new Liar({ random, truth, signs: this.#signed });
    const upstream: Upstream = { ask: (request, heard) => this.#ask(request, heard) };
    this.resolver = new Resolver({
      upstream,
      clock: this.clock,
      random,
      rootHints: [{ name: domainName('ns.'), addresses: ['192.0.2.1'] }],
      routes: random.below(4) === 0 ? [forwarded] : [],
      anchors: new AnchorSet(this.clock, this.#world.anchors),
      keyRing: keyedHashRing(),
      policy,
      // What is not to be kept at all, or for a second only, is kept in some steps all the same.
      limits: { ...limits, minTtl: random.below(4) === 0 ? 30 : 0 },
      minimise: random.below(4) > 0,
      log: throwingLog,
    });
  }

  #ask(request: UpstreamRequest, heard: Parameters<Upstream['ask']>[1]): () => void {
    const { address } = request.to;
    const random = this.#random;
    assert.doesNotMatch(address, inside);
    const isHonest = this.#world.isHonest(address);
    if (!isHonest) {
      const name = questionIn(request);
      assert.ok(name.isAtOrBelow(evil), `${address} is asked about ${name.toString()}`);
    }
    const timer = this.clock.after(10, () => {
      if (isHonest) {
        const transport = request.transport === 'udp' ? 'udp' : 'tcp';
        const bytes = this.#world.answer(address, request.bytes, transport);
        if (bytes !== undefined) heard({ kind: 'message', bytes });
        return;
      }
      // Often one, at times none or several: only the first that fits the question counts.
      for (let many = random.below(8) === 0 ? random.below(4) : 1; many > 0; many--) {
        tally.served += 1;
        heard({ kind: 'message', bytes: this.#liar.answer(request.bytes, this.#given()) });
      }
    });
    return () => timer.cancel();
  }

  /** In some answers the step's input, or a damaged seed. */
  #given(): Uint8Array | undefined {
    switch (this.#random.below(6)) {
      case 0:
        return this.#input;
      case 1:
        return mutate(target, this.#random);
      default:
        return undefined;
    }
  }

  /** Asks; whoever asks more before the clock is moved asks at the same time. */
  ask(name: DomainName, type: number, checking: boolean): void {
    const onStep = (step: JourneyStep): void => this.#count(step);
    this.#asked += 1;
    this.resolver.resolve({ name, type }, { checking, onStep }, (resolved) => {
      this.#answered += 1;
      this.#judge(name, type, resolved, checking);
    });
  }

  /** Moves the clock until all is answered. */
  settle(): void {
    const { clock } = this;
    for (let next = clock.nextTimer(); next !== undefined; next = clock.nextTimer())
      clock.advance(next - clock.now());
    assert.equal(this.#answered, this.#asked);
    assert.equal(this.resolver.inFlight, 0);
  }

  #judge(asked: DomainName, type: number, resolved: Resolved, checking: boolean): void {
    const { end, aliases, aliasProofs, name, security } = resolved;
    this.#world.checkRecords(aliases);
    this.#world.checkRecords(aliasProofs);
    this.#world.check(end.kind === 'failure' ? asked : name, type, end);
    if (this.#signed && checking && !asked.isAtOrBelow(evil))
      assert.equal(security, 'secure', asked.toString());
  }

  /** The whole cache holds nothing but what its names' own servers say. */
  checkCache(): void {
    for (const { name, type, answer } of this.resolver.cacheItems()) this.#world.check(name, type, answer);
    for (const server of this.resolver.figures.list(64))
      if (!this.#world.isHonest(server.server.slice(0, -3))) tally.read += server.answers;
  }

  #count(told: JourneyStep): void {
    if (this.#counted.has(told)) return;
    this.#counted.add(told);
    const { step, ok, server, detail, steps } = told;
    for (const inner of steps ?? []) this.#count(inner);
    const isAsking = step === 'D3' || step === 'D5' || step === 'D7';
    if (!isAsking || !ok || server === undefined || detail?.['truncated'] === true) return;
    if (!this.#world.isHonest(server.address.slice(0, -3))) tally.used += 1;
  }
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
  testSteps: 150,
  tally: () => tally,
  run(input, random) {
    const scene = new Scene(input, random);
    const any = <Item>(items: readonly Item[], otherwise: Item): Item =>
      items[random.below(items.length)] ?? otherwise;
    const checking = (): boolean => random.below(4) > 0;
    for (let i = 0; i < questions; i++) {
      scene.ask(any(evilNames, evil), any(evilTypes, rrType.A), checking());
      if (random.below(4) === 0) scene.ask(any(goodNames, evil), any(types, rrType.A), checking());
      // Now and then several questions at a time.
      if (random.below(3) === 0) continue;
      scene.settle();
      // What was known has expired by then, and is learnt again.
      if (random.below(32) === 0) scene.clock.advance(301_000);
    }
    scene.settle();
    scene.checkCache();
    // Whoever is asked about names that nobody has asked for yet tells which servers the resolver takes for theirs.
    for (const fresh of ['fresh.good.', 'fresh.child.good.', 'fresh.'].map(domainName))
      scene.ask(fresh, rrType.A, checking());
    scene.ask(domainName('www.good.'), rrType.A, true);
    scene.settle();
  },
};
