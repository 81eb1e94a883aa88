// Who is next: a lane for each destination domain that has work, with a bounded piece of its due entries loaded. A free place
// goes to the lane whose next message is the most urgent (RFC 6710 §4.3), among equals to the one with the least attempts running, and
// among those to the one that has waited longest.
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { QueueEntry, QueueId } from './queue-store.ts';

export interface Lane {
  readonly domain: string;
  /** Entries waiting, by message and the sender in its envelope: each group will be one transaction. */
  readonly waiting: Map<string, QueueEntry[]>;
  /** Entries of running attempts. */
  readonly running: Set<QueueId>;
  attempts: number;
  /** The store may hold more due entries of this domain than were loaded. */
  mayHaveMore: boolean;
  /** When it last got a place; a number that only grows. */
  servedAt: number;
}

export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  #turn = 0;

  get size(): number {
    return this.#lanes.size;
  }

  /** The domains that have a lane: what need not be looked for in the store. */
  get domains(): ReadonlySet<string> {
    return new Set(this.#lanes.keys());
  }

  /** Puts due entries of one domain into its lane, which is made if need be. Running ones are passed over. */
  load(domain: string, entries: readonly QueueEntry[], mayHaveMore: boolean): void {
    const lane = this.#lanes.get(domain) ?? this.#open(domain);
    lane.mayHaveMore = mayHaveMore;
    lane.waiting.clear();
    for (const entry of entries.toSorted((a, b) => priorityOf(b) - priorityOf(a))) {
      if (lane.running.has(entry.id)) continue;
      const key = transactionKey(entry);
      const group = lane.waiting.get(key);
      if (group === undefined) lane.waiting.set(key, [entry]);
      else group.push(entry);
    }
    this.#closeIfDone(lane);
  }

  /** Something was queued: any lane may have more now. */
  suspectMore(): void {
    for (const lane of this.#lanes.values()) lane.mayHaveMore = true;
  }

  /** Lanes with a place free, nothing waiting, and maybe more in the store. */
  hungry(attemptsPerLane: number): Lane[] {
    return [...this.#lanes.values()].filter(
      (lane) => lane.mayHaveMore && lane.waiting.size === 0 && lane.attempts < attemptsPerLane,
    );
  }

  /** Takes the next group of at most `most` entries of one message, and counts its attempt; `undefined` when no lane may start one. */
  take(attemptsPerLane: number, most: number): { lane: Lane; entries: readonly QueueEntry[] } | undefined {
    let best: Lane | undefined;
    for (const lane of this.#lanes.values()) {
      if (lane.waiting.size === 0 || lane.attempts >= attemptsPerLane) continue;
      if (best === undefined || comesBefore(lane, best)) best = lane;
    }
    const next = best?.waiting.entries().next().value;
    if (best === undefined || next === undefined) return undefined;
    const [key, group] = next;
    const entries = group.splice(0, most);
    if (group.length === 0) best.waiting.delete(key);
    for (const entry of entries) best.running.add(entry.id);
    best.attempts += 1;
    best.servedAt = ++this.#turn;
    return { lane: best, entries };
  }

  /** The attempt that `take` gave is over, and what came of it is in the store. */
  done(lane: Lane, entries: readonly QueueEntry[]): void {
    for (const entry of entries) lane.running.delete(entry.id);
    lane.attempts -= 1;
    this.#closeIfDone(lane);
  }

  #open(domain: string): Lane {
    const lane: Lane = {
      domain,
      waiting: new Map(),
      running: new Set(),
      attempts: 0,
      mayHaveMore: false,
      servedAt: this.#turn,
    };
    this.#lanes.set(domain, lane);
    return lane;
  }

  /** A lane without work goes; what is left of its domain in the store is found again like any other. */
  #closeIfDone(lane: Lane): void {
    if (lane.attempts === 0 && lane.waiting.size === 0) this.#lanes.delete(lane.domain);
  }
}

/** Members of a group have its owner for a sender, whoever wrote the message (RFC 5321 §3.9.2). */
function transactionKey({ message, envelope: { reversePath } }: QueueEntry): string {
  return reversePath === undefined ? message : `${message} ${formatMailAddress(reversePath)}`;
}

function priorityOf(entry: QueueEntry): number {
  return entry.envelope.terms?.priority ?? 0;
}

/** Of the group that is next. */
function urgencyOf(lane: Lane): number {
  const [entry] = lane.waiting.values().next().value ?? [];
  return entry === undefined ? 0 : priorityOf(entry);
}

function comesBefore(a: Lane, b: Lane): boolean {
  const [urgencyA, urgencyB] = [urgencyOf(a), urgencyOf(b)];
  if (urgencyA !== urgencyB) return urgencyA > urgencyB;
  return a.attempts !== b.attempts ? a.attempts < b.attempts : a.servedAt < b.servedAt;
}
