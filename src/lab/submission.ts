// Alice's mail program: submits one message with STARTTLS and AUTH PLAIN (RFC 6409, RFC 4954, RFC 3207).
import { bytesToBase64, utf8ToBytes } from '../lib/bytes.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import type { Network } from '../lib/transport.ts';
import { Dialogue } from './dialogue.ts';
import type { LabAccount } from './world.ts';

/**
 * `content` has CRLF line ends and no line that begins with a dot. Gives the last reply.
 * Throws with the server's own words where it refuses.
 */
export async function submit(
  network: Network,
  server: Endpoint,
  sender: LabAccount,
  recipient: string,
  content: Uint8Array,
): Promise<string> {
  await using connection = await network.connect(server, { timeoutMs: 10_000 });
  const clear = new Dialogue(connection);
  await reply(clear, 220);
  await command(clear, 'EHLO wonderland.example.com', 250);
  await command(clear, 'STARTTLS', 220);
  await connection.startTls({ requireVerified: false });
  const dialogue = new Dialogue(connection);
  await command(dialogue, 'EHLO wonderland.example.com', 250);
  const response = bytesToBase64(utf8ToBytes(`\0${sender.address}\0${sender.password}`));
  await command(dialogue, `AUTH PLAIN ${response}`, 235);
  await command(dialogue, `MAIL FROM:<${sender.address}>`, 250);
  await command(dialogue, `RCPT TO:<${recipient}>`, 250);
  await command(dialogue, 'DATA', 354);
  await dialogue.sendBytes(content);
  const taken = await command(dialogue, '.', 250);
  await command(dialogue, 'QUIT', 221);
  return taken;
}

async function command(dialogue: Dialogue, text: string, expected: number): Promise<string> {
  await dialogue.send(text);
  return reply(dialogue, expected);
}

async function reply(dialogue: Dialogue, expected: number): Promise<string> {
  for (;;) {
    const text = await dialogue.takeText();
    if (text[3] === '-') continue;
    if (!text.startsWith(`${expected}`)) throw new Error(`the SMTP server answered '${text}'`);
    return text;
  }
}
