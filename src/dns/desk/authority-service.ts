// The authority as listeners see it: questions are answered at once from the zone image, the rest is the desk's.
import type { DnsClient, DnsReply, DnsResponder } from '../responder.ts';
import { isForDesk } from './triage.ts';

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
}
