// The query log's file: lines are gathered and written in one go, a full file makes way for a new one, and what the disk doesn't take is
// left out. Names tell who looks at what: only the file's owner may read it.
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { QueryLogConfig } from '../../config/config.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { limitLog } from '../../lib/limited-log.ts';
import type { Log } from '../../lib/log.ts';

/** Lines wait so long at most: milliseconds. */
const patience = 1000;
/** Octets of lines that make a write due, and that may wait while the disk is slow. */
const worthWriting = 65_536;
const mostWaiting = 4 * 1024 * 1024;

export class QueryLogFile implements AsyncDisposable {
  readonly #config: QueryLogConfig;
  readonly #clock: Clock;
  readonly #log: Log;
  #lines: string[] = [];
  #octets = 0;
  /** Lines left out since the last that were written. */
  #leftOut = 0;
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #handle: FileHandle | undefined;
  #size = 0;
  #closed = false;

  constructor(config: QueryLogConfig, clock: Clock, log: Log) {
    this.#config = config;
    this.#clock = clock;
    this.#log = limitLog(log, clock, 1);
  }

  /** Takes a line with its line break; it is on its way to the disk within a second. */
  write(line: string): void {
    if (this.#closed || this.#octets >= mostWaiting) {
      this.#leftOut += 1;
      return;
    }
    this.#lines.push(line);
    this.#octets += line.length;
    if (this.#octets >= worthWriting) this.#flush();
    else this.#timer ??= this.#clock.after(patience, () => this.#flush());
  }

  /** Goes on in a new file where somebody has moved the old one away. */
  async reopen(): Promise<void> {
    await this.#settle();
    await this.#handle?.close();
    this.#handle = undefined;
  }

  /** Writes what waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#settle();
    this.#closed = true;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #settle(): Promise<void> {
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#lines.length > 0) {
      const bytes = Buffer.from(this.#lines.join(''));
      const count = this.#lines.length;
      this.#lines = [];
      this.#octets = 0;
      try {
        this.#handle ??= await this.#open();
        if (this.#size > 0 && this.#size + bytes.length > this.#config.maxSize) await this.#turn();
        await this.#handle.appendFile(bytes);
        this.#size += bytes.length;
        if (this.#leftOut > 0) this.#log.warn('the query log left out questions', { count: this.#leftOut });
        this.#leftOut = 0;
      } catch (error) {
        this.#leftOut += count;
        this.#log.warn('the query log can not be written', { file: this.#config.file, error: String(error) });
      }
    }
  }

  async #open(): Promise<FileHandle> {
    const { file } = this.#config;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, 'a', 0o600);
    await chmod(file, 0o600);
    this.#size = (await handle.stat()).size;
    return handle;
  }

  /** `log` becomes `log.1`, `log.1` becomes `log.2`, and so on; the oldest goes. */
  async #turn(): Promise<void> {
    const { file, oldFiles } = this.#config;
    await this.#handle?.close();
    this.#handle = undefined;
    if (oldFiles === 0) await rm(file, { force: true });
    for (let i = oldFiles; i > 0; i--) {
      await rename(i === 1 ? file : `${file}.${i - 1}`, `${file}.${i}`).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      });
    }
    this.#handle = await this.#open();
  }
}
