// The query log: one line of JSON for every so-many-th question of a client, with what became of it; the latest are kept at hand.
import type { Clock } from '../../lib/clock.ts';
import { formatRcode } from '../wire/codes.ts';
import { formatType } from '../wire/rr-type.ts';
import type { AnsweredQuestion } from './resolver-front.ts';

export interface QueryLogOptions {
  readonly oneIn: number;
  readonly clock: Clock;
  /** Takes a line, its line break included. */
  readonly write: (line: string) => void;
}

/** What a line says. */
export interface LoggedQuestion {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly client: string;
  readonly transport: string;
  readonly name: string;
  readonly type: string;
  /** `null`: the operator wants it unanswered. */
  readonly rcode: string | null;
  readonly ms: number;
  /** Nobody else was asked. */
  readonly cached: boolean;
  /** What DNSSEC says; `null` for our own word and for failures that it isn't the reason of. */
  readonly security: string | null;
  /** RFC 8914. */
  readonly error: { readonly code: number; readonly text: string } | null;
}

/** Kept at hand: less than a megabyte with the longest names. */
const mostKept = 1000;

export class QueryLog {
  readonly #options: QueryLogOptions;
  readonly #latest: LoggedQuestion[] = [];
  /** Where the next goes: the oldest, once all places are taken. */
  #next = 0;
  #left = 0;

  constructor(options: QueryLogOptions) {
    this.#options = options;
  }

  /** For `ResolverFrontOptions.onAnswered`. */
  readonly onAnswered = (answered: AnsweredQuestion): void => {
    const { oneIn, clock, write } = this.#options;
    // Counted, not drawn by lot: it costs least, and a sample of DNS questions needs no more.
    this.#left = (this.#left + 1) % oneIn;
    if (this.#left !== 0) return;
    const entry = entryOf(answered, clock.now());
    this.#latest[this.#next] = entry;
    this.#next = (this.#next + 1) % mostKept;
    write(`${JSON.stringify(entry)}\n`);
  };

  /** The newest first. */
  latest(most: number): readonly LoggedQuestion[] {
    const inOrder = [...this.#latest.slice(this.#next), ...this.#latest.slice(0, this.#next)];
    return inOrder.toReversed().slice(0, most);
  }
}

function entryOf(answered: AnsweredQuestion, now: number): LoggedQuestion {
  const { client, question, rcode, ms, atOnce, security, error } = answered;
  return {
    at: new Date(now).toISOString(),
    client: client.from.address,
    transport: client.transport,
    name: question.name.toString(),
    type: formatType(question.type),
    rcode: rcode === undefined ? null : formatRcode(rcode),
    ms: Math.round(ms * 10) / 10,
    cached: atOnce,
    security: security ?? null,
    error: error === undefined ? null : { code: error.code, text: error.text },
  };
}
