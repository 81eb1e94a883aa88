// Exclusive access to a mailbox while one session works on it (RFC 1939 §4). The locks live in this process alone.
import type { MailboxId } from './message.ts';

export class MailboxLocks {
  readonly #held = new Set<MailboxId>();

  /** Takes the lock, or gives `undefined` where someone else has it. Dispose to release; a second time does nothing. */
  tryLock(mailbox: MailboxId): Disposable | undefined {
    if (this.#held.has(mailbox)) return undefined;
    this.#held.add(mailbox);
    let released = false;
    return {
      [Symbol.dispose]: () => {
        if (released) return;
        released = true;
        this.#held.delete(mailbox);
      },
    };
  }
}
