// A thread that reads one block list, and hands its table over in shared memory.
import { parentPort, workerData } from 'node:worker_threads';
import { readBlockList } from './read-block-list.ts';
import type { ListRequest } from './read-block-list.ts';

const port = parentPort;
if (port === null) throw new Error('block-list-thread.ts is to be run as a worker thread');
port.postMessage(readBlockList(workerData as ListRequest));
