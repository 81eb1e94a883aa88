// A store in a folder of its own, and the helpers by which any store is tested.
import '../support/compile-cache.ts';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressListStore } from '../../src/domains/address-list.ts';
import type { DomainStore } from '../../src/domains/domain-store.ts';
import { concatBytes, utf8ToBytes } from '../../src/lib/bytes.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { newJourneyId } from '../../src/lib/journey.ts';
import type { JourneyStep } from '../../src/lib/journey.ts';
import { seededRandom } from '../../src/lib/random.ts';
import type { Random } from '../../src/lib/random.ts';
import type { Account, AccountStore, Credentials } from '../../src/login/account-store.ts';
import type { JourneyStore } from '../../src/mailbox/journey-store.ts';
import type { ReportStore } from '../../src/mailauth/dmarc/report-store.ts';
import type { Mailbox, MailboxEntry, MailStore } from '../../src/mailbox/mail-store.ts';
import type { AcceptedMessage, ContentId, Destination, Intake } from '../../src/mailbox/message.ts';
import { encodeParsedMessage } from '../../src/message/kept-message.ts';
import { parseMessage } from '../../src/message/message-parser.ts';
import type { QueueEntry, QueueStore } from '../../src/smtp/queue/queue-store.ts';

export type Store = Intake &
  MailStore &
  QueueStore &
  AccountStore &
  DomainStore &
  AddressListStore &
  JourneyStore & { readonly reports: ReportStore; close(): Promise<void> };

/** Opens the store that is kept in the folder; a second time after `close`, with everything still there. */
export type OpenStore = (folder: string, clock: VirtualClock) => Promise<Store>;

/** What the clock of a store under test begins with. */
export const start: number = Date.UTC(2026, 0, 1);

export const credentials: Credentials = {
  argon2id: '$argon2id$…',
  scramSha256: 'SCRAM-SHA-256$…',
};

/** A store in a folder of its own, with helpers that tests of any store want. */
export class StoreUnderTest {
  readonly clock: VirtualClock = new VirtualClock(start);
  readonly random: Random = seededRandom(42);
  readonly #open: OpenStore;
  readonly #folder: string;
  #store: Store | undefined;

  private constructor(open: OpenStore) {
    this.#open = open;
    this.#folder = mkdtempSync(join(tmpdir(), 'signpost-store-'));
  }

  static async open(open: OpenStore): Promise<StoreUnderTest> {
    const under = new StoreUnderTest(open);
    under.#store = await open(under.#folder, under.clock);
    return under;
  }

  get store(): Store {
    assert.ok(this.#store);
    return this.#store;
  }

  get folder(): string {
    return this.#folder;
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.#store = await this.#open(this.#folder, this.clock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async account(localPart: string, domain = 'example.com'): Promise<Account> {
    await this.store.addDomain(domain);
    const made = await this.store.addAccount({ localPart, domain }, credentials);
    assert.ok(made.ok, made.ok ? '' : made.fault);
    return made.value;
  }

  async inboxOf(account: Account): Promise<Mailbox> {
    const mailbox = await this.store.findMailbox(account.id, 'Inbox');
    assert.ok(mailbox);
    return mailbox;
  }

  async entriesOf(account: Account): Promise<readonly MailboxEntry[]> {
    return this.store.listEntries((await this.inboxOf(account)).id);
  }

  message(content: string | Uint8Array, ...destinations: readonly Destination[]): AcceptedMessage {
    const now = this.clock.now();
    const octets = typeof content === 'string' ? utf8ToBytes(content) : content;
    return {
      id: newJourneyId(now, this.random),
      receivedAt: now,
      envelope: {
        reversePath: { localPart: 'sender', domain: 'example.net' },
        eightBit: false,
        utf8: false,
      },
      content: [octets],
      parsed: encodeParsedMessage(parseMessage([octets])),
      destinations,
      journey: [step('S1', now), step('S3', now)],
    };
  }

  async read(content: ContentId): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.store.readContent(content)) {
      assert.ok(chunk.length <= 256 * 1024, 'a chunk is at most 256 KiB');
      chunks.push(chunk);
    }
    return concatBytes(chunks);
  }

  async due(): Promise<readonly QueueEntry[]> {
    return this.store.dueEntries(this.clock.now(), 100, new Set());
  }
}

export function step(name: JourneyStep['step'], at: number): JourneyStep {
  const server = { name: 'mx.example.com', address: '192.0.2.1:25' };
  return { step: name, at, ms: 1.5, ok: true, server, text: `${name} was taken`, detail: { tls: true } };
}

export function into(account: Account, mailbox = 'Inbox'): Destination {
  return { kind: 'mailbox', recipient: account.address, account: account.id, mailbox };
}

export function relay(localPart: string, domain: string): Destination {
  return { kind: 'relay', recipient: { localPart, domain } };
}

/** Registers one test with a store of its own. */
export type Each = (title: string, run: (under: StoreUnderTest) => Promise<void>) => void;

/** Until what a commit set off has run. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
