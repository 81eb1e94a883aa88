// A resolution is a generator that waits by yielding: it reads from top to bottom as the RFC does, holds no promise, and so runs
// the same way each time under a clock that is moved by hand.

/** Starts something and calls `resume` once it has ended, now or later. */
export type Wait = (resume: () => void) => void;

/** What gives a `Value` after some waiting; called by `yield*` from another task, or by `run`. */
export type Task<Value> = Generator<Wait, Value, void>;

/** Waits for what `start` hands to `done`; later calls of `done` are ignored. */
export function* until<Value>(start: (done: (value: Value) => void) => void): Task<Value> {
  const box: { outcome: { readonly value: Value } | undefined } = { outcome: undefined };
  yield (resume) => {
    start((value) => {
      if (box.outcome !== undefined) return;
      box.outcome = { value };
      resume();
    });
  };
  if (box.outcome === undefined) throw new Error('a task was resumed before what it waits for had ended');
  return box.outcome.value;
}

/**
 * Runs a task to its end. `failed` gets what it threw: a bug, as every expected outcome is a value.
 * Waits that end at once don't deepen the stack.
 */
export function run<Value>(
  task: Task<Value>,
  done: (value: Value) => void,
  failed: (error: unknown) => void,
): void {
  let running = false;
  let resumed = false;
  const step = (): void => {
    if (running) {
      resumed = true;
      return;
    }
    running = true;
    let outcome: { readonly value: Value } | undefined;
    try {
      do {
        resumed = false;
        const next = task.next();
        if (next.done === true) outcome = { value: next.value };
        else next.value(step);
      } while (resumed && outcome === undefined);
    } catch (error) {
      failed(error);
      return;
    } finally {
      running = false;
    }
    if (outcome !== undefined) done(outcome.value);
  };
  step();
}
