// What a datagram worker's program begins with: it was started by `DatagramWorkers`, and serves until that one says to stop.
import { isMainThread, workerData } from 'node:worker_threads';
import { DatagramWorker } from './datagram-worker.ts';
import type { DatagramAnswers, WorkerMessage } from './datagram-worker.ts';
import type { WorkerStart } from './datagram-workers.ts';
import { loadNative } from './native.ts';

/** What answers, and what the messages posted to this thread go to. */
export interface ThreadAnswers {
  readonly answers: DatagramAnswers;
  readonly take: (message: unknown) => void;
}

/**
 * `make` gets what `DatagramWorkersOptions.start` gave, and a function that takes the messages that have come, for whoever needs them at once.
 * Returns at the thread's end.
 */
export async function serveDatagrams(
  make: (start: unknown, takeMessages: () => void) => ThreadAnswers | Promise<ThreadAnswers>,
): Promise<void> {
  if (isMainThread) throw new Error('this is a program for a thread of its own');
  const { post, start } = workerData as WorkerStart;
  const native = await loadNative();
  if (native === undefined) throw new Error("this system hasn't got the calls for datagrams");
  const worker = new DatagramWorker(native, post);
  const { answers, take } = await make(start, worker.takeMessages);
  const running: WorkerMessage = { kind: 'running' };
  post.port.postMessage(running, []);
  worker.run(answers, take);
  post.port.close();
}
