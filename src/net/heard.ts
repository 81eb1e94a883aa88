// What passes between the main thread and the thread that hears flows.
import type { MessagePort } from 'node:worker_threads';

export interface FlowThreadStart {
  readonly epoll: number;
  readonly memory: SharedArrayBuffer;
  readonly port: MessagePort;
}

/** What was heard at one time: one behind the other, each behind {@link heardHead} octets. */
export interface HeardMessage {
  readonly count: number;
  readonly octets: Uint8Array<ArrayBuffer>;
}

/** In front of each: the flow's number, and the datagram's length or, below zero, the system's errno for it. */
export const heardHead = 8;
