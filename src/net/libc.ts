// The C library's calls as native.ts declares them, and what they say no with.
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';

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
export const errno = { EINTR: 4, EAGAIN: 11, EADDRINUSE: 98, ENOBUFS: 105, ENOMEM: 12 } as const;

type Integer = number;
/** The address of memory that the caller keeps alive. Numbers hold them exactly: user space ends below 2^53. */
export type Address = number;

/** The calls as the system has them: -1 is an error, and `errno` says which. */
export interface LibC {
  errno(): Integer;
  addressOf(bytes: Uint8Array): Address;
  socket(family: Integer, type: Integer, protocol: Integer): Integer;
  bind(fd: Integer, name: Uint8Array, length: Integer): Integer;
  connect(fd: Integer, name: Uint8Array, length: Integer): Integer;
  send(fd: Integer, octets: Address, length: Integer, flags: Integer): Integer;
  recv(fd: Integer, octets: Address, length: Integer, flags: Integer): Integer;
  epollCreate(flags: Integer): Integer;
  epollControl(epoll: Integer, operation: Integer, fd: Integer, event: Address): Integer;
  epollWait(epoll: Integer, events: Address, count: Integer, timeoutMs: Integer): Integer;
  getsockname(fd: Integer, name: Uint8Array, length: Uint8Array): Integer;
  setsockopt(fd: Integer, level: Integer, option: Integer, value: Uint8Array, length: Integer): Integer;
  recvmmsg(fd: Integer, headers: Address, count: Integer, flags: Integer, timeout: null): Integer;
  sendmmsg(fd: Integer, headers: Address, count: Integer, flags: Integer): Integer;
  poll(fds: Address, count: Integer, timeoutMs: Integer): Integer;
  shutdown(fd: Integer, how: Integer): Integer;
  close(fd: Integer): Integer;
}
