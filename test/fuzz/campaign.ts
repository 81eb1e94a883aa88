// Runs one fuzz target for a number of steps, and says what went wrong: a throw, a step that took too long, or memory that
// stayed behind. Each step's input and choices follow from the campaign's seed and the step's number alone.
import { collectGarbage } from '../../src/lib/garbage.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { mutate } from './mutate.ts';
import type { FuzzTarget } from './target.ts';

export interface CampaignOptions {
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  /** More CPU time than this, and a step counts as a hang; 1,000 ms unless given. */
  readonly maxStepTime?: number;
  /** Told before each step, for a watchdog. */
  readonly onStep?: (step: number, input: Uint8Array) => void;
}

export interface CampaignResult {
  readonly steps: number;
  readonly milliseconds: number;
  /** Octets in use after a forced collection: early in the campaign, and at its end. */
  readonly memoryBefore: number;
  readonly memoryAfter: number;
  readonly failure: CampaignFailure | undefined;
}

export interface CampaignFailure {
  readonly step: number;
  readonly input: Uint8Array;
  readonly reason: string;
}

/** What a campaign may leave behind: code that became hot, tables that were made on first use. */
const maxGrowth = 8 * 1024 * 1024;

export async function runCampaign(target: FuzzTarget, options: CampaignOptions): Promise<CampaignResult> {
  const { seed, first, count, maxStepTime = 1000 } = options;
  const start = performance.now();
  // Memory is compared from here on: by then the code is compiled and every lazy table made.
  const warm = first + Math.floor(count / 5);
  let memoryBefore = await settledMemory(0, 2);
  let failure: CampaignFailure | undefined;
  let step = first;
  for (; step < first + count && failure === undefined; step++) {
    if (step === warm) memoryBefore = await settledMemory(0, 2);
    const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ step);
    const input = mutate(target, random);
    options.onStep?.(step, input);
    const reason = await problemOf(
      () => target.run(input, random),
      maxStepTime,
      () => target.run(input, seededRandom(0)),
    );
    if (reason !== undefined) failure = { step, input, reason };
  }
  const most = memoryBefore + maxGrowth + (target.keeps ?? 0);
  const memoryAfter = await settledMemory(most, 50);
  if (failure === undefined && memoryAfter > most) {
    const grown = ((memoryAfter - memoryBefore) / 1024 / 1024).toFixed(1);
    failure = { step, input: new Uint8Array(0), reason: `${grown} MiB of memory stayed behind` };
  }
  return { steps: step - first, milliseconds: performance.now() - start, memoryBefore, memoryAfter, failure };
}

type Run = () => void | Promise<void>;

async function problemOf(run: Run, maxStepTime: number, again: Run): Promise<string | undefined> {
  try {
    const took = await timeOf(run);
    if (took <= maxStepTime) return undefined;
    // The collector may have had its turn in the middle: what is really slow is slow again.
    if ((await timeOf(again)) <= maxStepTime) return undefined;
    return `the step took ${Math.round(took)} ms`;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Milliseconds of this thread's CPU: a busy machine makes others wait, and says nothing of them. Whoever waits for ever is the watchdog's. */
async function timeOf(run: Run): Promise<number> {
  const start = process.threadCpuUsage();
  const running = run();
  if (running !== undefined) await running;
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000;
}

/**
 * The least of several looks, as soon as one is not above `goal`. V8 frees the octets of buffers on a thread of its own, some time after
 * the collection that found them dead: what is really kept stays, however often one looks.
 */
async function settledMemory(goal: number, looks: number): Promise<number> {
  let least = memoryInUse();
  for (let look = 1; look < looks && least > goal; look++) {
    await nextTurn();
    least = Math.min(least, memoryInUse());
  }
  return least;
}

function memoryInUse(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
