// Addresses that stand for others, and the port to what is kept of them.
import type { MailAddress } from '../lib/mail-address.ts';
import type { Result } from '../lib/result.ts';

/**
 * RFC 5321 §3.9 knows two kinds. Mail for an alias goes on as it is, and what can't be delivered goes back to its sender (§3.9.1); a
 * group is a mailing list, whose owner is told instead (§3.9.2).
 */
export type AddressList = Alias | Group;

interface Listed {
  readonly address: MailAddress;
  /** Of ours or elsewhere, other lists among them; in the order in which they were added, each once by `mailAddressKey`. */
  readonly targets: readonly MailAddress[];
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface Alias extends Listed {
  readonly kind: 'alias';
}

export interface Group extends Listed {
  readonly kind: 'group';
  readonly posting: Posting;
  /** Is told of members that can't be reached; `undefined`: the domain's postmaster. */
  readonly owner: MailAddress | undefined;
}

/** Who may send to a group. */
export type Posting = 'anyone' | 'members';

/** What one list holds at most. */
export const mostTargets = 5000;

export interface GroupChange {
  readonly posting?: Posting | undefined;
  /** `null`: the domain's postmaster. */
  readonly owner?: MailAddress | null | undefined;
}

export interface AddressListStore {
  /**
   * By address, as `mailAddressKey` compares them; its domain must be the one that the list was made in. Gives the same object again only as
   * long as no domain, account or list has changed, so that what was worked out from it may be kept beside it. So does `findDomain`.
   */
  findList(address: MailAddress): Promise<AddressList | undefined>;
  /** By address. */
  listLists(): Promise<readonly AddressList[]>;
  /**
   * Makes the list, or adds targets to the one that is there. The fault is a sentence: the address is taken by an account or a list of the
   * other kind, its domain is not ours or an alias, there are more than `mostTargets`.
   */
  addTargets(
    kind: AddressList['kind'],
    address: MailAddress,
    targets: readonly MailAddress[],
  ): Promise<Result<AddressList>>;
  /** The fault is a sentence: no such list, not one of its targets, or an alias would be left with none. */
  removeTargets(address: MailAddress, targets: readonly MailAddress[]): Promise<Result<AddressList>>;
  /** The fault is a sentence: no such group. */
  changeGroup(address: MailAddress, change: GroupChange): Promise<Result<AddressList>>;
  /** The fault is a sentence: no such list. */
  removeList(address: MailAddress): Promise<Result<undefined>>;
}
