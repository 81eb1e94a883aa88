// Open connections that wait shortly for the next message to the same server, so that a run of messages needs one.
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Extensions } from './extensions.ts';
import type { Session } from './session.ts';

/** A session that stands where a transaction may begin, and what is known of its server. */
export interface OpenSession {
  readonly session: Session;
  readonly extensions: Extensions;
  readonly banner: string;
  readonly tlsFailure: string | undefined;
  /** Messages that it has carried. */
  readonly messages: number;
}

export interface PoolLimits {
  /** How long a connection waits for the next message. */
  readonly idleMs: number;
  /** Connections that wait, over all servers; the oldest goes for a new one. */
  readonly idleConnections: number;
  /** After this many messages a connection is closed: other clients want a turn. */
  readonly messagesPerConnection: number;
}

interface Idle {
  readonly key: string;
  readonly open: OpenSession;
  readonly timer: Timer;
}

export class SessionPool {
  readonly #clock: Clock;
  readonly #limits: PoolLimits;
  /** In the order they were given back. */
  readonly #idle = new Set<Idle>();
  readonly #leaving = new Map<Session, Promise<void>>();
  #closed = false;

  constructor(clock: Clock, limits: PoolLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** The connection that waited for this server the shortest, if any; it is the caller's from now on. */
  take(key: string): OpenSession | undefined {
    const found = [...this.#idle].findLast((idle) => idle.key === key);
    if (found === undefined) return undefined;
    this.#forget(found);
    return found.open;
  }

  /** Keeps a connection for the next message, or closes it where the limits say so. */
  give(key: string, open: OpenSession): void {
    if (this.#closed || open.messages >= this.#limits.messagesPerConnection) {
      this.leave(open.session);
      return;
    }
    const timer = this.#clock.after(this.#limits.idleMs, () => {
      this.#forget(idle);
      this.leave(open.session);
    });
    const idle: Idle = { key, open, timer };
    this.#idle.add(idle);
    if (this.#idle.size <= this.#limits.idleConnections) return;
    const [oldest] = this.#idle;
    if (oldest === undefined) return;
    this.#forget(oldest);
    this.leave(oldest.open.session);
  }

  /** Says QUIT and closes, while others go on. */
  leave(session: Session): void {
    const leaving = session.quit().finally(() => this.#leaving.delete(session));
    this.#leaving.set(session, leaving);
  }

  /** Closes what waits; resolves when all are closed, at the latest when the patience for QUIT is over. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const idle of this.#idle) {
      this.#forget(idle);
      this.leave(idle.open.session);
    }
    await Promise.all(this.#leaving.values());
  }

  #forget(idle: Idle): void {
    idle.timer.cancel();
    this.#idle.delete(idle);
  }
}
