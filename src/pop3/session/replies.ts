// Every first line that our POP3 server can send. What a person may read says what is wrong and what to do; what is logged
// stands elsewhere. Codes: RFC 2449 §8.1, RFC 3206.
import { unreachable } from '../../lib/result.ts';
import type { Command, CommandFault } from '../wire/command.ts';
import type { Reply } from '../wire/reply.ts';
import type { Maildrop, MaildropMessage } from './maildrop.ts';

function good(text: string): Reply {
  return { ok: true, text };
}

function bad(text: string): Reply {
  return { ok: false, text };
}

/** A problem with what the client showed of itself: it may ask its user for the password again (RFC 3206 §4). */
function credentials(text: string): Reply {
  return { ok: false, code: 'AUTH', text };
}

/** Passes by itself: the client should come back later (RFC 3206 §4). */
function temporary(text: string): Reply {
  return { ok: false, code: 'SYS/TEMP', text };
}

/** Stays until someone does something about it (RFC 3206 §4). */
function permanent(text: string): Reply {
  return { ok: false, code: 'SYS/PERM', text };
}

function messages(count: number): string {
  return count === 1 ? '1 message' : `${count} messages`;
}

export const replies = {
  // No timestamp in angle brackets: that would offer APOP (RFC 1939 §7).
  greeting: (hostname: string): Reply => good(`${hostname} POP3 ready`),
  goodbye: (): Reply => good('Goodbye.'),
  capabilities: (): Reply => good('This is what I can do:'),
  mechanisms: (): Reply => good('These are the mechanisms:'),
  nothingToDo: (): Reply => good(''),
  utf8: (): Reply => good('UTF-8 from here on.'),

  beginTls: (): Reply => good('Begin TLS negotiation now.'),
  tlsActive: (): Reply => bad('TLS is active already.'),
  tlsNotOffered: (): Reply => bad('This port offers no TLS.'),
  tlsOnlyBeforeLogin: (): Reply => bad('STLS comes before the login.'),

  userNoted: (): Reply => good('Now send the password with PASS.'),
  passWithoutUser: (): Reply => bad('Send USER first, and PASS right after it.'),
  loggedIn: (maildrop: Maildrop): Reply =>
    good(`${messages(maildrop.count)} (${maildrop.octets} octets) waiting.`),
  tlsNeeded: (): Reply =>
    bad('Passwords are taken under TLS only. Send STLS first, or use the port for POP3 over TLS.'),
  tlsNeededAndMissing: (): Reply =>
    bad('Passwords are taken under TLS only. Use the port for POP3 over TLS.'),
  // RFC 1939 §7: APOP needs a secret that the server can read. We keep none (argon2id and SCRAM keys only).
  apopNotOffered: (): Reply =>
    bad('APOP is not offered, because it needs passwords stored in clear. Use AUTH or USER and PASS.'),
  unknownMechanism: (): Reply => bad('That mechanism is not offered. CAPA lists those that are.'),
  responseMalformed: (reason: string): Reply => bad(reason),
  responseNotBase64: (): Reply =>
    bad('The response must be base64, and not longer than the mechanism needs.'),
  exchangeCancelled: (): Reply => bad('Authentication cancelled.'),
  wrongCredentials: (): Reply => credentials('Wrong address or password.'),
  tooManyFailures: (): Reply => credentials('Too many failed logins. Goodbye.'),
  loginThrottled: (seconds: number): Reply =>
    temporary(`Too many failed logins. Try again in ${seconds} seconds.`),
  loginUnavailable: (): Reply => temporary('Logins cannot be checked now. Try again later.'),
  loginDelayed: (seconds: number): Reply => ({
    ok: false,
    code: 'LOGIN-DELAY',
    text: `The last login was a short time ago. Try again in ${seconds} seconds.`,
  }),
  mailboxInUse: (): Reply => ({
    ok: false,
    code: 'IN-USE',
    text: 'Another POP3 session has this mailbox open. Try again when it has ended.',
  }),
  mailboxUnavailable: (): Reply => temporary('The mailbox cannot be opened now. Try again later.'),
  mailboxMissing: (): Reply => permanent('This account has no mailbox. Please tell the postmaster.'),
  loggedInAlready: (): Reply => bad('You are logged in already.'),
  loginFirst: (verb: Command['verb']): Reply => bad(`${verb} comes after the login.`),
  tooManyCommands: (): Reply => bad('Too many commands without a login. Goodbye.'),

  status: (maildrop: Maildrop): Reply => good(`${maildrop.count} ${maildrop.octets}`),
  listing: (maildrop: Maildrop): Reply => good(`${messages(maildrop.count)} (${maildrop.octets} octets)`),
  size: (message: MaildropMessage): Reply => good(`${message.number} ${message.size}`),
  uniqueIds: (): Reply => good('The unique ids follow.'),
  uniqueId: (message: MaildropMessage, id: string): Reply => good(`${message.number} ${id}`),
  content: (message: MaildropMessage): Reply => good(`${message.size} octets`),
  top: (): Reply => good('The top of the message follows.'),
  contentUnavailable: (): Reply => temporary('The message cannot be read now. Try again later.'),
  deleted: (message: MaildropMessage): Reply =>
    good(`Message ${message.number} will be removed when you QUIT.`),
  unmarked: (maildrop: Maildrop): Reply =>
    good(`${messages(maildrop.count)} (${maildrop.octets} octets) kept.`),
  noSuchMessage: (number: number, maildrop: Maildrop): Reply =>
    bad(
      number >= 1 && number <= maildrop.length
        ? `Message ${number} is marked as deleted. RSET takes that back.`
        : `There is no message ${number}. The mailbox has ${messages(maildrop.length)}.`,
    ),
  removed: (count: number): Reply => good(`Goodbye. ${messages(count)} removed.`),
  // RFC 1939 §6: some of the messages marked as deleted weren't removed. Ours go in one transaction, so none was.
  notRemoved: (): Reply => temporary('The deleted messages could not be removed. They are all still there.'),

  malformed: (fault: CommandFault): Reply => {
    switch (fault.kind) {
      case 'too-long':
        return bad('That line is longer than a command may be (255 octets).');
      case 'characters':
        return bad('A command is UTF-8 text without control characters.');
      case 'arguments':
        return bad(`The form of this command is: ${fault.usage}`);
      case 'unknown':
        return bad('There is no such command. CAPA lists what there is.');
      default:
        return unreachable(fault);
    }
  },
  lineTooLong: (): Reply => bad('That line is longer than any that I take.'),
  lineEnd: (): Reply => bad('Every line ends with CR LF, and neither stands elsewhere.'),
  endlessLine: (): Reply => bad('That line does not end. Goodbye.'),
  tooManyErrors: (): Reply => bad('Too many errors. Goodbye.'),
  shuttingDown: (): Reply => temporary('The server is shutting down. Please connect again.'),
};
