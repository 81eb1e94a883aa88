// SMTP load that looks at the clock: how long the server takes to say 250 after a message's last octet.
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface TimedLoad {
  readonly port: number;
  readonly sender: string;
  readonly recipient: string;
  /** With CRLF line ends, dots stuffed, and the dot that ends it. */
  readonly content: Buffer;
  readonly connections: number;
  /** Asked before each message. */
  readonly goesOn: (sent: number) => boolean;
}

/** Milliseconds of each message, over connections that are kept. Throws where one is refused or a connection is lost. */
export async function sendTimed(load: TimedLoad): Promise<readonly number[]> {
  const times: number[] = [];
  let begun = 0;
  const goesOn = (): boolean => load.goesOn(begun) && begun++ >= 0;
  await Promise.all(Array.from({ length: load.connections }, () => sendOver(load, goesOn, times)));
  return times;
}

async function sendOver(load: TimedLoad, goesOn: () => boolean, times: number[]): Promise<void> {
  const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true });
  const replies = new Replies(socket);
  try {
    await replies.expect(220);
    await say('EHLO client.example.org', 250);
    while (goesOn()) {
      await say(`MAIL FROM:<${load.sender}>`, 250);
      await say(`RCPT TO:<${load.recipient}>`, 250);
      await say('DATA', 354);
      socket.write(load.content);
      const begun = performance.now();
      await replies.expect(250);
      times.push(performance.now() - begun);
    }
    await say('QUIT', 221);
  } finally {
    socket.destroy();
  }

  async function say(line: string, code: number): Promise<void> {
    socket.write(`${line}\r\n`);
    await replies.expect(code);
  }
}

/** One reply at a time. */
class Replies {
  #text = '';
  #ended: Error | undefined;
  #heard: (() => void) | undefined;

  constructor(socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
      this.#heard?.();
    });
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the server has closed the connection')));
  }

  async expect(code: number): Promise<void> {
    let found = lastLine.exec(this.#text);
    while (found === null) {
      if (this.#ended !== undefined) throw this.#ended;
      await new Promise<void>((resolve) => (this.#heard = resolve));
      found = lastLine.exec(this.#text);
    }
    const reply = this.#text.slice(0, found.index + found[0].length);
    this.#text = this.#text.slice(reply.length);
    if (Number(found[1]) !== code) throw new Error(`expected ${code}, got '${reply.trim()}'`);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#heard?.();
  }
}

/** A hyphen after the code says that more lines follow. */
const lastLine = /^(\d{3})(?: .*)?\r\n/m;
