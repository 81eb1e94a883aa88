// As whom our own users may send, and how much (RFC 6409 §6.1).
import { mailAddressKey } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import type { Account, AccountStore } from '../login/account-store.ts';
import type { Directory } from './directory.ts';
import type { LimitMet, SendingCounts } from './sending-limits.ts';

export type SendingVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'not-yours'; readonly address: MailAddress }
  | { readonly kind: 'limited'; readonly met: LimitMet };

const allowed: SendingVerdict = { kind: 'allowed' };

export interface SendersNeeds {
  readonly accounts: Pick<AccountStore, 'findAccount'>;
  readonly directory: Pick<Directory, 'find' | 'plain' | 'route'>;
  readonly counts: SendingCounts;
}

/** Answers from the stores each time: a change by the operator holds from the next message on, whoever is logged in. */
export class Senders {
  readonly #needs: SendersNeeds;

  constructor(needs: SendersNeeds) {
    this.#needs = needs;
  }

  /**
   * Whether a message may be begun. The null reverse-path is everyone's: read receipts have it (RFC 8098 §3).
   * Throws `StoreFault` where the store can't be asked.
   */
  async begin(login: Account, reversePath: MailAddress | undefined): Promise<SendingVerdict> {
    return await this.#judge(login, reversePath === undefined ? [] : [reversePath]);
  }

  /** Whether it may be sent, with these addresses in From and Sender; then it is counted. Throws `StoreFault`. */
  async send(login: Account, authors: readonly MailAddress[], recipients: number): Promise<SendingVerdict> {
    const verdict = await this.#judge(login, authors);
    if (verdict.kind === 'allowed') this.#needs.counts.add(login.id, recipients);
    return verdict;
  }

  async #judge(login: Account, addresses: readonly MailAddress[]): Promise<SendingVerdict> {
    const account = await this.#needs.accounts.findAccount(login.address);
    // Removed, and maybe made again, since it logged in.
    if (account?.id !== login.id) return { kind: 'not-yours', address: login.address };
    for (const address of addresses)
      if (!(await this.#mayActAs(account, address))) return { kind: 'not-yours', address };
    const met = this.#needs.counts.met(account.id, account.settings.sendingLimits);
    return met === undefined ? allowed : { kind: 'limited', met };
  }

  /** Its own address, those by which mail comes to it (but not as one of a group), and what is set. */
  async #mayActAs({ id, address: own, settings }: Account, address: MailAddress): Promise<boolean> {
    const { sendAs } = settings;
    const key = mailAddressKey(address);
    if (sendAs === 'any' || key === mailAddressKey(own)) return true;
    const { directory } = this.#needs;
    if (sendAs !== undefined) {
      const plain = await directory.plain(address);
      const names = [key, mailAddressKey(plain), `@${address.domain}`, `@${plain.domain}`];
      if (names.some((name) => sendAs.includes(name))) return true;
    }
    const entry = await directory.find(address);
    if (entry.kind === 'account') return entry.account.id === id;
    if (entry.kind !== 'list' && entry.kind !== 'catch-all') return false;
    const route = await directory.route(address);
    return (
      route.kind === 'list' &&
      route.expansion.targets.some(
        (target) => target.kind === 'mailbox' && target.account === id && !target.byGroup,
      )
    );
  }
}
