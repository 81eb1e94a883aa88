// SMTP load by Postfix's smtp-source: one message of 10 KiB again and again, over connections that are kept, or with one for each.
import { execFile } from 'node:child_process';
import type { BenchSender } from '../mail-sender.ts';
import { findProgram } from '../peers/launch.ts';

/** Sends `messages` over `connections` at a time; resolves, with the seconds it took, after the last 250. */
export async function runSmtpSource(
  port: number,
  recipient: string,
  sender: BenchSender,
  messages: number,
  connections: number,
  kept: boolean,
): Promise<number> {
  const program = findProgram('smtp-source', 'postfix');
  // -d: a connection sends one message after the other.
  const args = [
    ...(kept ? ['-d'] : []),
    '-4',
    '-s',
    `${connections}`,
    '-m',
    `${messages}`,
    '-F',
    sender.messageFile,
  ];
  args.push(
    '-f',
    `sender@${sender.domain}`,
    '-t',
    recipient,
    '-M',
    'client.example.org',
    `127.0.0.1:${port}`,
  );
  const begun = performance.now();
  await new Promise<void>((resolve, reject) => {
    execFile(program, args, { timeout: 600_000 }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`smtp-source failed: ${stderr}${stdout}${error.message}`));
    });
  });
  return (performance.now() - begun) / 1000;
}
