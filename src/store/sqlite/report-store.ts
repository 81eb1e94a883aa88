// The counts for aggregate reports: a part of `SqliteStore`, whose reader and writer it shares. A message is counted in memory and written
// with others a little later, so that no 250 waits for it: what dies with the process are the counts of the last seconds.
import type { Clock, Timer } from '../../lib/clock.ts';
import type { CountedRow, ReportRow, ReportStore } from '../../mailauth/dmarc/report-store.ts';
import { StoreFault } from '../../mailbox/message.ts';
import type { GroupWriter } from './group-writer.ts';
import type { Reader } from './reader.ts';
import type { Row } from './rows.ts';
import { integer, optionalJson, text } from './rows.ts';

export interface ReportOptions {
  /** Rows of one domain and day. */
  readonly mostRows: number;
  /** Days that are kept. */
  readonly keepDays: number;
  /** Messages that were not counted, because there was no room for a row of theirs. */
  readonly onDropped: ((messages: number) => void) | undefined;
}

/** Milliseconds that a count waits for others. */
const writeAfterMs = 2000;
/** Rows that wait; more are written at once. */
const mostWaiting = 1000;
/** Rows that are kept waiting while the store fails. */
const mostKept = 10_000;

interface Waiting {
  readonly day: number;
  readonly domain: string;
  readonly facts: string;
  count: number;
}

export class SqliteReportStore implements ReportStore {
  readonly #writer: GroupWriter;
  readonly #reader: Reader;
  readonly #clock: Clock;
  readonly #options: ReportOptions;
  #waiting = new Map<string, Waiting>();
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** The last write has failed: the next one has time. */
  #failing = false;

  constructor(writer: GroupWriter, reader: Reader, clock: Clock, options: ReportOptions) {
    this.#writer = writer;
    this.#reader = reader;
    this.#clock = clock;
    this.#options = options;
  }

  count(day: number, row: ReportRow): void {
    const { policyDomain, ...facts } = row;
    this.#add({ day, domain: policyDomain, facts: JSON.stringify(facts), count: 1 });
    if (this.#waiting.size >= mostWaiting && !this.#failing) void this.flush();
    else this.#timer ??= this.#clock.after(writeAfterMs, () => void this.flush());
  }

  async domains(day: number): Promise<readonly string[]> {
    await this.flush();
    return this.#reader
      .all("SELECT domain FROM report_total WHERE day = ? AND domain <> '' ORDER BY domain", day)
      .map((row) => text(row, 'domain'));
  }

  async rows(day: number, policyDomain: string): Promise<readonly CountedRow[]> {
    await this.flush();
    return this.#reader
      .all(
        'SELECT facts, count FROM report_row WHERE day = ? AND domain = ? ORDER BY facts',
        day,
        policyDomain,
      )
      .map((row) => ({ ...readFacts(row), policyDomain, count: integer(row, 'count') }));
  }

  async forgetBefore(day: number): Promise<void> {
    for (let gone = 1; gone > 0;) gone = await this.#submit({ kind: 'forgetReports', before: day });
  }

  /** Forgets what is too old, in its own time. */
  tidy(today: number): void {
    this.forgetBefore(today - this.#options.keepDays).catch(ignoreStoreFault);
  }

  /** Resolves when all that was counted before has been written, or can't be now: then it waits on. */
  flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const [before, now] = [this.#writing, this.#write()];
    this.#writing = before.then(() => now);
    return this.#writing;
  }

  async #write(): Promise<void> {
    const waiting = [...this.#waiting.values()];
    if (waiting.length === 0) return;
    this.#waiting = new Map();
    try {
      const { mostRows } = this.#options;
      const dropped = await this.#submit({ kind: 'countReports', rows: waiting, mostRows });
      this.#failing = false;
      if (dropped > 0) this.#options.onDropped?.(dropped);
    } catch (error) {
      ignoreStoreFault(error);
      this.#failing = true;
      for (const row of waiting) this.#add(row);
    }
  }

  #add(row: Waiting): void {
    const key = `${row.day} ${row.domain} ${row.facts}`;
    const known = this.#waiting.get(key);
    if (known !== undefined) known.count += row.count;
    else if (this.#waiting.size < mostKept) this.#waiting.set(key, row);
    else this.#options.onDropped?.(row.count);
  }

  async #submit(request: Parameters<GroupWriter['submit']>[0]): Promise<number> {
    const value = await this.#writer.submit(request);
    if (value.kind !== 'count') throw new StoreFault('broken', `the writer gave ${value.kind} for a count`);
    return value.count;
  }
}

/** `count` wrote them; JSON leaves out what is undefined. */
function readFacts(row: Row): Omit<ReportRow, 'policyDomain'> {
  const facts = optionalJson(row, 'facts') as Omit<ReportRow, 'policyDomain'>;
  return { ...facts, published: { ...facts.published, sp: facts.published.sp, np: facts.published.np } };
}

/** The store may be closed, or its disk full: there is another time, and nobody waits for it. */
function ignoreStoreFault(error: unknown): void {
  if (!(error instanceof StoreFault)) throw error;
}
