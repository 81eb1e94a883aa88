// The authority as listeners see it: questions are answered at once from the zone image, the rest is the desk's.
import type { DnsClient, DnsReply, DnsResponder } from '../responder.ts';
import { isForDesk } from './triage.ts';

/** What `answerInto` gives for a query that isn't answered in its lane. */
const goesByRespond = -1;

export class AuthorityService implements DnsResponder {
  readonly #questions: DnsResponder;
  readonly #desk: DnsResponder;

  constructor(questions: DnsResponder, desk: DnsResponder) {
    this.#questions = questions;
    this.#desk = desk;
  }

  respond(query: Uint8Array, client: DnsClient, reply: DnsReply): void {
    if (isForDesk(query)) this.#desk.respond(query, client, reply);
    else this.#questions.respond(query, client, reply);
  }

  answerInto(
    query: Uint8Array,
    at: number,
    length: number,
    client: DnsClient,
    out: Uint8Array,
    outAt: number,
    limit: number,
  ): number {
    if (isForDesk(query, at, length)) return goesByRespond;
    return this.#questions.answerInto?.(query, at, length, client, out, outAt, limit) ?? goesByRespond;
  }
}
