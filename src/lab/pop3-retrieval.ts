// Bob's mail program: retrieves his newest message by POP3 over TLS (RFC 1939, RFC 8314 §3.3) and leaves it where it is, so that
// whoever plays with the lab finds it there too.
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../lib/bytes.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import type { Connection, Network } from '../lib/transport.ts';
import type { LabAccount } from './world.ts';

const waitMs = 10_000;

export interface Retrieval {
  /** How many messages the mailbox holds. */
  readonly count: number;
  /** The newest message, dots unstuffed. */
  readonly content: Uint8Array;
}

/** Throws with the server's own words where it refuses. */
export async function retrieveNewest(
  network: Network,
  server: Endpoint,
  account: LabAccount,
): Promise<Retrieval> {
  await using connection = await network.connect(server, {
    timeoutMs: waitMs,
    tls: { serverName: 'mx.example.org', requireVerified: false },
  });
  const dialogue = new Dialogue(connection);
  await dialogue.line();
  await dialogue.command(`USER ${account.address}`);
  await dialogue.command(`PASS ${account.password}`);
  const count = Number((await dialogue.command('STAT')).split(' ')[1]);
  if (!(count > 0)) throw new Error('the mailbox is empty');
  await dialogue.command(`RETR ${count}`);
  const content = await dialogue.multiline();
  await dialogue.command('QUIT');
  return { count, content };
}

class Dialogue {
  readonly #connection: Connection;
  #unread: Uint8Array = new Uint8Array(0);

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async command(text: string): Promise<string> {
    await this.#connection.write(latin1ToBytes(`${text}\r\n`), waitMs);
    return this.line();
  }

  /** A one-line response, which must be `+OK`. */
  async line(): Promise<string> {
    const line = await this.#takeLine();
    const text = bytesToLatin1(line.subarray(0, -2));
    if (!text.startsWith('+OK')) throw new Error(`the POP3 server answered '${text}'`);
    return text;
  }

  async multiline(): Promise<Uint8Array> {
    const lines: Uint8Array[] = [];
    for (;;) {
      const line = await this.#takeLine();
      if (line[0] !== 0x2e) lines.push(line);
      else if (line.length === 3) return concatBytes(lines);
      else lines.push(line.subarray(1));
    }
  }

  /** One line with its CRLF. */
  async #takeLine(): Promise<Uint8Array> {
    for (;;) {
      const end = this.#unread.indexOf(0x0a);
      if (end >= 0) {
        const line = this.#unread.subarray(0, end + 1);
        this.#unread = this.#unread.subarray(end + 1);
        return line;
      }
      const more = await this.#connection.read(waitMs);
      if (more === undefined) throw new Error('the POP3 server closed the connection');
      this.#unread = concatBytes([this.#unread, more]);
    }
  }
}
