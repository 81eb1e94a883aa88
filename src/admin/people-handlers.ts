// The handlers for domains and accounts.
import type { MailDomain } from '../domains/domain-store.ts';
import { formatMailAddress, mailAddressKey } from '../lib/mail-address.ts';
import type { Random } from '../lib/random.ts';
import { ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { Account, AccountSettings } from '../login/account-store.ts';
import { makeCredentials } from '../login/password.ts';
import type { Admin, AdminFault } from './api.ts';
import type { AccountView, DomainView, PeopleCalls } from './people-api.ts';
import { findAccount, parseAddress, parseDomain, refuse, time } from './stored.ts';
import type { AdminStores, Stored } from './stored.ts';

type DomainCalls = 'listDomains' | 'showDomain' | 'addDomain' | 'setCatchAll' | 'removeDomain';
type AccountCalls =
  'listAccounts' | 'showAccount' | 'addAccount' | 'setPassword' | 'setAccount' | 'removeAccount';

export function domainHandlers(stored: Stored): Pick<Admin, DomainCalls> {
  return {
    listDomains: () =>
      stored(async (stores) => {
        const domains = await stores.domains.listDomains();
        const accounts = await stores.accounts.listAccounts();
        return ok(domains.map((domain) => domainView(domain, accounts)));
      }),
    showDomain: ({ name }) => stored((stores) => showDomain(stores, name)),
    addDomain: ({ name, aliasOf }) =>
      stored(async (stores) => {
        const parsed = parseDomain(name);
        if (!parsed.ok) return parsed;
        const other = aliasOf === undefined ? undefined : parseDomain(aliasOf);
        if (other !== undefined && !other.ok) return other;
        const added = await stores.domains.addDomain(parsed.value, other?.value);
        return added.ok ? ok(domainView(added.value, [])) : refuse('conflict', added.fault);
      }),
    setCatchAll: ({ name, address }) =>
      stored(async (stores) => {
        const parsed = parseDomain(name);
        if (!parsed.ok) return parsed;
        const target = address === null ? undefined : parseAddress(address);
        if (target !== undefined && !target.ok) return target;
        const set = await stores.domains.setCatchAll(parsed.value, target?.value);
        return set.ok
          ? ok(domainView(set.value, await stores.accounts.listAccounts()))
          : refuse('conflict', set.fault);
      }),
    removeDomain: ({ name }) =>
      stored(async (stores) => {
        const parsed = parseDomain(name);
        if (!parsed.ok) return parsed;
        const removed = await stores.domains.removeDomain(parsed.value);
        return removed.ok ? ok({}) : refuse('conflict', removed.fault);
      }),
  };
}

export function accountHandlers(stored: Stored, random: Random): Pick<Admin, AccountCalls> {
  return {
    listAccounts: ({ domain }) =>
      stored(async (stores) => {
        const wanted = domain === undefined ? undefined : parseDomain(domain);
        if (wanted !== undefined && !wanted.ok) return wanted;
        const accounts = await stores.accounts.listAccounts();
        return ok(
          accounts
            .filter((account) => wanted === undefined || account.address.domain === wanted.value)
            .map(accountView),
        );
      }),
    showAccount: ({ address }) =>
      stored(async (stores) => {
        const account = await findAccount(stores, address);
        return account.ok ? ok(accountView(account.value)) : account;
      }),
    addAccount: ({ address, password }) =>
      stored(async (stores) => {
        const parsed = parseAddress(address);
        if (!parsed.ok) return parsed;
        const credentials = await makeCredentials(password, random);
        if (!credentials.ok) return refuse('invalid', credentials.fault);
        const added = await stores.accounts.addAccount(parsed.value, credentials.value);
        return added.ok ? ok(accountView(added.value)) : refuse('conflict', added.fault);
      }),
    setPassword: ({ address, password }) =>
      stored(async (stores) => {
        const account = await findAccount(stores, address);
        if (!account.ok) return account;
        const credentials = await makeCredentials(password, random);
        if (!credentials.ok) return refuse('invalid', credentials.fault);
        await stores.accounts.setCredentials(account.value.id, credentials.value);
        return ok({});
      }),
    setAccount: (input) =>
      stored(async (stores) => {
        const account = await findAccount(stores, input.address);
        if (!account.ok) return account;
        const settings = changed(account.value.settings, input);
        if (!settings.ok) return settings;
        await stores.accounts.setAccountSettings(account.value.id, settings.value);
        return ok(accountView({ ...account.value, settings: settings.value }));
      }),
    removeAccount: ({ address }) =>
      stored(async (stores) => {
        const account = await findAccount(stores, address);
        if (!account.ok) return account;
        await stores.accounts.removeAccount(account.value.id);
        return ok({});
      }),
  };
}

async function showDomain(stores: AdminStores, name: string): Promise<Result<DomainView, AdminFault>> {
  const parsed = parseDomain(name);
  if (!parsed.ok) return parsed;
  const domain = await stores.domains.findDomain(parsed.value);
  if (domain === undefined) {
    return refuse(
      'not-found',
      `we don't take mail for ${parsed.value}: 'signpost domain add' would change that`,
    );
  }
  return ok(domainView(domain, await stores.accounts.listAccounts()));
}

function changed(
  before: AccountSettings,
  { sendAs, sendingLimits }: PeopleCalls['setAccount']['input'],
): Result<AccountSettings, AdminFault> {
  const { sendAs: oldSendAs, sendingLimits: oldLimits } = before;
  const senders = sendAs === undefined || sendAs === null ? undefined : parseSendAs(sendAs);
  if (senders !== undefined && !senders.ok) return senders;
  const nextSendAs = sendAs === undefined ? oldSendAs : senders?.value;
  const nextLimits = sendingLimits === undefined ? oldLimits : (sendingLimits ?? undefined);
  return ok({
    ...(nextSendAs !== undefined && { sendAs: nextSendAs }),
    ...(nextLimits !== undefined && { sendingLimits: nextLimits }),
  });
}

/** Addresses and `@domain`, in the form in which they are compared. */
function parseSendAs(
  sendAs: 'any' | readonly string[],
): Result<NonNullable<AccountSettings['sendAs']>, AdminFault> {
  if (sendAs === 'any') return ok(sendAs);
  const keys: string[] = [];
  for (const text of sendAs) {
    const domain = text.startsWith('@') ? parseDomain(text.slice(1)) : undefined;
    if (domain?.ok === false) return domain;
    const address = domain === undefined ? parseAddress(text) : undefined;
    if (address?.ok === false) return address;
    keys.push(address === undefined ? `@${domain?.value ?? ''}` : mailAddressKey(address.value));
  }
  return ok([...new Set(keys)]);
}

function domainView(domain: MailDomain, accounts: readonly Account[]): DomainView {
  const own = accounts.filter(({ address }) => address.domain === domain.name);
  return {
    name: domain.name,
    createdAt: time(domain.createdAt),
    aliasOf: domain.aliasOf ?? null,
    catchAll: domain.catchAll === undefined ? null : formatMailAddress(domain.catchAll),
    accounts: own.map(({ address }) => formatMailAddress(address)),
  };
}

function accountView({ address, createdAt, settings }: Account): AccountView {
  return {
    address: formatMailAddress(address),
    createdAt: time(createdAt),
    sendAs: settings.sendAs ?? [],
    sendingLimits: settings.sendingLimits ?? {},
  };
}
