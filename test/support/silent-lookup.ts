// A `Lookup` whose servers are all dead.
import type { Lookup, LookupResult } from '../../src/dns/lookup.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';

/** Answers nothing: each question is open until it is given up. */
export class SilentLookup implements Lookup {
  open: number = 0;
  asked: number = 0;

  lookup(_name: DomainName, _type: number, signal?: AbortSignal): Promise<LookupResult> {
    this.open++;
    this.asked++;
    return new Promise((resolve) => {
      const giveUp = (): void => {
        this.open--;
        resolve({ kind: 'failure', reason: 'no server answers', secure: false, journey: [] });
      };
      if (signal?.aborted === true) giveUp();
      else signal?.addEventListener('abort', giveUp, { once: true });
    });
  }
}
