// The C library's calls for datagrams, many at once (recvmmsg(2), sendmmsg(2)), which Node doesn't have. This file,
// datagram-batch.ts and flow-sockets.ts are the only ones that hand addresses of memory to the system. Linux with glibc on 64-bit little-endian machines
// only; elsewhere `loadNative` gives nothing, and node:dgram serves.
import type { LibraryHandle } from 'koffi';
import { DatagramBatch, SocketPoll } from './datagram-batch.ts';
import type { BatchOptions } from './datagram-batch.ts';
import { FlowSockets } from './flow-sockets.ts';
import { SystemFault } from './libc.ts';
import type { LibC } from './libc.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const SHUT_RD = 0;

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
    connect: library.func('int connect(int, void*, uint32_t)'),
    send: library.func('int64_t send(int, uintptr_t, uint64_t, int)'),
    recv: library.func('int64_t recv(int, uintptr_t, uint64_t, int)'),
    epollCreate: library.func('int epoll_create1(int)'),
    epollControl: library.func('int epoll_ctl(int, int, int, uintptr_t)'),
    epollWait: library.func('int epoll_wait(int, uintptr_t, int, int)'),
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

  makeFlowSockets(epoll?: number): FlowSockets {
    return new FlowSockets(this.#libc, epoll);
  }

  #setOption(fd: number, level: number, option: number, value: Uint8Array): void {
    this.#check('setsockopt', this.#libc.setsockopt(fd, level, option, value, value.length));
  }

  #check(call: string, result: number): number {
    if (result < 0) throw new SystemFault(call, this.#libc.errno());
    return result;
  }
}
