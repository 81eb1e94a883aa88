// Batches of datagrams in memory as Linux wants them, laid out once: what recvmmsg(2) fills and sendmmsg(2) sends. With native.ts the
// only file that hands addresses of memory to the system.
//
// A hot path: a batch is received, answered and sent without allocating. Measured on a 2-core machine that was shared with many others:
// an echo by node:dgram costs 18.9–22 µs of CPU, by this 5.5–7.3 µs, of which 0.5 µs or less is not the system's. Measure again by
// `node bench/micro/datagram-echo.ts`.
import { errno, SystemFault } from './libc.ts';
import type { Address, LibC } from './libc.ts';

const MSG_CTRUNC = 0x8;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const MSG_WAITFORONE = 0x10000;
const POLLIN = 1;
const POLLOUT = 4;

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
