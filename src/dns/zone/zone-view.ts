// What logic above the zone sees of it: one version, what the zone holds at one serial. A version never changes; reading
// it (a transfer, say) goes on undisturbed while later ones are made.
import type { DomainName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';

export interface ZoneView {
  readonly origin: DomainName;
  /** RFC 1982 serial number. */
  readonly serial: number;
  readonly soa: RRset;
  /** The RRset of exactly that name, glue and what lies below cuts included. */
  rrset(name: DomainName, type: number): RRset | undefined;
  /** All RRsets of exactly that name; none at an empty non-terminal; `undefined` where the name doesn't exist. */
  rrsets(name: DomainName): readonly RRset[] | undefined;
  /** Every RRset once: the SOA first, the others in no order that means anything. */
  all(): Iterable<RRset>;
}
