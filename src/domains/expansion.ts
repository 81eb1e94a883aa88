// An alias, group or catch-all followed to its ends: mailboxes here and addresses elsewhere, each once, in bounded work whatever refers to what.
import { Breather } from '../lib/breather.ts';
import type { Clock } from '../lib/clock.ts';
import { formatMailAddress, mailAddressKey } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import { unreachable } from '../lib/result.ts';
import type { AccountId } from '../mailbox/message.ts';
import type { AddressList, Group } from './address-list.ts';
import type { Entry } from './directory.ts';

export interface Expansion {
  /** At least one. */
  readonly targets: readonly Target[];
  /** The lists that were followed, the first first; empty for a catch-all that is no list. */
  readonly lists: readonly AddressList[];
  /** Of these, the groups that only their members may send to. */
  readonly closed: readonly Group[];
  /** The accounts among the targets. */
  readonly accounts: ReadonlySet<AccountId>;
  /** The addresses elsewhere among the targets, as `mailAddressKey` writes them. */
  readonly elsewhere: ReadonlySet<string>;
}

export type Target =
  | {
      readonly kind: 'mailbox';
      readonly account: AccountId;
      /** The account's own. */
      readonly address: MailAddress;
      /** It is there as a member of a group, and not by aliases alone. */
      readonly byGroup: boolean;
    }
  | {
      readonly kind: 'relay';
      readonly address: MailAddress;
      /** Of the group that it is a member of: is told where it can't be reached, in place of the sender (RFC 5321 §3.9.2). */
      readonly owner: MailAddress | undefined;
    };

export type Expanded =
  | { readonly kind: 'expanded'; readonly expansion: Expansion }
  | { readonly kind: 'tangled'; readonly reason: string }
  /** Nobody is left behind it. */
  | { readonly kind: 'unknown' };

/** Lists in lists in lists: nobody means more, and a tangle ends. */
const mostDepth = 10;
/** Addresses looked up for one expansion. */
const mostLookedUp = 10_000;

interface Step {
  readonly address: MailAddress;
  readonly depth: number;
  /** The group next above it. */
  readonly group: Group | undefined;
}

/**
 * `find` says what an address stands for. Breadth first, so that each list is followed once, from where it is nearest: what refers to
 * itself ends there. Targets that nobody has any more are passed over. Throws what `find` throws.
 */
export async function expand(
  entry: Entry & { readonly kind: 'list' | 'catch-all' },
  find: (address: MailAddress) => Promise<Entry>,
  clock: Clock,
): Promise<Expanded> {
  const gathered = new Gathered();
  const waiting: Step[] = [];
  const follow = (list: AddressList, depth: number, above: Group | undefined): void => {
    if (!gathered.addList(list)) return;
    const group = list.kind === 'group' ? list : above;
    for (const address of list.targets) waiting.push({ address, depth, group });
  };
  if (entry.kind === 'list') follow(entry.list, 1, undefined);
  else waiting.push({ address: entry.target, depth: 1, group: undefined });
  const breather = new Breather(clock);
  for (let at = 0; at < waiting.length; at++) {
    const step = waiting[at];
    if (step === undefined) break;
    if (at >= mostLookedUp) return tangled(entry, `it stands for more than ${mostLookedUp} addresses`);
    if (breather.due) await breather.rest();
    const found = await find(step.address);
    switch (found.kind) {
      case 'account':
        gathered.addMailbox(found.account.id, found.account.address, step.group !== undefined);
        break;
      case 'list':
        if (step.depth >= mostDepth) return tangled(entry, `lists stand in lists ${mostDepth} deep`);
        follow(found.list, step.depth + 1, step.group);
        break;
      case 'catch-all':
        // The domain's own catch-all may name an address that nobody has: once is enough.
        if (gathered.addCatchAll(found.domain.name))
          waiting.push({ ...step, address: found.target, depth: step.depth + 1 });
        break;
      case 'foreign':
        gathered.addRelay(step.address, step.group);
        break;
      case 'unknown':
        break;
      default:
        return unreachable(found);
    }
  }
  return gathered.result();
}

class Gathered {
  readonly #lists = new Map<string, AddressList>();
  readonly #catchAlls = new Set<string>();
  readonly #mailboxes = new Map<AccountId, Target & { kind: 'mailbox' }>();
  readonly #relays = new Map<string, Target>();

  /** False where it was there already. */
  addList(list: AddressList): boolean {
    const key = mailAddressKey(list.address);
    if (this.#lists.has(key)) return false;
    this.#lists.set(key, list);
    return true;
  }

  addCatchAll(domain: string): boolean {
    if (this.#catchAlls.has(domain)) return false;
    this.#catchAlls.add(domain);
    return true;
  }

  addMailbox(account: AccountId, address: MailAddress, byGroup: boolean): void {
    const known = this.#mailboxes.get(account);
    if (known === undefined || (known.byGroup && !byGroup))
      this.#mailboxes.set(account, { kind: 'mailbox', account, address, byGroup });
  }

  addRelay(address: MailAddress, group: Group | undefined): void {
    // What case means in a foreign local part only its own server knows (RFC 5321 §2.4).
    const key = `${address.localPart}@${address.domain}`;
    if (this.#relays.has(key)) return;
    const owner =
      group === undefined
        ? undefined
        : (group.owner ?? { localPart: 'postmaster', domain: group.address.domain });
    this.#relays.set(key, { kind: 'relay', address, owner });
  }

  result(): Expanded {
    const targets = [...this.#mailboxes.values(), ...this.#relays.values()];
    if (targets.length === 0) return { kind: 'unknown' };
    const lists = [...this.#lists.values()];
    return {
      kind: 'expanded',
      expansion: {
        targets,
        lists,
        closed: lists.filter((list): list is Group => list.kind === 'group' && list.posting === 'members'),
        accounts: new Set(this.#mailboxes.keys()),
        elsewhere: new Set([...this.#relays.values()].map(({ address }) => mailAddressKey(address))),
      },
    };
  }
}

function tangled(entry: Entry & { readonly kind: 'list' | 'catch-all' }, why: string): Expanded {
  const what =
    entry.kind === 'list' ? formatMailAddress(entry.list.address) : `the catch-all of ${entry.domain.name}`;
  return { kind: 'tangled', reason: `${what} can't be expanded: ${why}` };
}
