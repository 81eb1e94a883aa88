// RFC 5321 §4.5.3.1: the sizes that every server must be able to take.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playSmtp } from '../support/smtp-dialogue.ts';

const start = 'S: 220 mx.example.com ESMTP Signpost\nC: HELO client.example\nS: 250 …\n';
const login = `given submission
given tls
S: 220 mx.example.com ESMTP Signpost
C: HELO client.example
S: 250 …
C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUuY29tAHNlY3JldCB3b3Jk
S: 235 2.7.0 …
C: MAIL FROM:<alice@example.com>
S: 250 2.1.0 …
`;

function message(lines: readonly string[]): string {
  return `C: MAIL FROM:<a@client.example>
S: 250 2.1.0 …
C: RCPT TO:<bob@example.com>
S: 250 2.1.5 …
C: DATA
S: 354 …
${lines.map((line) => `C: ${line}\n`).join('')}C: .
S: 250 2.0.0 …
then 1 message is stored`;
}

const label = 'd'.repeat(61);
const localPart = 'l'.repeat(64);
/** 253 octets of text are 255 on the wire. */
const domain = [label, label, label, label, 'ddd', 'd'].join('.');

/** With a local part of 64, `@` and brackets it makes 256. */
const shorter = [label, label, label, 'ddd'].join('.');

const limits: readonly (readonly [string, string])[] = [
  [
    '§4.5.3.1.1: a local part of 64 octets',
    `${start}C: MAIL FROM:<${localPart}@client.example>\nS: 250 2.1.0 …`,
  ],
  ['§4.5.3.1.2: a domain of 253 octets', `${start}C: MAIL FROM:<a@${domain}>\nS: 250 2.1.0 …`],
  ['§4.5.3.1.3: a path of 256 octets', `${start}C: MAIL FROM:<${localPart}@${shorter}>\nS: 250 2.1.0 …`],
  ['§4.5.3.1.4: a command line of 512 octets', `${start}C: NOOP ${'x'.repeat(505)}\nS: 250 2.0.0 …`],
  ['§4.5.3.1.6: a text line of 1000 octets', `${start}${message(['', 'x'.repeat(998), '.'.repeat(999)])}`],
  [
    '§4.5.3.1.7: a message of 64 KiB',
    `${start}${message(['', ...Array<string>(1024).fill('x'.repeat(62))])}`,
  ],
  [
    '§4.5.3.1.8: 100 recipients, and 452 for one more',
    `${login}${Array.from({ length: 100 }, (_, index) => `C: RCPT TO:<user${index}@elsewhere.example>\n`).join('')}${'S: 250 2.1.5 …\n'.repeat(100)}C: RCPT TO:<one.more@elsewhere.example>\nS: 452 4.5.3 …`,
  ],
];

for (const [name, text] of limits) test(`RFC 5321 ${name}`, () => playSmtp(text, false));

test('the table means what it says', () => {
  assert.equal(domain.length, 253);
  assert.equal(`<${localPart}@${shorter}>`.length, 256);
});
