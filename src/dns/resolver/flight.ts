// A question that is being resolved, and those who wait for its answer: equal questions are asked once (RFC 5452 §5).
import type { Outcome } from './engine.ts';
import type { Journal } from './journal.ts';

/** Somebody who asked; gets one answer, and what comes after it doesn't concern them. */
export class Waiter {
  readonly #done: (outcome: Outcome) => void;
  readonly #stale: () => Outcome | undefined;
  #cancel: (() => void) | undefined;
  #over = false;

  /** `stale`: what has expired and they would take where there is nothing better. */
  constructor(done: (outcome: Outcome) => void, stale: () => Outcome | undefined) {
    this.#done = done;
    this.#stale = stale;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Calls `cancel` when they have an answer. */
  onAnswer(cancel: () => void): void {
    this.#cancel = cancel;
  }

  answer(outcome: Outcome): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancel?.();
    this.#done((outcome.end.kind === 'failure' && outcome.end.silent !== true && this.#stale()) || outcome);
  }
}

export class Flight {
  readonly journal: Journal;
  readonly #waiting: Waiter[] = [];

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** How many wait, or have waited. */
  get size(): number {
    return this.#waiting.length;
  }

  join(waiter: Waiter): void {
    this.#waiting.push(waiter);
  }

  /** `failed` gets what one of those who wait has thrown: a bug of theirs, which the others must not feel. */
  land(outcome: Outcome, failed: (error: unknown) => void): void {
    for (const waiter of this.#waiting) {
      try {
        waiter.answer(outcome);
      } catch (error) {
        failed(error);
      }
    }
  }
}
