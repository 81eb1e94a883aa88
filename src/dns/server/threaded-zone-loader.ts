// Loads zones from files in threads of their own, so that answering goes on; what is small is loaded at once instead, since a thread
// takes longer to start than a few small files take to read.
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../lib/clock.ts';
import { unreachable } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import { ZoneImage } from '../zone/zone-image.ts';
import type { ZoneLoader, ZoneLoadOutcome, ZoneSource } from '../zone/zone-loader.ts';
import { openZone } from '../zone/zone.ts';
import { loadBatch } from './zone-batch.ts';
import type { BatchOutcome, ZoneJob } from './zone-batch.ts';
import type { FileStamp } from './zone-files.ts';
import type { LoadReply, LoadRequest } from './zone-load-thread.ts';

export interface ZoneLoaderOptions {
  readonly clock: Clock;
  /** At most; default: as many as there are cores at first, and one fewer once there is something to answer from. */
  readonly threads?: number;
}

/** Up to so many files of so many octets together are read where the call is made: some milliseconds. */
const fewFiles = 16;
const fewOctets = 64 * 1024;
/** Zones that a thread is given at a time. */
const jobsAtOnce = 1000;

type OnOutcome = (source: ZoneSource, outcome: ZoneLoadOutcome) => void;

export class ThreadedZoneLoader implements ZoneLoader {
  readonly #clock: Clock;
  readonly #threads: number | undefined;
  /** By the key of the zone's name: what was read when it was loaded last. */
  readonly #stamps = new Map<string, { readonly file: string; readonly stamps: readonly FileStamp[] }>();
  /** The call before, once it is over. */
  #before: Promise<void> = Promise.resolve();

  constructor({ clock, threads }: ZoneLoaderOptions) {
    this.#clock = clock;
    this.#threads = threads;
  }

  load(sources: readonly ZoneSource[], onOutcome: OnOutcome): Promise<void> {
    const run = this.#before.then(() => this.#load(sources, onOutcome));
    this.#before = run.catch(() => undefined);
    return run;
  }

  forget(name: DomainName): void {
    this.#stamps.delete(name.key);
  }

  async #load(sources: readonly ZoneSource[], onOutcome: OnOutcome): Promise<void> {
    const threads = this.#threads ?? Math.max(1, availableParallelism() - (this.#stamps.size > 0 ? 1 : 0));
    const jobs = sources.map(({ name, file }, id): ZoneJob => {
      const known = this.#stamps.get(name.key);
      return { id, origin: name.wire, file, stamps: known?.file === file ? known.stamps : [] };
    });
    const now = Math.floor(this.#clock.now() / 1000);
    const tell = (outcome: BatchOutcome): void => this.#take(sources, outcome, onOutcome);
    if (isLittle(jobs)) loadBatch(jobs, now, tell);
    else await runThreads(jobs, now, threads, tell);
  }

  #take(sources: readonly ZoneSource[], outcome: BatchOutcome, onOutcome: OnOutcome): void {
    switch (outcome.kind) {
      case 'image': {
        const image = new ZoneImage(outcome.memory);
        for (const { id, entry, records, warnings, hash, stamps } of outcome.zones) {
          const [source, zone] = [sources[id], openZone(image, entry)];
          if (source === undefined || zone === undefined) continue;
          this.#stamps.set(source.name.key, { file: source.file, stamps });
          onOutcome(source, { kind: 'loaded', zone, records, warnings, hash });
        }
        return;
      }
      case 'unchanged':
      case 'refused': {
        const source = sources[outcome.id];
        if (source === undefined) return;
        if (outcome.kind === 'unchanged') {
          onOutcome(source, { kind: 'unchanged' });
          return;
        }
        // The next time its faults are told again.
        this.#stamps.delete(source.name.key);
        onOutcome(source, { kind: 'refused', faults: outcome.faults });
        return;
      }
      default:
        unreachable(outcome);
    }
  }
}

function isLittle(jobs: readonly ZoneJob[]): boolean {
  if (jobs.length > fewFiles) return false;
  let octets = 0;
  for (const { file } of jobs) octets += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return octets <= fewOctets;
}

async function runThreads(
  jobs: readonly ZoneJob[],
  now: number,
  most: number,
  tell: (outcome: BatchOutcome) => void,
): Promise<void> {
  // Each thread fetches its next jobs when it has done the last, so that a large zone doesn't hold the others up.
  const share = Math.min(jobsAtOnce, Math.ceil(jobs.length / most));
  let next = 0;
  const fetch = (): readonly ZoneJob[] => {
    const taken = jobs.slice(next, next + share);
    next += taken.length;
    return taken;
  };
  const threads = Math.min(most, Math.ceil(jobs.length / share));
  const faults = await Promise.all(Array.from({ length: threads }, () => runThread(fetch, now, tell)));
  // Only where all threads have died is something left.
  const why = faults.find((fault) => fault !== undefined) ?? '';
  for (let left = fetch(); left.length > 0; left = fetch())
    for (const { id } of left) tell({ kind: 'refused', id, faults: [threadFault(why)] });
}

function threadFault(why: string): string {
  return `the thread that loads zones failed: ${why}`;
}

/** One thread, for as long as there are jobs. Those that it dies over are refused, and what it died of is given. */
async function runThread(
  fetch: () => readonly ZoneJob[],
  now: number,
  tell: (outcome: BatchOutcome) => void,
): Promise<string | undefined> {
  let left = new Set<number>();
  const thread = new Worker(new URL('./zone-load-thread.ts', import.meta.url));
  const fault = await new Promise<string | undefined>((resolve) => {
    const fetchOrEnd = (): void => {
      const jobs = fetch();
      left = new Set(jobs.map(({ id }) => id));
      if (jobs.length === 0) resolve(undefined);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      else thread.postMessage({ jobs, now } satisfies LoadRequest);
    };
    thread.on('message', (reply: LoadReply) => {
      if (reply.kind === 'done') {
        fetchOrEnd();
        return;
      }
      if (reply.kind === 'image') for (const { id } of reply.zones) left.delete(id);
      else left.delete(reply.id);
      tell(reply);
    });
    thread.on('error', (error) => resolve(error instanceof Error ? error.message : String(error)));
    thread.on('exit', (code) => resolve(`it ended with code ${code}`));
    fetchOrEnd();
  });
  await thread.terminate();
  if (fault !== undefined) for (const id of left) tell({ kind: 'refused', id, faults: [threadFault(fault)] });
  return fault;
}
