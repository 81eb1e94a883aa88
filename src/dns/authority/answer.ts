// An answer as it is put together: RRsets by section, before they are bytes.
import type { ZoneAdditional, ZoneRRset } from '../zone/zone.ts';
import { rcode } from '../wire/codes.ts';
import { rrType } from '../wire/rr-type.ts';
import { DomainName } from '../wire/name.ts';

/** An RRset under the owner it is given out with: its own, or the name asked for where a wildcard stands for that. */
export interface AnswerRRset {
  readonly owner: DomainName;
  readonly rrset: ZoneRRset;
  /** Whether its signatures go with it. */
  readonly signed: boolean;
}

/** Where the search for the question's name ended. Each stage of `answerQuestion` has one of these as its outcome. */
export type Outcome =
  /** The RRset asked for, after any CNAMEs. */
  | 'answer'
  /** The name is there, the type is not. */
  | 'nodata'
  | 'nxdomain'
  /** Others have the answer, and they are named. */
  | 'referral'
  /** A CNAME was asked for, and a DNAME made one. */
  | 'alias'
  /** A CNAME or DNAME led out of our zones: whoever asked goes on from there. */
  | 'left-zones'
  /** A chain of aliases that leads back to itself, or is too long. */
  | 'chain-ended'
  /** A DNAME made a name that is too long (RFC 6672 §2.2). */
  | 'name-too-long'
  | 'refused'
  /** The zone is ours, and has no content that may be given out. */
  | 'withheld';

export class Answer {
  rcode: number = rcode.NOERROR;
  authoritative = false;
  readonly answers: AnswerRRset[] = [];
  readonly authorities: AnswerRRset[] = [];
  /** RRsets of the authority section that the answer means nothing without; those after them are a courtesy. */
  authoritiesNeeded: number = Number.POSITIVE_INFINITY;
  readonly additionals: ZoneAdditional[] = [];
  /** Owner and type of each additional RRset. */
  readonly #added = new Set<string>();

  readonly dnssecOk: boolean;

  /** `dnssecOk`: signatures go with what they cover (RFC 4035 §3.1.1). */
  constructor(dnssecOk: boolean) {
    this.dnssecOk = dnssecOk;
  }

  /** Adds an RRset once, with its signatures if there are and they are wanted; gives whether it was new. */
  addAnswer(owner: DomainName, rrset: ZoneRRset, signed = true): boolean {
    // Of the type RRSIG there is one for each type that they cover.
    if (rrset.type !== rrType.RRSIG && has(this.answers, owner, rrset.type)) return false;
    this.answers.push({ owner, rrset, signed: signed && this.dnssecOk });
    return true;
  }

  /** NSEC or NSEC3 records, each once. */
  addProofs(proofs: readonly ZoneRRset[]): void {
    for (const rrset of proofs) {
      if (!has(this.authorities, rrset.owner, rrset.type))
        this.authorities.push({ owner: rrset.owner, rrset, signed: this.dnssecOk });
    }
  }

  addAuthority(rrset: ZoneRRset): void {
    if (!has(this.answers, rrset.owner, rrset.type))
      this.authorities.push({ owner: rrset.owner, rrset, signed: this.dnssecOk });
  }

  /** Gathers the additional data of all that stands in the other sections, each RRset once in the whole answer. */
  addAdditionals(): void {
    for (const section of [this.answers, this.authorities]) {
      for (const { rrset } of section) {
        for (const additional of rrset.additional) this.#addAdditional(additional);
      }
    }
  }

  #addAdditional(additional: ZoneAdditional): void {
    const { rrset } = additional;
    const key = `${rrset.type} ${rrset.owner.key}`;
    if (this.#added.has(key) || has(this.answers, rrset.owner, rrset.type)) return;
    this.#added.add(key);
    this.additionals.push(additional);
  }
}

function has(section: readonly AnswerRRset[], owner: DomainName, type: number): boolean {
  return section.some((each) => each.rrset.type === type && each.owner.equals(owner));
}

/** The data of a CNAME or DNAME: a name alone. */
export function targetOf(rrset: ZoneRRset): DomainName {
  return DomainName.unchecked(rrset.rdatas[0] ?? Uint8Array.of(0));
}
