// Puts the steps of one mail's two journeys into the order in which a person follows them. They come from several servers:
// the receiver has stored the mail (S6) a moment before the sender hears so (S5).
import type { JourneyStep } from '../lib/journey.ts';

/** S4, the domain's resolution, is complete when the name's journey is; so D1 to D8 stand before it. */
export const journeyOrder: readonly JourneyStep['step'][] = [
  ...(['S1', 'S2', 'S3'] as const),
  ...(['D1', 'D2', 'D3', 'D4', 'D5', 'D6', 'D7', 'D8'] as const),
  ...(['S4', 'S5', 'S6'] as const),
];

export class JourneySequence {
  readonly #waiting = new Map<JourneyStep['step'], JourneyStep>();
  readonly #emit: (step: JourneyStep) => void;
  #next = 0;

  /** `emit` gets each step once, in order. */
  constructor(emit: (step: JourneyStep) => void) {
    this.#emit = emit;
  }

  /** The steps that have not been emitted yet. */
  get missing(): readonly JourneyStep['step'][] {
    return journeyOrder.slice(this.#next);
  }

  /** Takes a step; one that was taken before is dropped, except that a good one replaces a failed one that still waits. */
  take(step: JourneyStep): void {
    if (journeyOrder.indexOf(step.step) < this.#next) return;
    const known = this.#waiting.get(step.step);
    if (known === undefined || (!known.ok && step.ok)) this.#waiting.set(step.step, step);
    for (;;) {
      const name = journeyOrder[this.#next];
      const ready = name === undefined ? undefined : this.#waiting.get(name);
      if (ready === undefined) return;
      this.#next += 1;
      this.#emit(ready);
    }
  }

  /** Emits what waits, in order, although steps before it never came. */
  flush(): void {
    for (; this.#next < journeyOrder.length; this.#next++) {
      const name = journeyOrder[this.#next];
      const waiting = name === undefined ? undefined : this.#waiting.get(name);
      if (waiting !== undefined) this.#emit(waiting);
    }
  }
}
