// The C library's calls for datagrams, many at once (recvmmsg(2), sendmmsg(2)), which Node doesn't have. Everything here that could
// touch memory it must not stands in this file: nobody else hands an address to the system. Linux with glibc on 64-bit
// little-endian machines only; elsewhere `loadNative` gives nothing, and node:dgram serves.
//
// A hot path: a batch is received, answered and sent without allocating, and the headers that don't change are laid out once.
// Measured on a busy 2-core machine: an echo by node:dgram costs 8.8–9.6 µs of CPU, by this 3.4–5.1 µs; measure again by
// `node bench/micro/datagram-echo.ts`.
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';
import type { LibraryHandle } from 'koffi';

/** What the system said no with: `code` is `EADDRINUSE` and the like, as Node's own errors have it. */
export class SystemFault extends Error {
  readonly code: string;

  constructor(call: string, errno: number) {
    super(`${call}: ${getSystemErrorMessage(-errno)}`);
    this.name = 'SystemFault';
    this.code = getSystemErrorName(-errno);
  }
}

/** errno values; the same on all Linux machines that are served here. */
export const errno = { EINTR: 4, EAGAIN: 11, ENOBUFS: 105, ENOMEM: 12 } as const;

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_CTRUNC = 0x8;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const MSG_WAITFORONE = 0x10000;
const SHUT_RD = 0;
const POLLIN = 1;
const POLLOUT = 4;

type Integer = number;
/** The address of memory that the caller keeps alive. Numbers hold them exactly: user space ends below 2^53. */
type Address = number;

/** The calls as the system has them: -1 is an error, and `errno` says which. */
interface LibC {
  errno(): Integer;
  addressOf(bytes: Uint8Array): Address;
  socket(family: Integer, type: Integer, protocol: Integer): Integer;
  bind(fd: Integer, name: Uint8Array, length: Integer): Integer;
  getsockname(fd: Integer, name: Uint8Array, length: Uint8Array): Integer;
  setsockopt(fd: Integer, level: Integer, option: Integer, value: Uint8Array, length: Integer): Integer;
  recvmmsg(fd: Integer, headers: Address, count: Integer, flags: Integer, timeout: null): Integer;
  sendmmsg(fd: Integer, headers: Address, count: Integer, flags: Integer): Integer;
  poll(fds: Address, count: Integer, timeoutMs: Integer): Integer;
  shutdown(fd: Integer, how: Integer): Integer;
  close(fd: Integer): Integer;
}

let loading: Promise<Native | undefined> | undefined;

/** The calls, loaded once for each thread; `undefined` where this system hasn't got them. */
export function loadNative(): Promise<Native | undefined> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Native | undefined> {
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) return undefined;
  try {
    const koffi = await import('koffi');
    // Of glibc; musl has another name for its own, and other paddings in its structures.
    return new Native(declare(koffi.load('libc.so.6'), koffi));
  } catch {
    return undefined;
  }
}

function declare(
  library: LibraryHandle,
  koffi: { errno(): number; address(bytes: Uint8Array): bigint },
): LibC {
  return {
    errno: () => koffi.errno(),
    addressOf: (bytes) => Number(koffi.address(bytes)),
    socket: library.func('int socket(int, int, int)'),
    bind: library.func('int bind(int, void*, uint32_t)'),
    getsockname: library.func('int getsockname(int, void*, void*)'),
    setsockopt: library.func('int setsockopt(int, int, int, void*, uint32_t)'),
    recvmmsg: library.func('int recvmmsg(int, uintptr_t, uint32_t, int, void*)'),
    sendmmsg: library.func('int sendmmsg(int, uintptr_t, uint32_t, int)'),
    poll: library.func('int poll(uintptr_t, uint64_t, int)'),
    shutdown: library.func('int shutdown(int, int)'),
    close: library.func('int close(int)'),
  };
}

/** Sockets by their file descriptors. Throws a `SystemFault` where the system refuses. */
export class Native {
  readonly #libc: LibC;

  constructor(libc: LibC) {
    this.#libc = libc;
  }

  openSocket(family: 4 | 6): number {
    return this.#check('socket', this.#libc.socket(family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM_CLOEXEC, 0));
  }

  /** `name` is a sockaddr (`socket-name.ts`). */
  bind(fd: number, name: Uint8Array): void {
    this.#check('bind', this.#libc.bind(fd, name, name.length));
  }

  /** Where the socket is bound: a sockaddr. */
  nameOf(fd: number, family: 4 | 6): Uint8Array {
    const name = new Uint8Array(family === 4 ? 16 : 28);
    const length = new Uint8Array(Uint32Array.of(name.length).buffer);
    this.#check('getsockname', this.#libc.getsockname(fd, name, length));
    return name;
  }

  setOption(fd: number, level: number, option: number, value: number): void {
    this.#setOption(fd, level, option, new Uint8Array(Int32Array.of(value).buffer));
  }

  /** As `setOption`, for what makes things better but isn't needed: gives whether the system took it. */
  tryOption(fd: number, level: number, option: number, value: number): boolean {
    const octets = new Uint8Array(Int32Array.of(value).buffer);
    return this.#libc.setsockopt(fd, level, option, octets, octets.length) === 0;
  }

  /** For options that are a struct timeval. */
  setTimeout(fd: number, level: number, option: number, ms: number): void {
    const value = BigInt64Array.of(BigInt(Math.floor(ms / 1000)), BigInt((ms % 1000) * 1000));
    this.#setOption(fd, level, option, new Uint8Array(value.buffer));
  }

  /** Wakes whoever waits in `receive`; from now on it gives what has come and never waits. */
  stopReceiving(fd: number): void {
    // Says ENOTCONN for a socket without a peer, and wakes all the same.
    this.#libc.shutdown(fd, SHUT_RD);
  }

  close(fd: number): void {
    this.#libc.close(fd);
  }

  makeBatch(options: BatchOptions): DatagramBatch {
    return new DatagramBatch(this.#libc, options);
  }

  makePoll(fds: readonly number[]): SocketPoll {
    return new SocketPoll(this.#libc, fds);
  }

  #setOption(fd: number, level: number, option: number, value: Uint8Array): void {
    this.#check('setsockopt', this.#libc.setsockopt(fd, level, option, value, value.length));
  }

  #check(call: string, result: number): number {
    if (result < 0) throw new SystemFault(call, this.#libc.errno());
    return result;
  }
}

export interface BatchOptions {
  readonly family: 4 | 6;
  /** Datagrams that are received or sent by one call at most. */
  readonly size: number;
  /** Octets of the largest datagram received, and of the largest sent. */
  readonly room: number;
  /** Receives with each datagram the address it was sent to, and sends from that: for sockets bound to a wildcard address. */
  readonly withLocalAddress: boolean;
}

/** struct mmsghdr, struct iovec, a sockaddr and control data, as 64-bit Linux has them. */
const headerSize = 64;
const vectorSize = 16;
export const nameSize = 32;
export const controlSize = 40;
/** Octets into struct mmsghdr. */
const inHeader = {
  name: 0,
  nameLength: 8,
  vector: 16,
  vectorCount: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
  length: 56,
} as const;
/** CMSG_SPACE of struct in_pktinfo and struct in6_pktinfo: all the control data that comes. */
const controlLengths = { 4: 32, 6: 40 } as const;
/** struct sockaddr_in, struct sockaddr_in6. */
const nameLengths = { 4: 16, 6: 28 } as const;

/**
 * Headers, names, control data and octets of a batch of datagrams, in one arena. Of those received, each has a slot: it lies in `bytes`
 * from `at(slot)`, its sender's sockaddr from `nameAt(slot)`. The next reply is written from `replyAt()` on.
 */
export class DatagramBatch {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly room: number;
  readonly #libc: LibC;
  readonly #words: Uint32Array;
  readonly #address: Address;
  readonly #stride: number;
  readonly #family: 4 | 6;
  readonly #withControl: boolean;
  readonly #sendHeaders: number;
  readonly #sendVectors: number;
  readonly #names: number;
  readonly #controls: number;
  readonly #payloads: number;
  readonly #replyPayloads: number;
  /** Whose name the n-th header to send points at. */
  readonly #slotOf: Int32Array;
  #replies = 0;

  constructor(libc: LibC, options: BatchOptions) {
    const { size, room, family } = options;
    this.#libc = libc;
    this.size = size;
    this.room = room;
    this.#family = family;
    this.#withControl = options.withLocalAddress;
    // An odd number of cache lines, so that the first lines of all datagrams don't fall into one set of the first-level cache.
    const lines = Math.ceil(room / 64);
    this.#stride = 64 * (lines + 1 - (lines % 2));
    const receiveVectors = size * headerSize;
    this.#sendHeaders = receiveVectors + size * vectorSize;
    this.#sendVectors = this.#sendHeaders + size * headerSize;
    this.#names = this.#sendVectors + size * vectorSize;
    this.#controls = this.#names + size * nameSize;
    this.#payloads = this.#controls + size * controlSize;
    this.#replyPayloads = this.#payloads + size * this.#stride;
    // An ArrayBuffer's octets never move; those of a small typed array without one can.
    const arena = new ArrayBuffer(this.#replyPayloads + size * this.#stride);
    this.bytes = new Uint8Array(arena);
    this.#words = new Uint32Array(arena);
    this.#address = libc.addressOf(this.bytes);
    this.#slotOf = Int32Array.from({ length: size }, (_, slot) => slot);
    for (let slot = 0; slot < size; slot++) {
      this.#layOut(slot * headerSize, receiveVectors + slot * vectorSize, this.at(slot), slot);
      const replyAt = this.#replyPayloads + slot * this.#stride;
      const replyHeader = this.#sendHeaders + slot * headerSize;
      this.#layOut(replyHeader, this.#sendVectors + slot * vectorSize, replyAt, slot);
    }
  }

  /** Where datagram `slot` lies in `bytes`. */
  at(slot: number): number {
    return this.#payloads + slot * this.#stride;
  }

  /** Where the sockaddr of its other end lies in `bytes`: `nameSize` octets. */
  nameAt(slot: number): number {
    return this.#names + slot * nameSize;
  }

  /** Where its control data lies in `bytes`: `controlSize` octets. They mean nothing without `withLocalAddress`. */
  controlAt(slot: number): number {
    return this.#controls + slot * controlSize;
  }

  /** Octets of a received datagram; -1 where it was longer than `room`, or the system didn't tell what it was sent to. */
  lengthOf(slot: number): number {
    const header = slot * headerSize;
    const words = this.#words;
    if (((words[(header + inHeader.flags) >> 2] ?? 0) & (MSG_TRUNC | MSG_CTRUNC)) !== 0) return -1;
    return words[(header + inHeader.length) >> 2] ?? 0;
  }

  /**
   * Receives what has come, at most `size` datagrams; where `wait` is set and nothing has, waits for the first as long as the socket's
   * time-out says. Gives how many; 0 where the wait was in vain. Throws a `SystemFault` where the socket is broken.
   */
  receive(fd: number, wait: boolean): number {
    if (this.#withControl) this.#offerControl();
    const flags = wait ? MSG_WAITFORONE : MSG_DONTWAIT;
    let count = this.#libc.recvmmsg(fd, this.#address, this.size, flags, null);
    // After `stopReceiving` the system gives nothing, from nobody, as often as it is asked.
    while (count > 0 && this.#words[((count - 1) * headerSize + inHeader.nameLength) >> 2] === 0) count -= 1;
    if (count >= 0) return count;
    const cause = this.#libc.errno();
    if (cause === errno.EAGAIN || cause === errno.EINTR || cause === errno.ENOMEM) return 0;
    throw new SystemFault('recvmmsg', cause);
  }

  /** Where the next reply's octets belong in `bytes`: `room` octets. */
  replyAt(): number {
    return this.#replyPayloads + this.#replies * this.#stride;
  }

  /** Adds what was written from `replyAt()` on, so many octets, to what `send` sends to the other end of datagram `slot`. */
  reply(slot: number, length: number): void {
    // The one number from outside that the system is to trust.
    if (!(length <= this.room && slot < this.size && this.#replies < this.size))
      throw new RangeError(`a reply of ${length} octets to datagram ${slot} has no room`);
    const index = this.#replies++;
    if (this.#slotOf[index] !== slot) {
      this.#slotOf[index] = slot;
      this.#pointAt(this.#sendHeaders + index * headerSize, slot);
    }
    this.#words[(this.#sendVectors + index * vectorSize + 8) >> 2] = length;
    if (this.#withControl) this.#clearInterface(slot);
  }

  /** How many replies wait for `send`. */
  get replies(): number {
    return this.#replies;
  }

  /**
   * Sends the replies. What the system doesn't take is lost, as datagrams may be: an unreachable peer costs the others nothing.
   * Gives how many were lost.
   */
  send(fd: number): number {
    const count = this.#replies;
    this.#replies = 0;
    let waited = false;
    let lost = 0;
    for (let sent = 0; sent < count;) {
      const first = this.#address + this.#sendHeaders + sent * headerSize;
      const taken = this.#libc.sendmmsg(fd, first, count - sent, MSG_DONTWAIT);
      if (taken > 0) {
        sent += taken;
        continue;
      }
      const cause = this.#libc.errno();
      if (cause === errno.EINTR) continue;
      if (cause === errno.EAGAIN || cause === errno.ENOBUFS) {
        // The network card is behind. It gets one short chance for each batch; then what is left is dropped.
        if (waited || !this.#waitForRoom(fd)) return lost + count - sent;
        waited = true;
        continue;
      }
      // The first one can't be sent (no route, a firewall, a peer's error of before): the others can.
      lost += 1;
      sent += 1;
    }
    return lost;
  }

  #waitForRoom(fd: number): boolean {
    return new SocketPoll(this.#libc, [fd], POLLOUT).wait(sendPatienceMs);
  }

  #layOut(header: number, vector: number, payload: number, slot: number): void {
    const words = this.#words;
    this.#writeAddress(header + inHeader.vector, vector);
    words[(header + inHeader.nameLength) >> 2] = nameLengths[this.#family];
    words[(header + inHeader.vectorCount) >> 2] = 1;
    if (this.#withControl) words[(header + inHeader.controlLength) >> 2] = controlLengths[this.#family];
    this.#writeAddress(vector, payload);
    words[(vector + 8) >> 2] = this.room;
    this.#pointAt(header, slot);
  }

  #pointAt(header: number, slot: number): void {
    this.#writeAddress(header + inHeader.name, this.nameAt(slot));
    if (this.#withControl) this.#writeAddress(header + inHeader.control, this.controlAt(slot));
  }

  #writeAddress(at: number, offset: number): void {
    const address = this.#address + offset;
    this.#words[at >> 2] = address % 0x1_0000_0000;
    this.#words[(at >> 2) + 1] = Math.floor(address / 0x1_0000_0000);
  }

  /** The system writes the length of what it wrote where the length of the room stood. */
  #offerControl(): void {
    const words = this.#words;
    const length = controlLengths[this.#family];
    for (let at = inHeader.controlLength >> 2, left = this.size; left > 0; left--, at += headerSize >> 2)
      words[at] = length;
  }

  /**
   * The reply leaves by the way that routes say, which needn't be the interface it came in by; but a link-local
   * address means nothing without its interface.
   */
  #clearInterface(slot: number): void {
    const control = this.controlAt(slot);
    const { bytes } = this;
    // Behind a cmsghdr of 16 octets: struct in_pktinfo begins with the interface, struct in6_pktinfo ends with it.
    if (this.#family === 4) this.#words[(control + 16) >> 2] = 0;
    else if (!(bytes[control + 16] === 0xfe && ((bytes[control + 17] ?? 0) & 0xc0) === 0x80))
      this.#words[(control + 32) >> 2] = 0;
  }
}

const sendPatienceMs = 10;

/** Waits for the first of several sockets that has something. */
export class SocketPoll {
  readonly #libc: LibC;
  readonly #address: Address;
  readonly #halves: Int16Array;
  readonly #count: number;

  constructor(libc: LibC, fds: readonly number[], events: number = POLLIN) {
    this.#libc = libc;
    this.#count = fds.length;
    // struct pollfd: the descriptor, what is asked for, what there is.
    const memory = new ArrayBuffer(fds.length * 8);
    const words = new Int32Array(memory);
    this.#halves = new Int16Array(memory);
    for (const [index, fd] of fds.entries()) {
      words[index * 2] = fd;
      this.#halves[index * 4 + 2] = events;
    }
    this.#address = libc.addressOf(new Uint8Array(memory));
  }

  /** Gives whether any has; false where the time ran out. */
  wait(timeoutMs: number): boolean {
    return this.#libc.poll(this.#address, this.#count, timeoutMs) > 0;
  }

  has(index: number): boolean {
    return (this.#halves[index * 4 + 3] ?? 0) !== 0;
  }
}
