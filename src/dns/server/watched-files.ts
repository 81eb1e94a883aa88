// Tells when files change, so that lists that other programs write are read again without anybody having to say so. Looks at them now and then: what the
// system tells of changes by itself is lost on network file systems, and with files that are moved into their place.
import type { Clock, Timer } from '../../lib/clock.ts';
import { stampOfFile } from './zone-files.ts';

/** Milliseconds between two looks, each some 10 µs a file. */
const lookEvery = 2_000;

export interface WatchedFilesOptions {
  readonly files: readonly string[];
  readonly clock: Clock;
  /** Is called once all that has changed has stayed as it is from one look to the next: a file that is still being written isn't read. */
  readonly changed: () => Promise<void>;
}

export class WatchedFiles implements Disposable {
  readonly #options: WatchedFilesOptions;
  /** As they were when they were read, and at the last look. */
  #read: string;
  #seen: string;
  #timer: Timer | undefined;
  #stopped = false;

  /** Begins to watch: what changes from now on is told. */
  constructor(options: WatchedFilesOptions) {
    this.#options = options;
    this.#read = this.#stamps();
    this.#seen = this.#read;
    if (options.files.length > 0) this.#lookLater();
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #lookLater(): void {
    if (!this.#stopped) this.#timer = this.#options.clock.after(lookEvery, () => void this.#look());
  }

  async #look(): Promise<void> {
    const stamps = this.#stamps();
    const isWhole = stamps === this.#seen;
    this.#seen = stamps;
    if (stamps !== this.#read && isWhole) {
      this.#read = stamps;
      await this.#options.changed();
    }
    this.#lookLater();
  }

  #stamps(): string {
    return this.#options.files.map((file) => stampOfFile(file) ?? 'absent').join(' ');
  }
}
