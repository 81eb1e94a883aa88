// One SMTP connection: reads what the session's phase expects, asks the ports what the session asks, and writes what it says.
// Replies to pipelined commands leave in one write (RFC 2920 §3.2): they are sent when nothing is left to read.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sleep } from '../../lib/clock.ts';
import type { Timer } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { unreachable } from '../../lib/result.ts';
import { ConnectionFault } from '../../lib/transport.ts';
import type { Connection } from '../../lib/transport.ts';
import { unlimitedVisit } from '../../reception/visit.ts';
import type { Visit } from '../../reception/visit.ts';
import { dayOf } from '../../mailauth/dmarc/report-store.ts';
import type { MailCheck } from '../../mailauth/mail-check.ts';
import { takeContent } from '../session/acceptance.ts';
import type { SmtpContext } from '../session/context.ts';
import { tell } from '../session/move.ts';
import type { JourneyPart, Move, Note, OctetsQuestion, Question, Told } from '../session/move.ts';
import { checkOf, repliesToContent } from '../session/phase.ts';
import type { CommandPhase, ContentPhase, Phase, SaslPhase, TlsPhase } from '../session/phase.ts';
import { weigh } from '../session/reception.ts';
import { reply } from '../session/replies.ts';
import { openSession, takeLine, takeTls } from '../session/session.ts';
import { LineDecoder } from '../wire/line-decoder.ts';
import { formatReply } from '../wire/reply.ts';
import type { Reply } from '../wire/reply.ts';
import { askPorts } from './asking.ts';
import type { AskedConnection, SmtpPorts } from './asking.ts';
import { ContentReader } from './content-reader.ts';
import type { Broken } from './content-reader.ts';
import type { SmtpLimits } from './limits.ts';

/** After so many lines without a read, others get their turn. */
const linesInOneTurn = 64;
/** Replies that wait to be sent, in characters; above it they are sent in between. */
const longestBatch = 16_384;
/** The transport's own time-out is later than ours, which says 421 first. */
const graceMs = 30_000;

export class SmtpConnection implements AskedConnection {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  #context: SmtpContext;
  readonly #ports: SmtpPorts;
  readonly #limits: SmtpLimits;
  readonly #log: Log;
  visit: Visit;
  readonly #content: ContentReader;
  #lines = new LineDecoder();
  #replies = '';
  /** How often the next reply is said. */
  #times = 1;
  /** Since the last message that was taken. */
  #errors = 0;
  #commands = 0;
  #linesThisTurn = 0;
  /** A read that began while the client was to be silent. */
  #begun: Promise<Uint8Array | undefined> | undefined;
  /** When what is read must have come, on the monotonic clock; undefined while nothing is read. */
  #deadline: number | undefined;
  #watchdog: Timer | undefined;
  /** Waiting for a command: the one place where a session can be ended from outside. */
  #idle = false;
  #interrupted = false;
  /** What is being found out about the sender of the message that comes; ended or aborted in any case. */
  #check: MailCheck | undefined;

  constructor(
    connection: Connection,
    signal: AbortSignal,
    context: SmtpContext,
    ports: SmtpPorts,
    limits: SmtpLimits,
  ) {
    this.#connection = connection;
    this.#signal = signal;
    this.#context = context;
    this.#ports = ports;
    this.#limits = limits;
    this.#log = ports.log;
    this.visit = this.#visitOf(context);
    this.#content = new ContentReader(
      {
        takeRest: () => this.#lines.takeRest(),
        giveBack: (bytes) => this.#lines.push(bytes),
        read: (deadline) => this.#read(deadline, false),
      },
      ports.memory,
      context.clock,
      limits,
      context.maxMessageSize,
    );
  }

  /** A proxy is no stranger; those that it speaks for are. */
  #visitOf({ mayChangeClient, remote }: SmtpContext): Visit {
    return (mayChangeClient ? undefined : this.#ports.reception?.visit(remote.address)) ?? unlimitedVisit;
  }

  /** Serves the connection to its end. Never throws. */
  async run(): Promise<void> {
    const onAbort = (): void => {
      if (this.#idle) this.#interrupt(this.#shuttingDown());
    };
    this.#signal.addEventListener('abort', onAbort);
    this.#watch(this.#limits.commandMs);
    try {
      let phase = await this.#follow(openSession(this.#context, this.#connection.tls));
      while (phase.kind !== 'closed') phase = await this.#advance(phase);
      await this.#flush();
      await this.#connection.end();
    } catch (error) {
      await this.#fail(error);
    } finally {
      this.#keepCheck(undefined);
      this.#content.drop();
      this.#watchdog?.cancel();
      this.visit[Symbol.dispose]();
      this.#signal.removeEventListener('abort', onAbort);
    }
  }

  #advance(phase: Exclude<Phase, { kind: 'closed' }>): Promise<Phase> {
    switch (phase.kind) {
      case 'greeted':
      case 'ready':
      case 'mail':
      case 'chunked':
      case 'sasl':
        return this.#takeLine(phase);
      case 'content':
        return this.#takeContent(phase);
      case 'tls':
        return this.#takeTls(phase);
      default:
        return unreachable(phase);
    }
  }

  async #takeLine(phase: CommandPhase | SaslPhase): Promise<Phase> {
    let line = this.#lines.next();
    if (line === undefined) {
      const deadline = this.#context.clock.monotonic() + this.#limits.commandMs;
      do {
        if (this.#signal.aborted) return this.#close(this.#shuttingDown());
        const bytes = await this.#read(deadline, true);
        if (bytes === undefined) return { kind: 'closed' };
        this.#lines.push(bytes);
        line = this.#lines.next();
      } while (line === undefined);
    }
    this.#commands++;
    if (++this.#linesThisTurn >= linesInOneTurn) {
      this.#linesThisTurn = 0;
      await nextTurn();
    }
    return this.#follow(takeLine(this.#context, phase, line));
  }

  async #takeContent(phase: ContentPhase): Promise<Phase> {
    const content = await this.#content.untilDot(phase.transaction.check);
    this.#times = repliesToContent(this.#context.role, phase.transaction);
    const broken = content === 'closed' || content === 'endless';
    return await this.#follow(broken ? this.#breakOff(content) : takeContent(this.#context, phase, content));
  }

  async #takeTls(phase: TlsPhase): Promise<Phase> {
    // RFC 3207 §4.2: what came in clear behind STARTTLS is not read, or whoever sits between could put commands into the
    // secured session. What the connection still holds of it, `startTls` drops.
    const injected = this.#lines.takeRest().length;
    if (injected > 0) this.#log.warn('commands behind STARTTLS dropped', { octets: injected });
    this.#lines = new LineDecoder();
    await this.#flush();
    return takeTls(phase, await this.#connection.startTls());
  }

  /** Says what the session says, after what that costs. */
  async #follow(move: Move): Promise<Phase> {
    const told = await this.#answer(move);
    const phase = this.#tell(await this.#answer(weigh(this.#context, told)));
    if (phase.kind !== 'chunked') this.#content.drop();
    if (this.#replies.length > longestBatch) await this.#flush();
    if (phase.kind === 'closed') return phase;
    const { hostname } = this.#context;
    if (this.#errors > this.#limits.maxErrors) return this.#close(reply('tooManyErrors', { hostname }));
    if (this.#commands > this.#limits.maxCommands + this.#context.maxRecipients)
      return this.#close(reply('tooManyCommands', { hostname }));
    return phase;
  }

  /** What the session says in the end, once all that it asks is answered. */
  async #answer(first: Move): Promise<Told> {
    let move = first;
    while (move.kind === 'asked') {
      if (move.journey !== undefined) this.#observe(move.journey);
      move = await this.#ask(move.question);
    }
    return move;
  }

  async #ask(question: Question): Promise<Move> {
    if (question.ask === 'skip' || question.ask === 'chunk') return await this.#askForOctets(question);
    if (question.ask === 'change-client') {
      this.visit[Symbol.dispose]();
      this.visit = this.#visitOf({ ...this.#context, remote: question.remote, mayChangeClient: false });
      this.#context = { ...this.#context, remote: question.remote, local: question.local };
      return question.next(this.#context);
    }
    // Checking a password may take long, and has its own limit: what was said before need not wait for it.
    if (question.ask === 'login') await this.#flush();
    const move = await askPorts(question, this.#ports, this.#context, this.#limits, this);
    if (question.ask === 'accept' && move.kind === 'told' && move.reply.code < 400) {
      this.#errors = 0;
      this.#commands = 0;
      this.visit.accepted();
    }
    return move;
  }

  async #askForOctets(question: OctetsQuestion): Promise<Move> {
    if (question.ask === 'skip') {
      const broken = await this.#content.skip(question.size);
      return broken === undefined ? question.next() : this.#breakOff(broken);
    }
    const taken = await this.#content.chunk(question.chunk);
    if (taken === 'closed' || taken === 'endless') return this.#breakOff(taken);
    if (question.chunk.last) this.#times = question.chunk.replies;
    // However small the pieces that a message comes in, they bring it on.
    if (question.chunk.size > 0) this.#commands--;
    return question.next(taken);
  }

  async staysSilent(ms: number): Promise<boolean> {
    const read = this.#connection.read(ms + this.#limits.commandMs + graceMs);
    this.#begun = read;
    const spoke = read.then(
      (bytes) => bytes === undefined,
      // Whoever reads next hears of it.
      () => true,
    );
    return await Promise.race([sleep(this.#context.clock, ms, this.#signal).then(() => true), spoke]);
  }

  async pause(ms: number): Promise<void> {
    await this.#flush();
    await sleep(this.#context.clock, ms, this.#signal);
  }

  /** Another one's message has been judged, or doesn't come any more. */
  #keepCheck(check: MailCheck | undefined): void {
    if (check === this.#check) return;
    this.#check?.abort();
    this.#check = check;
  }

  #tell(told: Told): Phase {
    if (told.journey !== undefined) this.#observe(told.journey);
    if (told.note !== undefined) this.#note(told.note);
    if (told.report !== undefined) this.#ports.reports?.count(dayOf(this.#context.clock.now()), told.report);
    this.#say(told.reply);
    this.#keepCheck(checkOf(told.phase));
    return told.phase;
  }

  #say(answer: Reply): void {
    this.#replies += formatReply(answer).repeat(this.#times);
    this.#times = 1;
    if (answer.code >= 500) this.#errors++;
  }

  /** RFC 5321 §4.1.1.4: without its end there is no message. */
  #breakOff(broken: Broken): Told {
    if (broken === 'closed') throw new ConnectionFault('reset', 'the client left in the middle of a message');
    return tell(reply('tooBig', { limit: String(this.#context.maxMessageSize) }), { kind: 'closed' });
  }

  #close(answer: Reply): Phase {
    this.#say(answer);
    return { kind: 'closed' };
  }

  #note({ level, event, fields }: Note): void {
    const from = this.#context.remote.address;
    this.#log[level](event, { from, ...fields });
  }

  #observe({ id, steps }: JourneyPart): void {
    const { onStep } = this.#ports;
    if (onStep === undefined) return;
    for (const step of steps) onStep(id, step);
  }

  async #read(deadline: number, idle: boolean): Promise<Uint8Array | undefined> {
    await this.#flush();
    const left = Math.max(0, deadline - this.#context.clock.monotonic());
    this.#deadline = deadline;
    this.#idle = idle;
    try {
      const bytes = await (this.#begun ?? this.#connection.read(left + graceMs));
      if (bytes !== undefined) this.visit.received(bytes.length);
      return bytes;
    } finally {
      this.#begun = undefined;
      this.#deadline = undefined;
      this.#idle = false;
      this.#linesThisTurn = 0;
    }
  }

  async #flush(): Promise<void> {
    if (this.#replies === '') return;
    const replies = this.#replies;
    this.#replies = '';
    await this.#connection.write(Buffer.from(replies, 'latin1'));
  }

  /** One timer a connection: it looks at the deadline that stands when it fires, and sets itself anew. */
  #watch(ms: number): void {
    this.#watchdog = this.#context.clock.after(ms, () => {
      const left = (this.#deadline ?? Number.POSITIVE_INFINITY) - this.#context.clock.monotonic();
      if (left <= 0) this.#interrupt(reply('timedOut', { hostname: this.#context.hostname }));
      else this.#watch(Math.min(left, this.#limits.commandMs, this.#limits.contentIdleMs));
    });
  }

  /** Ends the connection while it is being read: the read then fails, or finds its end. */
  #interrupt(answer: Reply): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    const last = Buffer.from(formatReply(answer), 'latin1');
    this.#connection
      .write(last)
      .then(() => this.#connection.end())
      .catch(() => this.#connection.destroy());
  }

  #shuttingDown(): Reply {
    return reply('shuttingDown', { hostname: this.#context.hostname });
  }

  async #fail(error: unknown): Promise<void> {
    if (error instanceof ConnectionFault) {
      if (!this.#interrupted) this.#log.debug('connection lost', { kind: error.kind, reason: error.message });
      this.#connection.destroy();
      return;
    }
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#log.error('the SMTP server has failed', { from: this.#context.remote.address, reason });
    try {
      this.#say(reply('serverBroken'));
      await this.#flush();
      await this.#connection.end();
    } catch {
      this.#connection.destroy();
    }
  }
}
