// Drives POP3 sessions over connections (RFC 1939): reads lines, asks the ports, sends what the session says.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { utf8ToBytes } from '../../lib/bytes.ts';
import type { Log } from '../../lib/log.ts';
import { unreachable } from '../../lib/result.ts';
import { ConnectionFault } from '../../lib/transport.ts';
import type { Connection, ConnectionHandler } from '../../lib/transport.ts';
import type { Account } from '../../login/account-store.ts';
import type { LoginRefusal } from '../../login/login.ts';
import { fittingMechanisms } from '../../sasl/mechanisms.ts';
import { nameOfProof } from '../../sasl/proof.ts';
import { answerLogin, answerOpening, answerSalt, beginSession } from '../session/authorization.ts';
import type { Listening, Output, Phase, Step, Surroundings } from '../session/phase.ts';
import { replies } from '../session/replies.ts';
import { receiveLine } from '../session/session.ts';
import { answerUpdate } from '../session/transaction.ts';
import { formatChallenge, formatListing, formatReply } from '../wire/reply.ts';
import type { Reply } from '../wire/reply.ts';
import { BatchedWriter } from './batched-writer.ts';
import { sendContent } from './content-sender.ts';
import { LineSource } from './line-source.ts';
import { openMaildrop, removeMessages } from './ports.ts';
import type { Pop3Options } from './ports.ts';

/** Commands refused one after another before we hang up. */
const mostErrors = 50;
/** Milliseconds from the greeting to a login: as long as RFC 1939 §3 grants a client that says nothing. */
const loginMs = 600_000;
/** Pipelined commands answered before others get their turn. */
const linesPerTurn = 128;

/** What a listener of `pop3` or `pop3s` does with a connection. Expects TLS, where it is at once, to be established. */
export function pop3ConnectionHandler(options: Pop3Options): ConnectionHandler {
  return async (connection, signal) => {
    await using session = new Pop3Connection(options, connection, signal);
    await session.run();
  };
}

class Pop3Connection implements AsyncDisposable {
  readonly #options: Pop3Options;
  readonly #connection: Connection;
  readonly #writer: BatchedWriter;
  readonly #lines: LineSource;
  readonly #log: Log;
  #lock: Disposable | undefined;
  #errors = 0;
  #linesThisTurn = 0;
  /** On the monotonic clock. */
  readonly #loginUntil: number;

  constructor(options: Pop3Options, connection: Connection, signal: AbortSignal) {
    this.#options = options;
    this.#connection = connection;
    this.#writer = new BatchedWriter(connection);
    this.#lines = new LineSource(connection, signal, options.clock);
    this.#loginUntil = options.clock.monotonic() + loginMs;
    this.#log = options.log.child({ protocol: 'pop3', from: connection.remote.address });
  }

  /** The connection may be gone by a fault: then the lock is all that is left to give back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#lock?.[Symbol.dispose]();
    await this.#connection.end();
  }

  async run(): Promise<void> {
    try {
      this.#putReply(replies.greeting(this.#options.hostname));
      let phase: Phase = beginSession();
      while (phase.kind !== 'closed') phase = await this.#advance(phase);
      // RFC 1939 §6: the lock goes before the client hears that the session is over, so that it may come back at once.
      this.#lock?.[Symbol.dispose]();
      await this.#writer.flush();
    } catch (error) {
      if (!(error instanceof ConnectionFault)) throw error;
      this.#log.debug('the connection ended', { kind: error.kind, reason: error.message });
      this.#connection.destroy();
    }
  }

  async #advance(phase: Exclude<Phase, { kind: 'closed' }>): Promise<Phase> {
    switch (phase.kind) {
      case 'authorization':
      case 'exchange':
      case 'transaction':
        return this.#listen(phase);
      case 'salting': {
        const { identity } = phase.question;
        const outcome = await this.#options.login.salt(identity, this.#connection.remote.address);
        if (outcome.kind !== 'salt') this.#logRefusal(identity, outcome);
        return this.#follow(answerSalt(phase, outcome));
      }
      case 'verifying': {
        await this.#writer.flush();
        const outcome = await this.#options.login.verify(phase.proof, this.#connection.remote.address);
        if (outcome.kind !== 'ok') this.#logRefusal(nameOfProof(phase.proof), outcome);
        return this.#follow(answerLogin(phase, outcome));
      }
      case 'opening': {
        const { answer, lock } = await openMaildrop(this.#options, phase.account, this.#log);
        this.#lock = lock;
        this.#log.info('login', {
          account: phase.account.id,
          mailbox: answer.kind,
          tls: this.#connection.tls?.protocol ?? 'none',
        });
        return this.#follow(answerOpening(phase, answer));
      }
      case 'updating': {
        const removed = await removeMessages(this.#options, phase.maildrop, phase.uids, this.#log);
        if (removed)
          this.#log.info('messages removed', { account: phase.account.id, count: phase.uids.length });
        return this.#follow(answerUpdate(phase, removed));
      }
      default:
        return unreachable(phase);
    }
  }

  async #listen(phase: Listening): Promise<Phase> {
    let line = this.#lines.next();
    if (line === undefined) {
      await this.#writer.flush();
      this.#linesThisTurn = 0;
      const loggedIn = phase.kind === 'transaction';
      const latest = loggedIn ? Number.POSITIVE_INFINITY : this.#loginUntil;
      const pulled = await this.#lines.pull(loggedIn, latest);
      // RFC 1939 §3: a client that just goes away doesn't enter UPDATE, so nothing is removed.
      if (pulled.kind === 'end') return { kind: 'closed' };
      if (pulled.kind === 'drained') return this.#close(replies.shuttingDown());
      line = pulled;
    } else if (++this.#linesThisTurn >= linesPerTurn) {
      this.#linesThisTurn = 0;
      await nextTurn();
    }
    return this.#follow(receiveLine(phase, line, this.#surroundings()));
  }

  #logRefusal(identity: string, outcome: LoginRefusal): void {
    const reason = outcome.kind === 'unavailable' ? outcome.reason : outcome.kind;
    const why = outcome.kind === 'refused' ? outcome.why : undefined;
    this.#log.warn('login failed', { identity, reason, ...(why !== undefined && { why }) });
  }

  #surroundings(): Surroundings {
    const tls = this.#connection.tls !== undefined;
    const channel = { tls: this.#connection.tls, random: this.#options.random };
    return {
      channel,
      mechanisms: fittingMechanisms(this.#options.mechanisms, channel),
      tls,
      tlsOffered: this.#options.tlsOffered,
      passwordsAllowed: tls || (this.#options.plaintextLogin && isLoopback(this.#connection.remote.address)),
      loginDelay: this.#options.loginDelays.seconds,
    };
  }

  async #follow(step: Step): Promise<Phase> {
    if (step.output === undefined) return step.phase;
    const refused = step.output.kind === 'reply' && !step.output.reply.ok;
    this.#errors = refused ? this.#errors + 1 : 0;
    const kept = await this.#send(step.output, step.phase);
    if (!kept) return { kind: 'closed' };
    return this.#errors >= mostErrors && step.phase.kind !== 'closed'
      ? this.#close(replies.tooManyErrors())
      : step.phase;
  }

  /** False where the session can't go on. */
  async #send(output: Output, phase: Phase): Promise<boolean> {
    switch (output.kind) {
      case 'reply':
        this.#putReply(output.reply);
        if (this.#writer.full) await this.#writer.flush();
        return true;
      case 'challenge':
        await this.#writer.add(utf8ToBytes(formatChallenge(output.bytes)));
        return true;
      case 'listing':
        this.#putReply(output.reply);
        for (const bytes of formatListing(output.lines)) await this.#writer.add(bytes);
        return true;
      case 'content':
        return phase.kind === 'transaction' && this.#sendContent(output, phase.account);
      case 'start-tls':
        this.#putReply(output.reply);
        await this.#writer.flush();
        this.#lines.discard();
        await this.#connection.startTls();
        return true;
      default:
        return unreachable(output);
    }
  }

  async #sendContent(output: Extract<Output, { kind: 'content' }>, account: Account): Promise<boolean> {
    const { message } = output;
    const content = this.#options.store.readContent(message.content);
    const sent = await sendContent(this.#writer, output.reply, content, output.bodyLines);
    switch (sent.kind) {
      case 'sent': {
        const { onRetrieved } = this.#options;
        if (output.bodyLines === undefined) {
          this.#log.debug('message retrieved', {
            account: account.id,
            uid: message.uid,
            octets: sent.octets,
          });
          if (onRetrieved !== undefined) {
            const from = this.#connection.remote.address;
            this.#writer.afterFlush(() =>
              onRetrieved({ account, uid: message.uid, octets: sent.octets, from }),
            );
          }
        }
        return true;
      }
      case 'unavailable':
        this.#log.error('a message could not be read', { uid: message.uid, reason: sent.fault.message });
        this.#putReply(replies.contentUnavailable());
        return true;
      case 'broken':
        this.#log.error('a message broke off while it was read', {
          uid: message.uid,
          reason: sent.fault.message,
        });
        this.#connection.destroy();
        return false;
      default:
        return unreachable(sent);
    }
  }

  #putReply(reply: Reply): void {
    this.#writer.put(utf8ToBytes(formatReply(reply)));
  }

  #close(reply: Reply): Phase {
    this.#putReply(reply);
    return { kind: 'closed' };
  }
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
