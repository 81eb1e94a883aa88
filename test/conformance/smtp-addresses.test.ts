// What the standards say of the addresses of our own domains, by section: each dialogue is as another server, or one of our users, would hold it.
import { test } from 'node:test';
import { playSmtp } from '../support/smtp-dialogue.ts';

const mx = 'S: 220 mx.example.com ESMTP Signpost\nC: EHLO client.example\nS* 250';
const submission = `given submission\ngiven tls\n${mx}\nC: AUTH PLAIN AGFsaWNlQGV4YW1wbGUuY29tAHNlY3JldCB3b3Jk\nS: 235 2.7.0 …`;
const data = 'C: DATA\nS: 354 …';
const taken = 'C: \nC: .\nS: 250 2.0.0 …';

/** A message from outside to these, each of which is taken. */
function bring(...recipients: readonly string[]): string {
  const named = recipients.map((each) => `C: RCPT TO:<${each}>\nS: 250 2.1.5 …`);
  return `C: MAIL FROM:<a@client.example>\nS: 250 2.1.0 …\n${named.join('\n')}\n${data}\n${taken}`;
}

/** A message of Alice with these lines of header; `reply` is what its end is told. */
function submit(header: readonly string[], reply = 'S: 250 2.0.0 …'): string {
  const lines = header.map((each) => `C: ${each}`).join('\n');
  return `C: MAIL FROM:<alice@example.com>\nS: 250 2.1.0 …\nC: RCPT TO:<u@elsewhere.example>\nS: 250 2.1.5 …\n${data}\n${lines}\nC: \nC: .\n${reply}`;
}

const own = '> Received: …\n> →by …\n> →id …\n> →for …\n> →Thu, …';

const examples: readonly (readonly [string, string])[] = [
  [
    'RFC 5321 §2.4: our local parts are compared without case, and domains always are',
    `${mx}\n${bring('BoB@eXaMple.COM', 'bob@example.com')}
    then it goes from a@client.example to BoB@example.com (Inbox)`,
  ],
  [
    'RFC 5321 §4.1.2: quotes and escapes are no part of a name',
    `${mx}\n${bring('"bob"@example.com', '"b\\ob"@example.com', '"odd\\ name"@example.com')}
    then it goes from a@client.example to bob@example.com (Inbox), "odd name"@example.com (Inbox)`,
  ],
  [
    'RFC 5321 §3.9.1: an alias keeps the sender, and its mail goes to each of its targets once',
    `given alias sales@example.com: bob@example.com, x@elsewhere.example, BOB@example.com\n${mx}\n${bring('sales@example.com')}
    then it goes from a@client.example to bob@example.com (Inbox), x@elsewhere.example (relay)`,
  ],
  [
    'RFC 5321 §3.9.2: the sender of a list’s mail on its way is whoever is in charge of the list',
    `given group team@example.com: bob@example.com, x@elsewhere.example\n${mx}\n${bring('team@example.com')}
    then it goes from a@client.example to bob@example.com (Inbox), x@elsewhere.example (relay, by postmaster@example.com)`,
  ],
  [
    'RFC 5321 §3.9: lists that hold each other end',
    `given alias one@example.com: two@example.com, bob@example.com
    given alias two@example.com: one@example.com
    ${mx}\n${bring('two@example.com')}
    then it goes from a@client.example to bob@example.com (Inbox)`,
  ],
  [
    'RFC 5321 §4.5.1, RFC 2142 §4, §5, §7: postmaster, abuse and hostmaster are there, in any case',
    `given domain example.net = example.com\n${mx}\n${bring('PostMaster', 'Abuse@example.com', 'HOSTMASTER@example.net')}
    then it goes from a@client.example to postmaster@mx.example.com (Inbox)`,
  ],
  [
    'RFC 5321 §3.6.2: aliases are no way to have other mail passed on',
    `given alias out@example.com: x@elsewhere.example
    ${mx}
    C: MAIL FROM:<a@client.example>
    S: 250 2.1.0 …
    C: RCPT TO:<x@elsewhere.example>
    S: 550 5.7.1 …
    C: RCPT TO:<out%elsewhere.example@example.com>
    S: 550 5.7.1 …`,
  ],
  [
    'RFC 6531 §3.3, RFC 5890 §2.3.2.1: letters of any script, in any form',
    `given domain xn--bcher-kva.example = example.com
    ${mx}
    C: MAIL FROM:<a@client.example> SMTPUTF8
    S: 250 2.1.0 …
    C: RCPT TO:<jo\u0308rg@BÜCHER.example>
    S: 250 2.1.5 …
    C: RCPT TO:<J\u00d6RG@xn--bcher-kva.example>
    S: 250 2.1.5 …
    ${data}\n${taken}
    then it goes from a@client.example to jo\u0308rg@xn--bcher-kva.example (Inbox), UTF-8`,
  ],
  [
    'RFC 6409 §4.2: domains are whole',
    `${submission}
    C: MAIL FROM:<alice@example.com>
    S: 250 2.1.0 …
    C: RCPT TO:<sales@xyz>
    S: 550 5.1.2 …
    C: RCPT TO:<sales>
    S: 501 5.1.3 …`,
  ],
  [
    'RFC 6409 §6.1: the sender is one of the user’s own',
    `${submission}
    C: MAIL FROM:<bob@example.com>
    S: 550 5.7.1 …
    ${submit(['From: bob@example.com'], 'S: 550 5.7.1 …')}
    ${submit(['From: alice@example.com', 'Sender: x@elsewhere.example'], 'S: 550 5.7.1 …')}
    then 0 messages are stored`,
  ],
  [
    'RFC 6409 §8.1, RFC 5322 §3.6.2: of several authors one is the sender',
    `given alias info@example.com: alice@example.com\n${submission}
    ${submit(['From: alice@example.com, info@example.com', 'Date: x', 'Message-ID: <x@y>'])}
    ${own}\n> Sender: <alice@example.com>\n> From: …`,
  ],
  [
    'RFC 6409 §8.2, §8.3, RFC 5322 §3.6: what a message must have is added',
    `${submission}\n${submit(['Subject: x'])}
    ${own}\n> From: <alice@example.com>\n> Date: Thu, …\n> Message-ID: <…\n> Subject: x`,
  ],
  [
    'RFC 5322 §3.6.3: blind copies are known to the sender alone',
    `${submission}
    ${submit(['From: alice@example.com', 'Date: x', 'Message-ID: <x@y>', 'Bcc: b@elsewhere.example,', ' c@elsewhere.example', 'Subject: x'])}
    ${own}\n> From: alice@example.com\n> Date: x\n> Message-ID: <x@y>\n> Subject: x\n>`,
  ],
  [
    'RFC 5322 §3.6: From stands once',
    `${submission}
    ${submit(['From: alice@example.com', 'From: alice@example.com'], 'S: 550 5.6.0 …')}`,
  ],
  [
    'RFC 6532 §3: a header is ASCII, or UTF-8 where SMTPUTF8 was declared',
    `${submission}
    ${submit(['From: alice@example.com', 'Subject: grün'], 'S: 550 5.6.0 …')}
    C: MAIL FROM:<alice@example.com> SMTPUTF8
    S: 250 2.1.0 …
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 …
    ${data}
    C: From: alice@example.com
    C: Subject: grün
    ${taken}
    then it goes from alice@example.com to bob@example.com (Inbox), 8-bit, UTF-8`,
  ],
  [
    'RFC 8098 §3: the null reverse-path is everyone’s',
    `${submission}
    C: MAIL FROM:<>
    S: 250 2.1.0 …
    C: RCPT TO:<u@elsewhere.example>
    S: 250 2.1.5 …
    ${data}\nC: From: alice@example.com\n${taken}
    then it goes from <> to u@elsewhere.example (relay)`,
  ],
];

for (const [name, text] of examples) {
  test(name, () => playSmtp(text, false));
}
