// The resolver: finds what the DNS says by asking from the root down (RFC 1034 §5.3), remembers it, and does bounded work for each
// question. Pure: clock, randomness and the way to other servers are handed in, so that the same seed gives the same run.
import type { Clock } from '../../lib/clock.ts';
import type { JourneyStep } from '../../lib/journey.ts';
import { silentLog } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import { Policy } from '../policy/policy.ts';
import type { Lookup, LookupResult } from '../lookup.ts';
import { rcode } from '../wire/codes.ts';
import { extendedError } from '../wire/edns-option.ts';
import type { DomainName } from '../wire/name.ts';
import { AggressiveDenials } from './aggressive-denials.ts';
import { AnswerCache } from './answer-cache.ts';
import type { CacheItem } from './answer-cache.ts';
import type { StorePlace } from './entry-store.ts';
import { Budget } from './budget.ts';
import { DelegationCache } from './delegation-cache.ts';
import type { Engine, Outcome, Sought, Work } from './engine.ts';
import { clientResolution } from './client-resolution.ts';
import { Exchanges } from './exchange.ts';
import { Flight, Waiter } from './flight.ts';
import { Journal } from './journal.ts';
import { defaultLimits } from './limits.ts';
import type { ResolverLimits } from './limits.ts';
import { cachedOutcome, staleOutcome } from './cached-outcome.ts';
import type { Asker } from './cached-outcome.ts';
import { PlainWays } from './plain-ways.ts';
import type { PlainStart, PlainWaysOptions } from './plain-ways.ts';
import { lookupResultOf } from './lookup-result.ts';
import { resolution } from './resolution.ts';
import type { Resolved, ResolveOptions, ResolverOptions } from './resolver-options.ts';
import { AnchorSet } from '../dnssec/anchor-set.ts';
import { KeyRing } from '../dnssec/zone-key.ts';
import { ZoneLoad } from './zone-load.ts';
import { TrustCache } from './zone-trust.ts';
import { VerifiedSets } from './verified-sets.ts';
import { Root } from './root.ts';
import { Routes } from './routes.ts';
import { ServerAddresses } from './server-address.ts';
import { ServerBook } from './server-book.ts';
import { run } from './task.ts';
import type { Task } from './task.ts';
import type { Upstream } from './upstream.ts';
import { UpstreamFigures } from './upstream-figures.ts';
import { soughtInWords } from './words.ts';

/** About 4,000 servers. */
const figuresOctets = 4 * 1024 * 1024;

export class Resolver implements Lookup {
  readonly #engine: Engine;
  readonly #root: Root;
  readonly #inFlight = new Map<string, Flight>();
  readonly #onFlush: (() => void)[] = [];
  #policy: Policy;
  #ways: PlainWays | undefined;
  readonly #upstream: Upstream;
  #generation = 0;
  #renewals = 0;

  constructor(options: ResolverOptions) {
    this.#policy = options.policy ?? new Policy();
    const { clock, random, upstream } = options;
    this.#upstream = upstream;
    const limits: ResolverLimits = { ...defaultLimits, ...options.limits };
    this.#root = new Root(options.rootHints, clock);
    const octets = limits.cacheOctets;
    const figures = new UpstreamFigures(figuresOctets);
    const engine: Engine = {
      clock,
      random,
      limits,
      log: options.log ?? silentLog,
      self: options.self,
      minimise: options.minimise ?? true,
      answers: new AnswerCache({
        clock,
        random,
        octets,
        maxStale: limits.maxStale,
        staleTtl: limits.staleTtl,
      }),
      aggressive: options.aggressive ?? true,
      delegations: new DelegationCache(clock, octets / 4),
      denials: new AggressiveDenials(clock, octets / 8),
      book: new ServerBook({
        clock,
        random,
        families: options.families ?? ['ipv4', 'ipv6'],
        octets: octets / 8,
      }),
      trust: {
        anchors: options.anchors ?? new AnchorSet(clock, []),
        ring: options.keyRing ?? new KeyRing(),
        zones: new TrustCache(clock, octets / 8),
        verified: new VerifiedSets(octets / 16),
      },
      exchanges: new Exchanges({ upstream, clock, random, figures }),
      figures,
      serverAddresses: new ServerAddresses(options.privateServers),
      load: new ZoneLoad(limits.perZone),
      routes: new Routes(options.routes, options.ownRoutes),
      translation: { dns64: options.dns64, privateAddresses: options.privateAddresses },
      local: (sought, filtered) => {
        const route = this.#engine.routes.deepest(sought.name)?.delegation.zone;
        return this.#policy.answer(sought, { filtered, route });
      },
      ways: () => this.#ways,
      root: (work) => this.#root.servers(engine, work),
      resolveWithin: (sought, work) => resolveWithin(engine, sought, work),
    };
    this.#engine = engine;
  }

  get clock(): Clock {
    return this.#engine.clock;
  }

  get random(): Random {
    return this.#engine.random;
  }

  get limits(): ResolverLimits {
    return this.#engine.limits;
  }

  /** Counts how often everything was forgotten: what was asked before may not be kept after. */
  get generation(): number {
    return this.#generation;
  }

  /** Calls `listener` whenever everything is forgotten, for those who keep what came from here. */
  onFlush(listener: () => void): void {
    this.#onFlush.push(listener);
  }

  /**
   * Lets threads ask zones' servers for themselves, where that is a plain matter: gives what each begins with; `undefined` where they may not, as answers
   * for clients are translated. The options are as for `PlainWays`.
   */
  openPlainWays(options: Pick<PlainWaysOptions, 'generation' | 'perClient'>): (() => PlainStart) | undefined {
    const { clock, random, translation, routes } = this.#engine;
    const { dns64, privateAddresses } = translation;
    const upstream = this.#upstream;
    if (dns64 !== undefined || privateAddresses !== undefined || upstream.socketName === undefined)
      return undefined;
    const ways = new PlainWays({
      ...options,
      engine: this.#engine,
      socketName: (to) => upstream.socketName?.(to),
      clock,
      random,
      isDecidedWithin: (zone) => routes.mayLeadOut(zone) || this.#policy.decidesWithin(zone),
    });
    this.#ways = ways;
    return () => ways.join();
  }

  /** Takes what those threads have heard. */
  hear(): void {
    this.#ways?.take();
  }

  /** Octets that the caches hold, as they count them. */
  get cacheOctets(): number {
    return this.#engine.answers.octets + this.#engine.delegations.octets;
  }

  /** What is counted of upstream servers. */
  get figures(): UpstreamFigures {
    return this.#engine.figures;
  }

  /** Questions that are being resolved. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /**
   * Resolves one question of class IN, and calls `done` exactly once, maybe at once. Equal questions in flight are resolved once (RFC 5452 §5).
   * Never throws on what servers say.
   */
  resolve(question: Sought, options: ResolveOptions, done: (resolved: Resolved) => void): void {
    // In lower case: one client's way of writing (its "0x20", above all) is nothing that others should be answered with.
    const sought: Sought = { name: question.name.lowerCase(), type: question.type };
    const checking = options.checking ?? true;
    const filtered = options.filtered ?? false;
    const { clock, limits } = this.#engine;
    const own = new Journal(clock);
    if (options.onStep !== undefined) own.observe(options.onStep);
    own.add(() => ({
      step: 'D1',
      ok: true,
      server: this.#engine.self,
      text: `Asked for ${soughtInWords(sought)}.`,
      detail: { question: soughtInWords(sought) },
    }));
    const renew = options.renew ?? false;
    const asker = { checking, filtered };
    const key = flightKey(sought, asker, renew);
    const waiter = new Waiter(
      (outcome) => done({ ...outcome, journey: own.steps }),
      () => (options.stale === true ? this.#staleFor(sought, asker, own) : undefined),
    );
    const known = this.#inFlight.get(key);
    if (known !== undefined) {
      if (known.size >= limits.joined) {
        waiter.answer(failed(sought, 'too many wait for the same answer'));
        return;
      }
      if (own.isWatched) known.journal.observe((step) => own.take(step));
      known.join(waiter);
      if (options.stale === true) this.#offerStale(waiter, sought, asker, own);
      return;
    }
    if (this.#inFlight.size >= limits.inFlight) {
      waiter.answer(failed(sought, 'the resolver has too many questions at hand'));
      return;
    }
    const journal = new Journal(clock);
    if (own.isWatched) journal.observe((step) => own.take(step));
    const flight = new Flight(journal);
    flight.join(waiter);
    this.#inFlight.set(key, flight);
    const end = (outcome: Outcome): void => {
      this.#inFlight.delete(key);
      flight.land(outcome, (error) =>
        this.#engine.log.error('taking an answer ended in a bug', {
          question: soughtInWords(sought),
          error: String(error),
        }),
      );
      if (outcome.nearEnd === true && !renew) this.renew(sought, asker, () => undefined);
    };
    const work: Work = {
      budget: new Budget(renew ? { ...limits, queries: limits.renewalQueries } : limits, clock),
      journal,
      checking,
      filtered,
      renew,
      depth: 0,
      trail: { sought, above: undefined },
    };
    const resolve = filtered ? clientResolution : resolution;
    run(resolve(this.#engine, work, sought), end, (error) => {
      this.#engine.log.error('a resolution ended in a bug', {
        question: soughtInWords(sought),
        error: String(error),
      });
      end(failed(sought, 'the resolver has made a mistake'));
    });
    if (options.stale === true) this.#offerStale(waiter, sought, asker, own);
  }

  /**
   * Asks anew for what is popular and near its end, so that nobody has to wait when it has expired. Calls `done` where something came of it: not where
   * it is being asked for already, where asking failed a moment ago, or where too much is being renewed.
   */
  renew(question: Sought, asker: Asker, done: (resolved: Resolved) => void): void {
    const sought: Sought = { name: question.name.lowerCase(), type: question.type };
    const { limits, answers } = this.#engine;
    if (this.#renewals >= limits.renewals || this.#inFlight.has(flightKey(sought, asker, true))) return;
    if (answers.failedLately(sought.name, sought.type)) return;
    this.#renewals += 1;
    this.resolve(sought, { ...asker, renew: true }, (resolved) => {
      const { end, name } = resolved;
      this.#renewals -= 1;
      if (end.kind === 'failure')
        answers.putFailure(name, sought.type, end, limits.failureTtl, limits.longestFailureTtl);
      else done(resolved);
    });
  }

  /** RFC 8767 §5: after a while whoever waits gets what has expired, and asking goes on. */
  #offerStale(waiter: Waiter, sought: Sought, asker: Asker, journal: Journal): void {
    const { clock, limits } = this.#engine;
    if (waiter.over || staleOutcome(this.#engine, sought, asker) === undefined) return;
    const give = (): void => {
      const stale = this.#staleFor(sought, asker, journal);
      if (stale !== undefined) waiter.answer(stale);
    };
    if (limits.staleAfterMs === 0) {
      give();
      return;
    }
    const timer = clock.after(limits.staleAfterMs, give);
    waiter.onAnswer(() => timer.cancel());
  }

  #staleFor(sought: Sought, asker: Asker, journal: Journal): Outcome | undefined {
    const stale = staleOutcome(this.#engine, sought, asker);
    if (stale === undefined) return undefined;
    journal.add(() => ({
      step: 'D8',
      ok: true,
      server: this.#engine.self,
      text: 'Answers with what has expired: no server has said anything newer in time.',
      detail: { cached: true, ttl: stale.ttl },
    }));
    return stale;
  }

  /** As {@link resolve} without validation, but for what the cache has of the very question: a trust anchor's keys as they are now (RFC 5011 §2.3). */
  resolveAfresh(question: Sought, done: (resolved: Resolved) => void): void {
    this.#engine.answers.forget(question.name, question.type);
    this.resolve(question, { checking: false }, done);
  }

  /** What the cache and the policy alone can say, or `undefined`. */
  resolveFromCache(question: Sought, asker: Asker): Outcome | undefined {
    const sought: Sought = { name: question.name.lowerCase(), type: question.type };
    return cachedOutcome(this.#engine, sought, asker);
  }

  /** From now on this is what it says of its own accord. What others keep of its answers is out of date. */
  replacePolicy(policy: Policy): void {
    this.#policy = policy;
    this.outdate();
  }

  lookup(name: DomainName, type: number, signal?: AbortSignal): Promise<LookupResult> {
    return new Promise((resolve) => {
      let steps: readonly JourneyStep[] = [];
      const abort = (): void =>
        resolve({ kind: 'failure', reason: 'the look-up was given up', secure: false, journey: steps });
      if (signal?.aborted === true) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      const onStep = (step: JourneyStep): void => {
        steps = [...steps, step];
      };
      this.resolve({ name, type }, { onStep }, (resolved) => {
        signal?.removeEventListener('abort', abort);
        resolve(lookupResultOf(resolved));
      });
    });
  }

  /** Forgets all that was learnt of names and zones. */
  flush(): void {
    this.#engine.answers.clear();
    this.#engine.delegations.clear();
    this.#engine.denials.clear();
    this.#engine.trust.zones.clear();
    this.#engine.trust.verified.clear();
    this.outdate();
  }

  /**
   * Forgets what was learnt of a name (with `below`, of all names below it, too), or of one type at it; and the verdicts on all zones. In slices: whoever
   * calls this takes the steps one after the other, with pauses.
   */
  *forgetting(name: DomainName, type: number | undefined, below: boolean): Generator<undefined, void> {
    const { answers, delegations, denials, trust } = this.#engine;
    denials.clear();
    if (type === undefined) {
      const isMeant = (each: DomainName): boolean => (below ? each.isAtOrBelow(name) : each.equals(name));
      delegations.forget(isMeant);
      yield* answers.forgetting(isMeant);
    } else {
      answers.forget(name, type);
    }
    trust.zones.clear();
    this.#engine.denials.clear();
    this.outdate();
  }

  /** What the cache of answers holds, from a place on that an item told; as `AnswerCache.items`. */
  cacheItems(from?: StorePlace): Iterable<CacheItem> {
    this.hear();
    return this.#engine.answers.items(from);
  }

  /** Answers in the cache. */
  get cachedAnswers(): number {
    return this.#engine.answers.size;
  }

  /** What others keep of its answers holds no longer: a zone of ours has changed, say, of which nothing is kept here. */
  outdate(): void {
    this.#generation += 1;
    this.#ways?.clear();
    for (const listener of this.#onFlush) listener();
  }
}

function flightKey(sought: Sought, { checking, filtered }: Asker, renew: boolean): string {
  return `${renew ? '!' : ''}${checking ? '+' : '-'}${filtered ? '+' : '-'}${sought.type} ${sought.name.key}`;
}

/** A name server's address or the like: within the budget and journey of the question that needs it. */
function* resolveWithin(engine: Engine, sought: Sought, work: Work): Task<Outcome> {
  const journal = work.journal.nest();
  journal.add(() => ({ step: 'D1', ok: true, server: engine.self, text: `Needs ${soughtInWords(sought)}.` }));
  const within: Work = {
    budget: work.budget,
    journal,
    checking: false,
    filtered: false,
    renew: false,
    depth: work.depth + 1,
    trail: { sought, above: work.trail },
  };
  // In lower case, as in `resolve`: whoever names the server doesn't decide how others are told its name.
  return yield* resolution(engine, within, { name: sought.name.lowerCase(), type: sought.type });
}

function failed(sought: Sought, reason: string): Outcome {
  return {
    aliases: [],
    aliasProofs: [],
    name: sought.name,
    end: { kind: 'failure', reason, extendedError: extendedError.OTHER, rcode: rcode.SERVFAIL },
    security: 'insecure',
    ttl: 0,
    endTtl: 0,
  };
}
