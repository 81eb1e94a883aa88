// Every reply fits its line, and stands word for word in a scenario or conformance test: one that doesn't can't be known to be
// given at the right time.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { Mailbox } from '../../mailbox/mail-store.ts';
import type { AccountId, ContentId, MailboxId, ModSeq, Uid } from '../../mailbox/message.ts';
import { formatReply, longestReply } from '../wire/reply.ts';
import type { Reply } from '../wire/reply.ts';
import { Maildrop } from './maildrop.ts';
import { replies } from './replies.ts';

const mailbox: Mailbox = {
  id: 1 as MailboxId,
  account: 1 as AccountId,
  name: 'Inbox',
  uidValidity: 1800,
  uidNext: 14 as Uid,
  modSeq: 1 as ModSeq,
};
/** The three messages of test/scenario/pop3/transaction.scenario. */
const maildrop = new Maildrop(
  mailbox,
  [13, 13, 15].map((size, index) => ({
    uid: (11 + index) as Uid,
    content: 1 as ContentId,
    size,
    internalDate: 0,
    flags: [],
    modSeq: 1 as ModSeq,
  })),
);
const second = maildrop.find(2);
const third = maildrop.find(3);
assert.ok(second && third);

/** Each reply as some dialogue has it. */
const samples: Readonly<Record<keyof typeof replies, readonly Reply[]>> = {
  greeting: [replies.greeting('dewey.example.com')],
  goodbye: [replies.goodbye()],
  capabilities: [replies.capabilities()],
  mechanisms: [replies.mechanisms()],
  nothingToDo: [replies.nothingToDo()],
  utf8: [replies.utf8()],
  beginTls: [replies.beginTls()],
  tlsActive: [replies.tlsActive()],
  tlsNotOffered: [replies.tlsNotOffered()],
  tlsOnlyBeforeLogin: [replies.tlsOnlyBeforeLogin()],
  userNoted: [replies.userNoted()],
  passWithoutUser: [replies.passWithoutUser()],
  loggedIn: [replies.loggedIn(maildrop)],
  tlsNeeded: [replies.tlsNeeded()],
  tlsNeededAndMissing: [replies.tlsNeededAndMissing()],
  apopNotOffered: [replies.apopNotOffered()],
  unknownMechanism: [replies.unknownMechanism()],
  responseMalformed: [
    replies.responseMalformed('A PLAIN response is three parts with a NUL between each two of them.'),
  ],
  responseNotBase64: [replies.responseNotBase64()],
  exchangeCancelled: [replies.exchangeCancelled()],
  wrongCredentials: [replies.wrongCredentials()],
  tooManyFailures: [replies.tooManyFailures()],
  loginThrottled: [replies.loginThrottled(3)],
  loginUnavailable: [replies.loginUnavailable()],
  loginDelayed: [replies.loginDelayed(60)],
  mailboxInUse: [replies.mailboxInUse()],
  mailboxUnavailable: [replies.mailboxUnavailable()],
  mailboxMissing: [replies.mailboxMissing()],
  loggedInAlready: [replies.loggedInAlready()],
  loginFirst: [replies.loginFirst('STAT')],
  tooManyCommands: [replies.tooManyCommands()],
  status: [replies.status(maildrop)],
  listing: [replies.listing(maildrop)],
  size: [replies.size(second)],
  uniqueIds: [replies.uniqueIds()],
  uniqueId: [replies.uniqueId(third, maildrop.uniqueId(third))],
  content: [replies.content({ ...second, size: 120 })],
  top: [replies.top()],
  contentUnavailable: [replies.contentUnavailable()],
  deleted: [replies.deleted(second)],
  unmarked: [replies.unmarked(maildrop)],
  noSuchMessage: [replies.noSuchMessage(2, maildrop), replies.noSuchMessage(4, maildrop)],
  removed: [replies.removed(1), replies.removed(2)],
  notRemoved: [replies.notRemoved()],
  malformed: [
    replies.malformed({ kind: 'too-long' }),
    replies.malformed({ kind: 'characters' }),
    replies.malformed({ kind: 'unknown' }),
    replies.malformed({ kind: 'arguments', usage: 'LIST [message]' }),
  ],
  lineTooLong: [replies.lineTooLong()],
  lineEnd: [replies.lineEnd()],
  endlessLine: [replies.endlessLine()],
  tooManyErrors: [replies.tooManyErrors()],
  shuttingDown: [replies.shuttingDown()],
};

test('a first line has at most 512 octets, and its line end at the end only (RFC 2449 §4)', () => {
  for (const reply of [replies.greeting('x'.repeat(253)), ...Object.values(samples).flat()]) {
    const line = formatReply(reply);
    assert.ok(line.length <= longestReply, line);
    assert.equal(line.search(/[\r\n]/), line.length - 2, line);
    assert.ok(!reply.ok || reply.code === undefined, `a response code stands after -ERR: ${line}`);
  }
});

test('every reply stands in a dialogue', () => {
  const tests = resolve(import.meta.dirname, '../../../test');
  const folder = join(tests, 'scenario/pop3');
  const dialogues = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  dialogues.push(readFileSync(join(tests, 'conformance/pop3.test.ts'), 'utf8'));
  const all = dialogues.join('\n');
  const missing = Object.values(samples)
    .flat()
    .map((reply) => `S: ${formatReply(reply).trimEnd()}`)
    .filter((line) => !all.includes(line));
  assert.deepEqual(missing, []);
});
