// A loader thread: reads, checks and builds zones while the main thread answers, and hands their images over in shared memory.
import { parentPort } from 'node:worker_threads';
import { loadBatch } from './zone-batch.ts';
import type { BatchOutcome, ZoneJob } from './zone-batch.ts';

export interface LoadRequest {
  readonly jobs: readonly ZoneJob[];
  /** Seconds since the epoch. */
  readonly now: number;
}

export type LoadReply = BatchOutcome | { readonly kind: 'done' };

const port = parentPort;
if (port === null) throw new Error('zone-load-thread.ts is to be run as a worker thread');

port.on('message', ({ jobs, now }: LoadRequest) => {
  const tell = (reply: LoadReply): void => port.postMessage(reply);
  loadBatch(jobs, now, tell);
  tell({ kind: 'done' });
});
