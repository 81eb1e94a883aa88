// UDP sockets of one question each, made by the fewest calls, and all waited for at once (epoll(7)). With native.ts and datagram-batch.ts the only
// file that hands addresses of memory to the system.
//
// A hot path: each question that the resolver's cache can't answer opens and closes one. With 20,000 of them on a busy 2-core machine, a
// question cost 300 µs of CPU by node:dgram and 200 by this; measure again by `npm run bench -- --only resolver`.
import { randomInt } from 'node:crypto';
import { errno, SystemFault } from './libc.ts';
import type { Address, LibC } from './libc.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** struct epoll_event: packed on x64 alone. Two words of ours are in it: the descriptor, and the flow's number. */
const eventWords = process.arch === 'x64' ? 3 : 4;
const eventData = process.arch === 'x64' ? 1 : 2;
const eventsAtOnce = 64;
/** Octets of the largest datagram. */
const room = 4096;
/** Random ports tried before the system chooses one. */
const portTries = 4;

export class FlowSockets {
  /** What all of them are waited for by: a descriptor that other threads can wait by, too. */
  readonly epoll: number;
  readonly #libc: LibC;
  readonly #octets = new Uint8Array(new ArrayBuffer(room));
  readonly #octetsAddress: Address;
  readonly #events: Int32Array;
  readonly #eventsAddress: Address;
  readonly #anyAddress = { 4: anyName(AF_INET, 16), 6: anyName(AF_INET6, 28) } as const;

  /** `epoll`: of another thread; one's own, unless given. */
  constructor(libc: LibC, epoll?: number) {
    this.#libc = libc;
    this.#octetsAddress = libc.addressOf(this.#octets);
    const events = new ArrayBuffer(eventsAtOnce * eventWords * 4);
    this.#events = new Int32Array(events);
    this.#eventsAddress = libc.addressOf(new Uint8Array(events));
    this.epoll = epoll ?? this.#check('epoll_create1', libc.epollCreate(EPOLL_CLOEXEC));
  }

  /**
   * A socket on a random port (RFC 5452 §9.2: out of all above 1023, which the system's own choice isn't), connected to the server whose sockaddr
   * `name` is: nobody else is heard. Whoever waits is told `flow` for it. Throws a `SystemFault`.
   */
  open(name: Uint8Array, flow: number): number {
    const libc = this.#libc;
    const isV4 = name[0] === AF_INET;
    const fd = this.#check('socket', libc.socket(isV4 ? AF_INET : AF_INET6, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0));
    try {
      const any = this.#anyAddress[isV4 ? 4 : 6];
      for (let tries = portTries; ; tries--) {
        const port = tries > 0 ? randomInt(1024, 65_536) : 0;
        any[2] = port >>> 8;
        any[3] = port;
        if (libc.bind(fd, any, any.length) === 0) break;
        const cause = libc.errno();
        if (tries === 0 || cause !== errno.EADDRINUSE) throw new SystemFault('bind', cause);
      }
      this.#check('connect', libc.connect(fd, name, name.length));
      this.watch(fd, flow);
      return fd;
    } catch (error) {
      libc.close(fd);
      throw error;
    }
  }

  /** Whoever waits is told `flow` when that descriptor has something. */
  watch(fd: number, flow: number): void {
    const events = this.#events;
    events[0] = EPOLLIN;
    events[eventData] = fd;
    events[eventData + 1] = flow;
    this.#check('epoll_ctl', this.#libc.epollControl(this.epoll, EPOLL_CTL_ADD, fd, this.#eventsAddress));
  }

  /** That descriptor isn't waited for any more. */
  unwatch(fd: number): void {
    this.#check('epoll_ctl', this.#libc.epollControl(this.epoll, EPOLL_CTL_DEL, fd, this.#eventsAddress));
  }

  /** Throws a `SystemFault` with what the system says, which may be about a datagram of before. What it has no room for is lost. */
  send(fd: number, bytes: Uint8Array): void {
    if (bytes.length > room) throw new RangeError(`a datagram of ${bytes.length} octets`);
    this.#octets.set(bytes);
    const sent = this.#libc.send(fd, this.#octetsAddress, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return;
    const cause = this.#libc.errno();
    if (cause !== errno.EAGAIN && cause !== errno.ENOBUFS) throw new SystemFault('send', cause);
  }

  close(fd: number): void {
    this.#libc.close(fd);
  }

  /** How many have something, after a wait of at most so long. */
  wait(timeoutMs: number): number {
    const count = this.#libc.epollWait(this.epoll, this.#eventsAddress, eventsAtOnce, timeoutMs);
    if (count >= 0) return count;
    const cause = this.#libc.errno();
    if (cause === errno.EINTR) return 0;
    throw new SystemFault('epoll_wait', cause);
  }

  /** After `wait`: whose the `index`-th is. */
  flowOf(index: number): number {
    return this.#events[index * eventWords + eventData + 1] ?? 0;
  }

  /** After `wait`: what came for the `index`-th, valid until the next call; nothing, after all; or the errno that the system tells. */
  receive(index: number): Uint8Array | number | undefined {
    const fd = this.#events[index * eventWords + eventData] ?? -1;
    const length = this.#libc.recv(fd, this.#octetsAddress, room, MSG_DONTWAIT);
    if (length >= 0) return this.#octets.subarray(0, length);
    const cause = this.#libc.errno();
    return cause === errno.EAGAIN || cause === errno.EINTR ? undefined : cause;
  }

  #check(call: string, result: number): number {
    if (result < 0) throw new SystemFault(call, this.#libc.errno());
    return result;
  }
}

/** A sockaddr of all addresses, whose port is to be set. */
function anyName(family: number, length: number): Uint8Array {
  const name = new Uint8Array(length);
  name[0] = family;
  return name;
}
