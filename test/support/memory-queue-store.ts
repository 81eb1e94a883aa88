// A queue in memory, for tests of the queue above it: as small as the port allows, with faults and operators on demand.
import { sleep } from '../../src/lib/clock.ts';
import type { Clock } from '../../src/lib/clock.ts';
import type { JourneyId, JourneyStep } from '../../src/lib/journey.ts';
import { StoreFault } from '../../src/mailbox/message.ts';
import type { AcceptedMessage, ContentId } from '../../src/mailbox/message.ts';
import type { QueueEntry, QueueId, QueueStore, Settlement } from '../../src/smtp/queue/queue-store.ts';

export class MemoryQueueStore implements QueueStore {
  /** Messages that were settled as notices, in order. */
  readonly notices: AcceptedMessage[] = [];
  /** Entries that went, and how. */
  readonly ended: (Settlement & { readonly recipient: string })[] = [];
  readonly journeys: Map<JourneyId, JourneyStep[]> = new Map();
  /** How many of the next calls of `settle` fail. */
  settleFaults = 0;
  /** How many of the next reads of the queue fail. */
  readFaults = 0;
  contentFaults = 0;
  /** How long a read of the queue takes; what it gives is as old as its beginning. */
  readMs = 0;
  #entries = new Map<QueueId, QueueEntry>();
  readonly #contents = new Map<ContentId, readonly Uint8Array[]>();
  readonly #watchers = new Set<() => void>();
  readonly #clock: Clock;
  #next = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What `Intake.accept` does for the recipients that are relayed. */
  accept(message: AcceptedMessage): void {
    const content = this.#next++ as ContentId;
    this.#contents.set(content, message.content);
    this.journeys.set(message.id, [...message.journey]);
    for (const destination of message.destinations) {
      if (destination.kind !== 'relay') continue;
      const { report, owner } = destination;
      const id = this.#next++ as QueueId;
      this.#entries.set(id, {
        id,
        message: message.id,
        envelope:
          owner === undefined || message.envelope.reversePath === undefined
            ? message.envelope
            : { ...message.envelope, reversePath: owner },
        recipient: destination.recipient,
        ...(report === undefined ? {} : { report }),
        content,
        size: message.content.reduce((size, chunk) => size + chunk.length, 0),
        queuedAt: message.receivedAt,
        nextAttemptAt: Math.max(message.receivedAt, message.envelope.terms?.releaseAt ?? 0),
        attempts: 0,
        lastReply: undefined,
        held: false,
      });
    }
    this.#tell();
  }

  get waiting(): readonly QueueEntry[] {
    return [...this.#entries.values()];
  }

  hold(id: QueueId): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#entries.set(id, { ...entry, held: true });
  }

  async dueEntries(now: number, limit: number, except: ReadonlySet<string>): Promise<readonly QueueEntry[]> {
    const wanted = this.#due(now).filter((entry) => !except.has(entry.recipient.domain));
    return await this.#read(wanted.slice(0, limit));
  }

  async dueEntriesOf(domain: string, now: number, limit: number): Promise<readonly QueueEntry[]> {
    const wanted = this.#due(now)
      .filter((entry) => entry.recipient.domain === domain)
      .sort((a, b) => (b.envelope.terms?.priority ?? 0) - (a.envelope.terms?.priority ?? 0));
    return await this.#read(wanted.slice(0, limit));
  }

  async nextDue(): Promise<number | undefined> {
    const times = [...this.#entries.values()]
      .filter((entry) => !entry.held)
      .map((entry) => entry.nextAttemptAt);
    return await this.#read(times.length === 0 ? undefined : Math.min(...times));
  }

  async settle(
    settlements: readonly Settlement[],
    journey: readonly { readonly message: JourneyId; readonly steps: readonly JourneyStep[] }[],
    notices: readonly AcceptedMessage[],
  ): Promise<void> {
    if (this.settleFaults > 0) {
      this.settleFaults--;
      throw new StoreFault('full', 'the disk is full');
    }
    for (const settlement of settlements) {
      const entry = this.#entries.get(settlement.id);
      if (entry === undefined) continue;
      if (settlement.kind === 'deferred') {
        const { nextAttemptAt, reply, delayReported } = settlement;
        const attempts = entry.attempts + 1;
        this.#entries.set(entry.id, {
          ...entry,
          attempts,
          nextAttemptAt,
          lastReply: reply,
          ...(delayReported === true ? { delayReported } : {}),
        });
        continue;
      }
      this.#entries.delete(settlement.id);
      this.ended.push({ ...settlement, recipient: `${entry.recipient.localPart}@${entry.recipient.domain}` });
    }
    for (const { message, steps } of journey) this.journeys.get(message)?.push(...steps);
    for (const notice of notices) {
      this.notices.push(notice);
      this.accept(notice);
    }
  }

  async *readContent(content: ContentId): AsyncGenerator<Uint8Array> {
    if (this.contentFaults > 0) {
      this.contentFaults--;
      throw new StoreFault('broken', 'the content is gone');
    }
    yield* this.#contents.get(content) ?? [];
  }

  watchQueue(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }

  async listQueue(limit: number): Promise<readonly QueueEntry[]> {
    return [...this.#entries.values()].slice(0, limit);
  }

  async findQueueEntry(id: QueueId): Promise<QueueEntry | undefined> {
    return await this.#read(this.#entries.get(id));
  }

  async retry(id?: QueueId): Promise<number> {
    const chosen = [...this.#entries.values()].filter((entry) => id === undefined || entry.id === id);
    for (const entry of chosen) {
      this.#entries.set(entry.id, { ...entry, nextAttemptAt: this.#clock.now(), held: false });
    }
    this.#tell();
    return chosen.length;
  }

  async cancel(id: QueueId): Promise<boolean> {
    return this.#entries.delete(id);
  }

  #due(now: number): QueueEntry[] {
    return [...this.#entries.values()]
      .filter((entry) => !entry.held && entry.nextAttemptAt <= now)
      .sort((a, b) => a.nextAttemptAt - b.nextAttemptAt || a.id - b.id);
  }

  async #read<Value>(value: Value): Promise<Value> {
    if (this.readFaults > 0) {
      this.readFaults--;
      throw new StoreFault('broken', 'the store does not answer');
    }
    if (this.readMs > 0) await sleep(this.#clock, this.readMs);
    return value;
  }

  #tell(): void {
    for (const changed of this.#watchers) changed();
  }
}
