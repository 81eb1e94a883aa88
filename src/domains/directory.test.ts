import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Account, AccountStore } from '../login/account-store.ts';
import type { AccountId } from '../mailbox/message.ts';
import { mailAddressKey } from '../lib/mail-address.ts';
import { Directory } from './directory.ts';
import type { DomainStore } from './domain-store.ts';

const accounts: readonly Account[] = [
  account(1, 'alice', 'example.com'),
  account(2, 'bob', 'example.com'),
  account(3, 'Postmaster', 'example.org'),
  account(4, 'carol', 'example.org'),
];
const domains = ['empty.example', 'example.com', 'example.org'];

function account(id: number, localPart: string, domain: string): Account {
  const credentials = { argon2id: '', scramSha256: '' };
  return { id: id as AccountId, address: { localPart, domain }, credentials, createdAt: id };
}

const accountStore: Pick<AccountStore, 'findAccount' | 'oldestAccountOf'> = {
  findAccount: async (address) =>
    accounts.find((each) => mailAddressKey(each.address) === mailAddressKey(address)),
  oldestAccountOf: async (domain) => accounts.find((each) => each.address.domain === domain),
};
const domainStore: Pick<DomainStore, 'findDomain' | 'listDomains'> = {
  findDomain: async (name) => (domains.includes(name) ? { name, createdAt: 0 } : undefined),
  listDomains: async () => domains.map((name) => ({ name, createdAt: 0 })),
};

const cases: readonly (readonly [string, string, string | number])[] = [
  ['alice', 'example.com', 1],
  ['ALICE', 'example.com', 1],
  ['alice', 'example.org', 'unknown'],
  ['alice', 'example.net', 'foreign'],
  ['alice', '[192.0.2.1]', 'foreign'],
  // RFC 5321 §4.5.1: the domain's oldest account, where none has the name.
  ['postmaster', 'example.com', 1],
  ['PostMaster', 'example.com', 1],
  ['postmaster', 'example.org', 3],
  ['postmaster', 'empty.example', 'unknown'],
  ['postmaster', 'example.net', 'foreign'],
  ['postmaster', '', 1],
  ['alice', '', 'unknown'],
];

for (const [localPart, domain, expected] of cases) {
  test(`${localPart}@${domain} is routed to ${expected}`, async () => {
    const directory = new Directory(domainStore as DomainStore, accountStore as AccountStore);
    const route = await directory.route({ localPart, domain });
    assert.equal(route.kind === 'mailbox' ? route.account : route.kind, expected);
  });
}
