// SMTP load by Postfix's smtp-source: 10-KiB messages over connections that are kept.
import { execFile } from 'node:child_process';
import { findProgram } from '../peers/launch.ts';

/** Octets of each message. */
export const messageOctets = 10_240;

/** Sends `messages` over `connections` at a time; resolves, with the seconds it took, after the last 250. */
export async function runSmtpSource(
  port: number,
  recipient: string,
  messages: number,
  connections: number,
): Promise<number> {
  const program = findProgram('smtp-source', 'postfix');
  // -d: a connection sends one message after the other.
  const args = ['-d', '-4', '-s', `${connections}`, '-m', `${messages}`, '-l', `${messageOctets}`];
  args.push('-f', 'sender@example.org', '-t', recipient, '-M', 'client.example.org', `127.0.0.1:${port}`);
  const begun = performance.now();
  await new Promise<void>((resolve, reject) => {
    execFile(program, args, { timeout: 600_000 }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`smtp-source failed: ${stderr}${stdout}${error.message}`));
    });
  });
  return (performance.now() - begun) / 1000;
}
