// The client that relays: connects, opens, hands over, and keeps the connection for the next message (RFC 5321 §4.5.4.1 bids us
// send several messages over one). TLS is opportunistic (RFC 7435): any certificate is better than none, its verdict is recorded.
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { ConnectionFault } from '../../lib/transport.ts';
import type { Connection, Network } from '../../lib/transport.ts';
import { readHeaderBlock } from '../queue/header-block.ts';
import type {
  RelayFacts,
  RelayMail,
  RelayOutcome,
  RelayRecipient,
  RelayTarget,
  RelayTransport,
  Verdict,
} from '../queue/relay-transport.ts';
import { defaultPatience } from './dialogue.ts';
import type { Patience } from './dialogue.ts';
import { openSession } from './opening.ts';
import { SessionPool } from './pool.ts';
import type { OpenSession, PoolLimits } from './pool.ts';
import { Session, faultClause } from './session.ts';
import { transact } from './transaction.ts';
import type { Transacted } from './transaction.ts';

export interface SmtpClientOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Log;
  /** What we call ourselves in EHLO. */
  readonly hostname: string;
  readonly patience?: Partial<Patience>;
  /** Milliseconds for a connection to come about. */
  readonly connectMs?: number;
  readonly pool?: Partial<PoolLimits>;
}

const defaultPoolLimits: PoolLimits = { idleMs: 5000, idleConnections: 64, messagesPerConnection: 100 };

type Opened =
  | { readonly kind: 'open'; readonly open: OpenSession }
  | { readonly kind: 'tls-failed'; readonly reason: string; readonly facts: RelayFacts }
  | (RelayOutcome & { readonly kind: 'unanswered' });

export class SmtpClient implements RelayTransport {
  readonly #options: SmtpClientOptions;
  readonly #patience: Patience;
  readonly #connectMs: number;
  readonly #pool: SessionPool;

  constructor(options: SmtpClientOptions) {
    this.#options = options;
    this.#patience = { ...defaultPatience, ...options.patience };
    this.#connectMs = options.connectMs ?? 30_000;
    this.#pool = new SessionPool(options.clock, { ...defaultPoolLimits, ...options.pool });
  }

  async relay(
    target: RelayTarget,
    mail: RelayMail,
    recipients: readonly RelayRecipient[],
    signal: AbortSignal,
  ): Promise<RelayOutcome> {
    const needsUtf8 = mail.envelope.utf8 && (await hasUtf8Header(mail));
    const waiting = signal.aborted ? undefined : this.#pool.take(poolKey(target));
    if (waiting !== undefined) {
      const outcome = await this.#handOver(waiting, target, { ...mail, needsUtf8 }, recipients, signal);
      // A connection that waited may have been closed meanwhile; then nothing was handed over, and a new one is opened.
      if (outcome.kind !== 'unanswered') return outcome;
    }
    const opened = await this.#openWithOrWithoutTls(target, signal);
    if (signal.aborted) {
      if (opened.kind === 'open') this.#pool.leave(opened.open.session);
      return { kind: 'aborted', facts: opened.kind === 'open' ? factsOf(opened.open) : opened.facts };
    }
    if (opened.kind !== 'open') return opened;
    return await this.#handOver(opened.open, target, { ...mail, needsUtf8 }, recipients, signal);
  }

  /** Closes the connections that wait for more messages. Attempts that run are the queue's to stop. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #openWithOrWithoutTls(
    target: RelayTarget,
    signal: AbortSignal,
  ): Promise<Exclude<Opened, { kind: 'tls-failed' }>> {
    const must = target.credentials !== undefined;
    const first = await this.#open(target, must ? 'must' : 'may', undefined, signal);
    if (first.kind !== 'tls-failed') return first;
    this.#options.log.info('TLS with a mail server failed', { server: target.name, reason: first.reason });
    if (!must && !signal.aborted) {
      // RFC 7435 §3: a handshake that fails must not keep mail from a server that would get it in clear without any.
      const second = await this.#open(target, 'never', first.reason, signal);
      if (second.kind !== 'tls-failed') return second;
    }
    const reason = `After STARTTLS, ${first.reason}.`;
    return { kind: 'unanswered', reason, reply: undefined, facts: first.facts };
  }

  async #open(
    target: RelayTarget,
    tls: 'may' | 'must' | 'never',
    tlsFailure: string | undefined,
    signal: AbortSignal,
  ): Promise<Opened> {
    const { network, clock, hostname } = this.#options;
    let connection: Connection;
    try {
      connection = await network.connect(target.endpoint, { timeoutMs: this.#connectMs, signal });
    } catch (error) {
      if (!(error instanceof ConnectionFault)) throw error;
      const facts: RelayFacts = { tls: undefined, tlsFailure, banner: undefined, reused: false };
      return { kind: 'unanswered', reason: connectReason(error, this.#connectMs), reply: undefined, facts };
    }
    const must = tls === 'must';
    // RFC 6066 §3: a server name is a host's name, never a literal address.
    const serverName = target.name.startsWith('[') ? {} : { serverName: target.name };
    const session = new Session(connection, clock, this.#patience, { ...serverName, requireVerified: must });
    const opening = await this.#unlessAborted(session, signal, () =>
      session.run(openSession({ hostname, tls, credentials: target.credentials, patience: this.#patience })),
    );
    const facts: RelayFacts = { tls: session.tls, tlsFailure, banner: opening.banner, reused: false };
    if (opening.kind === 'open') {
      const { extensions, banner } = opening;
      return {
        kind: 'open',
        open: { session, extensions, banner, tlsFailure: tlsFailure ?? opening.tlsFailure, messages: 0 },
      };
    }
    if (opening.kind === 'tls-failed') {
      session[Symbol.dispose]();
      return { kind: 'tls-failed', reason: opening.reason, facts };
    }
    this.#pool.leave(session);
    return { kind: 'unanswered', reason: opening.reason, reply: opening.reply, facts };
  }

  async #handOver(
    open: OpenSession,
    target: RelayTarget,
    mail: RelayMail & { readonly needsUtf8: boolean },
    recipients: readonly RelayRecipient[],
    signal: AbortSignal,
  ): Promise<RelayOutcome> {
    const { session, extensions } = open;
    const facts = factsOf(open);
    const needs = {
      server: target.name,
      extensions,
      envelope: mail.envelope,
      size: mail.size,
      needsUtf8: mail.needsUtf8,
      proven: session.tls?.verified === true,
      now: this.#options.clock.now(),
      patience: this.#patience,
    };
    // RFC 9422 §5: a server that takes fewer recipients at once gets the message several times.
    const verdicts: Verdict[] = [];
    let { messages } = open;
    for (let from = 0; from < recipients.length;) {
      const group = recipients.slice(from, from + Math.min(extensions.limits.recipients, recipients.length));
      from += group.length;
      const transacted: Transacted = await this.#unlessAborted(session, signal, () =>
        session.run(transact(group, needs), () => mail.content()),
      );
      if (transacted.kind === 'answered') verdicts.push(...transacted.verdicts);
      else if (verdicts.length === 0) {
        this.#pool.leave(session);
        return signal.aborted ? { kind: 'aborted', facts } : { ...transacted, facts };
      }
      messages += 1;
      if (transacted.kind === 'answered' && transacted.reusable && messages < extensions.limits.messages)
        continue;
      this.#pool.leave(session);
      const rest = recipients.slice(verdicts.length).map(() => notReached(target.name));
      return { kind: 'answered', verdicts: [...verdicts, ...rest], facts };
    }
    this.#pool.give(poolKey(target), { ...open, messages });
    return { kind: 'answered', verdicts, facts };
  }

  /** Destroys the session when the signal aborts: what runs on it then ends as lost. */
  async #unlessAborted<Outcome>(
    session: Session,
    signal: AbortSignal,
    run: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const abort = (): void => session[Symbol.dispose]();
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await run();
    } catch (error) {
      session[Symbol.dispose]();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}

/** Of recipients for whom the connection did not last. */
function notReached(server: string): Verdict {
  const text = `The connection to ${server} ended before the message was handed over for this recipient.`;
  return { kind: 'deferred', status: '4.4.2', reply: undefined, text };
}

function factsOf(open: OpenSession): RelayFacts {
  return {
    tls: open.session.tls,
    tlsFailure: open.tlsFailure,
    banner: open.banner,
    reused: open.messages > 0,
  };
}

/** What a connection may be used again for: the same server by the same name, as the same user. */
function poolKey(target: RelayTarget): string {
  const { address, port } = target.endpoint;
  return JSON.stringify([target.name, address, port, target.credentials?.identity ?? null]);
}

function connectReason(error: ConnectionFault, connectMs: number): string {
  if (error.kind === 'timeout') return `No connection came about within ${connectMs / 1000} s.`;
  const clause = faultClause(error);
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}

/** Whether the header itself holds UTF-8 (RFC 6532 §3), and not the addresses or the body alone. */
async function hasUtf8Header(mail: RelayMail): Promise<boolean> {
  const header = await readHeaderBlock(mail.content());
  return header.some((octet) => octet >= 0x80);
}
