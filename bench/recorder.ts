// Collects samples into rows while the parts run, and starts peers, noting those that can't take part.
import { isDeepStrictEqual } from 'node:util';
import type { Part } from './options.ts';
import { Unavailable } from './peers/peer.ts';
import type { Findings, Row, Skipped } from './result.ts';

export interface Contender<Server> {
  /** Name and version. */
  readonly label: string;
  readonly ours: boolean;
  readonly server: Server;
}

export class Recorder {
  readonly #rows = new Map<string, Row & { readonly samples: number[] }>();
  readonly #skipped: Skipped[] = [];

  /** Adds one sample; rows keep the order in which their figures first came, then that of the servers. */
  add(row: Omit<Row, 'samples'>, sample: number): void {
    const key = `${row.part}/${row.figure}/${row.server}`;
    const known = this.#rows.get(key);
    if (known === undefined) this.#rows.set(key, { ...row, samples: [sample] });
    else known.samples.push(sample);
  }

  /** Runs `action` for a peer; gives `undefined`, and notes why, where the peer can't take part. */
  async attempt<Value>(part: Part, server: string, action: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await action();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const reason = message.replaceAll(/\s+/g, ' ').slice(0, 400);
      const skipped = { part, server, reason: error instanceof Unavailable ? reason : `failed: ${reason}` };
      // A server that has died fails in every round, and is named once.
      if (!this.#skipped.some((other) => isDeepStrictEqual(other, skipped))) this.#skipped.push(skipped);
      return undefined;
    }
  }

  get findings(): Findings {
    const order = [...new Set([...this.#rows.values()].map((row) => `${row.part}/${row.figure}`))];
    const rows = [...this.#rows.values()].toSorted(
      (a, b) => order.indexOf(`${a.part}/${a.figure}`) - order.indexOf(`${b.part}/${b.figure}`),
    );
    return { rows, skipped: this.#skipped };
  }
}
