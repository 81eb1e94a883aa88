// Upstream servers for the resolver's scenarios: authorities with zones, that can be slow, silent, broken or lying, under a clock that is
// moved by hand. Each question that reaches a server is written down.
import { Authority } from '../../src/dns/authority/authority.ts';
import type {
  Upstream,
  UpstreamEvent,
  UpstreamRequest,
  UpstreamTransport,
} from '../../src/dns/resolver/upstream.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { formatType } from '../../src/dns/wire/rr-type.ts';
import type { Zone } from '../../src/dns/zone/zone.ts';
import { buildZone } from '../../src/dns/zone/zone-builder.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { parseZoneFile } from '../../src/dns/zonefile/zone-file-parser.ts';
import { concatBytes, equalBytes } from '../../src/lib/bytes.ts';
import type { Clock } from '../../src/lib/clock.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { socketName } from '../../src/net/socket-name.ts';

export interface AskedQuestion {
  readonly address: string;
  readonly transport: UpstreamTransport;
  /** `example.org. MX`, in lower case. */
  readonly question: string;
  readonly edns: boolean;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
}

/** What a server does to a question or to its answer. Names are those of the scenario files. */
export const behaviours = {
  silent: 'never answers',
  unreachable: 'the system says that it can not be reached',
  'no route': 'the system says that no address of its family can be reached',
  'no tcp': 'nobody listens by TCP',
  truncates: 'every answer by UDP is cut short',
  'loses case': 'repeats the question in lower case',
  'no edns': 'FORMERR without OPT to each question with EDNS',
  'header only': 'FORMERR with nothing but a header to each question with EDNS',
  refuses: 'REFUSED',
  fails: 'SERVFAIL',
  'refuses short names':
    'REFUSED for questions of one type A (as minimisation asks) with fewer than 3 labels',
  'denies short names': 'NXDOMAIN for empty non-terminals',
  recursive: 'answers without AA and with RA',
  'not authoritative': 'answers without AA',
  'wrong id first': 'a forged answer with a wrong id comes before the true one',
  'wrong question first': 'an answer to another question comes before the true one',
  'many wrong ids': 'a hundred forged answers come before the true one',
  'broken first': 'octets that are no message, under the right id, come before the true answer',
  'error first': 'a SERVFAIL without a question, under the right id, comes before the true answer',
  'sends cookies': 'each answer to a question with a cookie has the cookie of the server',
  'wants cookies': 'BADCOOKIE by UDP to each question without the cookie of the server, which it sends',
  'wants other cookies': 'BADCOOKIE by UDP to each question, whatever its cookie',
  'foreign cookie first': 'a forged answer with the cookie of somebody else comes before the true one',
  garbage: 'answers octets that are no message',
} as const;
export type Behaviour = keyof typeof behaviours;

interface Server {
  authority: Authority;
  delay: number;
  does: ReadonlySet<Behaviour>;
  /** Answers given instead of what the zones say, by question. */
  readonly lies: Map<string, Pick<Message, 'answers' | 'authorities' | 'additionals'>>;
}

export class SimulatedInternet implements Upstream {
  readonly #clock: Clock;
  readonly #servers = new Map<string, Server>();
  asked: AskedQuestion[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Puts up a server, or another one in its place. `zones`: zone files by origin. */
  put(
    address: string,
    zones: ReadonlyMap<string, string>,
    how: { readonly delay: number; readonly does: Iterable<Behaviour> },
  ): void {
    const authority = new Authority(new ZoneSet([...zones].map(([origin, text]) => zoneFrom(origin, text))));
    this.#servers.set(address, { authority, delay: how.delay, does: new Set(how.does), lies: new Map() });
  }

  change(address: string, how: { readonly delay: number; readonly does: Iterable<Behaviour> }): void {
    const server = this.#server(address);
    server.delay = how.delay;
    server.does = new Set(how.does);
  }

  /** `question`: `example.org. MX`; the sections replace the true answer's. */
  lie(
    address: string,
    question: string,
    sections: Pick<Message, 'answers' | 'authorities' | 'additionals'>,
  ): void {
    this.#server(address).lies.set(question, sections);
  }

  ask(request: UpstreamRequest, heard: (event: UpstreamEvent) => void): () => void {
    const server = this.#servers.get(request.to.address);
    const query = decodeMessage(request.bytes);
    if (!query.ok) throw new Error(`the resolver sent what is no message: ${query.fault.reason}`);
    this.asked.push({
      address: request.to.address,
      transport: request.transport,
      question: questionOf(query.value),
      edns: query.value.edns !== undefined,
      dnssecOk: query.value.edns?.dnssecOk ?? false,
      checkingDisabled: query.value.checkingDisabled,
    });
    if (server === undefined) return () => undefined;
    const timer = this.#clock.after(server.delay, () => {
      for (const event of answersOf(server, request, query.value)) heard(event);
    });
    return () => timer.cancel();
  }

  socketName(to: Endpoint): Uint8Array {
    return socketName(to);
  }

  #server(address: string): Server {
    const server = this.#servers.get(address);
    if (server === undefined) throw new Error(`no server ${address} was put up`);
    return server;
  }
}

function* answersOf(server: Server, request: UpstreamRequest, query: Message): Generator<UpstreamEvent> {
  const { does } = server;
  if (does.has('silent')) return;
  if (does.has('unreachable') || (does.has('no tcp') && request.transport === 'tcp')) {
    yield { kind: 'unreachable', scope: 'server', reason: 'nobody listens there' };
    return;
  }
  if (does.has('no route')) {
    yield { kind: 'unreachable', scope: 'family', reason: 'no route' };
    return;
  }
  const garbage = concatBytes([
    request.bytes.subarray(0, 2),
    Uint8Array.of(0x84, 0),
    new Uint8Array(15).fill(0x67),
  ]);
  if (does.has('garbage') || (does.has('broken first') && request.transport === 'udp')) {
    yield { kind: 'message', bytes: garbage };
    if (does.has('garbage')) return;
  }
  if (does.has('error first') && request.transport === 'udp') {
    const header = { response: true, rcode: 2, questions: [], edns: undefined };
    yield { kind: 'message', bytes: encodeMessage({ ...query, ...header }) };
  }
  const answer = answerOf(server, request, query);
  if (answer === undefined) return;
  const forged = {
    ...answer,
    answers: answer.answers.map((record) => ({ ...record, rdata: record.rdata.map((octet) => octet ^ 1) })),
  };
  const forgeries =
    does.has('many wrong ids') && request.transport === 'udp' ? 100 : does.has('wrong id first') ? 1 : 0;
  for (let i = 1; i <= forgeries; i++)
    yield { kind: 'message', bytes: encodeMessage({ ...forged, id: (answer.id + i) & 0xffff }) };
  if (does.has('foreign cookie first') && request.transport === 'udp')
    yield { kind: 'message', bytes: encodeMessage(withCookie(forged, new Uint8Array(16))) };
  if (does.has('wrong question first'))
    yield {
      kind: 'message',
      bytes: encodeMessage({
        ...forged,
        questions: [{ name: domainName('other.example.'), type: 1, class: 1 }],
      }),
    };
  yield { kind: 'message', bytes: encodeMessage(answer) };
}

/** What servers make of our cookie here; a true one would be a secret. */
const serverCookie = new TextEncoder().encode('cookie of server');

function withCookie(answer: Message, cookie: Uint8Array): Message {
  const edns = answer.edns ?? { udpSize: 1232, version: 0, dnssecOk: false, options: [] };
  return { ...answer, edns: { ...edns, options: [{ code: 10, bytes: cookie }] } };
}

function answerOf(server: Server, request: UpstreamRequest, query: Message): Message | undefined {
  const { does } = server;
  const [question] = query.questions;
  if (question === undefined) return undefined;
  const empty: Message = { ...query, response: true, recursionDesired: false };
  if (query.edns !== undefined && does.has('no edns')) return { ...empty, rcode: 1, edns: undefined };
  if (query.edns !== undefined && does.has('header only'))
    return { ...empty, rcode: 1, edns: undefined, questions: [] };
  if (does.has('refuses')) return { ...empty, rcode: 5 };
  if (does.has('fails')) return { ...empty, rcode: 2 };
  if (does.has('refuses short names') && question.type === 1 && question.name.labelCount < 3)
    return { ...empty, rcode: 5 };
  const cookie = query.edns?.options.find(({ code }) => code === 10)?.bytes;
  const known = cookie !== undefined && equalBytes(cookie.subarray(8), serverCookie);
  const refusesCookie = does.has('wants other cookies') || (does.has('wants cookies') && !known);
  if (refusesCookie && cookie !== undefined && request.transport === 'udp')
    return withCookie({ ...empty, rcode: 23 }, concatBytes([cookie.subarray(0, 8), serverCookie]));
  if (does.has('truncates') && request.transport === 'udp') return { ...empty, truncated: true };
  const lie = server.lies.get(questionOf(query)) ?? server.lies.get('*');
  let answer: Message | undefined;
  if (lie !== undefined) answer = { ...empty, authoritative: true, ...lie };
  else {
    const client = { from: { address: '192.0.2.200', port: 5353 }, transport: request.transport };
    server.authority.respond(request.bytes, client, (bytes) => {
      const decoded = decodeMessage(bytes);
      if (decoded.ok) answer = decoded.value;
    });
  }
  if (answer === undefined) return undefined;
  if (
    does.has('denies short names') &&
    question.name.labelCount < 4 &&
    answer.answers.length === 0 &&
    answer.authoritative
  )
    answer = { ...answer, rcode: 3 };
  const sendsCookies = does.has('sends cookies') || does.has('wants cookies');
  if (sendsCookies && cookie !== undefined)
    answer = withCookie(answer, concatBytes([cookie.subarray(0, 8), serverCookie]));
  if (does.has('recursive')) answer = { ...answer, authoritative: false, recursionAvailable: true };
  if (does.has('not authoritative')) answer = { ...answer, authoritative: false };
  if (does.has('loses case'))
    answer = { ...answer, questions: [{ ...question, name: question.name.lowerCase() }] };
  return answer;
}

function questionOf(query: Message): string {
  const [question] = query.questions;
  return question === undefined ? '' : `${question.name.lowerCase().toString()} ${formatType(question.type)}`;
}

/** A zone from zone-file lines. */
export function zoneFrom(origin: string, text: string): Zone {
  return built(domainName(origin), records(origin, text));
}

function built(origin: DomainName, zoneRecords: readonly ResourceRecord[]): Zone {
  const zone = buildZone(origin, zoneRecords);
  if (!zone.ok)
    throw new Error(`${origin.toString()}: ${zone.fault.map(({ message }) => message).join('; ')}`);
  return zone.value.zone;
}

/** Reads records in zone-file form; relative names are below `origin`. A zone without a SOA gets one. */
export function records(origin: string, text: string, ttl = 3600): readonly ResourceRecord[] {
  const read = parseZoneFile(
    { name: origin, text: `${text}\n` },
    { origin: domainName(origin), defaultTtl: ttl },
  );
  if (!read.ok) throw new Error(read.fault.map(({ message }) => message).join('; '));
  return read.value.records;
}
