// How many transfers go out at once, in all and to one client: more of them wait for their turn, in the order of their coming. Whoever
// bounds the requests bounds how many can wait.
import { AddressLimit } from '../../../lib/address-limit.ts';
import type { Clock } from '../../../lib/clock.ts';

export interface SlotLimits {
  readonly total: number;
  readonly perAddress: number;
}

interface Waiter {
  readonly address: string;
  readonly go: (slot: Disposable) => void;
}

export class TransferSlots {
  readonly #limit: AddressLimit;
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();

  constructor(limits: SlotLimits, clock: Clock) {
    this.#limit = new AddressLimit(limits);
    this.#clock = clock;
  }

  /** A place, to be disposed of once; `undefined` where there was none within `patienceMs`. */
  take(address: string, patienceMs: number): Promise<Disposable | undefined> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(patienceMs, () => {
        this.#waiting.delete(waiter);
        resolve(undefined);
      });
      const waiter: Waiter = {
        address,
        go: (slot) => {
          timer.cancel();
          resolve(slot);
        },
      };
      this.#waiting.add(waiter);
      this.#admit();
    });
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      if (!this.#limit.enter(waiter.address)) continue;
      this.#waiting.delete(waiter);
      waiter.go(this.#slot(waiter.address));
    }
  }

  #slot(address: string): Disposable {
    let taken = true;
    return {
      [Symbol.dispose]: () => {
        if (!taken) return;
        taken = false;
        this.#limit.leave(address);
        this.#admit();
      },
    };
  }
}
