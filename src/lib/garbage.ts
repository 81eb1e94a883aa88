// Collects garbage now, where V8 would wait until it needs the room. Node.js's own switch for that, --expose-gc, keeps it from using the compiled
// form of its modules: 0.05 s of CPU at the start of the process, and again for each thread. So the switch is on for an instant only.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collector: NodeJS.GCFunction | undefined;

/** A whole collection of this thread's heap, at once. `last-resort` takes longer, and gives pages back to the system. */
export function collectGarbage(flavor: 'regular' | 'last-resort' = 'regular'): void {
  collector ??= exposedCollector();
  collector({ type: 'major', execution: 'sync', flavor });
}

function exposedCollector(): NodeJS.GCFunction {
  setFlagsFromString('--expose-gc');
  // Any new context has it while the switch is on.
  const found = runInNewContext('gc') as NodeJS.GCFunction;
  // Compiled code is marked with the switches of its time, and isn't taken again with others.
  setFlagsFromString('--no-expose-gc');
  return found;
}
