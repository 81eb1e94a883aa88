// All that the resolver answers or withholds of its own accord, in the order in which it counts: hosts, the operator's local zones, block lists,
// and the default zones. An object of this kind doesn't change: a reload makes another one.
import type { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { defaultZones } from './default-zones.ts';
import { Hosts } from './hosts.ts';
import type { LocalAnswer, LocalQuestion } from './local-answer.ts';
import { LocalZones } from './local-zones.ts';
import type { LocalZone } from './local-zones.ts';

export interface Asker {
  /** A client's question, which block lists are for; mail's own aren't. */
  readonly filtered: boolean;
  /** The deepest zone that the name is in of those whose servers the operator names. */
  readonly route: DomainName | undefined;
}

/** Says whether a name is withheld. */
export interface Filter {
  /** 'pass': it is not, whatever else knows the name. */
  judge(question: LocalQuestion): LocalAnswer | 'pass' | undefined;
}

export interface PolicyParts {
  readonly hosts?: Hosts;
  readonly zones?: readonly LocalZone[];
  /** The first that knows the name decides. */
  readonly filters?: readonly Filter[];
}

/** The same for all. */
const defaults = new LocalZones(defaultZones());

export class Policy {
  readonly #hosts: Hosts;
  readonly #zones: LocalZones;
  readonly #filters: readonly Filter[];

  constructor(parts: PolicyParts = {}) {
    this.#hosts = parts.hosts ?? new Hosts();
    this.#zones = new LocalZones(parts.zones ?? []);
    this.#filters = parts.filters ?? [];
  }

  /** `undefined`: the world is asked. The question's name is in lower case. */
  answer(question: LocalQuestion, asker: Asker): LocalAnswer | undefined {
    const { name } = question;
    const zone = this.#zones.deepest(name);
    return (
      this.#hosts.answer(question) ??
      answerOf(zone, question) ??
      (asker.filtered ? this.#withheld(question) : undefined) ??
      this.#byDefault(question, zone, asker.route)
    );
  }

  /** Whether it may have anything to say about a client's question for a name in that zone. */
  decidesWithin(zone: DomainName): boolean {
    if (this.#filters.length > 0 || this.#hosts.mayHaveWithin(zone)) return true;
    const above = this.#zones.deepest(zone);
    if (this.#zones.decidesWithin(zone) || (above !== undefined && above.type !== 'world')) return true;
    const standard = defaults.deepest(zone);
    return (
      defaults.decidesWithin(zone) ||
      (standard !== undefined && (above?.name.labelCount ?? 0) < standard.name.labelCount)
    );
  }

  #withheld(question: LocalQuestion): LocalAnswer | undefined {
    for (const filter of this.#filters) {
      const verdict = filter.judge(question);
      if (verdict !== undefined) return verdict === 'pass' ? undefined : verdict;
    }
    return undefined;
  }

  #byDefault(
    question: LocalQuestion,
    zone: LocalZone | undefined,
    route: DomainName | undefined,
  ): LocalAnswer | undefined {
    const standard = defaults.deepest(question.name);
    if (standard === undefined) return undefined;
    // Whoever has said where such names are found is believed; a resolver for everything is not asked about them (RFC 6303 §1).
    const least = standard.name.labelCount;
    if (zone !== undefined && zone.name.labelCount >= least) return undefined;
    if (route !== undefined && route.labelCount >= least) return undefined;
    return answerOf(standard, question);
  }
}

function answerOf(zone: LocalZone | undefined, question: LocalQuestion): LocalAnswer | undefined {
  // RFC 4035 §3.1.4.1: the DS records belong to the zone above, and say to who validates that there is no chain to this one (RFC 8375 §4 point 4).
  if (zone === undefined || (question.type === rrType.DS && question.name.equals(zone.name)))
    return undefined;
  return zone.answer(question);
}
