// Sends one message after another over one SMTP connection and says which of them got their 250, until there are no more or
// the connection ends, however it does. As plain as it can be: nothing of the server's own code helps it.
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface Letter {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** With CRLF line ends, no line beginning with a dot. */
  readonly content: string;
}

/** Resolves when `next` gives nothing more (after QUIT) or the connection is gone. Throws where a command is refused. */
export async function sendLetters(
  port: number,
  next: () => Letter | undefined,
  accepted: (letter: Letter) => void,
): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    const replies = readReplies(socket);
    await expect(replies, 220);
    socket.write('EHLO client.example.net\r\n');
    await expect(replies, 250);
    for (let letter = next(); letter !== undefined; letter = next()) {
      socket.write(`MAIL FROM:<${letter.from}>\r\nRCPT TO:<${letter.to}>\r\nDATA\r\n`);
      for (const code of [250, 250, 354]) await expect(replies, code);
      socket.write(`${letter.content}.\r\n`);
      await expect(replies, 250);
      accepted(letter);
    }
    socket.write('QUIT\r\n');
    await expect(replies, 221);
  } catch (error) {
    if (!(error instanceof ConnectionGone)) throw error;
  } finally {
    socket.destroy();
  }
}

class ConnectionGone extends Error {}

async function* readReplies(socket: Socket): AsyncGenerator<string, void, undefined> {
  let text = '';
  try {
    for await (const chunk of socket) {
      text += String(chunk);
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        // A hyphen after the code says that more lines follow.
        if (line[3] !== '-') yield line;
      }
    }
  } catch {
    // Reset or refused: the server was killed.
  }
}

async function expect(replies: AsyncGenerator<string, void, undefined>, code: number): Promise<void> {
  const { value } = await replies.next();
  if (value === undefined) throw new ConnectionGone();
  if (Number(value.slice(0, 3)) !== code) throw new Error(`expected ${code}, got '${value}'`);
}
