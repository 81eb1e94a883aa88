// The port by which a catalog's consumer has zones served.
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';

/** A zone that is served because a catalog lists it. */
export interface MemberZone {
  readonly zone: DomainName;
  readonly catalog: DomainName;
  /** The member's unique label in the catalog, presentation form. */
  readonly label: string;
  readonly groups: readonly string[];
}

/** Calls are made one after the other. */
export interface CatalogMembers {
  /** Begins to serve it. The fault says why it isn't: a zone of that name is served on other grounds (RFC 9432 §5.2). */
  add(member: MemberZone): Promise<Result<void>>;
  /** No longer serves it, and forgets all that is kept of it (RFC 9432 §5.3). */
  remove(member: MemberZone): Promise<void>;
  /** Forgets all that is kept of it and begins anew, maybe for another catalog (RFC 9432 §5.4, §5.6). */
  reset(member: MemberZone): Promise<void>;
  /** Goes on with what is kept of it, for another catalog (RFC 9432 §4.4.1). */
  move(member: MemberZone): Promise<void>;
}
