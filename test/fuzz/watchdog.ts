// A thread that watches the fuzzing thread: a step that never ends can't report itself.
import { writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

/** Longer than this, the step is taken for endless, milliseconds. */
const patience = 20_000;
/** Header of the shared memory, in 32-bit words: step, length of the input. */
const headerWords = 2;

export interface Watchdog extends Disposable {
  /** Says that a step with this input starts. */
  step(step: number, input: Uint8Array): void;
}

/** Starts a watchdog that ends this process, telling step and input, when a step takes more than 20 s. */
export function startWatchdog(label: string, maxInputLength: number): Watchdog {
  const memory = new SharedArrayBuffer(4 * headerWords + maxInputLength);
  const words = new Int32Array(memory, 0, headerWords);
  const octets = new Uint8Array(memory, 4 * headerWords);
  const worker = new Worker(import.meta.filename, { workerData: { memory, label } });
  worker.unref();
  return {
    step: (step, input) => {
      octets.set(input);
      Atomics.store(words, 1, input.length);
      Atomics.store(words, 0, step + 1);
    },
    [Symbol.dispose]: () => void worker.terminate(),
  };
}

function watch(memory: SharedArrayBuffer, label: string): void {
  const words = new Int32Array(memory, 0, headerWords);
  let [seen, since] = [0, performance.now()];
  setInterval(() => {
    const step = Atomics.load(words, 0);
    if (step !== seen) [seen, since] = [step, performance.now()];
    else if (step > 0 && performance.now() - since > patience) {
      const input = new Uint8Array(memory, 4 * headerWords).slice(0, Atomics.load(words, 1));
      writeSync(2, `${label}: step ${step - 1} doesn't end. Its input:\n${input.toHex()}\n`);
      process.kill(process.pid, 'SIGKILL');
    }
  }, 500);
}

if (!isMainThread) {
  const { memory, label } = workerData as { readonly memory: SharedArrayBuffer; readonly label: string };
  watch(memory, label);
}
