// Plays a resolver scenario: a small internet, questions, and what must come of them, in lines that a person reads. The lines are told
// in test/scenario/resolver/README.md.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Resolver } from '../../src/dns/resolver/resolver.ts';
import type { Resolved, ResolverOptions } from '../../src/dns/resolver/resolver-options.ts';
import { defaultLimits } from '../../src/dns/resolver/limits.ts';
import type { ResolverLimits } from '../../src/dns/resolver/limits.ts';
import type { RootHint } from '../../src/dns/resolver/root.ts';
import type { Route } from '../../src/dns/resolver/routes.ts';
import type { Family } from '../../src/dns/resolver/server-book.ts';
import { formatRdata } from '../../src/dns/wire/rdata/registry.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { recordsOf } from '../../src/dns/wire/record.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { formatType, parseType } from '../../src/dns/wire/rr-type.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { SimulatedInternet, behaviours, records } from './simulated-internet.ts';
import type { Behaviour } from './simulated-internet.ts';

export const scenarioFolder: string = join(import.meta.dirname, '../scenario/resolver');

interface Line {
  readonly number: number;
  readonly words: readonly string[];
  readonly text: string;
  /** The indented lines below it. */
  readonly block: readonly string[];
}

/** Throws, with the line's number, where what happens is not what the scenario says. */
export function playResolverScenario(text: string, seed: number): void {
  const player = new Player(seed);
  for (const line of linesOf(text)) {
    try {
      player.play(line);
    } catch (error) {
      if (error instanceof Error) error.message = `line ${line.number} '${line.text}': ${error.message}`;
      throw error;
    }
  }
  player.end();
}

export interface ResolverWorld {
  readonly clock: VirtualClock;
  readonly internet: SimulatedInternet;
  readonly resolver: Resolver;
}

/** A resolver in the internet of `NAME.world`, for tests that ask otherwise than a scenario can. */
export function resolverInWorld(
  name: string,
  seed: number,
  options: Partial<ResolverOptions> = {},
): ResolverWorld {
  return resolverInScenario(`use ${name}`, seed, options);
}

/** The same with the lines of a scenario that put up servers and zones. */
export function resolverInScenario(
  text: string,
  seed: number,
  options: Partial<ResolverOptions> = {},
): ResolverWorld {
  const player = new Player(seed, options);
  for (const line of linesOf(text)) player.play(line);
  const { clock, internet } = player;
  return { clock, internet, resolver: player.started() };
}

/** `example.org 192.0.2.53 first`, with one or more addresses. */
function routeOf(kind: 'forward' | 'stub', [zone = '', ...words]: readonly string[]): Route {
  const flags = new Set(words);
  const addresses = words.filter((word) => /^[0-9a-f]*[.:]/.test(word));
  return {
    delegation: {
      zone: domainName(absolute(zone)),
      servers: addresses.map((address) => ({ name: domainName(`${address}.`), addresses: [address] })),
      expires: Number.POSITIVE_INFINITY,
      ...(kind === 'forward' && { forwards: true }),
    },
    first: flags.has('first'),
  };
}

class Player {
  readonly clock = new VirtualClock();
  readonly internet = new SimulatedInternet(this.clock);
  readonly #seed: number;
  readonly #options: Partial<ResolverOptions>;
  #hints: RootHint[] = [];
  readonly #routes: Route[] = [];
  #limits: Partial<ResolverLimits> = {};
  #families: readonly Family[] = ['ipv4', 'ipv6'];
  #resolver: Resolver | undefined;
  /** The server that zones and lies belong to, and its zones so far. */
  #server: { readonly address: string; readonly zones: Map<string, string>; readonly how: How } | undefined;
  #resolved: readonly Resolved[] = [];
  #ms = 0;
  #expectations = 0;

  constructor(seed: number, options: Partial<ResolverOptions> = {}) {
    this.#seed = seed;
    this.#options = options;
  }

  play(line: Line): void {
    const [verb = '', first = '', second = ''] = line.words.map((word) => word.replace(/,$/, ''));
    const rest = line.text.slice(verb.length).trim();
    switch (verb) {
      case 'use':
        for (const each of linesOf(readFileSync(join(scenarioFolder, `${first}.world`), 'utf8')))
          this.play(each);
        break;
      case 'hints':
        this.#hints = line.block.map((each) => {
          const [name = '', ...addresses] = each.split(/\s+/);
          return { name: domainName(name), addresses };
        });
        break;
      case 'limit':
        assert.ok(first in defaultLimits, `no limit '${first}'`);
        this.#limits = { ...this.#limits, [first]: Number(second) };
        break;
      case 'forward':
      case 'stub':
        this.#routes.push(routeOf(verb, line.words.slice(1)));
        break;
      case 'families':
        this.#families = line.words.slice(1).map((word) => (word === 'ipv6' ? 'ipv6' : 'ipv4'));
        break;
      case 'server':
        this.#server = { address: first, zones: new Map(), how: howOf(rest.slice(first.length)) };
        this.#putServer();
        break;
      case 'zone':
        assert.ok(this.#server);
        this.#server.zones.set(absolute(first), withSoa(line.block));
        this.#putServer();
        break;
      case 'lie':
        assert.ok(this.#server);
        this.internet.lie(this.#server.address, first === '*' ? '*' : `${absolute(first)} ${second}`, {
          answers: sectionOf(line.block, 'answer'),
          authorities: sectionOf(line.block, 'authority'),
          additionals: sectionOf(line.block, 'additional'),
        });
        break;
      case 'change':
        this.internet.change(first, howOf(rest.slice(first.length)));
        break;
      case 'wait':
        this.clock.advance(Number(first) * (units[second] ?? Number.NaN));
        break;
      case 'flush':
        this.started().flush();
        break;
      case 'ask':
        this.#ask(line);
        break;
      default:
        this.#expectations += 1;
        this.#expect(verb, rest, line.block);
    }
  }

  end(): void {
    assert.ok(this.#expectations > 0, 'the scenario expects nothing');
  }

  #putServer(): void {
    if (this.#server !== undefined)
      this.internet.put(this.#server.address, this.#server.zones, this.#server.how);
  }

  started(): Resolver {
    this.#resolver ??= new Resolver({
      clock: this.clock,
      random: seededRandom(this.#seed),
      upstream: this.internet,
      rootHints: this.#hints,
      routes: this.#routes,
      families: this.#families,
      limits: this.#limits,
      self: { name: 'resolver', address: '127.0.0.1:53' },
      log: loudLog,
      ...this.#options,
    });
    return this.#resolver;
  }

  #ask(line: Line): void {
    const [, name = '', type = '', ...how] = line.words;
    const times = how.includes('times') ? Number(how[how.indexOf('times') - 1]) : 1;
    const sought = { name: domainName(absolute(name)), type: parseType(type) ?? Number.NaN };
    const began = this.clock.now();
    const done: Resolved[] = [];
    this.internet.asked = [];
    for (let i = 0; i < times; i++)
      this.started().resolve(
        sought,
        // Somebody looks on, or there is no journey.
        { checking: !how.includes('disabled'), stale: how.includes('client'), onStep: () => undefined },
        (resolved) => void done.push(resolved),
      );
    this.clock.run(() => done.length === times);
    assert.equal(done.length, times, 'the question got no answer');
    this.#resolved = done;
    this.#ms = this.clock.now() - began;
    assert.ok(this.#ms <= (this.#limits.timeMs ?? defaultLimits.timeMs) + 1, `it took ${this.#ms} ms`);
  }

  #expect(verb: string, rest: string, block: readonly string[]): void {
    const [resolved] = this.#resolved;
    assert.ok(resolved, 'nothing was asked');
    const asked = this.internet.asked.map(
      ({ address, transport, question }) => `${address} ${transport === 'tcp' ? 'by tcp ' : ''}${question}`,
    );
    const named = block.map((each) => {
      const parts = each.split(/\s+/);
      const name = absolute(parts.at(-2) ?? '');
      return [...parts.slice(0, -2), name, parts.at(-1)].join(' ');
    });
    switch (verb) {
      case 'answer':
        for (const each of this.#resolved) expectAnswer(each, rest, block);
        break;
      case 'asked':
        if (rest === 'nobody') assert.deepEqual(asked, []);
        else if (rest === 'in any order') assert.deepEqual([...asked].sort(), [...named].sort());
        else if (rest.startsWith('at most'))
          assert.ok(asked.length <= Number(/\d+/.exec(rest)?.[0]), `asked ${asked.length} times`);
        else if (rest.startsWith('never'))
          assert.ok(!asked.some((each) => each.startsWith(`${rest.slice(6)} `)), asked.join('\n'));
        else if (rest === 'all with dnssec') assert.ok(this.internet.asked.every(({ dnssecOk }) => dnssecOk));
        else assert.deepEqual(asked, named);
        break;
      case 'steps':
        assert.equal(
          resolved.journey.map(({ step, ok }) => `${step}${ok ? '' : '!'}`).join(' '),
          rest.replaceAll(/\s+/g, ' '),
        );
        break;
      case 'says':
        assert.ok(
          textsOf(resolved.journey).some((each) => each.includes(rest)),
          textsOf(resolved.journey).join('\n'),
        );
        break;
      case 'ttl':
        assert.equal(resolved.ttl, Number(rest));
        break;
      case 'took':
        assert.equal(this.#ms, Number(/\d+/.exec(rest)?.[0]));
        break;
      default:
        assert.fail(`no line of a scenario begins with '${verb}'`);
    }
  }
}

type How = { readonly delay: number; readonly does: readonly Behaviour[] };

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const loudLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (event: string, fields?: unknown) => assert.fail(`${event}: ${JSON.stringify(fields)}`),
  child: () => loudLog,
};

function expectAnswer(resolved: Resolved, how: string, block: readonly string[]): void {
  const { end, aliases } = resolved;
  const kinds = { '': 'records', nodata: 'nodata', nxdomain: 'nxdomain', failure: 'failure' } as const;
  const [word = '', ...reason] = how.split(' ');
  assert.equal(end.kind, kinds[word as keyof typeof kinds], end.kind === 'failure' ? end.reason : '');
  if (end.kind === 'failure') assert.ok(end.reason.includes(reason.join(' ')), end.reason);
  const got = [
    ...aliases,
    ...(end.kind === 'records' ? recordsOf({ ...end.rrset, ttl: resolved.endTtl }) : []),
  ];
  const wantsTtl = block.some((each) => /^\S+\s+\d+\s/.test(each));
  const shown = got.map((each) => recordText(each, wantsTtl));
  const expected = block.flatMap((each) => records('.', each)).map((each) => recordText(each, wantsTtl));
  assert.deepEqual([...shown].sort(), [...expected].sort());
}

function recordText(record: ResourceRecord, withTtl: boolean): string {
  const ttl = withTtl ? `${record.ttl} ` : '';
  return `${record.owner.toString()} ${ttl}${formatType(record.type)} ${formatRdata(record.type, record.rdata)}`;
}

function textsOf(journey: Resolved['journey']): readonly string[] {
  return journey.flatMap((step) => [step.text, ...textsOf(step.steps ?? [])]);
}

function howOf(text: string): How {
  let delay = 20;
  const does: Behaviour[] = [];
  for (const part of text.split(',').map((each) => each.trim())) {
    const ms = /^(\d+) ms$/.exec(part)?.[1];
    const behaviour = (Object.keys(behaviours) as Behaviour[]).find((each) => each === part);
    if (ms !== undefined) delay = Number(ms);
    else if (behaviour !== undefined) does.push(behaviour);
    else assert.equal(part, '', `no server does '${part}'`);
  }
  return { delay, does };
}

function sectionOf(block: readonly string[], section: string): readonly ResourceRecord[] {
  return block
    .filter((each) => each.startsWith(`${section} `))
    .flatMap((each) => records('.', each.slice(section.length + 1)));
}

function withSoa(block: readonly string[]): string {
  const soa = block.some((each) => /\sSOA\s/.test(each))
    ? []
    : ['@ 3600 SOA ns. hostmaster. 1 7200 3600 1209600 300'];
  return [...soa, ...block].join('\n');
}

function absolute(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

function linesOf(text: string): readonly Line[] {
  const lines: { number: number; words: readonly string[]; text: string; block: string[] }[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/(^|\s)#.*$/, '').trimEnd();
    if (line.trim() === '') continue;
    if (/^\s/.test(line)) lines.at(-1)?.block.push(line.trim());
    else lines.push({ number: index + 1, words: line.split(/\s+/), text: line, block: [] });
  }
  return lines;
}
