// Upstream servers that answer anything: whatever they say, a resolution ends within its budget and calls back once, and the cache
// stays within its bound.
import assert from 'node:assert/strict';
import { Resolver } from '../../../src/dns/resolver/resolver.ts';
import type { Upstream } from '../../../src/dns/resolver/upstream.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import type { Log } from '../../../src/lib/log.ts';
import type { Random } from '../../../src/lib/random.ts';
import { plainResponse, underQuestion } from '../responses.ts';
import type { Reply } from '../responses.ts';
import type { FuzzTarget } from '../target.ts';

const limits = {
  timeMs: 5_000,
  queries: 16,
  targets: 6,
  depth: 4,
  aliases: 6,
  cacheOctets: 8 * 1024,
} as const;
/** The priming query has a budget of its own. */
const mostAsked = 2 * limits.queries;

const names = [
  'www.example.org.',
  'example.org.',
  'a.b.c.example.org.',
  'x.old.example.org.',
  '.',
  'org.',
].map(domainName);
const types = [1, 2, 5, 6, 15, 16, 28, 39, 43, 46, 65_280];

/** The way true and false answers look. */
const replies: readonly Reply[] = [
  [0, 'www.example.org. 60 A 192.0.2.1', '', ''],
  [0, 'www.example.org. CNAME example.org.\nexample.org. A 192.0.2.1', '', ''],
  [0, 'example.org. CNAME www.example.org.', '', ''],
  [0, 'old.example.org. DNAME example.org.\nx.old.example.org. CNAME x.example.org.', '', ''],
  [3, '', 'example.org. SOA ns. h. 1 2 3 4 5', ''],
  [0, '', 'example.org. SOA ns. h. 1 2 3 4 5', ''],
  [0, '', 'org. NS ns.org.\norg. NS ns.example.', 'ns.org. A 192.0.2.2\nns.org. AAAA 2001:db8::1'],
  [0, '', 'example.org. NS ns.example.org.\nexample.org. NS www.example.org.', 'ns.example.org. A 192.0.2.3'],
  [0, '', 'example.org. NS a.x.example.\nexample.org. NS b.x.example.\nexample.org. NS c.x.example.', ''],
  [0, '', 'b.c.example.org. NS ns.example.org.', ''],
  [0, '. NS a.root-servers.net.', '', 'a.root-servers.net. A 198.41.0.4'],
  [5, '', '', ''],
  [1, '', '', ''],
];

const seeds = replies.map((reply) => plainResponse('www.example.org.', reply));

/** Responses that reached the resolver. */
const tally = { served: 0 };

/** A bug inside a resolution is caught there, and told to the log only: here it must fail the run. */
const throwingLog: Log = {
  ...silentLog,
  error: (event, fields) => assert.fail(`${event}: ${JSON.stringify(fields)}`),
  child: () => throwingLog,
};

class World {
  readonly clock = new VirtualClock();
  readonly resolver: Resolver;
  readonly #input: Uint8Array;
  readonly #random: Random;
  asked = 0;

  constructor(input: Uint8Array, random: Random) {
    this.#input = input;
    this.#random = random;
    const upstream: Upstream = {
      ask: (request, heard) => {
        this.asked += 1;
        assert.ok(this.asked <= mostAsked, 'a question cost more than its budget');
        const timers = Array.from({ length: this.#random.below(3) }, () =>
          this.clock.after(this.#random.below(600), () => {
            if (this.#random.below(20) === 0)
              heard({
                kind: 'unreachable',
                scope: this.#random.below(4) === 0 ? 'family' : 'server',
                reason: 'gone',
              });
            else {
              tally.served += 1;
              heard({ kind: 'message', bytes: this.#reply(request.bytes) });
            }
          }),
        );
        return () => {
          for (const timer of timers) timer.cancel();
        };
      },
    };
    this.resolver = new Resolver({
      upstream,
      clock: this.clock,
      random,
      rootHints: [
        { name: domainName('a.root-servers.net.'), addresses: ['198.41.0.4', '2001:503:ba3e::2:30'] },
      ],
      limits,
      log: throwingLog,
    });
  }

  /** Mostly the input, or a true seed, under the id and question that were asked; sometimes as it is. */
  #reply(query: Uint8Array): Uint8Array {
    const template =
      this.#random.below(3) > 0 ? this.#input : (seeds[this.#random.below(seeds.length)] ?? this.#input);
    return this.#random.below(10) === 0 ? template : underQuestion(template, query);
  }
}

/** What was learnt from one answer meets the next question. */
const questions = 2;

export const target: FuzzTarget = {
  name: 'resolver-answers',
  seeds,
  tally: () => tally,
  run(input, random) {
    const world = new World(input, random);
    const { clock, resolver } = world;
    for (let i = 0; i < questions; i++) {
      world.asked = 0;
      const name = names[random.below(names.length)] ?? domainName('.');
      const type = types[random.below(types.length)] ?? 1;
      const began = clock.now();
      let done = 0;
      resolver.resolve({ name, type }, { checking: random.below(4) !== 0 }, () => (done += 1));
      for (let next = clock.nextTimer(); next !== undefined; next = clock.nextTimer())
        clock.advance(next - clock.now());
      assert.equal(done, 1);
      assert.equal(resolver.inFlight, 0);
      // The priming query's time comes on top of the question's own.
      assert.ok(clock.now() - began <= 2 * limits.timeMs, `${clock.now() - began} ms`);
      assert.ok(resolver.cacheOctets <= 1.25 * limits.cacheOctets);
      clock.advance(random.below(20) * 1000);
    }
  },
};
