// Rows of domains, accounts and lists as the ports have them.
import type { AddressList } from '../../domains/address-list.ts';
import type { MailDomain } from '../../domains/domain-store.ts';
import { unreachable } from '../../lib/result.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { Account } from '../../login/account-store.ts';
import type { AccountId } from '../../mailbox/message.ts';
import { integer, jsonObject, oneOf, optionalText, text } from './rows.ts';
import type { Row } from './rows.ts';

export function domainOf(row: Row): MailDomain {
  return {
    name: text(row, 'name'),
    createdAt: integer(row, 'created_at'),
    aliasOf: optionalText(row, 'alias_of'),
    catchAll: optionalAddress(row, 'catch_all_local', 'catch_all_domain'),
  };
}

export function accountOf(row: Row): Account {
  return {
    id: integer(row, 'id') as AccountId,
    address: addressOf(row),
    credentials: { argon2id: text(row, 'argon2id'), scramSha256: text(row, 'scram_sha256') },
    settings: jsonObject(row, 'settings'),
    createdAt: integer(row, 'created_at'),
  };
}

/** `targets`: the rows of its targets in their order. */
export function addressListOf(row: Row, targets: readonly Row[]): AddressList {
  const listed = {
    address: addressOf(row),
    targets: targets.map(addressOf),
    createdAt: integer(row, 'created_at'),
  };
  const kind = oneOf(row, 'kind', ['alias', 'group']);
  switch (kind) {
    case 'alias':
      return { kind, ...listed };
    case 'group':
      return {
        kind,
        ...listed,
        posting: oneOf(row, 'posting', ['anyone', 'members']),
        owner: optionalAddress(row, 'owner_local', 'owner_domain'),
      };
    default:
      return unreachable(kind);
  }
}

function addressOf(row: Row): MailAddress {
  return { localPart: text(row, 'local_part'), domain: text(row, 'domain') };
}

function optionalAddress(row: Row, local: string, domain: string): MailAddress | undefined {
  const localPart = optionalText(row, local);
  return localPart === undefined ? undefined : { localPart, domain: text(row, domain) };
}
