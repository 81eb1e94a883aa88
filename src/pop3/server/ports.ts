// What a session asks while it waits: the login, the mailbox, the removal. Faults of the store become answers here.
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import type { Account } from '../../login/account-store.ts';
import type { Login } from '../../login/login.ts';
import type { MailboxLocks } from '../../mailbox/mailbox-locks.ts';
import { inbox } from '../../mailbox/mail-store.ts';
import type { MailStore } from '../../mailbox/mail-store.ts';
import { StoreFault } from '../../mailbox/message.ts';
import type { Uid } from '../../mailbox/message.ts';
import type { OpeningAnswer } from '../session/authorization.ts';
import type { SaslMechanism } from '../../sasl/mechanism.ts';
import type { LoginDelays } from '../session/login-delays.ts';
import { Maildrop } from '../session/maildrop.ts';

/** One retrieval, told after its last octet is with the system: the end of a mail's journey. */
export interface Retrieval {
  readonly account: Account;
  readonly uid: Uid;
  /** Octets of content. */
  readonly octets: number;
  /** The client's address. */
  readonly from: string;
}

export interface Pop3Options {
  /** For the greeting. */
  readonly hostname: string;
  readonly login: Pick<Login, 'verify' | 'salt'>;
  /** The ways to log in by AUTH, the better ones first. */
  readonly mechanisms: readonly SaslMechanism[];
  readonly random: Random;
  readonly store: Pick<MailStore, 'findMailbox' | 'listEntries' | 'readContent' | 'expunge'>;
  /** One for all listeners of the process. */
  readonly locks: MailboxLocks;
  /** One for all listeners of the process. */
  readonly loginDelays: LoginDelays;
  readonly clock: Clock;
  readonly log: Log;
  /** The listener has a certificate, so that STLS can be answered. */
  readonly tlsOffered: boolean;
  /** Takes passwords in clear from a client on this host itself. */
  readonly plaintextLogin: boolean;
  readonly onRetrieved?: (retrieval: Retrieval) => void;
}

/** Locks and reads an account's Inbox. With `opened` comes the lock, to be released when the session is over. */
export async function openMaildrop(
  options: Pop3Options,
  account: Account,
  log: Log,
): Promise<{ readonly answer: OpeningAnswer; readonly lock?: Disposable }> {
  let lock: Disposable | undefined;
  try {
    const mailbox = await options.store.findMailbox(account.id, inbox);
    if (mailbox === undefined) return { answer: { kind: 'missing' } };
    lock = options.locks.tryLock(mailbox.id);
    if (lock === undefined) return { answer: { kind: 'in-use' } };
    const seconds = options.loginDelays.tryLogin(account.id);
    if (seconds > 0) {
      lock[Symbol.dispose]();
      return { answer: { kind: 'delayed', seconds } };
    }
    const maildrop = new Maildrop(mailbox, await options.store.listEntries(mailbox.id));
    return { answer: { kind: 'opened', maildrop }, lock };
  } catch (error) {
    lock?.[Symbol.dispose]();
    if (!(error instanceof StoreFault)) throw error;
    log.error('the mailbox could not be opened', { kind: error.kind, reason: error.message });
    return { answer: { kind: 'unavailable' } };
  }
}

/** True once all of them are gone for good; false where none is. */
export async function removeMessages(
  options: Pop3Options,
  maildrop: Maildrop,
  uids: readonly Uid[],
  log: Log,
): Promise<boolean> {
  try {
    await options.store.expunge(maildrop.mailbox, uids);
    return true;
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    log.error('deleted messages could not be removed', { kind: error.kind, reason: error.message });
    return false;
  }
}
