// A datagram thread asks a zone's servers itself, where nothing but the question is left to be asked (way-memory.ts): so a plain name that isn't in the
// packets costs no way to the main thread and back, which is most of what it would cost. Whatever isn't plain about the question or the reply is handed
// to the main thread, with the reply, so that nobody is asked twice.
//
// The checks against forgers are those of `Exchanges` (RFC 5452 §9.1): a random port and id, the name in random case, the server's cookie,
// few wrong replies, and equal questions asked once.
//
// A hot path: of a question that it answers little more is made than what the client's datagram is kept in. Measure it by
// `npm run bench -- --only resolver`.
import type { Random } from '../../lib/random.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { rrType } from '../wire/rr-type.ts';
import { heardKind } from './heard-ring.ts';
import type { HeardRing } from './heard-ring.ts';
import { notKept } from './packet-answers.ts';
import type { PacketAnswers } from './packet-answers.ts';
import type { PacketCache } from './packet-cache.ts';
import { plainTtl, writePlainBody } from './plain-body.ts';
import type { PlainTtlLimits } from './plain-body.ts';
import { PlainFlight, RandomOctets } from './plain-flight.ts';
import { plainReading, PlainReply } from './plain-reply.ts';
import { mostWrongReplies } from './upstream.ts';
import type { WayMemory } from './way-memory.ts';

/** A client's datagram that waits. */
export interface WaitingClient {
  readonly octets: Uint8Array;
  /** Where the client's sockaddr lies in them, and the query, and how long that is. */
  readonly nameAt: number;
  readonly at: number;
  readonly length: number;
}

/** The way back to those who wait. */
export interface PlainClients<Client extends WaitingClient> {
  /** Makes ready for an answer to this client: the protocol is told of it. */
  turnTo(client: Client): void;
  /** Sends what lies at the beginning of `bytes`. */
  reply(client: Client, bytes: Uint8Array, length: number): void;
  /** The main thread is to answer. */
  forward(client: Client): void;
}

/** Sockets of one question each (`FlowSockets` of net). */
export interface PlainSockets {
  /** On a random port, connected to the server whose sockaddr `name` is; what is heard there is told as `flow`'s. Throws where the system refuses. */
  open(name: Uint8Array, flow: number): number;
  send(fd: number, bytes: Uint8Array): void;
  close(fd: number): void;
}

/** Bounds of answers, and of what is under way in one thread. */
export interface PlainLimits extends PlainTtlLimits {
  /** Questions in one zone, clients who wait for one answer, and questions that wait for one client. */
  readonly perZone: number;
  readonly joined: number;
  readonly perClient: number;
}

export interface PlainAskerOptions<Client extends WaitingClient> {
  readonly ways: WayMemory;
  readonly packets: PacketCache;
  readonly answers: PacketAnswers;
  readonly heard: HeardRing;
  readonly sockets: PlainSockets;
  readonly clients: PlainClients<Client>;
  readonly random: Random;
  readonly limits: PlainLimits;
  /** Octets of the largest answer. */
  readonly room: number;
  /** The monotonic clock of all threads, in milliseconds. */
  readonly now: () => number;
}

/** Questions under way in one thread: so many that a quick client is served, so few that one that makes up names doesn't take all sockets. */
const mostFlights = 512;
const flightBits = 9;
const mostSerials = 0x3f_ffff;
/** Octets of a client's query: a name, EDNS and a few options. More is not plain. */
const longestQuery = 512;
const largestReply = 4096;
const clientCounts = 1024;

/** What may be asked: types whose records stand for themselves. */
const plainTypes: ReadonlySet<number> = new Set([
  rrType.A,
  rrType.AAAA,
  rrType.MX,
  rrType.TXT,
  rrType.PTR,
  rrType.SRV,
  rrType.CAA,
  rrType.TLSA,
  rrType.SVCB,
  rrType.HTTPS,
]);

export class PlainAsker<Client extends WaitingClient> {
  readonly #options: PlainAskerOptions<Client>;
  readonly #free: PlainFlight<Client>[] = [];
  readonly #all: readonly PlainFlight<Client>[];
  /** By the question's hash. */
  readonly #underWay = new Map<number, PlainFlight<Client>>();
  readonly #perZone: Uint16Array;
  readonly #perClient = new Uint16Array(clientCounts);
  readonly #reply = new PlainReply();
  readonly #body = new Uint8Array(largestReply);
  readonly #out = new Uint8Array(largestReply);
  #current: PlainFlight<Client> | undefined;
  #serial = 0;
  readonly #random: RandomOctets;
  /** Of all, or earlier. */
  #nextDeadline = Number.POSITIVE_INFINITY;

  constructor(options: PlainAskerOptions<Client>) {
    this.#options = options;
    this.#random = new RandomOctets(options.random);
    this.#all = Array.from({ length: mostFlights }, (_, index) => new PlainFlight<Client>(index));
    this.#free.push(...this.#all.toReversed());
    this.#perZone = new Uint16Array(options.ways.slots);
  }

  /** Questions under way. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Milliseconds until `tick` has something to do; 0 where it is late, and infinite where nothing is under way. */
  get waitMs(): number {
    return this.#underWay.size === 0
      ? Number.POSITIVE_INFINITY
      : Math.max(0, this.#nextDeadline - this.#options.now());
  }

  /**
   * Whether the query that lies in `bytes` from `at`, and that the packets have just had no answer to, is answered from here: then `wait` must be called for
   * its client at once. `fromAt`: where the client's sockaddr lies.
   */
  ask(bytes: Uint8Array, at: number, length: number, fromAt: number): boolean {
    const { answers, limits, packets } = this.#options;
    if (!answers.asksPlainly || length > longestQuery || !plainTypes.has(answers.type)) return false;
    if ((this.#perClient[clientHash(bytes, fromAt)] ?? 0) >= limits.perClient) return false;
    const nameAt = at + headerLength;
    const nameEnd = at + answers.questionLength - 4;
    const hash = packets.memory.hash(bytes, nameAt, nameEnd, answers.type, 0);
    const known = this.#underWay.get(hash);
    if (known !== undefined) {
      this.#current = known;
      return known.clients.length < limits.joined && known.isOf(bytes, at, answers.questionLength);
    }
    const flight = this.#free.at(-1);
    // Before the way is looked for: whoever forgets everything closes the ways first.
    const { generation } = packets.memory;
    const pick = this.#random.next();
    if (flight === undefined) return false;
    const { way } = flight;
    if (!this.#options.ways.choose(bytes, nameAt, nameEnd, this.#options.now(), pick, way)) return false;
    if ((this.#perZone[way.slot] ?? 0) >= limits.perZone) return false;
    flight.type = answers.type;
    flight.hash = hash;
    flight.generation = generation;
    if (!this.#start(flight, bytes, at, answers.questionLength)) {
      this.#options.ways.doubt(way);
      return false;
    }
    this.#current = flight;
    return true;
  }

  /** The client whose query was taken by `ask`, with what is needed to answer it later. */
  wait(client: Client): void {
    const flight = this.#current;
    if (flight === undefined) return;
    const count = this.#countOf(client);
    this.#perClient[count] = (this.#perClient[count] ?? 0) + 1;
    flight.clients.push(client);
  }

  /** What the socket of `flow` has: the first `length` octets of `bytes`, or an error where that is less than 0. */
  hear(flow: number, bytes: Uint8Array, length: number): void {
    const flight = this.#all[flow & (mostFlights - 1)];
    if (flight === undefined || flight.fd < 0 || flight.serial !== flow >>> flightBits) return;
    if (length < 0) {
      this.#fail(flight, heardKind.unreachable);
      return;
    }
    const reading = this.#reply.read(bytes, length, flight);
    switch (reading) {
      case plainReading.foreign:
        flight.wrong += 1;
        if (flight.wrong >= mostWrongReplies) this.#fail(flight, heardKind.forged);
        return;
      case plainReading.records:
      case plainReading.nodata:
      case plainReading.nxdomain:
        this.#answer(flight, bytes, length, reading !== plainReading.records);
        return;
      case plainReading.other:
        // A refusal, or a cut: it may be of all that is asked there.
        if (this.#reply.isFailure) this.#options.ways.doubt(flight.way);
        this.#handOver(flight, bytes, length);
        return;
      case plainReading.cookieLost:
        // Somebody's who may not have seen the question: nothing of it is told on.
        this.#options.ways.doubt(flight.way);
        this.#release(flight, true);
    }
  }

  /** Gives up what has waited too long. */
  tick(): void {
    const now = this.#options.now();
    if (now < this.#nextDeadline) return;
    let next = Number.POSITIVE_INFINITY;
    for (const flight of this.#underWay.values()) {
      if (flight.deadline <= now) this.#fail(flight, heardKind.silence);
      else next = Math.min(next, flight.deadline);
    }
    this.#nextDeadline = next;
  }

  #start(flight: PlainFlight<Client>, bytes: Uint8Array, at: number, questionLength: number): boolean {
    const { sockets, now } = this.#options;
    // From 1 on: smaller flows are sockets of clients.
    this.#serial = (this.#serial % mostSerials) + 1;
    flight.serial = this.#serial;
    flight.write(bytes, at, questionLength, this.#random);
    try {
      flight.fd = sockets.open(flight.way.name, (flight.serial << flightBits) | flight.index);
      sockets.send(flight.fd, flight.sent);
    } catch {
      if (flight.fd >= 0) sockets.close(flight.fd);
      flight.fd = -1;
      return false;
    }
    flight.asked = now();
    flight.deadline = flight.asked + flight.way.timeoutMs;
    flight.wrong = 0;
    this.#nextDeadline = Math.min(this.#nextDeadline, flight.deadline);
    this.#free.pop();
    this.#underWay.set(flight.hash, flight);
    this.#perZone[flight.way.slot] = (this.#perZone[flight.way.slot] ?? 0) + 1;
    return true;
  }

  /** Writes the packet, and answers all who wait for it. */
  #answer(flight: PlainFlight<Client>, bytes: Uint8Array, length: number, isDenial: boolean): void {
    const { packets, limits, heard } = this.#options;
    const reply = this.#reply;
    const ttl = plainTtl(reply, isDenial, limits);
    if (ttl === 0 || reply.end > largestReply) {
      this.#handOver(flight, bytes, length);
      return;
    }
    const { questionEnd } = flight;
    const bodyLength = writePlainBody(this.#body, bytes, reply, questionEnd, ttl, isDenial);
    const packet = {
      body: this.#body.subarray(0, bodyLength),
      questionEnd,
      authentic: false,
      dnssecOk: false,
      checkingDisabled: false,
      error: noError,
    };
    if (!packets.keep(packet, ttl, flight.asked, flight.generation)) {
      this.#handOver(flight, bytes, length);
      return;
    }
    heard.put(this.#told(flight, heardKind.reply, ttl), bytes, length);
    this.#release(flight, false);
  }

  /** The main thread makes of the reply what is to be made of it, and answers. */
  #handOver(flight: PlainFlight<Client>, bytes: Uint8Array, length: number): void {
    this.#options.heard.put(this.#told(flight, heardKind.reply, 0), bytes, length);
    this.#release(flight, true);
  }

  /** The main thread asks again, as it thinks best. */
  #fail(flight: PlainFlight<Client>, kind: number): void {
    this.#options.ways.doubt(flight.way);
    this.#options.heard.put(this.#told(flight, kind, 0));
    this.#release(flight, true);
  }

  #told(flight: PlainFlight<Client>, kind: number, ttl: number): Parameters<HeardRing['put']>[0] {
    const { generation, asked, sent: query, zoneLength, way } = flight;
    const ms = this.#options.now() - asked;
    return { kind, server: way.server, ttl, generation, zoneLength, ms, asked, query };
  }

  /** All who wait get the packet, or the main thread gets them. */
  #release(flight: PlainFlight<Client>, toMainThread: boolean): void {
    const { answers, clients, sockets, room } = this.#options;
    sockets.close(flight.fd);
    flight.fd = -1;
    this.#underWay.delete(flight.hash);
    this.#perZone[flight.way.slot] = Math.max(0, (this.#perZone[flight.way.slot] ?? 0) - 1);
    this.#free.push(flight);
    if (this.#current === flight) this.#current = undefined;
    const waiting = flight.clients;
    flight.clients = [];
    const out = this.#out;
    for (const client of waiting) {
      const count = this.#countOf(client);
      this.#perClient[count] = Math.max(0, (this.#perClient[count] ?? 0) - 1);
      let length = notKept;
      if (!toMainThread) {
        clients.turnTo(client);
        length = answers.answerWaiting(client.octets, client.at, client.length, out, room);
      }
      if (length > 0) clients.reply(client, out, length);
      else if (length < 0) clients.forward(client);
    }
  }

  #countOf({ octets, nameAt }: Client): number {
    return clientHash(octets, nameAt);
  }
}

const noError = new Uint8Array(0);
const AF_INET = 2;

/** Of the address in the sockaddr that lies there: of an IPv6 address its /64. */
function clientHash(bytes: Uint8Array, at: number): number {
  const from = at + (bytes[at] === AF_INET ? 4 : 8);
  const end = from + (bytes[at] === AF_INET ? 4 : 8);
  let hash = 0;
  for (let i = from; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x2c1b3c6d);
  return (hash ^ (hash >>> 15)) & (clientCounts - 1);
}
