// The least time between two logins of one account (LOGIN-DELAY, RFC 2449 §6.5), where the operator sets one.
import type { Clock } from '../../lib/clock.ts';
import type { AccountId } from '../../mailbox/message.ts';

export class LoginDelays {
  readonly #clock: Clock;
  readonly #seconds: number;
  /** When each account last logged in; the oldest first, because an account is put back at the end. */
  readonly #last = new Map<AccountId, number>();

  /** `seconds` 0: no delay. */
  constructor(clock: Clock, seconds: number) {
    this.#clock = clock;
    this.#seconds = seconds;
  }

  get seconds(): number {
    return this.#seconds;
  }

  /** Notes a login, or gives the seconds to wait still. */
  tryLogin(account: AccountId): number {
    if (this.#seconds === 0) return 0;
    const now = this.#clock.monotonic();
    this.#forgetBefore(now - this.#seconds * 1000);
    const last = this.#last.get(account);
    if (last !== undefined) return Math.max(1, Math.ceil(this.#seconds - (now - last) / 1000));
    this.#last.set(account, now);
    return 0;
  }

  /** Keeps the table as small as the number of logins within one delay. */
  #forgetBefore(time: number): void {
    for (const [account, last] of this.#last) {
      if (last > time) return;
      this.#last.delete(account);
    }
  }
}
