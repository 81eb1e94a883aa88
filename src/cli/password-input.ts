// Reads a password: from standard input for scripts, or from a person at the terminal, without showing it.
import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';
import { CommandFault } from './exit.ts';

const maxLength = 1000;

/** `fromStdin`: the first line of standard input. Else asks twice at the terminal. */
export async function readPassword(fromStdin: boolean): Promise<string> {
  if (fromStdin) return await readFirstLine(process.stdin);
  if (!process.stdin.isTTY) {
    throw new CommandFault(
      'there is no terminal to ask for the password at: give it by --password-stdin, like printf %s "$PASSWORD" | signpost …',
      2,
    );
  }
  const password = await ask(process.stdin, 'Password: ');
  if (password === '') throw new CommandFault('the password is empty');
  if ((await ask(process.stdin, 'The same again: ')) !== password) {
    throw new CommandFault('the two passwords differ; nothing was changed');
  }
  return password;
}

async function readFirstLine(input: AsyncIterable<Buffer>): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for await (const chunk of input) {
    text += decoder.write(chunk);
    if (text.includes('\n') || text.length > maxLength) break;
  }
  const line = (text.split('\n')[0] ?? '').replace(/\r$/, '');
  if (line === '') throw new CommandFault('no password came on standard input', 2);
  if (line.length > maxLength)
    throw new CommandFault(`the password is longer than ${maxLength} characters`, 2);
  return line;
}

/** Raw mode shows nothing of what is typed. */
function ask(terminal: ReadStream, prompt: string): Promise<string> {
  // Before the prompt: someone who types at once must not see it.
  terminal.setRawMode(true);
  process.stderr.write(prompt);
  return new Promise((resolve, reject) => {
    let typed = '';
    const decoder = new StringDecoder('utf8');
    const end = (settle: () => void): void => {
      terminal.removeListener('data', onData);
      terminal.setRawMode(false);
      terminal.pause();
      process.stderr.write('\n');
      settle();
    };
    const onData = (chunk: Buffer): void => {
      for (const character of decoder.write(chunk)) {
        switch (character) {
          case '\r':
          case '\n':
            end(() => resolve(typed));
            return;
          case '\u0003': // Ctrl-C
          case '\u0004': // Ctrl-D
            end(() => reject(new CommandFault('given up; nothing was changed')));
            return;
          case '\u007f': // Backspace
          case '\b':
            typed = Array.from(typed).slice(0, -1).join('');
            break;
          case '\u0015': // Ctrl-U
            typed = '';
            break;
          default:
            if (character >= ' ' && typed.length < maxLength) typed += character;
        }
      }
    };
    terminal.resume();
    terminal.on('data', onData);
  });
}
