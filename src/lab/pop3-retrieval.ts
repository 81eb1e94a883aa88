// Bob's mail program: retrieves his newest message by POP3 over TLS (RFC 1939, RFC 8314 §3.3) and leaves it where it is, so that
// whoever plays with the lab finds it there too.
import { concatBytes } from '../lib/bytes.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import type { Network } from '../lib/transport.ts';
import { Dialogue } from './dialogue.ts';
import type { LabAccount } from './world.ts';

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
  // The lab's certificates are self-signed, so they are looked at and not believed.
  await using connection = await network.connect(server, {
    timeoutMs: 10_000,
    tls: { requireVerified: false },
  });
  const dialogue = new Dialogue(connection);
  await response(dialogue);
  await command(dialogue, `USER ${account.address}`);
  await command(dialogue, `PASS ${account.password}`);
  const count = Number((await command(dialogue, 'STAT')).split(' ')[1]);
  if (!(count > 0)) throw new Error('the mailbox is empty');
  await command(dialogue, `RETR ${count}`);
  const content = await multiline(dialogue);
  await command(dialogue, 'QUIT');
  return { count, content };
}

async function command(dialogue: Dialogue, text: string): Promise<string> {
  await dialogue.send(text);
  return response(dialogue);
}

async function response(dialogue: Dialogue): Promise<string> {
  const text = await dialogue.takeText();
  if (!text.startsWith('+OK')) throw new Error(`the POP3 server answered '${text}'`);
  return text;
}

async function multiline(dialogue: Dialogue): Promise<Uint8Array> {
  const lines: Uint8Array[] = [];
  for (;;) {
    const line = await dialogue.takeLine();
    if (line[0] !== 0x2e) lines.push(line);
    else if (line.length === 3) return concatBytes(lines);
    else lines.push(line.subarray(1));
  }
}
