// The queue: finds due entries, makes the attempts, and settles them. Pure over its ports; a run repeats from its seed and clock.
//
// Promises: an entry is never in two attempts at once; what a server took is settled before its entry can be tried again; an
// attempt that is broken off by `drain` leaves its entries due.
import { sleep } from '../../lib/clock.ts';
import type { Timer } from '../../lib/clock.ts';
import type { JourneyStep } from '../../lib/journey.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import { withoutReturnPath } from '../../message/return-path.ts';
import { attempt } from './attempt.ts';
import type { AttemptNeeds, RecipientResult } from './attempt.ts';
import { isPastReturn, overdueVerdict } from './deadline.ts';
import { Lanes } from './lanes.ts';
import type { Lane } from './lanes.ts';
import { deliverHere } from './local-delivery.ts';
import { defaultQueueLimits } from './queue-options.ts';
import type { QueueLimits, QueueOptions } from './queue-options.ts';
import type { QueueEntry } from './queue-store.ts';
import type { RelayRecipient } from './relay-transport.ts';
import { planSettlement } from './settlement.ts';
import type { SettledEntry, SettlementPlan } from './settlement.ts';
import { StepMaker } from './steps.ts';

/** Entries read from the store at once. */
const loadSize = 100;
/** Lanes for each attempt that may run: enough to be fair, bounded memory. */
const lanesPerAttempt = 4;
/** Looking again while the next due entry may be hidden behind one that is being tried. */
const pollMs = 15_000;
/** While much is going on, the store is asked no more often than this: what was queued in between is found together. */
const gatherMs = 5;
/** Waits while the store can't settle, or be asked. */
const storeRetryMs: readonly number[] = [1000, 2000, 5000, 10_000, 30_000];

export class Queue {
  readonly #options: QueueOptions;
  readonly #limits: QueueLimits;
  readonly #needs: AttemptNeeds;
  readonly #lanes = new Lanes();
  readonly #attempts = new Set<Promise<void>>();
  readonly #resting = new Map<string, { readonly until: number; readonly why: string }>();
  readonly #abort = new AbortController();
  #state: 'new' | 'running' | 'draining' = 'new';
  #stopWatching: () => void = () => undefined;
  #timer: Timer | undefined;
  #pumping: Promise<void> | undefined;
  #pumpAgain = false;
  #storeFaults = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#limits = { ...defaultQueueLimits, ...options.limits };
    this.#needs = { ...options, limits: this.#limits, steps: new StepMaker(options.clock) };
  }

  /** Begins to work. Once. */
  start(): void {
    if (this.#state !== 'new') throw new Error('a queue is started once');
    this.#state = 'running';
    this.#stopWatching = this.#options.store.watchQueue(() => {
      this.#lanes.suspectMore();
      this.#wake();
    });
    this.#wake();
  }

  /**
   * Starts no more attempts, and waits for those that run; when `signal` aborts they are broken off, and their entries stay
   * due. Never rejects.
   */
  async drain(signal: AbortSignal): Promise<void> {
    this.#state = 'draining';
    this.#stopWatching();
    this.#timer?.cancel();
    const abort = (): void => this.#abort.abort();
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    await this.#pumping;
    await Promise.all(this.#attempts);
    signal.removeEventListener('abort', abort);
  }

  #wake(): void {
    if (this.#state !== 'running') return;
    if (this.#pumping !== undefined) {
      this.#pumpAgain = true;
      return;
    }
    this.#pumping = this.#pump();
  }

  /** One at a time: loads what is due, starts what may start, and sets the timer for the rest. */
  async #pump(): Promise<void> {
    this.#timer?.cancel();
    this.#pumpAgain = false;
    let timerAfter: number | undefined;
    try {
      await this.#load();
      this.#startAttempts();
      timerAfter = await this.#untilNextDue();
      this.#storeFaults = 0;
    } catch (error) {
      timerAfter = this.#storeWait(this.#storeFaults++);
      this.#options.log.error('the queue could not be read', { error: String(error), retryMs: timerAfter });
    }
    this.#pumping = undefined;
    if (this.#state !== 'running') return;
    const after = this.#pumpAgain ? gatherMs : timerAfter;
    if (after !== undefined) this.#timer = this.#options.clock.after(after, () => this.#wake());
  }

  async #load(): Promise<void> {
    const { store, clock } = this.#options;
    for (const lane of this.#lanes.hungry(this.#limits.attemptsPerDestination)) {
      await this.#loadLane(lane.domain, lane.running.size);
    }
    while (this.#state === 'running' && this.#lanes.size < this.#limits.attempts * lanesPerAttempt) {
      const lanesBefore = this.#lanes.size;
      const due = await store.dueEntries(clock.now(), loadSize, this.#lanes.domains);
      const byDomain = Map.groupBy(due, (entry) => entry.recipient.domain);
      for (const [domain, entries] of byDomain) {
        // A full page may show a part of a domain only.
        if (due.length === loadSize) await this.#loadLane(domain, 0);
        else this.#lanes.load(domain, entries, false);
      }
      if (due.length < loadSize || this.#lanes.size === lanesBefore) return;
    }
  }

  async #loadLane(domain: string, running: number): Promise<void> {
    // Running entries are due too, and come first: room for them and a full load.
    const limit = loadSize + running;
    const entries = await this.#options.store.dueEntriesOf(domain, this.#options.clock.now(), limit);
    this.#lanes.load(domain, entries, entries.length === limit);
  }

  async #untilNextDue(): Promise<number | undefined> {
    const next = await this.#options.store.nextDue();
    if (next === undefined) return undefined;
    const wait = next - this.#options.clock.now();
    // What is due already is being tried, or waits for a place: its end wakes us. Others may hide behind it.
    return wait > 0 ? wait : pollMs;
  }

  #startAttempts(): void {
    while (this.#state === 'running' && this.#attempts.size < this.#limits.attempts) {
      const next = this.#lanes.take(
        this.#limits.attemptsPerDestination,
        this.#limits.recipientsPerTransaction,
      );
      if (next === undefined) return;
      const running = this.#run(next.lane, next.entries).finally(() => {
        this.#attempts.delete(running);
        this.#lanes.done(next.lane, next.entries);
        this.#startAttempts();
        this.#wake();
      });
      this.#attempts.add(running);
    }
  }

  /** One attempt from the last look at its entries to their settlement. Never rejects. */
  async #run(lane: Lane, taken: readonly QueueEntry[]): Promise<void> {
    const entries = await this.#stillDue(taken);
    const [first] = entries;
    if (first === undefined) return;
    const { log, onStep, store } = this.#options;
    const steps: JourneyStep[] = [];
    const keep = (step: JourneyStep): void => {
      steps.push(step);
      onStep?.(first.message, step);
    };
    const mail = {
      envelope: first.envelope,
      size: first.size,
      content: () => withoutReturnPath(store.readContent(first.content)),
    };
    let results: readonly (RecipientResult | undefined)[];
    try {
      results = await this.#attempt(lane.domain, mail, entries, keep);
    } catch (error) {
      // The content can't be read, or there is a bug: other messages must not wait for it.
      log.error('an attempt to relay broke', {
        message: first.message,
        domain: lane.domain,
        error: String(error),
      });
      results = entries.map(({ recipient }) => brokenResult(recipient));
    }
    const settled = entries.flatMap((entry, index): SettledEntry[] => {
      const result = results[index];
      return result === undefined ? [] : [{ entry, result }];
    });
    if (settled.length > 0) await this.#settle(settled, steps);
  }

  /**
   * A look at the store after the entries were marked as running: what was read before may have been settled, held or
   * cancelled since.
   */
  async #stillDue(entries: readonly QueueEntry[]): Promise<QueueEntry[]> {
    const now = this.#options.clock.now();
    try {
      const found = await Promise.all(entries.map((entry) => this.#options.store.findQueueEntry(entry.id)));
      return found.flatMap((entry) =>
        entry !== undefined && !entry.held && entry.nextAttemptAt <= now ? [entry] : [],
      );
    } catch (error) {
      this.#options.log.error('the queue could not be read', { error: String(error) });
      await sleep(this.#options.clock, this.#storeWait(0), this.#abort.signal);
      return [];
    }
  }

  async #attempt(
    domain: string,
    mail: Parameters<typeof attempt>[1],
    entries: readonly QueueEntry[],
    onStep: (step: JourneyStep) => void,
  ): Promise<readonly (RecipientResult | undefined)[]> {
    const recipients = entries.map(({ recipient, report }): RelayRecipient =>
      report === undefined ? recipient : { ...recipient, report },
    );
    if (isPastReturn(mail.envelope, this.#options.clock.now())) {
      const verdict = overdueVerdict(mail.envelope);
      return recipients.map((recipient) => ({ recipient, verdict, remote: undefined }));
    }
    // Only what was held may be for one of us: all else is in its mailbox since it came.
    const held = mail.envelope.terms?.releaseAt !== undefined;
    const here = held ? await deliverHere(recipients, this.#options.route) : [];
    const away = recipients.filter((_, index) => here[index] === undefined);
    const results = away.length === 0 ? [] : await this.#relay(domain, mail, away, onStep);
    let next = 0;
    return recipients.map((_, index) => here[index] ?? results[next++]);
  }

  async #relay(
    domain: string,
    mail: Parameters<typeof attempt>[1],
    recipients: readonly RelayRecipient[],
    onStep: (step: JourneyStep) => void,
  ): Promise<readonly (RecipientResult | undefined)[]> {
    const rest = this.#restOf(domain);
    if (rest !== undefined) {
      onStep(this.#needs.steps.rested(this.#needs.steps.begin(), domain, rest));
      return recipients.map((recipient) => ({
        recipient,
        verdict: { kind: 'deferred', status: '4.4.1', reply: undefined, text: rest },
        remote: undefined,
      }));
    }
    const outcome = await attempt(domain, mail, recipients, this.#needs, onStep, this.#abort.signal);
    if (outcome.kind === 'ended' && outcome.unreached !== undefined) this.#letRest(domain, outcome.unreached);
    return outcome.results;
  }

  #restOf(domain: string): string | undefined {
    const rest = this.#resting.get(domain);
    if (rest === undefined) return undefined;
    if (rest.until > this.#options.clock.now()) return rest.why;
    this.#resting.delete(domain);
    return undefined;
  }

  #letRest(domain: string, why: string): void {
    const now = this.#options.clock.now();
    for (const [other, rest] of this.#resting) if (rest.until <= now) this.#resting.delete(other);
    this.#resting.set(domain, { until: now + this.#limits.restMs, why });
  }

  /**
   * Tries until the store has written it: an entry whose message was taken must never be tried again because of a full disk.
   * Only the end of `drain` breaks it off.
   */
  async #settle(settled: readonly SettledEntry[], steps: readonly JourneyStep[]): Promise<void> {
    for (let faults = 0; ; faults++) {
      try {
        const plan = await planSettlement(settled, steps, this.#limits, this.#options);
        await this.#options.store.settle(plan.settlements, plan.journey, plan.notices);
        this.#report(settled, plan);
        return;
      } catch (error) {
        const retryMs = this.#storeWait(faults);
        const message = settled[0]?.entry.message;
        this.#options.log.error('an attempt could not be settled', {
          message,
          error: String(error),
          retryMs,
        });
        if (this.#abort.signal.aborted) return;
        await sleep(this.#options.clock, retryMs, this.#abort.signal);
      }
    }
  }

  #report(settled: readonly SettledEntry[], plan: SettlementPlan): void {
    for (const notice of plan.notices) {
      for (const step of notice.journey) this.#options.onStep?.(notice.id, step);
    }
    for (const [index, { entry, result }] of settled.entries()) {
      const { verdict, remote } = result;
      this.#options.log.info('an attempt to relay ended', {
        message: entry.message,
        recipient: formatMailAddress(entry.recipient),
        outcome: plan.settlements[index]?.kind,
        status: verdict.status,
        remote,
        reply: verdict.reply ?? verdict.text,
        bounce: plan.notices[0]?.id,
      });
    }
  }

  #storeWait(faults: number): number {
    return storeRetryMs[Math.min(faults, storeRetryMs.length - 1)] ?? 1000;
  }
}

function brokenResult(recipient: RecipientResult['recipient']): RecipientResult {
  const text = 'This server could not read the message from its own store.';
  return {
    recipient,
    verdict: { kind: 'deferred', status: '4.3.0', reply: undefined, text },
    remote: undefined,
  };
}
