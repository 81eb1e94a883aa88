// A POP3 server on sockets of this host, over a store and accounts as real as `signpost serve` has them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8ToBytes } from '../../src/lib/bytes.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { newJourneyId } from '../../src/lib/journey.ts';
import { silentLog } from '../../src/lib/log.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { Account } from '../../src/login/account-store.ts';
import { Login } from '../../src/login/login.ts';
import { makeCredentials } from '../../src/login/password.ts';
import { inbox } from '../../src/mailbox/mail-store.ts';
import { MailboxLocks } from '../../src/mailbox/mailbox-locks.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { listenTcp } from '../../src/net/tcp-listener.ts';
import type { Listener } from '../../src/net/tcp-listener.ts';
import { TlsContext } from '../../src/net/tls-context.ts';
import { pop3ConnectionHandler } from '../../src/pop3/server/connection-handler.ts';
import type { Retrieval } from '../../src/pop3/server/ports.ts';
import { LoginDelays } from '../../src/pop3/session/login-delays.ts';
import { saslMechanisms } from '../../src/sasl/mechanisms.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';

const anyPort: Endpoint = { address: '127.0.0.1', port: 0 };

export const pop3User = 'alice@example.com';
export const pop3Password = 'correct horse battery staple';

export class Pop3Service implements AsyncDisposable {
  readonly folder: string;
  readonly retrievals: Retrieval[];
  /** In clear, with STLS. */
  readonly pop3: Listener;
  /** TLS at once. */
  readonly pop3s: Listener;
  readonly #store: SqliteStore;
  readonly #account: Account;

  private constructor(
    folder: string,
    retrievals: Retrieval[],
    listeners: readonly [Listener, Listener],
    store: SqliteStore,
    account: Account,
  ) {
    this.folder = folder;
    this.retrievals = retrievals;
    [this.pop3, this.pop3s] = listeners;
    this.#store = store;
    this.#account = account;
  }

  static async open(): Promise<Pop3Service> {
    const folder = await mkdtemp(join(tmpdir(), 'signpost-pop3-'));
    const store = await openSqliteStore(join(folder, 'data'));
    await store.addDomain('example.com');
    const credentials = await makeCredentials(pop3Password, systemRandom);
    if (!credentials.ok) throw new Error(credentials.fault);
    const account = await store.addAccount({ localPart: 'alice', domain: 'example.com' }, credentials.value);
    if (!account.ok) throw new Error(account.fault);
    const tls = new TlsContext(await makeSelfSigned(['localhost'], Date.now()));
    const retrievals: Retrieval[] = [];
    const handler = pop3ConnectionHandler({
      hostname: 'localhost',
      login: new Login({ accounts: store, clock: systemClock, random: systemRandom }),
      mechanisms: saslMechanisms,
      random: systemRandom,
      store,
      locks: new MailboxLocks(),
      loginDelays: new LoginDelays(systemClock, 0),
      clock: systemClock,
      log: silentLog,
      tlsOffered: true,
      plaintextLogin: false,
      onRetrieved: (retrieval) => void retrievals.push(retrieval),
    });
    const listeners = [
      await listenTcp(anyPort, handler, { tls }),
      await listenTcp(anyPort, handler, { tls, tlsAtOnce: true }),
    ] as const;
    return new Pop3Service(folder, retrievals, listeners, store, account.value);
  }

  async deliver(content: Uint8Array | string): Promise<void> {
    const recipient = this.#account.address;
    await this.#store.accept({
      id: newJourneyId(Date.now(), systemRandom),
      receivedAt: Date.now(),
      envelope: { reversePath: undefined, eightBit: true, utf8: false },
      content: [typeof content === 'string' ? utf8ToBytes(content) : content],
      parsed: undefined,
      destinations: [{ kind: 'mailbox', recipient, account: this.#account.id, mailbox: inbox }],
      journey: [],
    });
  }

  /** How many messages are in the mailbox. */
  async count(): Promise<number> {
    const mailbox = await this.#store.findMailbox(this.#account.id, inbox);
    return mailbox === undefined ? 0 : (await this.#store.listEntries(mailbox.id)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.pop3.close({ drainMs: 1000 }), this.pop3s.close({ drainMs: 1000 })]);
    await this.#store.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
