// Runs inside a server of ours, before it (`node --import`): SIGUSR2 begins to watch the event loop's delay, a second one writes the 99th
// percentile, in milliseconds, into the file that SIGNPOST_LOOP_WATCH names. Until it is asked it costs nothing.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** What is told is how much later than this a timer fired. */
const resolutionMs = 1;

const file = process.env['SIGNPOST_LOOP_WATCH'];
if (isMainThread && file !== undefined) {
  let watch: ReturnType<typeof monitorEventLoopDelay> | undefined;
  process.on('SIGUSR2', () => {
    if (watch === undefined) {
      watch = monitorEventLoopDelay({ resolution: resolutionMs });
      watch.enable();
      return;
    }
    watch.disable();
    writeFileSync(file, String(Math.max(0, watch.percentile(99) / 1e6 - resolutionMs)));
    watch = undefined;
  });
}
