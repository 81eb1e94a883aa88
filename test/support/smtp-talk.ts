// A client of an `SmtpWorld` that sends whole messages and reads what is said to it.
import { bytesToLatin1, bytesToUtf8, concatBytes, utf8ToBytes } from '../../src/lib/bytes.ts';
import { ScriptedConnection } from './scripted-connection.ts';
import type { SmtpWorld } from './smtp-world.ts';

export interface TalkedMail {
  /** From whose address; 192.0.2.1 unless given. */
  readonly ip?: string;
  readonly helo?: string;
  /** Behind `MAIL FROM:`; `<joe@example.net>` unless given. */
  readonly from?: string;
  /** Behind `RCPT TO:`, each. */
  readonly to?: readonly string[];
  /** Whole lines, which end with LF or CRLF; what begins with a dot isn't stuffed. */
  readonly message: string;
}

export class SmtpTalk {
  readonly connection: ScriptedConnection;
  readonly stop: AbortController = new AbortController();
  readonly running: Promise<void>;
  readonly #world: SmtpWorld;

  constructor(world: SmtpWorld, ip: string = '192.0.2.1', tls: boolean = false) {
    this.#world = world;
    this.connection = new ScriptedConnection(ip, tls);
    this.running = world.handler(this.connection, this.stop.signal);
  }

  /** Without waiting for an answer. */
  send(text: string): void {
    this.connection.feed(utf8ToBytes(text));
  }

  /** What the server says until it waits for more. */
  async say(text: string): Promise<string> {
    this.send(text);
    await this.connection.idle();
    return bytesToLatin1(this.connection.takeSent());
  }

  /** What has been said once all that can happen in this time has happened. */
  async saidAfter(ms: number): Promise<string> {
    await this.#world.clock.advanceAsync(ms);
    return bytesToLatin1(this.connection.takeSent());
  }
}

export function dialogueOf({ helo, from, to, message }: TalkedMail): string {
  const recipients = (to ?? ['<bob@example.com>']).map((each) => `RCPT TO:${each}\r\n`).join('');
  return `EHLO ${helo ?? 'client.example.net'}\r\nMAIL FROM:${from ?? '<joe@example.net>'}\r\n${recipients}DATA\r\n${message.replaceAll(/\r?\n/g, '\r\n')}.\r\n`;
}

/** Sends one message and gives all that is said to it, and what is stored; undefined where nothing is. */
export async function sendMail(
  world: SmtpWorld,
  mail: TalkedMail,
): Promise<{ readonly said: string; readonly stored: string | undefined }> {
  const before = world.messages.length;
  const talk = new SmtpTalk(world, mail.ip);
  const said = await talk.say(dialogueOf(mail));
  talk.connection.feedEnd();
  await talk.running;
  const message = world.messages[before];
  return { said, stored: message === undefined ? undefined : bytesToUtf8(concatBytes(message.content)) };
}
