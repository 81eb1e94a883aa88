// The query log: one line of JSON for every so-many-th question of a client, with what became of it.
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

/** For `ResolverFrontOptions.onAnswered`. */
export function queryLog({ oneIn, clock, write }: QueryLogOptions): (answered: AnsweredQuestion) => void {
  let left = 0;
  return (answered) => {
    // Counted, not drawn by lot: it costs least, and a sample of DNS questions needs no more.
    left = (left + 1) % oneIn;
    if (left === 0) write(`${JSON.stringify(entryOf(answered, clock.now()))}\n`);
  };
}

function entryOf(answered: AnsweredQuestion, now: number): Readonly<Record<string, unknown>> {
  const { client, question, rcode, ms, atOnce, security, error } = answered;
  return {
    at: new Date(now).toISOString(),
    client: client.from.address,
    transport: client.transport,
    name: question.name.toString(),
    type: formatType(question.type),
    // A question that was dropped has no RCODE.
    rcode: rcode === undefined ? null : formatRcode(rcode),
    ms: Math.round(ms * 10) / 10,
    cached: atOnce,
    security: security ?? null,
    error: error === undefined ? null : { code: error.code, text: error.text },
  };
}
