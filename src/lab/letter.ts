// The mail that Alice sends.
import { utf8ToBytes } from '../lib/bytes.ts';
import { formatDate } from '../message/date.ts';
import { alice, bob } from './world.ts';

/** A whole message with CRLF line ends (RFC 5322 §2). `id` makes its Message-ID unique. */
export function writeLetter(now: number, id: string): Uint8Array {
  return utf8ToBytes(
    [
      `Date: ${formatDate(now)}`,
      `From: Alice <${alice.address}>`,
      `To: Bob <${bob.address}>`,
      'Subject: Did this find you?',
      `Message-ID: <${id}@example.com>`,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 7bit',
      '',
      'Dear Bob,',
      '',
      'I gave this letter to my mail system. It asked a resolver where mail for',
      'example.org goes; the resolver asked the root, the root sent it to org, and org',
      'sent it to the servers of your domain. They named your mail system, mine knocked',
      'there, and it put the letter into your mailbox.',
      '',
      'All that took less time than reading this line.',
      '',
      'Yours, Alice',
      '',
    ].join('\r\n'),
  );
}
