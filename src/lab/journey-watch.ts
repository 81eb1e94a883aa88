// Follows one mail through the box: picks its steps, and those of the name it needed, out of what all the servers tell.
import { systemClock } from '../lib/clock.ts';
import type { JourneyId, JourneyStep } from '../lib/journey.ts';
import type { LabReport } from './report.ts';
import { JourneySequence } from './sequence.ts';
import type { LabParty } from './world.ts';

export class JourneyWatch {
  readonly #report: LabReport;
  readonly #sequence: JourneySequence;
  readonly #stored: PromiseWithResolvers<JourneyStep> = Promise.withResolvers();
  #mailId: JourneyId | undefined;
  #nameId: JourneyId | undefined;
  #failed = false;
  #showsAll = false;

  constructor(report: LabReport) {
    this.#report = report;
    this.#sequence = new JourneySequence((step) => {
      this.#failed ||= !step.ok;
      report.step(step);
    });
    // Whoever waits for it hears of it; nobody may be waiting any more.
    this.#stored.promise.catch(() => undefined);
  }

  /** The sender's id of the mail, once it is known. */
  get mailId(): JourneyId | undefined {
    return this.#mailId;
  }

  get missing(): readonly JourneyStep['step'][] {
    return this.#sequence.missing;
  }

  /** Whether a step that was shown went wrong. */
  get failed(): boolean {
    return this.#failed;
  }

  take(party: LabParty, id: JourneyId, told: JourneyStep): void {
    // What the sender's stub saw of the resolution is told, and better, by the resolver itself.
    const { steps: _steps, ...step } = told;
    if (this.#showsAll) {
      if (step.step === 'D1' || step.step === 'S1') this.#report.say('');
      this.#report.step(step);
      return;
    }
    if (party.id === 'resolver') {
      // The first question is the one for MX; those for addresses are told by S4.
      this.#nameId ??= id;
      if (this.#nameId === id) this.#sequence.take(step);
    } else if (party.id === 'mail-example-com') {
      this.#mailId ??= id;
      if (this.#mailId !== id) return;
      this.#sequence.take(step);
      if (!step.ok) this.#stored.reject(new Error(step.text));
    } else if (step.step === 'S6') {
      this.#stored.resolve(step);
    }
  }

  /** S6 of the recipient's server. Rejects when a step before it fails, or nothing is heard for `patienceMs`. */
  async stored(patienceMs: number): Promise<JourneyStep> {
    const timer = systemClock.after(patienceMs, () =>
      this.#stored.reject(new Error(`it is not in Bob's mailbox after ${patienceMs / 1000} s`)),
    );
    try {
      return await this.#stored.promise;
    } finally {
      timer.cancel();
    }
  }

  /** Takes the last step, which is complete when the mail has been retrieved. */
  finish(step: JourneyStep): void {
    this.#sequence.take(step);
  }

  /** Shows what still waits for a step before it. */
  flush(): void {
    this.#sequence.flush();
  }

  /** From now on every step of every journey is shown as it happens. */
  showEverything(): void {
    this.#showsAll = true;
  }
}
