// The standards' own example dialogues, by section, with our names and sentences in place of theirs: the codes are the standards'.
import { test } from 'node:test';
import { playSmtp } from '../support/smtp-dialogue.ts';

const greeting = 'S: 220 mx.example.com ESMTP Signpost';
const start = `${greeting}\nC: EHLO client.example\nS* 250`;

const examples: readonly (readonly [string, string])[] = [
  [
    'RFC 5321 appendix D.2: aborted SMTP transaction',
    `${start}
    C: MAIL FROM:<Smith@bar.com>
    S: 250 2.1.0 …
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 …
    C: RCPT TO:<Green@example.com>
    S: 550 5.1.1 …
    C: RSET
    S: 250 2.0.0 …
    C: QUIT
    S: 221 2.0.0 …
    S.
    then 0 messages are stored`,
  ],
  [
    'RFC 5321 appendix D.3: relayed mail, as the final host sees it, with its source route left aside',
    `${start}
    C: MAIL FROM:<JQP@bar.com>
    S: 250 2.1.0 …
    C: RCPT TO:<@foo.com:bob@example.com>
    S: 250 2.1.5 …
    C: DATA
    S: 354 …
    C: Received: from bar.com by foo.com ; Thu, 21 May 1998
    C:     05:33:29 -0700
    C: Date: Thu, 21 May 1998 05:33:22 -0700
    C: From: John Q. Public <JQP@bar.com>
    C: Subject: The Next Meeting of the Board
    C: To: Jones@xyz.com
    C: 
    C: Bill:
    C: The next meeting of the board of directors will be
    C: on Tuesday.
    C:                          John.
    C: .
    S: 250 2.0.0 …
    C: QUIT
    S: 221 2.0.0 …
    S.
    then it goes from JQP@bar.com to bob@example.com (Inbox)`,
  ],
  [
    'RFC 5321 appendix D.4: verifying, which RFC 5321 §7.3 lets a site answer by 252 without saying who is here',
    `${start}
    C: VRFY Crispin
    S: 252 2.0.0 …
    C: VRFY nobody
    S: 252 2.0.0 …
    C: EXPN Example-People
    S: 502 5.5.1 …
    C: QUIT
    S: 221 2.0.0 …
    S.`,
  ],
  [
    'RFC 1870 §7: a size that is declared and taken, and one that is too big',
    `given size 1000000
    ${greeting}
    C: EHLO client.example
    S* 250
    C: MAIL FROM:<ned@thor.innosoft.com> SIZE=500000
    S: 250 2.1.0 …
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 …
    C: RSET
    S: 250 2.0.0 …
    C: MAIL FROM:<ned@thor.innosoft.com> SIZE=1000001
    S: 552 5.3.4 …
    C: RCPT TO:<bob@example.com>
    S: 503 5.5.1 …`,
  ],
  [
    'RFC 2920 §4: three recipients in one group',
    `${start}
    C: MAIL FROM:<mrose@dbc.mtview.ca.us>
    C: RCPT TO:<bob@example.com>
    C: RCPT TO:<alice@example.com>
    C: RCPT TO:<postmaster@example.com>
    C: DATA
    S: 250 2.1.0 …
    S: 250 2.1.5 …
    S: 250 2.1.5 …
    S: 250 2.1.5 …
    S: 354 …
    C: Subject: x
    C: 
    C: .
    C: QUIT
    S: 250 2.0.0 …
    S: 221 2.0.0 …
    S.
    then it goes from mrose@dbc.mtview.ca.us to bob@example.com (Inbox), alice@example.com (Inbox)`,
  ],
  [
    'RFC 2920 §4: all recipients are refused, and the client that was promised nothing sends a lone dot',
    `${start}
    C: MAIL FROM:<mrose@dbc.mtview.ca.us>
    C: RCPT TO:<nsb@thumper.bellcore.com>
    C: RCPT TO:<galvin@tis.com>
    C: DATA
    S: 250 2.1.0 …
    S: 550 5.7.1 …
    S: 550 5.7.1 …
    S: 554 5.5.1 …
    C: QUIT
    S: 221 2.0.0 …
    S.`,
  ],
  [
    'RFC 2034 §5: enhanced codes on each reply but the greeting and that of EHLO',
    `${start}
    C: MAIL FROM:<ned@ymir.claremont.edu>
    S: 250 2.1.0 …
    C: RCPT TO:<nobody@example.com>
    S: 550 5.1.1 …
    C: RCPT TO:<remote@not-ours.example>
    S: 550 5.7.1 …
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 …
    C: DATA
    S: 354 Send…
    C: .
    S: 250 2.0.0 …
    C: QUIT
    S: 221 2.0.0 …
    S.`,
  ],
  [
    'RFC 3207 §5: STARTTLS, and EHLO again',
    `${start}
    C: STARTTLS
    S: 220 2.0.0 …
    then TLS begins
    C: EHLO client.example
    S* 250`,
  ],
  [
    'RFC 4954 §4.1: PLAIN before and after TLS, without an initial response',
    `given submission
    ${start}
    C: AUTH PLAIN
    S: 538 5.7.11 …
    C: STARTTLS
    S: 220 2.0.0 …
    C: EHLO client.example
    S* 250
    C: AUTH PLAIN
    S: 334␠
    C: AGFsaWNlQGV4YW1wbGUuY29tAHNlY3JldCB3b3Jk
    S: 235 2.7.0 …`,
  ],
  [
    'RFC 3030 §4.1: a simple transaction by BDAT',
    `${start}
    C: MAIL FROM:<Sam@Random.com>
    S: 250 2.1.0 …
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 …
    C: BDAT 86 LAST
    C~ To: Susan@random.com\\r\\nFrom: Sam@random.com\\r\\nSubject: This is a bodyless test message\\r\\n
    S: 250 2.0.0 Message…
    C: QUIT
    S: 221 2.0.0 …
    S.
    then it goes from Sam@random.com to bob@example.com (Inbox)`,
  ],
  [
    'RFC 3030 §4.2: binary content in pipelined chunks',
    `${start}
    C: MAIL FROM:<ned@ymir.claremont.edu> BODY=BINARYMIME
    C: RCPT TO:<bob@example.com>
    C: RCPT TO:<alice@example.com>
    S: 250 2.1.0 …
    S: 250 2.1.5 …
    S: 250 2.1.5 …
    C: BDAT 14
    C~ X: y\\r\\n\\r\\n\\0\\n\\rabc
    C: BDAT 4
    C~ \\xff\\r\\nz
    C: BDAT 0 LAST
    S: 250 2.0.0 …
    S: 250 2.0.0 …
    S: 250 2.0.0 Message…
    C: QUIT
    S: 221 2.0.0 …
    S.
    then it goes from ned@ymir.claremont.edu to bob@example.com (Inbox), alice@example.com (Inbox), binary`,
  ],
  [
    'RFC 6152 §3: 8-bit content',
    `${start}
    C: MAIL FROM:<ned@ymir.claremont.edu> BODY=8BITMIME
    S: 250 2.1.0 …
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 …
    C: DATA
    S: 354 …
    C: Content-Type: text/plain; charset=utf-8
    C: 
    C: ein Gruß
    C: .
    S: 250 2.0.0 …
    then it goes from ned@ymir.claremont.edu to bob@example.com (Inbox), 8-bit`,
  ],
];

for (const [name, text] of examples) {
  for (const split of [false, true])
    test(`${name}${split ? ', octet by octet' : ''}`, () => playSmtp(text, split));
}
