// How much each account has sent, and may send: messages and recipients in the last minute, hour and day. Kept in memory, a few numbers an
// account: a restart forgets them.
import type { Clock } from '../lib/clock.ts';
import type { SendingLimits, Span } from '../login/account-store.ts';
import type { AccountId } from '../mailbox/message.ts';

export type Sent = 'messages' | 'recipients';

/** The limit that is met. */
export interface LimitMet {
  readonly what: Sent;
  readonly most: number;
  readonly span: Span;
  /** Until there may be more, if nothing is sent in between. */
  readonly retryAfterMs: number;
}

/** Of all accounts, where nothing is set for one alone; 0: no limit. */
export type UsualLimits = { readonly [What in Sent]: { readonly [Name in Span]: number } };

const spanMs: { readonly [Name in Span]: number } = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const spans = ['minute', 'hour', 'day'] as const;
const kinds = ['messages', 'recipients'] as const;

/** Accounts that have sent something lately; the one that has been quiet longest goes first. */
const mostAccounts = 100_000;

export class SendingCounts {
  readonly #clock: Clock;
  readonly #usual: UsualLimits;
  readonly #accounts = new Map<AccountId, AccountCounts>();

  constructor(clock: Clock, usual: UsualLimits) {
    this.#clock = clock;
    this.#usual = usual;
  }

  /** The limit that stands against one more message, whatever it has of recipients: it is taken whole as long as there is room for one. */
  met(account: AccountId, own: SendingLimits | undefined): LimitMet | undefined {
    const counts = this.#accounts.get(account);
    if (counts === undefined) return undefined;
    let longest: LimitMet | undefined;
    for (const what of kinds) {
      for (const span of spans) {
        const most = own?.[what]?.[span] ?? this.#usual[what][span];
        const retryAfterMs = most === 0 ? 0 : counts[what][span].waitFor(most, this.#clock.monotonic());
        if (retryAfterMs > (longest?.retryAfterMs ?? 0)) longest = { what, most, span, retryAfterMs };
      }
    }
    return longest;
  }

  /** One message to so many recipients. */
  add(account: AccountId, recipients: number): void {
    const counts = this.#accounts.get(account) ?? newCounts();
    // Behind all that have sent before.
    this.#accounts.delete(account);
    this.#accounts.set(account, counts);
    const now = this.#clock.monotonic();
    for (const span of spans) {
      counts.messages[span].add(1, now);
      counts.recipients[span].add(recipients, now);
    }
    const [oldest] = this.#accounts.size > mostAccounts ? this.#accounts.keys() : [];
    if (oldest !== undefined) this.#accounts.delete(oldest);
  }
}

type AccountCounts = { readonly [What in Sent]: { readonly [Name in Span]: SlidingCount } };

function newCounts(): AccountCounts {
  const each = (): AccountCounts[Sent] => ({
    minute: new SlidingCount(spanMs.minute),
    hour: new SlidingCount(spanMs.hour),
    day: new SlidingCount(spanMs.day),
  });
  return { messages: each(), recipients: each() };
}

/** A span is counted in twelfths, of which one more is kept, so that never more than the limit is sent in a span, wherever it begins. */
const slots = 13;

class SlidingCount {
  readonly #slotMs: number;
  readonly #counts = new Float64Array(slots);
  /** The number of the newest slot, counted from the clock's zero. */
  #newest = 0;

  constructor(ms: number) {
    this.#slotMs = ms / (slots - 1);
  }

  add(count: number, now: number): void {
    this.#turn(now);
    const at = this.#newest % slots;
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  /** Milliseconds until there are fewer than `most`; 0: now. */
  waitFor(most: number, now: number): number {
    this.#turn(now);
    let sum = this.#counts.reduce((total, each) => total + each, 0);
    for (let slot = this.#newest - slots + 1; slot <= this.#newest && sum >= most; slot++) {
      sum -= this.#counts[(slot + slots) % slots] ?? 0;
      if (sum < most) return Math.max(1, (slot + slots) * this.#slotMs - now);
    }
    return 0;
  }

  /** Empties the slots that time has passed by. */
  #turn(now: number): void {
    const newest = Math.floor(now / this.#slotMs);
    for (let slot = Math.max(this.#newest + 1, newest - slots + 1); slot <= newest; slot++)
      this.#counts[slot % slots] = 0;
    this.#newest = Math.max(this.#newest, newest);
  }
}
