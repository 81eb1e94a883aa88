// Reads the lists of `resolver.block` one after the other in a thread of their own, while the one before goes on to serve.
import { Worker } from 'node:worker_threads';
import type { BlockListConfig } from '../../config/reach-config.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import { fault } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { BlockList } from '../policy/block-list.ts';
import type { ListRequest, ReadList } from './read-block-list.ts';

/** In the order of the config. The faults are sentences; what single lines can't say is only logged. */
export async function loadBlockLists(
  lists: readonly BlockListConfig[],
  { random, log }: { readonly random: Random; readonly log: Log },
): Promise<{ readonly lists: readonly BlockList[]; readonly faults: readonly string[] }> {
  const loaded: BlockList[] = [];
  const faults: string[] = [];
  for (const list of lists) {
    const seeds = [random.below(2 ** 32), random.below(2 ** 32)] as const;
    const read = await inThread({ list, seeds });
    if (!read.ok) {
      faults.push(`resolver.block: ${read.fault}`);
      continue;
    }
    const { parts, unread, unsupported } = read.value;
    const blockList = new BlockList(parts);
    loaded.push(blockList);
    log.info('a block list was read', { file: list.file, names: blockList.names, unread, unsupported });
  }
  return { lists: loaded, faults };
}

function inThread(request: ListRequest): Promise<Result<ReadList>> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./block-list-thread.ts', import.meta.url), { workerData: request });
    const fail = (error: unknown): void => resolve(fault(`${request.list.file}: ${String(error)}`));
    worker.once('message', resolve);
    worker.once('error', fail);
    worker.once('exit', (code) => fail(`its reading ended with code ${code}`));
  });
}
