// Counts how much a function does, not how long it takes: V8 tells how often each block of code ran. What native code does (`indexOf`) is
// not in it. Only code that was first called while counting is counted in full, so that a process can count once.
import { Session } from 'node:inspector/promises';

/** How many blocks of the files below `folder` (part of a path) ran during each of the calls. */
export async function countWork(folder: string, calls: readonly (() => void)[]): Promise<number[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const counts: number[] = [];
  try {
    for (const call of calls) {
      // What ran before is not counted: taking the counts begins them anew.
      await session.post('Profiler.takePreciseCoverage');
      call();
      const { result } = await session.post('Profiler.takePreciseCoverage');
      let count = 0;
      for (const script of result) {
        if (!script.url.includes(folder)) continue;
        for (const { ranges } of script.functions) for (const range of ranges) count += range.count;
      }
      counts.push(count);
    }
  } finally {
    session.disconnect();
  }
  return counts;
}
