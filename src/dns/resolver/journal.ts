// Writes the journey of one resolution (D1 to D8, see lib/journey.ts), where anybody wants to know it: putting it into words costs more than most
// resolutions. Steps of the look-ups that it needs on the way, such as a name server's address, are kept and become `steps` of the next step.
import type { Clock } from '../../lib/clock.ts';
import type { ChainLink, JourneyDetail, JourneyStep, NameStep } from '../../lib/journey.ts';

export type StepObserver = (step: JourneyStep) => void;

export interface StepFacts {
  readonly step: NameStep;
  /** When it began, by the monotonic clock; now, unless given. It ends now, or with `ms`, after so many milliseconds. */
  readonly since?: number;
  readonly ms?: number;
  readonly ok: boolean;
  readonly server?: { readonly name: string; readonly address: string } | undefined;
  readonly text: string;
  readonly detail?: JourneyDetail;
  readonly link?: ChainLink;
}

export class Journal {
  readonly #clock: Clock;
  readonly #steps: JourneyStep[] = [];
  readonly #observers: StepObserver[] = [];
  /** Made for the first: most journals are never observed. */
  #links: Set<ChainLink> | undefined;
  #nested: JourneyStep[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get steps(): readonly JourneyStep[] {
    return this.#steps;
  }

  /** Whether anybody wants to know. */
  get isWatched(): boolean {
    return this.#observers.length > 0;
  }

  /** Gives the observer each step from now on, after those that were written already: from the first on, where somebody observed it all the time. */
  observe(observer: StepObserver): void {
    for (const step of this.#steps) observer(step);
    this.#observers.push(observer);
  }

  /** Writes a step. Its facts are only asked for where the journey is observed. */
  add(makeFacts: () => StepFacts): void {
    if (!this.isWatched) return;
    const facts = makeFacts();
    const ago = facts.since === undefined ? 0 : Math.max(0, this.#clock.monotonic() - facts.since);
    const step: JourneyStep = {
      step: facts.step,
      at: this.#clock.now() - ago,
      ms: facts.ms ?? ago,
      ok: facts.ok,
      ...(facts.server === undefined ? {} : { server: facts.server }),
      text: facts.text,
      ...(facts.detail === undefined ? {} : { detail: facts.detail }),
      ...(facts.link === undefined ? {} : { link: facts.link }),
      ...(this.#nested.length === 0 ? {} : { steps: this.#nested }),
    };
    this.#nested = [];
    this.take(step);
  }

  /** Whether this link of a chain of trust was asked about for the first time here: many answers share their chain's upper links. */
  isNewLink(link: ChainLink): boolean {
    if (!this.isWatched || this.#links?.has(link) === true) return false;
    this.#links ??= new Set();
    this.#links.add(link);
    return true;
  }

  /** Takes over a step as it is: of a resolution that several askers wait for. */
  take(step: JourneyStep): void {
    this.#steps.push(step);
    for (const observer of this.#observers) observer(step);
  }

  /** A journal whose steps become part of the next step of this one. */
  nest(): Journal {
    const nested = new Journal(this.#clock);
    if (this.isWatched) nested.observe((step) => this.#nested.push(step));
    return nested;
  }
}
