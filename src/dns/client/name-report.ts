// Resolves one question for an operator who wants to see how: the answer as a client would get it, and every step. Behind
// `signpost query` and the admin API.
import type { Clock } from '../../lib/clock.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import type { JourneyStep } from '../../lib/journey.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { ResolverFront } from '../resolver/resolver-front.ts';
import type { Resolver } from '../resolver/resolver.ts';
import { opcode, rrClass } from '../wire/codes.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import type { DomainName } from '../wire/name.ts';

export interface NameQuestion {
  readonly name: DomainName;
  readonly type: number;
  /** DNSSEC records are wanted (DO). */
  readonly dnssec: boolean;
}

export interface NameReport {
  readonly message: Message;
  /** D1 to D8, as far as they were needed. */
  readonly journey: readonly JourneyStep[];
  readonly ms: number;
}

/** Asks our own resolver by the very way that its clients take. The fault is a sentence. */
export function reportFromResolver(
  resolver: Resolver,
  question: NameQuestion,
  clock: Clock,
): Promise<Result<NameReport>> {
  const journey: JourneyStep[] = [];
  const front = new ResolverFront({
    resolver,
    allow: [operator.address],
    watch: () => (step) => journey.push(step),
  });
  const began = clock.monotonic();
  const query = encodeMessage(queryOf(question));
  return new Promise((resolve) => {
    front.respond(query, { from: operator, transport: 'tcp' }, (bytes) => {
      const decoded = decodeMessage(bytes);
      resolve(
        decoded.ok
          ? ok({ message: decoded.value, journey, ms: clock.monotonic() - began })
          : fault(`the resolver's answer can't be read: ${decoded.fault.reason}`),
      );
    });
  });
}

const operator: Endpoint = { address: '127.0.0.1', port: 53 };

function queryOf({ name, type, dnssec }: NameQuestion): Message {
  return {
    id: 0,
    response: false,
    opcode: opcode.QUERY,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [{ name, type, class: rrClass.IN }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: { udpSize: 1232, version: 0, dnssecOk: dnssec, options: [] },
  };
}
