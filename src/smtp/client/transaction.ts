// One mail transaction on an open connection: MAIL, RCPT for each recipient, DATA (RFC 5321 §3.3), in one flight where the server
// has PIPELINING (RFC 2920).
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import { unreachable } from '../../lib/result.ts';
import type { Envelope } from '../../mailbox/message.ts';
import type { RelayRecipient, Verdict } from '../queue/relay-transport.ts';
import { endOfDataText } from '../wire/data-encoder.ts';
import { formatServerReply, statusOf } from '../wire/reply-decoder.ts';
import type { ServerReply } from '../wire/reply-decoder.ts';
import { mailCommand, rcptCommand } from './commands.ts';
import { ask, closes } from './dialogue.ts';
import type { Dialogue, Heard, Patience } from './dialogue.ts';
import type { Extensions } from './extensions.ts';

export interface TransactionNeeds {
  /** The server's name, for sentences. */
  readonly server: string;
  readonly extensions: Extensions;
  readonly envelope: Envelope;
  readonly size: number;
  /** The header holds UTF-8, so that only a server with SMTPUTF8 may have it (RFC 6531 §3.5). */
  readonly needsUtf8: boolean;
  /** TLS is in use, with a certificate that is proven to be the server's. */
  readonly proven: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly patience: Patience;
}

export type Transacted =
  | {
      readonly kind: 'answered';
      /** In the order of the recipients. */
      readonly verdicts: readonly Verdict[];
      /** The connection stands where a new transaction may begin. */
      readonly reusable: boolean;
    }
  /** The connection was lost or closed by 421 before the server said anything about the message. `reason` is a sentence. */
  | { readonly kind: 'unanswered'; readonly reason: string; readonly reply: string | undefined };

/** How a transaction ends early: for all recipients that have no verdict yet. */
type End =
  | { readonly kind: 'lost'; readonly reason: string; readonly reply: string | undefined }
  | { readonly kind: 'verdict'; readonly verdict: Verdict };

export function* transact(
  recipients: readonly RelayRecipient[],
  needs: TransactionNeeds,
): Dialogue<Transacted> {
  const whole = refuseMessage(needs);
  if (whole !== undefined) {
    return { kind: 'answered', verdicts: recipients.map(() => whole), reusable: true };
  }
  const verdicts = recipients.map((recipient) => refuseRecipient(recipient, needs));
  const asked = recipients.filter((_, index) => verdicts[index] === undefined);
  if (asked.length === 0)
    return { kind: 'answered', verdicts: verdicts.flatMap((each) => each ?? []), reusable: true };
  const transaction = new Transaction(asked, needs);
  const { end, reusable } = yield* needs.extensions.pipelining && needs.envelope.binary !== true
    ? transaction.inOneFlight()
    : transaction.oneByOne();
  const given = transaction.verdicts;
  if (
    end?.kind === 'lost' &&
    given.every((each) => each === undefined) &&
    asked.length === recipients.length
  ) {
    return { kind: 'unanswered', reason: end.reason, reply: end.reply };
  }
  const rest = end === undefined ? undefined : endVerdict(end);
  let next = 0;
  const all = verdicts.map((own): Verdict => {
    const verdict = own ?? given[next++] ?? rest;
    if (verdict === undefined) throw new Error('a transaction left a recipient without a verdict');
    return verdict;
  });
  return { kind: 'answered', verdicts: all, reusable };
}

interface Ended {
  readonly end: End | undefined;
  readonly reusable: boolean;
}

class Transaction {
  /** What the server said to each RCPT, where that was final; then to the content. */
  readonly verdicts: (Verdict | undefined)[];
  readonly #recipients: readonly RelayRecipient[];
  readonly #needs: TransactionNeeds;
  /** Places of recipients that the server took at RCPT. */
  readonly #accepted: number[] = [];

  constructor(recipients: readonly RelayRecipient[], needs: TransactionNeeds) {
    this.#recipients = recipients;
    this.#needs = needs;
    this.verdicts = recipients.map(() => undefined);
  }

  *oneByOne(): Dialogue<Ended> {
    const { command, dataStart } = this.#needs.patience;
    const mail = yield* ask(mailCommand(this.#needs), command);
    const mailEnd = this.#judgeMail(mail);
    if (mailEnd !== undefined) return yield* this.#reset(mailEnd);
    for (const [place, recipient] of this.#recipients.entries()) {
      const end = this.#judgeRecipient(place, yield* ask(rcptCommand(recipient, this.#needs), command));
      if (end !== undefined) return { end, reusable: false };
    }
    if (this.#accepted.length === 0) return yield* this.#reset(undefined);
    if (this.#needs.envelope.binary === true) return yield* this.#chunks();
    const start = yield* ask('DATA', dataStart);
    return yield* this.#data(start, undefined);
  }

  /** RFC 2920 §3.1: MAIL, RCPT and DATA may be sent together, DATA last. Each reply must still be looked at. */
  *inOneFlight(): Dialogue<Ended> {
    const { command, dataStart } = this.#needs.patience;
    const commands = [
      mailCommand(this.#needs),
      ...this.#recipients.map((recipient) => rcptCommand(recipient, this.#needs)),
      'DATA',
    ];
    const sent = yield { kind: 'send', text: `${commands.join('\r\n')}\r\n` };
    if (sent.kind !== 'done') return { end: lostEnd(sent, 'After MAIL'), reusable: false };
    const mail = yield { kind: 'reply', waitMs: command };
    const mailEnd = this.#judgeMail(mail);
    if (mailEnd?.kind === 'lost') return { end: mailEnd, reusable: false };
    for (const place of this.#recipients.keys()) {
      const heard = yield { kind: 'reply', waitMs: command };
      // After a refused MAIL, what is said to RCPT is only about the order of commands.
      const end = mailEnd === undefined ? this.#judgeRecipient(place, heard) : closedBy(heard, 'After RCPT');
      if (end !== undefined) return { end: mailEnd ?? end, reusable: false };
    }
    const start = yield { kind: 'reply', waitMs: dataStart };
    return yield* this.#data(start, mailEnd);
  }

  #judgeMail(heard: Heard): End | undefined {
    const closed = closedBy(heard, 'After MAIL');
    if (closed !== undefined || heard.kind !== 'reply') return closed;
    const { reply } = heard;
    if (isPositive(reply)) return undefined;
    const text = `${this.#needs.server} ${refusedOrPutOff(reply)} mail from this sender.`;
    return { kind: 'verdict', verdict: verdictOf(reply, text) };
  }

  #judgeRecipient(place: number, heard: Heard): End | undefined {
    const closed = closedBy(heard, 'After RCPT');
    if (closed !== undefined || heard.kind !== 'reply') return closed;
    const { reply } = heard;
    if (isPositive(reply)) this.#accepted.push(place);
    else {
      // RFC 5321 §4.5.3.1.10: 552 here means too many recipients, and is to be read as 452.
      const tooMany = reply.code === 552 && reply.enhancedCode === undefined;
      const text = `${this.#needs.server} ${tooMany ? 'put off' : refusedOrPutOff(reply)} this recipient.`;
      const verdict = verdictOf(reply, text);
      this.verdicts[place] = tooMany ? { ...verdict, kind: 'deferred', status: '4.5.3' } : verdict;
    }
    return undefined;
  }

  /** From the reply to DATA on. `refused`: MAIL was refused, and DATA was on its way already. */
  *#data(start: Heard, refused: End | undefined): Dialogue<Ended> {
    const closed = closedBy(start, 'After DATA');
    if (closed !== undefined || start.kind !== 'reply') return { end: refused ?? closed, reusable: false };
    const willing = start.reply.code === 354;
    if (refused !== undefined || this.#accepted.length === 0) {
      if (!willing) return yield* this.#reset(refused);
      // RFC 2920 §3.1: a server that wants data although it took no recipient gets an empty message.
      const sent = yield { kind: 'send', text: endOfDataText };
      if (sent.kind !== 'done') return { end: refused, reusable: false };
      const answer = yield { kind: 'reply', waitMs: this.#needs.patience.dataEnd };
      return { end: refused, reusable: answer.kind === 'reply' && !closes(answer.reply) };
    }
    if (!willing && start.reply.code < 400) {
      // Neither go ahead nor no: a 250 here must never be read as if the message had been taken.
      const reply = formatServerReply(start.reply);
      return {
        end: { kind: 'lost', reason: `After DATA, it answered out of order: ${reply}`, reply },
        reusable: false,
      };
    }
    if (!willing) {
      this.#concludeBy(start.reply, 'the message');
      return yield* this.#reset(undefined);
    }
    const content = yield { kind: 'content' };
    if (content.kind === 'unsendable') {
      // RFC 3463 §3.7: X.6.0, a fault of the content.
      const text = `The message can't be sent as it is: ${content.reason}.`;
      const verdict: Verdict = { kind: 'refused', status: '5.6.0', reply: undefined, text };
      return { end: { kind: 'verdict', verdict }, reusable: false };
    }
    const early = content.kind === 'reply';
    const answer =
      content.kind === 'done' ? yield { kind: 'reply', waitMs: this.#needs.patience.dataEnd } : content;
    if (answer.kind !== 'reply') {
      if (content.kind !== 'done')
        return { end: lostEnd(answer, 'While the message was sent'), reusable: false };
      // It may have been taken (RFC 1047): to try at once, here or elsewhere, would likely double it.
      return { end: { kind: 'verdict', verdict: unsure(answer) }, reusable: false };
    }
    // A server can't have taken what it hasn't read to the end.
    if (early && isPositive(answer.reply)) {
      const reason = 'While the message was sent, it answered out of order.';
      return { end: { kind: 'lost', reason, reply: formatServerReply(answer.reply) }, reusable: false };
    }
    this.#concludeBy(answer.reply, 'the message');
    return { end: undefined, reusable: !early && !closes(answer.reply) };
  }

  /** RFC 3030 §3: binary content comes by BDAT only. */
  *#chunks(): Dialogue<Ended> {
    const answer = yield { kind: 'chunks' };
    // Where the connection was lost, the last chunk may have been taken (RFC 1047), as after an end of data.
    if (answer.kind !== 'reply')
      return { end: { kind: 'verdict', verdict: unsure(answer) }, reusable: false };
    this.#concludeBy(answer.reply, 'the message');
    return { end: undefined, reusable: isPositive(answer.reply) };
  }

  /** One reply for all recipients that were accepted. */
  #concludeBy(reply: ServerReply, what: string): void {
    const { server } = this.#needs;
    const text = isPositive(reply)
      ? `${server} took ${what}.`
      : `${server} ${refusedOrPutOff(reply)} ${what}.`;
    const verdict = verdictOf(reply, text);
    const { dsn: reports, deliverBy: deadline } = this.#needs.extensions;
    const said = verdict.kind === 'taken' ? { ...verdict, promises: { reports, deadline } } : verdict;
    for (const place of this.#accepted) this.verdicts[place] = said;
  }

  /** RFC 5321 §4.1.1.5: leaves nothing of the transaction, so that the next may begin. */
  *#reset(end: End | undefined): Dialogue<Ended> {
    if (end?.kind === 'lost') return { end, reusable: false };
    const heard = yield* ask('RSET', this.#needs.patience.command);
    return { end, reusable: heard.kind === 'reply' && isPositive(heard.reply) };
  }
}

/** What we know before we ask: the server doesn't take such a message. */
function refuseMessage({
  server,
  extensions,
  envelope,
  size,
  needsUtf8,
  proven,
}: TransactionNeeds): Verdict | undefined {
  const limit = extensions.size?.limit;
  // RFC 1870 §5; RFC 3463 §3.4: X.3.4, message too big for system.
  if (limit !== undefined && size > limit) {
    return ownVerdict('5.3.4', `The message has ${size} octets, and ${server} takes ${limit} at most.`);
  }
  const sender = envelope.reversePath;
  const utf8Sender = sender !== undefined && !isAscii(sender.localPart);
  // RFC 6531 §3.5; RFC 3463 registry: X.6.7, non-ASCII addresses not permitted; X.6.9, no conversion.
  if (!extensions.smtpUtf8 && utf8Sender) {
    return ownVerdict('5.6.7', `The sender's address has letters (SMTPUTF8) that ${server} does not know.`);
  }
  if (!extensions.smtpUtf8 && needsUtf8) {
    return ownVerdict('5.6.7', `The message's header has letters (SMTPUTF8) that ${server} does not know.`);
  }
  // RFC 6152 §3: such a message must be converted or returned; a conversion would break its signatures.
  if (!extensions.eightBitMime && envelope.eightBit && envelope.binary !== true) {
    return ownVerdict('5.6.3', `The message has 8-bit content (8BITMIME), which ${server} does not take.`);
  }
  // RFC 3030 §3: nor may binary content go where it isn't known.
  if (envelope.binary === true && !extensions.binaryMime) {
    return ownVerdict('5.6.3', `The message has binary content (BINARYMIME), which ${server} does not take.`);
  }
  return refuseTerms({ server, extensions, envelope, proven }) ?? refuseSender(envelope);
}

/** What was asked for with the message, and can't be had here. */
function refuseTerms({
  server,
  extensions,
  envelope: { terms },
  proven,
}: Pick<TransactionNeeds, 'server' | 'extensions' | 'envelope' | 'proven'>): Verdict | undefined {
  // RFC 8689 §4.2.1; its codes: X.7.10, encryption needed; X.7.30, REQUIRETLS support required.
  if (terms?.requireTls === true && !proven) {
    return ownVerdict('5.7.10', `The message may only go over TLS, and ${server} does not prove who it is.`);
  }
  if (terms?.requireTls === true && !extensions.requireTls) {
    return ownVerdict(
      '5.7.30',
      `The message may only go over TLS to its end, which ${server} does not promise.`,
    );
  }
  // RFC 2852 §4.1.4: a time that must be kept may not be given to a server that doesn't know of it.
  if (terms?.deliverBy?.mode === 'return' && !extensions.deliverBy) {
    return ownVerdict(
      '5.3.3',
      `The message has a time to arrive by (DELIVERBY), which ${server} does not know.`,
    );
  }
  return undefined;
}

function refuseSender({ reversePath: sender }: Envelope): Verdict | undefined {
  if (sender !== undefined && !isSpeakable(sender)) {
    return ownVerdict('5.1.7', "The sender's address has control characters.");
  }
  return undefined;
}

function refuseRecipient(
  recipient: MailAddress,
  { server, extensions }: TransactionNeeds,
): Verdict | undefined {
  if (!extensions.smtpUtf8 && !isAscii(recipient.localPart)) {
    return ownVerdict('5.6.7', `The address has letters (SMTPUTF8) that ${server} does not know.`);
  }
  return isSpeakable(recipient) ? undefined : ownVerdict('5.1.3', 'The address has control characters.');
}

function ownVerdict(status: string, text: string): Verdict {
  return { kind: 'refused', status, reply: undefined, text };
}

/** The last guard before the wire: nothing in an address may end a command. */
function isSpeakable(address: MailAddress): boolean {
  return !/[\u0000-\u001f\u007f]/.test(formatMailAddress(address));
}

function isAscii(text: string): boolean {
  return /^[\u0000-\u007f]*$/.test(text);
}

function isPositive(reply: ServerReply): boolean {
  return reply.code < 300;
}

function isPermanent(reply: ServerReply): boolean {
  return reply.code >= 500;
}

function refusedOrPutOff(reply: ServerReply): string {
  return isPermanent(reply) ? 'refused' : 'put off';
}

function verdictOf(reply: ServerReply, text: string): Verdict {
  const kind = isPositive(reply) ? 'taken' : isPermanent(reply) ? 'refused' : 'deferred';
  // A 3xx where none belongs says nothing for good or bad: tried again later.
  const status = reply.code >= 300 && reply.code < 400 ? '4.5.0' : statusOf(reply);
  return { kind, status, reply: formatServerReply(reply), text };
}

/** A lost connection, or one that the server says it closes. */
function closedBy(heard: Heard, when: string): (End & { readonly kind: 'lost' }) | undefined {
  if (heard.kind !== 'reply') return lostEnd(heard, when);
  if (!closes(heard.reply)) return undefined;
  const reply = formatServerReply(heard.reply);
  return { kind: 'lost', reason: `${when}, it closed the connection: ${reply}`, reply };
}

function lostEnd(heard: Heard, when: string): End & { readonly kind: 'lost' } {
  const reason =
    heard.kind === 'lost' || heard.kind === 'unsendable' ? heard.reason : 'it answered out of order';
  return { kind: 'lost', reason: `${when}, ${reason}.`, reply: undefined };
}

function unsure(heard: Heard): Verdict {
  const { reason } = lostEnd(heard, 'After the end of the message');
  return { kind: 'deferred', status: '4.4.2', reply: undefined, text: reason };
}

function endVerdict(end: End): Verdict {
  switch (end.kind) {
    case 'verdict':
      return end.verdict;
    case 'lost':
      // RFC 3463 §3.5: X.4.2, bad connection.
      return { kind: 'deferred', status: '4.4.2', reply: end.reply, text: end.reason };
    default:
      return unreachable(end);
  }
}
