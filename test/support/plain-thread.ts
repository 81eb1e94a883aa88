// A datagram thread of the resolver in a simulated internet, on the virtual clock: packets, its own questions by plain ways, and what it hands to the
// main thread, whose front stands behind it.
import { AddressBlocks } from '../../src/lib/address-blocks.ts';
import type { Timer } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { AnswerProtocol } from '../../src/dns/protocol/answer-protocol.ts';
import { HeardRing } from '../../src/dns/resolver/heard-ring.ts';
import { notKept, PacketAnswers } from '../../src/dns/resolver/packet-answers.ts';
import { PacketCache } from '../../src/dns/resolver/packet-cache.ts';
import { PlainAsker } from '../../src/dns/resolver/plain-asker.ts';
import type { PlainSockets, WaitingClient } from '../../src/dns/resolver/plain-asker.ts';
import { ResolverFront } from '../../src/dns/resolver/resolver-front.ts';
import { WayMemory } from '../../src/dns/resolver/way-memory.ts';
import { endpointAt, socketName } from '../../src/net/socket-name.ts';
import type { ResolverWorld } from './resolver-scenario.ts';

interface Client extends WaitingClient {
  readonly address: string;
  readonly reply: (bytes: Uint8Array) => void;
}

const room = 1232;
const nameOctets = 28;
const nothing = new Uint8Array(0);

export class PlainThread {
  readonly front: ResolverFront;
  readonly packets: PacketCache;
  /** Queries that the main thread got. */
  forwarded = 0;
  /** Sockets that are open. */
  open = 0;
  readonly #world: ResolverWorld;
  readonly #protocol: AnswerProtocol;
  readonly #answers: PacketAnswers;
  readonly #asker: PlainAsker<Client> | undefined;
  #timer: Timer | undefined;

  constructor(world: ResolverWorld, perClient: number = Number.POSITIVE_INFINITY) {
    const { resolver, clock } = world;
    this.#world = world;
    const now = (): number => clock.monotonic();
    const main = PacketCache.make(1 << 20, seededRandom(7), now);
    this.packets = main;
    resolver.onFlush(() => main.clear());
    this.front = new ResolverFront({ resolver, allow: ['0.0.0.0/0'], packets: main });
    this.#protocol = new AnswerProtocol({ udpSize: room }, clock, seededRandom(8));
    const access = new AddressBlocks(['0.0.0.0/0']);
    this.#answers = new PacketAnswers({ memory: main.memory, protocol: this.#protocol, access, now });
    const plain = resolver.openPlainWays({ generation: () => main.memory.generation, perClient })?.();
    this.#asker =
      plain &&
      new PlainAsker<Client>({
        ways: new WayMemory(plain.ways),
        heard: new HeardRing(plain.heard),
        packets: new PacketCache(main.memory, now),
        answers: this.#answers,
        sockets: this.#sockets(),
        clients: {
          turnTo: (client) => this.#protocol.fromText('udp', client.address),
          reply: (client, bytes, length) => client.reply(bytes.slice(0, length)),
          forward: (client) => this.#forward(client),
        },
        random: seededRandom(9),
        limits: plain.limits,
        room,
        now,
      });
  }

  /** Questions of its own that are under way. */
  get underWay(): number {
    return this.#asker?.underWay ?? 0;
  }

  /** Takes a query from a client; `reply` is called at once, later, or never. */
  receive(query: Uint8Array, reply: (bytes: Uint8Array) => void, address: string = '127.0.0.1'): void {
    const octets = new Uint8Array(nameOctets + query.length);
    octets.set(socketName({ address, port: 5353 }));
    octets.set(query, nameOctets);
    const client: Client = { octets, nameAt: 0, at: nameOctets, length: query.length, address, reply };
    this.#answers.tick();
    this.#protocol.fromText('udp', address);
    const out = new Uint8Array(room);
    const length = this.#answers.answer(octets, client.at, client.length, out, 0, room);
    if (length > 0) reply(out.slice(0, length));
    if (length !== notKept) return;
    if (this.#asker?.ask(octets, client.at, client.length, client.nameAt) !== true) this.#forward(client);
    else this.#asker.wait(client);
    this.#watch();
  }

  #forward({ octets, at, address, reply }: Client): void {
    this.forwarded += 1;
    this.front.respond(octets.slice(at), { from: { address, port: 5353 }, transport: 'udp' }, reply);
  }

  /** As the thread's loop: it looks up when the first deadline is there. */
  #watch(): void {
    this.#timer?.cancel();
    const asker = this.#asker;
    if (asker === undefined || asker.underWay === 0) return;
    this.#timer = this.#world.clock.after(asker.waitMs, () => {
      asker.tick();
      this.#watch();
    });
  }

  #sockets(): PlainSockets {
    const { internet } = this.#world;
    const sockets = new Map<number, { readonly name: Uint8Array; readonly flow: number; stop: () => void }>();
    let next = 3;
    return {
      open: (name, flow) => {
        const fd = next++;
        sockets.set(fd, { name: name.slice(), flow, stop: () => undefined });
        this.open += 1;
        return fd;
      },
      send: (fd, bytes) => {
        const socket = sockets.get(fd);
        if (socket === undefined) throw new Error(`nothing is open as ${fd}`);
        const to = endpointAt(socket.name, 0);
        const request = { to, transport: 'udp', bytes: bytes.slice(), timeoutMs: 0 } as const;
        socket.stop = internet.ask(request, (event) => {
          if (!sockets.has(fd)) return;
          if (event.kind === 'message') this.#asker?.hear(socket.flow, event.bytes, event.bytes.length);
          else this.#asker?.hear(socket.flow, nothing, -111);
          this.#watch();
        });
      },
      close: (fd) => {
        const socket = sockets.get(fd);
        if (socket === undefined) throw new Error(`${fd} is closed twice`);
        sockets.delete(fd);
        socket.stop();
        this.open -= 1;
      },
    };
  }
}
