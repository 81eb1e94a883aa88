// A line-by-line conversation, as the mail programs of the lab's people hold it.
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../lib/bytes.ts';
import type { Connection } from '../lib/transport.ts';

const waitMs = 10_000;

export class Dialogue {
  readonly #connection: Connection;
  #unread: Uint8Array = new Uint8Array(0);

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async send(line: string): Promise<void> {
    await this.sendBytes(latin1ToBytes(`${line}\r\n`));
  }

  async sendBytes(bytes: Uint8Array): Promise<void> {
    await this.#connection.write(bytes, waitMs);
  }

  /** One line with its line end; throws where the server closes instead. */
  async takeLine(): Promise<Uint8Array> {
    for (;;) {
      const end = this.#unread.indexOf(0x0a);
      if (end >= 0) {
        const line = this.#unread.subarray(0, end + 1);
        this.#unread = this.#unread.subarray(end + 1);
        return line;
      }
      const more = await this.#connection.read(waitMs);
      if (more === undefined) throw new Error('the server closed the connection');
      this.#unread = concatBytes([this.#unread, more]);
    }
  }

  /** One line as text, without its line end. */
  async takeText(): Promise<string> {
    return bytesToLatin1(await this.takeLine()).trimEnd();
  }
}
