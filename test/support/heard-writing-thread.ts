// A thread for tests that puts numbered things into a ring until so many have found room, and more quickly than they are read.
import { parentPort, workerData } from 'node:worker_threads';
import { HeardRing } from '../../src/dns/resolver/heard-ring.ts';
import { numberedHeard, numberedReply } from './numbered-heard.ts';

export interface HeardWriting {
  readonly heard: SharedArrayBuffer;
  /** How many are put. */
  readonly count: number;
}

const { heard, count } = workerData as HeardWriting;
const ring = new HeardRing(heard);
for (let number = 1; number <= count; number++) {
  ring.put(numberedHeard(number), numberedReply(number));
  // Some room for the reader: most would be lost otherwise.
  if (number % 64 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}
parentPort?.postMessage('all are put', []);
