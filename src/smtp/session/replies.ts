// Every reply that the SMTP server can give: code (RFC 5321 §4.2.3), enhanced status code (RFC 3463, RFC 5248) and a sentence that
// a person understands. docs/smtp-replies.md shows the same table; the test beside this file holds the two together.
import type { Reply } from '../wire/reply.ts';

interface Entry {
  readonly code: number;
  readonly enhancedCode?: string;
  /** `{name}` is filled in. */
  readonly text: string;
  /** For the documentation. */
  readonly when: string;
}

export const replyTable = {
  greeting: { code: 220, text: '{hostname} ESMTP Signpost', when: 'The connection is open.' },
  lmtpGreeting: {
    code: 220,
    text: '{hostname} LMTP Signpost',
    when: 'The connection of a mail system is open (LMTP, RFC 2033).',
  },
  tlsReady: { code: 220, enhancedCode: '2.0.0', text: 'Ready to start TLS.', when: 'STARTTLS.' },
  help: {
    code: 214,
    enhancedCode: '2.0.0',
    text: 'Commands: EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP STARTTLS AUTH QUIT. Their manual is RFC 5321.',
    when: 'HELP.',
  },
  goodbye: {
    code: 221,
    enhancedCode: '2.0.0',
    text: '{hostname} closes the connection. Goodbye.',
    when: 'QUIT.',
  },
  loggedIn: { code: 235, enhancedCode: '2.7.0', text: 'Logged in.', when: 'AUTH: the password fits.' },
  hello: {
    code: 250,
    text: '{hostname} greets {client}',
    when: 'HELO, or EHLO, where the extensions follow line by line.',
  },
  done: { code: 250, enhancedCode: '2.0.0', text: 'Done.', when: 'RSET and NOOP.' },
  senderTaken: { code: 250, enhancedCode: '2.1.0', text: 'Sender taken.', when: 'MAIL.' },
  priorityLowered: {
    code: 250,
    enhancedCode: '2.3.6',
    text: 'Sender taken, with priority {priority}.',
    when: 'MAIL with an MT-PRIORITY that is higher than a user may have (RFC 6710 §4.1).',
  },
  recipientTaken: { code: 250, enhancedCode: '2.1.5', text: 'Recipient taken.', when: 'RCPT.' },
  messageTaken: {
    code: 250,
    enhancedCode: '2.0.0',
    text: 'Message taken and stored as {id}.',
    when: 'End of the content: the message is on disk. The id names its journey.',
  },
  chunkTaken: {
    code: 250,
    enhancedCode: '2.0.0',
    text: 'Took {size} octets. More are expected.',
    when: 'BDAT: not the last one (RFC 3030 §2).',
  },
  notConfirmed: {
    code: 252,
    enhancedCode: '2.0.0',
    text: 'Addresses are not confirmed here. Send the message, and its recipients are checked.',
    when: 'VRFY: who has a mailbox here is nobody’s business (RFC 5321 §7.3).',
  },
  challenge: { code: 334, text: '{challenge}', when: 'AUTH: the mechanism’s challenge in base64.' },
  startContent: {
    code: 354,
    text: 'Send the message. A line with a single dot ends it.',
    when: 'DATA.',
  },

  shuttingDown: {
    code: 421,
    enhancedCode: '4.3.2',
    text: '{hostname} is shutting down. Try again in a minute.',
    when: 'The server stops; nothing that was answered by 250 is lost.',
  },
  timedOut: {
    code: 421,
    enhancedCode: '4.4.2',
    text: 'Nothing came for too long. {hostname} closes the connection.',
    when: 'A time limit of RFC 5321 §4.5.3.2 has passed.',
  },
  tooManyErrors: {
    code: 421,
    enhancedCode: '4.7.0',
    text: 'Too many errors. {hostname} closes the connection.',
    when: 'The limit of refused commands in one connection is met.',
  },
  tooManyCommands: {
    code: 421,
    enhancedCode: '4.7.0',
    text: 'Too many commands without a message. {hostname} closes the connection.',
    when: 'The limit of commands since the last message is met.',
  },
  tooManyConnections: {
    code: 421,
    enhancedCode: '4.7.0',
    text: 'Too many connections are open. Try {hostname} again in a minute.',
    when: 'Instead of the greeting: the limit of connections, in all or from one address, is met.',
  },
  connectedTooOften: {
    code: 421,
    enhancedCode: '4.7.0',
    text: 'Too many connections came from your network in a minute. Try {hostname} again in {wait}.',
    when: 'Instead of the greeting: the limit of new connections is met.',
  },
  refusedTooOften: {
    code: 421,
    enhancedCode: '4.7.0',
    text: 'Too many commands from your network were refused. Try {hostname} again in {wait}.',
    when: 'Instead of the greeting or of a refusal: the limit of refused commands, or of unknown recipients, of an address or a network is met.',
  },
  foreignProtocol: {
    code: 421,
    enhancedCode: '4.7.0',
    text: 'This is a mail server; {name} is a command of another protocol.',
    when: 'A web browser or the like was led to the port.',
  },
  serverBroken: {
    code: 421,
    enhancedCode: '4.3.0',
    text: 'Something went wrong here, not with you. Try again later.',
    when: 'An error of ours; the log has it.',
  },
  tooMuchMail: {
    code: 450,
    enhancedCode: '4.7.1',
    text: 'Too much mail came from your network in a minute. Try again in {wait}.',
    when: 'MAIL: the limit of messages, or of their octets, of an address or a network is met.',
  },
  recipientsTooFast: {
    code: 450,
    enhancedCode: '4.7.1',
    text: 'Too many recipients were named from your network in a minute. Try again in {wait}.',
    when: 'RCPT: the limit of recipients of an address or a network is met.',
  },
  sentTooMuch: {
    code: 450,
    enhancedCode: '4.7.1',
    text: 'Your account may send {most} {what} in {span}, and has. Try again in {wait}.',
    when: 'Submission: MAIL, or the end of the content: a limit of the account is met.',
  },
  cannotStore: {
    code: 451,
    enhancedCode: '4.3.0',
    text: "The message can't be stored now. Try again later.",
    when: 'End of the content: the store has failed; nothing of the message is kept.',
  },
  cannotLookUp: {
    code: 451,
    enhancedCode: '4.3.0',
    text: "The recipient can't be looked up now. Try again later.",
    when: 'RCPT: the store has failed.',
  },
  spfUnknown: {
    code: 451,
    enhancedCode: '4.7.24',
    text: "Whether you may send for {domain} can't be looked up now. Try again later.",
    when: 'RCPT: DNS gives no answer about the SPF record (RFC 7208 §8.6, RFC 7372 §3.2).',
  },
  reverseNameUnknown: {
    code: 451,
    enhancedCode: '4.7.25',
    text: "The name of {address} can't be looked up now. Try again later.",
    when: 'RCPT: DNS gives no answer about the client’s address (RFC 7372 §3.3).',
  },
  dmarcUnknown: {
    code: 451,
    enhancedCode: '4.7.1',
    text: "Whether {domain} sent this can't be found out now. Try again later.",
    when: 'End of the content: DNS gives no answer that DMARC needs (RFC 9989 §5.3.6).',
  },
  cannotCheckSender: {
    code: 451,
    enhancedCode: '4.3.0',
    text: "The sender can't be looked up now. Try again later.",
    when: 'Submission: MAIL, or the end of the content: the store has failed. Mail for a group of members only: DNS doesn’t tell whether a member sent it.',
  },
  cannotExpand: {
    code: 451,
    enhancedCode: '4.2.4',
    text: '{recipient} stands for too many others, or for itself. Its operator has to mend that.',
    when: 'RCPT: an alias or group that can’t be followed to its end; the log says why.',
  },
  storeFull: {
    code: 452,
    enhancedCode: '4.3.1',
    text: 'There is no room to store the message now. Try again later.',
    when: 'End of the content: the disk is full; nothing of the message is kept.',
  },
  busy: {
    code: 452,
    enhancedCode: '4.3.1',
    text: 'Too many messages are arriving at once. Try again in a few minutes.',
    when: 'DATA or the end of the content: the memory set aside for arriving messages is used up.',
  },
  tooManyRecipients: {
    code: 452,
    enhancedCode: '4.5.3',
    text: 'That is more recipients than one message may have here. Send it again for the others.',
    when: 'RCPT (RFC 5321 §4.5.3.1.10).',
  },
  loginThrottled: {
    code: 454,
    enhancedCode: '4.7.0',
    text: 'Too many logins have failed. Try again in {wait}.',
    when: 'AUTH: the password was not looked at.',
  },
  loginUnavailable: {
    code: 454,
    enhancedCode: '4.7.0',
    text: "Logins can't be checked now. Try again later.",
    when: 'AUTH: the accounts can’t be read, or too many logins wait.',
  },

  unknownCommand: { code: 500, enhancedCode: '5.5.1', text: '{reason}', when: 'No command of SMTP.' },
  brokenLine: {
    code: 500,
    enhancedCode: '5.5.2',
    text: '{reason} {hostname} closes the connection.',
    when: 'A bare CR or LF or a NUL in a command: where the next command begins can’t be known (RFC 5321 §2.3.8).',
  },
  notUtf8: {
    code: 500,
    enhancedCode: '5.5.2',
    text: 'A command is written in ASCII or UTF-8.',
    when: 'Other octets in a command.',
  },
  lineTooLong: {
    code: 500,
    enhancedCode: '5.5.2',
    text: 'The line is too long.',
    when: 'A command of more than 12288 octets.',
  },
  loginLineTooLong: {
    code: 500,
    enhancedCode: '5.5.6',
    text: 'The line is too long.',
    when: 'AUTH: a response of more than 12288 octets (RFC 4954 §4).',
  },
  syntax: {
    code: 501,
    enhancedCode: '5.5.4',
    text: '{reason}',
    when: 'The arguments of a command are wrong.',
  },
  holdTooLong: {
    code: 501,
    enhancedCode: '5.5.4',
    text: 'A message is held for {days} days at most.',
    when: 'Submission: MAIL with HOLDFOR or HOLDUNTIL (RFC 4865 §4).',
  },
  badChunk: {
    code: 501,
    enhancedCode: '5.5.4',
    text: '{reason} {hostname} closes the connection.',
    when: 'BDAT whose size can’t be read: what follows could be content or commands.',
  },
  badSender: { code: 501, enhancedCode: '5.1.7', text: '{reason}', when: 'MAIL: the address is no address.' },
  badRecipient: {
    code: 501,
    enhancedCode: '5.1.3',
    text: '{reason}',
    when: 'RCPT: the address is no address.',
  },
  badResponse: {
    code: 501,
    enhancedCode: '5.5.2',
    text: '{reason}',
    when: 'AUTH: a response is no base64, or not what the mechanism expects.',
  },
  loginCancelled: {
    code: 501,
    enhancedCode: '5.7.0',
    text: 'The login is cancelled, as you asked.',
    when: 'AUTH: the client sent `*`.',
  },
  notOffered: {
    code: 502,
    enhancedCode: '5.5.1',
    text: '{name} is not offered here.',
    when: 'A command of SMTP that this server, or this listener, doesn’t have.',
  },
  noLoginHere: {
    code: 502,
    enhancedCode: '5.5.1',
    text: 'Nobody logs in on this port, which takes mail from other servers. Log in on the submission port, 465 or 587.',
    when: 'AUTH where other servers deliver.',
  },
  helloFirst: {
    code: 503,
    enhancedCode: '5.5.1',
    text: 'Say EHLO first.',
    when: 'MAIL before EHLO or HELO.',
  },
  mailFirst: {
    code: 503,
    enhancedCode: '5.5.1',
    text: 'Say MAIL FROM first.',
    when: 'RCPT or DATA before MAIL.',
  },
  mailAlready: {
    code: 503,
    enhancedCode: '5.5.1',
    text: 'A message is already begun. RSET forgets it.',
    when: 'MAIL twice.',
  },
  chunkFirst: {
    code: 503,
    enhancedCode: '5.5.1',
    text: 'The message has begun to come by BDAT, and ends by it. RSET forgets it.',
    when: 'DATA or RCPT after BDAT (RFC 3030 §2).',
  },
  binaryByChunks: {
    code: 503,
    enhancedCode: '5.5.1',
    text: 'A message with BODY=BINARYMIME comes by BDAT only.',
    when: 'DATA (RFC 3030 §3).',
  },
  tlsAlready: {
    code: 503,
    enhancedCode: '5.5.1',
    text: 'TLS is already in use.',
    when: 'STARTTLS under TLS.',
  },
  loggedInAlready: {
    code: 503,
    enhancedCode: '5.5.1',
    text: 'You are already logged in.',
    when: 'AUTH twice (RFC 4954 §4).',
  },
  notInMessage: {
    code: 503,
    enhancedCode: '5.5.1',
    text: 'Log in before MAIL FROM, or say RSET first.',
    when: 'AUTH after MAIL (RFC 4954 §4).',
  },
  unknownMechanism: {
    code: 504,
    enhancedCode: '5.5.4',
    text: 'This way to log in is not offered. These are: {mechanisms}.',
    when: 'AUTH with an unknown mechanism.',
  },
  tlsFirst: {
    code: 530,
    enhancedCode: '5.7.0',
    text: 'Say STARTTLS first.',
    when: 'Submission: MAIL without TLS.',
  },
  loginFirst: {
    code: 530,
    enhancedCode: '5.7.0',
    text: 'Log in first.',
    when: 'Submission: MAIL before AUTH (RFC 4954 §6).',
  },
  loginRefused: {
    code: 535,
    enhancedCode: '5.7.8',
    text: 'The name or the password is wrong.',
    when: 'AUTH.',
  },
  encryptionFirst: {
    code: 538,
    enhancedCode: '5.7.11',
    text: 'Nobody logs in where others can read along. Say STARTTLS first.',
    when: 'AUTH without TLS (RFC 4954 §4).',
  },
  unknownUser: {
    code: 550,
    enhancedCode: '5.1.1',
    text: '{recipient} has no mailbox here.',
    when: 'RCPT: our domain, but no such user.',
  },
  blocked: {
    code: 550,
    enhancedCode: '5.7.1',
    text: '{subject} is on the block list {list}, so that its mail is not taken here. The list says: {reason}',
    when: 'RCPT: a list in DNS that the operator has chosen names the client’s address, or the domain of MAIL FROM or EHLO (RFC 5782).',
  },
  falseHello: {
    code: 550,
    enhancedCode: '5.7.1',
    text: 'You call yourself {name}, which is not what you are.',
    when: 'RCPT: EHLO gave our own name, or, where the operator wants that, an address that isn’t the client’s or no name at all.',
  },
  membersOnly: {
    code: 550,
    enhancedCode: '5.7.2',
    text: 'Only its members may send to {recipient}, and those of ours after a login.',
    when: 'RCPT: a group that takes mail from its members only, and the sender is none.',
  },
  unprovenMember: {
    code: 550,
    enhancedCode: '5.7.2',
    text: 'Only its members may send to {recipient}, and nothing proves that {domain} sent this.',
    when: 'End of the content: MAIL FROM names a member of a group that takes mail from its members only; SPF, DKIM and DMARC don’t.',
  },
  notYourAddress: {
    code: 550,
    enhancedCode: '5.7.1',
    text: 'You may not send as {address}. Take an address of your own, or ask your operator.',
    when: 'Submission: MAIL, or From or Sender of the message, with an address that isn’t the account’s (RFC 6409 §6.1).',
  },
  unfitHeader: {
    code: 550,
    enhancedCode: '5.6.0',
    text: '{reason}',
    when: 'Submission, end of the content: From, Sender or the header as a whole is not as a message must have it.',
  },
  unqualified: {
    code: 550,
    enhancedCode: '5.1.2',
    text: '{recipient} has no full domain, so that nobody knows where to send it.',
    when: 'Submission: RCPT with a domain of one name that isn’t ours (RFC 6409 §4.2).',
  },
  noRelay: {
    code: 550,
    enhancedCode: '5.7.1',
    text: "Mail for {recipient} is not taken here: this server doesn't relay for strangers.",
    when: 'RCPT: a foreign domain, or an address that asks us to pass the mail on (RFC 5321 §3.6.2).',
  },
  spfFail: {
    code: 550,
    enhancedCode: '5.7.23',
    text: "{domain} doesn't let {address} send its mail.",
    when: 'RCPT: SPF fails, and is configured to refuse (RFC 7208 §8.4, RFC 7372 §3.2).',
  },
  spfFailExplained: {
    code: 550,
    enhancedCode: '5.7.23',
    text: "{domain} doesn't let {address} send its mail, and explains: {explanation}",
    when: 'The same where the domain’s owner says why (RFC 7208 §6.2).',
  },
  noReverseName: {
    code: 550,
    enhancedCode: '5.7.25',
    text: '{address} has no name that leads back to it.',
    when: 'RCPT: reverse DNS fails, and is configured to refuse (RFC 7372 §3.3).',
  },
  dmarcFail: {
    code: 550,
    enhancedCode: '5.7.26',
    text: 'Nothing proves that {domain} sent this, and it wants such mail to be refused.',
    when: 'End of the content: DMARC fails with p=reject (RFC 9989 §5.4, RFC 7372 §3.4).',
  },
  notForYou: {
    code: 554,
    enhancedCode: '5.7.1',
    text: '{hostname} takes no mail from your address on this port.',
    when: 'Instead of the greeting: LMTP, where the client’s address is none of those configured.',
  },
  bareLineEnd: {
    code: 550,
    enhancedCode: '5.5.2',
    text: 'The message has a CR or LF that stands alone. Lines end with both, and nothing else may hold them.',
    when: 'End of the content (RFC 5321 §2.3.8, §4.1.1.4).',
  },
  nulInContent: {
    code: 550,
    enhancedCode: '5.6.0',
    text: 'The message holds a NUL, which no mail may.',
    when: 'End of the content (RFC 5322 §4).',
  },
  longLine: {
    code: 550,
    enhancedCode: '5.6.0',
    text: 'The message has a line of more than a million octets.',
    when: 'End of the content.',
  },
  tooBig: {
    code: 552,
    enhancedCode: '5.3.4',
    text: 'The message is too big. At most {limit} octets are taken here.',
    when: 'MAIL with SIZE, or the end of the content (RFC 1870 §6).',
  },
  utf8Undeclared: {
    code: 553,
    enhancedCode: '5.6.7',
    text: 'An address with letters outside ASCII needs SMTPUTF8 behind MAIL FROM.',
    when: 'MAIL or RCPT (RFC 6531 §3.5).',
  },
  spokeFirst: {
    code: 554,
    enhancedCode: '5.5.1',
    text: 'You spoke before {hostname} greeted you. A mail server waits for the greeting.',
    when: 'Instead of the greeting: a client that talks at once is no mail server (RFC 5321 §4.3.1).',
  },
  loop: {
    code: 554,
    enhancedCode: '5.4.6',
    text: 'The message has been passed on {count} times: it goes round in circles.',
    when: 'End of the content: 100 Received fields or more (RFC 5321 §6.3).',
  },
  noRecipients: {
    code: 554,
    enhancedCode: '5.5.1',
    text: 'The message has no valid recipient.',
    when: 'DATA, when every RCPT was refused or none came (RFC 5321 §3.3).',
  },
  badParameter: {
    code: 555,
    enhancedCode: '5.5.4',
    text: '{reason}',
    when: 'MAIL or RCPT with a parameter that is not offered.',
  },
} as const;

export type ReplyName = keyof typeof replyTable;

type Holes<Text extends string> = Text extends `${string}{${infer Hole}}${infer Rest}`
  ? Hole | Holes<Rest>
  : never;
type Values<Name extends ReplyName> = Holes<(typeof replyTable)[Name]['text']>;

/** Replies whose sentence leaves nothing open are made once: most of what is ever said. */
const constant = new Map<ReplyName, Reply>();

/** The reply of that name, with what its sentence leaves open. */
export function reply<Name extends ReplyName>(
  name: Name,
  ...values: [Values<Name>] extends [never] ? [] : [Readonly<Record<Values<Name>, string>>]
): Reply {
  const given: Readonly<Record<string, string>> | undefined = values[0];
  if (given !== undefined) return fill(replyTable[name], given);
  const known = constant.get(name);
  if (known !== undefined) return known;
  const made = fill(replyTable[name], {});
  constant.set(name, made);
  return made;
}

function fill(entry: Entry, given: Readonly<Record<string, string>>): Reply {
  const text = entry.text.replaceAll(/\{(\w+)\}/g, (hole, key: string) => given[key] ?? hole);
  return entry.enhancedCode === undefined
    ? { code: entry.code, lines: [text] }
    : { code: entry.code, enhancedCode: entry.enhancedCode, lines: [text] };
}
