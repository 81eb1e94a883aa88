// Starting makes much that nobody needs afterwards: texts of zone files, records that have become a zone; and so does a flood of requests. V8
// would keep that until it needs the room, which in an idle server is never.
import type { Clock } from '../lib/clock.ts';
import { collectGarbage } from '../lib/garbage.ts';

/** Takes 0.1 s, half a second with 24,000 names: for once, after the start, and when there is nothing else to do. */
export function giveBackMemory(): void {
  collectGarbage('last-resort');
}

/** What the heap may hold beyond what it held after the last time before it is worth a pause: octets. */
const worthwhile = 48 << 20;
const lookMs = 10_000;
/** The share of its time that an idle event loop is busy at most. */
const idleShare = 0.1;

/** What of the process is looked at. */
export interface MemoryWatch {
  /** Octets that the heap holds, in use or not. */
  heldOctets(): number;
  /** The share of the time since the last call that the event loop was busy. */
  busyShare(): number;
  giveBack(): void;
}

/** Gives back what a time of much work has left behind, in the first quiet ten seconds after it. */
export function giveBackWhenIdle(clock: Clock, watch: MemoryWatch): Disposable {
  let least = watch.heldOctets();
  watch.busyShare();
  const look = (): void => {
    const held = watch.heldOctets();
    const idle = watch.busyShare() < idleShare;
    if (held < least) least = held;
    if (idle && held - least > worthwhile) {
      watch.giveBack();
      // What is left is in use, however much that is: it isn't tried again before there is more.
      least = watch.heldOctets();
    }
    timer = clock.after(lookMs, look);
  };
  let timer = clock.after(lookMs, look);
  return { [Symbol.dispose]: () => timer.cancel() };
}

export function processMemory(): MemoryWatch {
  let before = performance.eventLoopUtilization();
  return {
    heldOctets: () => process.memoryUsage().heapTotal,
    busyShare: () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return utilization;
    },
    giveBack: giveBackMemory,
  };
}
