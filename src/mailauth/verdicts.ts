// What is believed of a message, check by check: the results of RFC 8601 §2.7 with what led to them. Reasons are sentences for logs and
// comments; what of them came from a peer or from DNS is for `results/format.ts` to make harmless.
import type { MailAddress } from '../lib/mail-address.ts';

/** RFC 7208 §2.6. */
export type SpfResult = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror';

export interface SpfVerdict {
  readonly result: SpfResult;
  /** What was checked: RFC 7208 §2.4 has the HELO name stand in for an empty reverse path. */
  readonly identity: 'mailfrom' | 'helo';
  /** Lower case, without a trailing dot; empty where there was none to check. */
  readonly domain: string;
  readonly reason: string;
  /** The term that decided, as the record has it. */
  readonly mechanism?: string;
  /** RFC 7208 §6.2: what the domain's owner says of a `fail`. ASCII, but anything else may stand in it. */
  readonly explanation?: string;
}

/** RFC 8601 §2.7.1. `policy`: the signature may verify, and isn't accepted here all the same. */
export type DkimResult = 'pass' | 'fail' | 'policy' | 'neutral' | 'temperror' | 'permerror';

export interface DkimVerdict {
  readonly result: DkimResult;
  readonly reason: string;
  /** `d=`, lower case; empty where the signature can't be read that far. As for the next two. */
  readonly domain: string;
  readonly selector: string;
  /** `a=`: `rsa-sha256`. */
  readonly algorithm: string;
  /** `i=`, the user or agent, as written. */
  readonly identity: string;
  /** The first eight characters of `b=`, which tell signatures of a domain apart (RFC 6008). */
  readonly mark: string;
  /** Bits of the key's modulus; 256 for Ed25519. */
  readonly keyBits?: number;
  /** RFC 6376 §3.6.1, `t=y`: nobody may think better or worse of the message for it. */
  readonly testing?: true;
}

/** RFC 8617 §4.4, and `temperror` where DNS couldn't say. */
export type ArcResult = 'none' | 'pass' | 'fail' | 'temperror';

export interface ArcVerdict {
  readonly result: ArcResult;
  readonly reason: string;
  /** Sets in the chain. */
  readonly sets: number;
  /** Who sealed last: `d=` and `s=` of the newest seal; empty without a chain. */
  readonly domain: string;
  readonly selector: string;
  /** What that sealer says it saw: its ARC-Authentication-Results without the instance. */
  readonly results?: string;
}

/** What a domain wishes to be done with mail that fails (RFC 9989 §4.7). */
export type DmarcPolicy = 'none' | 'quarantine' | 'reject';

/** `none`: no record asks for anything. `permerror`: the message names no one author domain, so nobody can be asked. */
export type DmarcResult = 'none' | 'pass' | 'fail' | 'temperror' | 'permerror';

export interface DmarcVerdict {
  readonly result: DmarcResult;
  readonly reason: string;
  /** The domain of the `From` field, in its A-label form; empty where there is none. */
  readonly authorDomain: string;
  /** Where the record was found: the author's domain or one above it; empty without a record. */
  readonly policyDomain: string;
  /** What the domain asks for (`p`, `sp` or `np`), as published. */
  readonly policy: DmarcPolicy;
  /** `t=y`: the owner tests, and asks for one level less (RFC 9989 §4.7). */
  readonly testing: boolean;
  /** What the domain asks for here: `none` unless the result is `fail`, and one level less in a test. */
  readonly disposition: DmarcPolicy;
  readonly spfAligned: boolean;
  readonly dkimAligned: boolean;
  /** As published: for aggregate reports (RFC 9990). */
  readonly published?: PublishedPolicy;
}

/** What an aggregate report repeats of the record (RFC 9990 §3.1). */
export interface PublishedPolicy {
  readonly p: DmarcPolicy;
  readonly sp: DmarcPolicy | undefined;
  readonly np: DmarcPolicy | undefined;
  readonly adkim: 'r' | 's';
  readonly aspf: 'r' | 's';
  readonly testing: boolean;
  /** Colon-separated, as published. */
  readonly fo: string;
  /** Addresses for aggregate reports; only `mailto:` ones, without sizes. */
  readonly rua: readonly string[];
  readonly ruf: readonly string[];
}

/** RFC 8601 §3: whether the client's address has a name that leads back to it. */
export interface IprevVerdict {
  readonly result: 'pass' | 'fail' | 'temperror' | 'permerror';
  readonly reason: string;
  readonly address: string;
  /** The name that leads back, lower case, without a trailing dot. */
  readonly name?: string;
}

export interface MailVerdicts {
  readonly spf: SpfVerdict;
  /** In the order of their fields; empty for a message without signatures. */
  readonly dkim: readonly DkimVerdict[];
  readonly arc: ArcVerdict;
  readonly dmarc: DmarcVerdict;
  readonly iprev: IprevVerdict;
  /** What the author's domain asks to be done; whether it is done is the caller's policy. */
  readonly disposition: DmarcPolicy;
  /** A check that could have changed the disposition couldn't be made: whoever wants to be sure answers 451. */
  readonly temporary: boolean;
}

/** Who sends, as the session knows it before the content comes. */
export interface MailEnvelope {
  /** The client's address in text form. */
  readonly ip: string;
  /** What it called itself: a name, or an address literal, as sent. */
  readonly helo: string;
  /** `undefined`: the empty reverse path. */
  readonly mailFrom: MailAddress | undefined;
}
