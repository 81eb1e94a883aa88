// A POP3 server with one account and its mailbox in memory, for tests that talk to it over a ScriptedConnection.
import { VirtualClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { Log } from '../../src/lib/log.ts';
import { seededRandom } from '../../src/lib/random.ts';
import type { ConnectionHandler } from '../../src/lib/transport.ts';
import type { Account } from '../../src/login/account-store.ts';
import type { LoginRefusal } from '../../src/login/login.ts';
import { MailboxLocks } from '../../src/mailbox/mailbox-locks.ts';
import type { Mailbox, MailboxEntry } from '../../src/mailbox/mail-store.ts';
import { StoreFault } from '../../src/mailbox/message.ts';
import type { AccountId, ContentId, MailboxId, ModSeq, Uid } from '../../src/mailbox/message.ts';
import { pop3ConnectionHandler } from '../../src/pop3/server/connection-handler.ts';
import type { Pop3Options, Retrieval } from '../../src/pop3/server/ports.ts';
import { LoginDelays } from '../../src/pop3/session/login-delays.ts';
import { saslMechanisms } from '../../src/sasl/mechanisms.ts';
import { KnownPassword } from './known-password.ts';

export interface Pop3WorldOptions {
  /** Contents, each of which gets the next uid, from 11 on. */
  readonly messages?: readonly Uint8Array[];
  readonly tlsOffered?: boolean;
  readonly plaintextLogin?: boolean;
  readonly loginDelay?: number;
  /** Octets in a chunk of `readContent`. */
  readonly chunk?: number;
  readonly log?: Log;
}

/** What the store does wrong; changed while a test runs. */
export interface Faults {
  open?: StoreFault['kind'] | 'missing';
  /** After how many octets reading breaks off. */
  readAfter?: number;
  expunge?: StoreFault['kind'];
  login?: LoginRefusal;
}

export const pop3Account: Account = {
  id: 7 as AccountId,
  address: { localPart: 'mrose', domain: 'example.com' },
  credentials: { argon2id: '', scramSha256: '' },
  settings: {},
  createdAt: 0,
};

export class Pop3World {
  readonly clock: VirtualClock = new VirtualClock();
  readonly locks: MailboxLocks = new MailboxLocks();
  readonly loginDelays: LoginDelays;
  readonly faults: Faults = {};
  readonly retrievals: Retrieval[] = [];
  readonly handler: ConnectionHandler;
  readonly mailbox: Mailbox;
  #contents: Map<Uid, Uint8Array>;
  readonly #chunk: number;

  constructor(options: Pop3WorldOptions = {}) {
    this.#contents = new Map((options.messages ?? []).map((bytes, index) => [(11 + index) as Uid, bytes]));
    this.#chunk = options.chunk ?? 262_144;
    this.mailbox = {
      id: 3 as MailboxId,
      account: pop3Account.id,
      name: 'Inbox',
      uidValidity: 1800,
      uidNext: (11 + this.#contents.size) as Uid,
      modSeq: 1 as ModSeq,
    };
    this.loginDelays = new LoginDelays(this.clock, options.loginDelay ?? 0);
    this.handler = pop3ConnectionHandler({
      hostname: 'dewey.example.com',
      login: new KnownPassword(
        'secret word',
        (identity) => (['mrose@example.com', 'ünï@example.com'].includes(identity) ? pop3Account : undefined),
        () => this.faults.login,
      ),
      mechanisms: saslMechanisms,
      random: seededRandom(1),
      store: this.#store(),
      locks: this.locks,
      loginDelays: this.loginDelays,
      clock: this.clock,
      log: options.log ?? silentLog,
      tlsOffered: options.tlsOffered ?? true,
      plaintextLogin: options.plaintextLogin ?? false,
      onRetrieved: (retrieval) => void this.retrievals.push(retrieval),
    });
  }

  /** The uids in the mailbox. */
  get uids(): readonly number[] {
    return [...this.#contents.keys()];
  }

  #store(): Pop3Options['store'] {
    return {
      findMailbox: (account, name) => {
        if (this.faults.open === 'missing') return Promise.resolve(undefined);
        if (this.faults.open !== undefined) return Promise.reject(new StoreFault(this.faults.open, 'broken'));
        return Promise.resolve(account === pop3Account.id && name === 'Inbox' ? this.mailbox : undefined);
      },
      listEntries: () =>
        Promise.resolve(
          [...this.#contents].map(([uid, bytes]): MailboxEntry => ({
            uid,
            content: (uid * 10) as ContentId,
            size: bytes.length,
            internalDate: 0,
            flags: [],
            modSeq: 1 as ModSeq,
          })),
        ),
      readContent: (content) => this.#read((content / 10) as Uid),
      expunge: (_, uids) => {
        if (this.faults.expunge !== undefined)
          return Promise.reject(new StoreFault(this.faults.expunge, 'disk full'));
        for (const uid of uids) this.#contents.delete(uid);
        return Promise.resolve();
      },
    };
  }

  async *#read(uid: Uid): AsyncIterable<Uint8Array> {
    const bytes = this.#contents.get(uid);
    if (bytes === undefined) throw new StoreFault('broken', 'the content is gone');
    for (let at = 0; at < bytes.length; at += this.#chunk) {
      if (at >= (this.faults.readAfter ?? Number.POSITIVE_INFINITY))
        throw new StoreFault('broken', 'a page is unreadable');
      yield bytes.subarray(at, at + this.#chunk);
    }
  }
}
