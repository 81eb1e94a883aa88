// The answering path of the datagram workers and of the main thread, as its callers see it: raw octets of a query in, raw octets of the
// answer out, from zones in shared memory, without an allocation for the plain shapes of queries.
import type { ZoneShare, ZoneShareChange } from '../zone/zone-share.ts';

/** Nothing must be said: garbage below a header's length, or a response (answering one could make two servers talk for ever). */
export const saysNothing = 0;
/** Not a question that zone data answers: another opcode, a transfer, a query signed by TSIG. It belongs to the desk on the main thread. */
export const forTheDesk = -1;

export interface HotAnswers {
  /**
   * Answers the query that lies in `query` from `at`, `length` octets of it, into `out` from `outAt`. Gives the answer's length, which is at
   * most `limit` and at most what the client takes, or {@link saysNothing} or {@link forTheDesk} (then `out` may have been scribbled on).
   * `limit`: the room in `out`; for a datagram the most that the server sends (`authority.udp-size`), for a stream 65,535.
   * `stream`: whether it came by TCP or TLS, so that the client's UDP size counts for nothing.
   * Doesn't throw on input; never writes to `query`. `query` and `out` may be views of one arena, but not overlap.
   */
  answer(
    query: Uint8Array,
    at: number,
    length: number,
    out: Uint8Array,
    outAt: number,
    limit: number,
    stream: boolean,
  ): number;
}

/** What a worker makes of the handle that it was started with. */
export interface WorkerAnswers extends HotAnswers {
  /** Takes a message that the main thread posted: `ZoneSet.onShareChange` hands them out, in the order in which they must be taken. */
  take(change: ZoneShareChange): void;
}

/**
 * Called where a reader meets memory that it has no message about yet: it must take all messages that have come (receiveMessageOnPort)
 * before it returns. The owner posts them before the memory points to what they bring, so they are there.
 */
export type AskForMessages = () => void;

export type { ZoneShare, ZoneShareChange };
