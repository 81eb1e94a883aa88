// Which zones the datagram threads may ask themselves (way-memory.ts), and what becomes of what they heard there (heard-ring.ts). A way is opened when a
// zone's server has just answered in a zone where nothing is left to be decided: the operator says nothing about any name in it, it is known to be
// insecure or there is no trust anchor, and the server takes EDNS and keeps the case of names. It lasts a minute, never longer than the delegation or
// the proof that the zone is insecure, and ends at once where something goes wrong there.
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { nameFromWire } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import type { Delegation } from './delegation-cache.ts';
import type { Engine } from './engine.ts';
import { heardKind, HeardRing } from './heard-ring.ts';
import type { Heard } from './heard-ring.ts';
import type { PlainLimits } from './plain-asker.ts';
import { takePlainReply } from './take-plain-reply.ts';
import { formatServer, serverEndpoint } from './server-address.ts';
import type { Upstream } from './upstream.ts';
import { WayMemory } from './way-memory.ts';
import type { WayServer } from './way-memory.ts';

/** What a thread begins with. */
export interface PlainStart {
  readonly ways: SharedArrayBuffer;
  readonly heard: SharedArrayBuffer;
  readonly limits: PlainLimits;
}

export interface PlainWaysOptions {
  readonly engine: Engine;
  /** The sockaddr of a server; without it there are no ways. */
  readonly socketName: NonNullable<Upstream['socketName']>;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether the operator has anything to say about names in the zone. */
  readonly isDecidedWithin: (zone: DomainName) => boolean;
  /** Counts how often everything was forgotten, as all threads see it: what was asked before isn't kept. */
  readonly generation: () => number;
  /** Of one client, in one thread. */
  readonly perClient: number;
}

const mostZones = 4096;
/** Right below the root, names are others' zones. */
const leastLabels = 2;
const wayMs = 60_000;
/** A megabyte for each thread, of which the system hands out what is used. */
const ringBits = 20;
const mostServers = 65_536;
/** Taken at one time: some milliseconds of work. */
const mostAtOnce = 1000;

export class PlainWays {
  readonly #options: PlainWaysOptions;
  readonly #memory: WayMemory;
  readonly #rings: HeardRing[] = [];
  /** Servers by number, and what is known of them by address. */
  readonly #servers = new Map<number, string>();
  readonly #known = new Map<string, Pick<WayServer, 'number' | 'name'>>();
  #nextNumber = 1;

  constructor(options: PlainWaysOptions) {
    this.#options = options;
    this.#memory = WayMemory.make(mostZones, options.random);
  }

  /** For each thread that starts. */
  join(): PlainStart {
    const { limits } = this.#options.engine;
    const ring = HeardRing.make(ringBits);
    this.#rings.push(ring);
    const { minTtl, maxTtl, maxNegativeTtl, perZone, joined } = limits;
    return {
      ways: this.#memory.shared,
      heard: ring.shared,
      limits: { minTtl, maxTtl, maxNegativeTtl, perZone, joined, perClient: this.#options.perClient },
    };
  }

  /** A server of the zone, at that address, has just answered a question for the name as one should. */
  offer(delegation: Delegation, address: string, name: DomainName): void {
    const { engine, clock, isDecidedWithin } = this.#options;
    const { zone, forwards, askOwn } = delegation;
    if (this.#rings.length === 0 || forwards === true || askOwn !== undefined) return;
    if (zone.labelCount < leastLabels) return;
    const now = clock.monotonic();
    const { wire } = (name.equals(zone) ? name : (name.parent() ?? name)).lowerCase();
    if (this.#memory.has(wire, now)) return;
    const expires = Math.min(delegation.expires, this.#insecureUntil(zone), now + wayMs);
    if (expires <= now || isDecidedWithin(zone)) return;
    const addresses = new Set([address, ...delegation.servers.flatMap((server) => server.addresses)]);
    const servers = engine.book.plainServers(addresses, zone.key).flatMap((server): readonly WayServer[] => {
      const known = this.#serverAt(server.address);
      return known === undefined ? [] : [{ ...server, ...known }];
    });
    this.#memory.put(wire, zone.wire.length, servers, expires);
  }

  /** Makes of what was heard what is to be made of it; some at a time. */
  take(): void {
    for (const ring of this.#rings) ring.take(mostAtOnce, (heard) => this.#takeOne(heard));
  }

  /** Closes all ways. */
  clear(): void {
    this.#memory.clear();
  }

  /** Until when nothing in the zone needs to be validated, by the monotonic clock: 0 where something does, or nobody knows. */
  #insecureUntil(zone: DomainName): number {
    const { anchors, zones } = this.#options.engine.trust;
    const anchor = anchors.closest(zone);
    if (anchor === undefined) return Number.POSITIVE_INFINITY;
    for (let labels = zone.labelCount; labels > anchor.zone.labelCount; labels--) {
      const status = zones.get(zone.ancestor(labels));
      if (status?.kind === 'insecure') return status.expires;
      // A name of a zone above, as far as is known: the last word is that one's.
      if (status !== undefined && status.kind !== 'no-cut') return 0;
    }
    return 0;
  }

  #serverAt(address: string): Pick<WayServer, 'number' | 'name'> | undefined {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const name = this.#options.socketName(serverEndpoint(address));
    if (name === undefined) return undefined;
    if (this.#known.size >= mostServers) {
      this.clear();
      this.#known.clear();
      this.#servers.clear();
    }
    const number = this.#nextNumber;
    this.#nextNumber = (number + 1) & 0x7fff_ffff;
    const server = { number, name };
    this.#known.set(address, server);
    this.#servers.set(number, address);
    return server;
  }

  #takeOne(heard: Heard): void {
    const { book, figures } = this.#options.engine;
    const address = this.#servers.get(heard.server);
    if (address === undefined) return;
    const server = formatServer(address);
    const { ms } = heard;
    switch (heard.kind) {
      case heardKind.silence:
        figures.note(server, 'udp', { kind: 'timeout', ms });
        book.silent(address);
        return;
      case heardKind.unreachable:
        figures.note(server, 'udp', { kind: 'unreachable', scope: 'server', reason: '', ms });
        book.silent(address);
        return;
      case heardKind.forged:
        figures.note(server, 'udp', { kind: 'forged', ms });
        return;
      case heardKind.reply:
        this.#takeReply(heard, address);
    }
  }

  #takeReply(heard: Heard, address: string): void {
    const { engine, generation } = this.#options;
    const name = nameFromWire(heard.query.slice(headerLength, nameEndIn(heard.query)));
    if (!name.ok) return;
    const sought = { name: name.value.lowerCase(), type: typeIn(heard.query) };
    const isCurrent = heard.generation === generation();
    if (heard.ttl > 0) {
      engine.book.answered(address, heard.ms);
      engine.figures.answered(formatServer(address), (heard.reply[3] ?? 0) & 15, heard.ms);
      if (isCurrent) takePlainReply(engine.answers, sought, heard);
    } else if (isCurrent)
      engine.exchanges.remember(sought, address, {
        query: heard.query.slice(),
        reply: heard.reply.slice(),
        ms: heard.ms,
      });
  }
}

/** Behind the name in a query of our own. */
function nameEndIn(query: Uint8Array): number {
  let at = headerLength;
  while (at < query.length && query[at] !== 0) at += 1 + (query[at] ?? 0);
  return at + 1;
}

function typeIn(query: Uint8Array): number {
  const at = nameEndIn(query);
  return ((query[at] ?? 0) << 8) | (query[at + 1] ?? 0);
}
