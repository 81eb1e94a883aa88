// What a datagram worker's program begins with: it was started by `DatagramWorkers`, and serves until that one says to stop.
import { isMainThread, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
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
  const { worker, port, answers, take } = await prepare(make);
  const running: WorkerMessage = { kind: 'running' };
  port.postMessage(running, []);
  worker.run(answers, take);
  port.close();
}

/** By itself, so that nothing of what the thread began with is held by the call that lasts as long as the thread. */
async function prepare(make: Parameters<typeof serveDatagrams>[0]): Promise<Prepared> {
  const data = workerData as { post: WorkerStart['post']; start: unknown };
  const { post, start } = data;
  // Nor by Node.js: the memory of zones that have been replaced since would stay.
  data.start = undefined;
  const native = await loadNative();
  if (native === undefined) throw new Error("this system hasn't got the calls for datagrams");
  const worker = new DatagramWorker(native, post);
  return { worker, port: post.port, ...(await make(start, worker.takeMessages)) };
}

interface Prepared extends ThreadAnswers {
  readonly worker: DatagramWorker;
  readonly port: MessagePort;
}
