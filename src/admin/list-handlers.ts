// The handlers for aliases and groups.
import type { AddressList, GroupChange } from '../domains/address-list.ts';
import { Directory } from '../domains/directory.ts';
import { systemClock } from '../lib/clock.ts';
import { formatMailAddress } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import { ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { Admin, AdminFault } from './api.ts';
import type { ListView } from './people-api.ts';
import { parseAddress, parseAddresses, parseDomain, refuse, time } from './stored.ts';
import type { AdminStores, Stored } from './stored.ts';

type Calls = 'listLists' | 'showList' | 'addTargets' | 'removeTargets' | 'setGroup' | 'removeList';

/** `separator`: what parts a name from its tag. */
export function listHandlers(stored: Stored, separator: string | undefined): Pick<Admin, Calls> {
  const view = (stores: AdminStores, list: AddressList): Promise<ListView> =>
    listView(list, new Directory({ ...stores, clock: systemClock, separator }));
  const after = async (
    stores: AdminStores,
    list: Result<AddressList>,
  ): Promise<Result<ListView, AdminFault>> =>
    list.ok ? ok(await view(stores, list.value)) : refuse('conflict', list.fault);
  return {
    listLists: ({ kind, domain }) =>
      stored(async (stores) => {
        const wanted = domain === undefined ? undefined : parseDomain(domain);
        if (wanted !== undefined && !wanted.ok) return wanted;
        const lists = (await stores.lists.listLists()).filter(
          (list) => list.kind === kind && (wanted === undefined || list.address.domain === wanted.value),
        );
        const views: ListView[] = [];
        for (const list of lists) views.push(await view(stores, list));
        return ok(views);
      }),
    showList: ({ kind, address }) =>
      stored(async (stores) => {
        const list = await findList(stores, kind, address);
        return list.ok ? ok(await view(stores, list.value)) : list;
      }),
    addTargets: ({ kind, address, targets }) =>
      stored(async (stores) => {
        const parsed = parseAddress(address);
        if (!parsed.ok) return parsed;
        const added = parseAddresses(targets);
        if (!added.ok) return added;
        return await after(stores, await stores.lists.addTargets(kind, parsed.value, added.value));
      }),
    removeTargets: ({ kind, address, targets }) =>
      stored(async (stores) => {
        const list = await findList(stores, kind, address);
        if (!list.ok) return list;
        const removed = parseAddresses(targets);
        if (!removed.ok) return removed;
        return await after(stores, await stores.lists.removeTargets(list.value.address, removed.value));
      }),
    setGroup: ({ address, posting, owner }) =>
      stored(async (stores) => {
        const list = await findList(stores, 'group', address);
        if (!list.ok) return list;
        const teller = owner === null || owner === undefined ? undefined : parseAddress(owner);
        if (teller !== undefined && !teller.ok) return teller;
        const change: GroupChange = { posting, owner: owner === null ? null : teller?.value };
        return await after(stores, await stores.lists.changeGroup(list.value.address, change));
      }),
    removeList: ({ kind, address }) =>
      stored(async (stores) => {
        const list = await findList(stores, kind, address);
        if (!list.ok) return list;
        const removed = await stores.lists.removeList(list.value.address);
        return removed.ok ? ok({}) : refuse('conflict', removed.fault);
      }),
  };
}

async function findList(
  stores: AdminStores,
  kind: AddressList['kind'],
  text: string,
): Promise<Result<AddressList, AdminFault>> {
  const address = parseAddress(text);
  if (!address.ok) return address;
  const list = await stores.lists.findList(address.value);
  const named = formatMailAddress(address.value);
  if (list?.kind === kind) return ok(list);
  if (list !== undefined) {
    const other = list.kind === 'group' ? 'a group' : 'an alias';
    return refuse('not-found', `${named} is ${other}: 'signpost ${list.kind}' is for those`);
  }
  return refuse('not-found', `there is no ${kind} ${named}: 'signpost ${kind} list' shows them`);
}

async function listView(list: AddressList, directory: Directory): Promise<ListView> {
  return {
    address: formatMailAddress(list.address),
    kind: list.kind,
    targets: list.targets.map(formatMailAddress),
    nobody: (await unknownOf(list.targets, directory)).map(formatMailAddress),
    posting: list.kind === 'group' ? list.posting : null,
    owner: list.kind === 'group' && list.owner !== undefined ? formatMailAddress(list.owner) : null,
    createdAt: time(list.createdAt),
  };
}

async function unknownOf(
  targets: readonly MailAddress[],
  directory: Directory,
): Promise<readonly MailAddress[]> {
  const unknown: MailAddress[] = [];
  for (const target of targets) if ((await directory.find(target)).kind === 'unknown') unknown.push(target);
  return unknown;
}
