// What the handlers that work on the stores share: running with them, reading addresses and domains, refusing.
import { fault, ok } from '../lib/result.ts';
import { formatMailAddress } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import type { Result } from '../lib/result.ts';
import type { AddressListStore } from '../domains/address-list.ts';
import type { DomainStore } from '../domains/domain-store.ts';
import type { Account, AccountStore } from '../login/account-store.ts';
import type { JourneyStore } from '../mailbox/journey-store.ts';
import { StoreFault } from '../mailbox/message.ts';
import type { QueueStore } from '../smtp/queue/queue-store.ts';
import { parseMailAddress } from '../smtp/wire/path.ts';
import type { AdminFault } from './api.ts';

export interface AdminStores {
  readonly domains: DomainStore;
  readonly accounts: AccountStore;
  readonly lists: AddressListStore;
  readonly queue: QueueStore;
  readonly journeys: JourneyStore;
}

/** Runs with the stores, and makes what they throw a fault. */
export type Stored = <Output>(
  run: (stores: AdminStores) => Promise<Result<Output, AdminFault>>,
) => Promise<Result<Output, AdminFault>>;

/** `undefined`: the server has no mail role, and so no store. */
export function storedIn(stores: AdminStores | undefined): Stored {
  return async (run) => {
    if (stores === undefined) {
      return refuse(
        'unavailable',
        'this server has no listener for mail, and so keeps no domains, accounts or queue',
      );
    }
    try {
      return await run(stores);
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      return refuse('unavailable', error.message);
    }
  };
}

export function parseAddress(text: string): Result<MailAddress, AdminFault> {
  const address = parseMailAddress(text);
  return address.ok ? address : refuse('invalid', address.fault);
}

/** The first that is none is the fault. */
export function parseAddresses(texts: readonly string[]): Result<readonly MailAddress[], AdminFault> {
  const addresses: MailAddress[] = [];
  for (const text of texts) {
    const address = parseAddress(text);
    if (!address.ok) return address;
    addresses.push(address.value);
  }
  return ok(addresses);
}

/** The form that the stores keep: lower case, A-labels. */
export function parseDomain(text: string): Result<string, AdminFault> {
  const address = parseMailAddress(`postmaster@${text.replace(/\.$/, '')}`);
  return address.ok && !address.value.domain.startsWith('[')
    ? ok(address.value.domain)
    : refuse('invalid', `'${text}' is not a domain name, like example.com`);
}

export async function findAccount(stores: AdminStores, text: string): Promise<Result<Account, AdminFault>> {
  const address = parseAddress(text);
  if (!address.ok) return address;
  const account = await stores.accounts.findAccount(address.value);
  return account === undefined
    ? refuse(
        'not-found',
        `there is no account ${formatMailAddress(address.value)}: 'signpost account list' shows them`,
      )
    : ok(account);
}

export function refuse(
  kind: AdminFault['kind'],
  message: string,
): { readonly ok: false; readonly fault: AdminFault } {
  return fault({ kind, message });
}

/** ISO 8601, of milliseconds since the epoch. */
export function time(ms: number): string {
  return new Date(ms).toISOString();
}
