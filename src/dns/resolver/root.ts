// The root's servers: from the hints, then from themselves by a priming query (RFC 8109), again each time their TTL is over.
import type { Clock } from '../../lib/clock.ts';
import { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { askZone } from './ask-zone.ts';
import { Budget } from './budget.ts';
import type { Delegation, NameServer } from './delegation-cache.ts';
import { isOnTrail } from './engine.ts';
import type { Engine, Work } from './engine.ts';
import { nsOf } from './read-reply.ts';
import type { ResolverLimits } from './limits.ts';
import { run, until } from './task.ts';
import type { Task } from './task.ts';
import { listed, plainName, sentence } from './words.ts';

export interface RootHint {
  readonly name: DomainName;
  /** IP addresses in text form. */
  readonly addresses: readonly string[];
}

/** After a priming query that failed, the hints do until the next try. Seconds. */
const retryAfter = 60;

const rootQuestion = { name: DomainName.root, type: rrType.NS };

export class Root {
  readonly #clock: Clock;
  readonly #hints: Delegation;
  #current: Delegation | undefined;
  #waiting: ((root: Delegation) => void)[] | undefined;

  constructor(hints: readonly RootHint[], clock: Clock) {
    this.#clock = clock;
    this.#hints = { zone: DomainName.root, servers: hints, expires: Number.POSITIVE_INFINITY };
  }

  /** The root's servers as they are known; asks for them first where that is due. Whoever comes meanwhile waits for the same answer. */
  *servers(engine: Engine, work: Work): Task<Delegation> {
    if (this.#current !== undefined && this.#current.expires > this.#clock.monotonic()) return this.#current;
    // The priming query itself, and what it needs, goes by the hints.
    if (isOnTrail(work.trail, rootQuestion)) return this.#hints;
    return yield* until<Delegation>((done) => {
      if (this.#waiting !== undefined) {
        this.#waiting.push(done);
        return;
      }
      const waiting = [done];
      this.#waiting = waiting;
      const finish = (root: Delegation): void => {
        this.#waiting = undefined;
        for (const each of waiting) each(root);
      };
      run(this.#prime(engine, work), finish, (error) => {
        engine.log.error('the priming query ended in a bug', { error: String(error) });
        finish(this.#hints);
      });
    });
  }

  *#prime(engine: Engine, work: Work): Task<Delegation> {
    const { journal } = work;
    const own: Work = {
      // Half of what the question has, that happens to need it first: without an answer the hints do, and the question goes on.
      budget: new Budget(halved(engine.limits), this.#clock, work.budget),
      journal: journal.nest(),
      checking: false,
      filtered: false,
      renew: false,
      depth: work.depth + 1,
      trail: { sought: rootQuestion, above: work.trail },
    };
    const reply = yield* askZone(engine, own, this.#hints, rootQuestion, false, new Set());
    const list = reply.kind === 'reply' ? nsOf(reply.message, DomainName.root) : undefined;
    const servers = this.#withAddresses(engine, list?.servers ?? []);
    if (
      reply.kind === 'failure' ||
      list === undefined ||
      !servers.some(({ addresses }) => addresses.length > 0)
    )
      return this.#keep(this.#hints, retryAfter);
    const names = servers.map(({ name }) => plainName(name));
    own.journal.add(() => ({
      step: 'D8',
      since: reply.since,
      ok: true,
      server: reply.server,
      text: sentence(`Answers: ${listed(names)}`),
    }));
    return this.#keep({ ...this.#hints, servers }, Math.min(list.ttl, engine.limits.maxTtl));
  }

  /** RFC 8109 §4.2: the answer may come without some addresses; those of the hints do as long as they have the same name. */
  #withAddresses({ serverAddresses }: Engine, servers: readonly NameServer[]): readonly NameServer[] {
    return servers.map(({ name, addresses }) => {
      const usable = addresses.filter((address) => serverAddresses.has(address, false));
      if (usable.length > 0) return { name, addresses: usable };
      const hint = this.#hints.servers.find((each) => each.name.equals(name));
      return { name, addresses: hint?.addresses ?? [] };
    });
  }

  #keep(root: Delegation, ttl: number): Delegation {
    // A TTL of 0 would have us prime for each question.
    this.#current = { ...root, expires: this.#clock.monotonic() + Math.max(retryAfter, ttl) * 1000 };
    return this.#current;
  }
}

function halved(limits: ResolverLimits): ResolverLimits {
  return { ...limits, timeMs: limits.timeMs / 2, queries: Math.floor(limits.queries / 2) };
}
