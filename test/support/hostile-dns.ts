// Whoever wishes a DNS server ill: floods of damaged messages by UDP and of damaged streams by TCP, from many addresses of this host.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { concatBytes } from '../../src/lib/bytes.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import type { Random } from '../../src/lib/random.ts';
import { frameMessage } from '../../src/dns/wire/frame-decoder.ts';
import { mutate } from '../fuzz/mutate.ts';
import type { FuzzTarget } from '../fuzz/target.ts';

/** Damaged messages; some are signed after the damage, so that it gets past the signature. */
export class HostileMessages {
  readonly #targets: readonly FuzzTarget[];
  readonly #random: Random;
  readonly #sign: (message: Uint8Array) => Uint8Array;

  constructor(targets: readonly FuzzTarget[], random: Random, sign: (message: Uint8Array) => Uint8Array) {
    this.#targets = targets;
    this.#random = random;
    this.#sign = sign;
  }

  next(most: number): Uint8Array {
    const random = this.#random;
    const target = this.#targets[random.below(this.#targets.length)];
    if (target === undefined) throw new Error('no targets');
    const damaged = mutate(target, random).subarray(0, most - 200);
    return damaged.length > 12 && random.below(3) === 0 ? this.#sign(damaged) : damaged;
  }

  /** A stream of some of them, mostly framed as it should be, now and then cut or with another length. */
  stream(): Uint8Array {
    const random = this.#random;
    const parts = Array.from({ length: 1 + random.below(4) }, () => {
      const frame = frameMessage(this.next(random.below(50) === 0 ? 65_000 : 2000));
      if (random.below(5) === 0) frame[random.below(2)] = random.below(256);
      return random.below(8) === 0 ? frame.subarray(0, random.below(frame.length)) : frame;
    });
    return concatBytes(parts);
  }

  get random(): Random {
    return this.#random;
  }
}

/** Sends so many datagrams, in bursts that a socket's buffer holds. */
export async function floodDatagrams(to: Endpoint, messages: HostileMessages, count: number): Promise<void> {
  const socket = createSocket('udp4');
  try {
    socket.bind(0, someAddress(messages.random));
    await once(socket, 'listening');
    socket.on('message', () => undefined);
    socket.on('error', () => undefined);
    for (let sent = 0; sent < count;) {
      const burst = Math.min(64, count - sent);
      const sends = Array.from({ length: burst }, () => {
        const bytes = messages.next(4096);
        return new Promise<void>((settle) => socket.send(bytes, to.port, to.address, () => settle()));
      });
      await Promise.all(sends);
      sent += burst;
      await new Promise((settle) => setImmediate(settle));
    }
  } finally {
    socket.close();
  }
}

/** Opens so many connections, a few at once; each sends its stream and reads, or doesn't, or breaks off. Resolves when all are closed. */
export async function floodStreams(to: Endpoint, messages: HostileMessages, count: number): Promise<void> {
  let left = count;
  const attacker = async (): Promise<void> => {
    while (left-- > 0) await attack(to, messages);
  };
  await Promise.all(Array.from({ length: 16 }, attacker));
}

async function attack(to: Endpoint, messages: HostileMessages): Promise<void> {
  const { random } = messages;
  const socket = connect({ port: to.port, host: to.address, localAddress: someAddress(random) });
  const closed = new Promise<void>((settle) => socket.once('close', () => settle()));
  socket.on('error', () => undefined);
  const stream = messages.stream();
  const manner = random.below(4);
  if (manner > 0) socket.resume();
  socket.write(stream, () => {
    // Breaks off at once; or hears what is said, to the end or not.
    if (manner <= 1) socket.resetAndDestroy();
    else socket.end();
  });
  await closed;
}

/** One of 250, so that no limit for one client stands in the way. */
function someAddress(random: Random): string {
  return `127.0.0.${2 + random.below(250)}`;
}
