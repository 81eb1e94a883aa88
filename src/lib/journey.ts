// The journey: what happened to one message (S1–S6) or one resolution (D1–D8), step by step, for people to read.
// The numbers are those of DESIGN ("The two journeys"); docs/journey.md explains each.
import type { Random } from './random.ts';

/** 1 connect and submit, 2 credentials, 3 content taken, 4 domain resolved, 5 handed to the next server, 6 stored. */
export type MailStep = 'S1' | 'S2' | 'S3' | 'S4' | 'S5' | 'S6';
/** 1 stub asks, 2 cache, 3 root asked, 4 refers to the TLD, 5 TLD asked, 6 refers to the domain, 7 domain asked, 8 answered. */
export type NameStep = 'D1' | 'D2' | 'D3' | 'D4' | 'D5' | 'D6' | 'D7' | 'D8';

export type JourneyDetail = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface JourneyStep {
  readonly step: MailStep | NameStep;
  /** When the step began: milliseconds since the epoch. */
  readonly at: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  readonly ok: boolean;
  /** Who took the step: its name and `address:port`, as DNS knows it (before `network.map`). */
  readonly server?: { readonly name: string; readonly address: string };
  /** One sentence for a person. */
  readonly text: string;
  /** The facts behind the sentence: question, rcode, cached, tls, replies. */
  readonly detail?: JourneyDetail;
  /** What DNSSEC said, where the step checked it. */
  readonly link?: ChainLink;
  /** The steps of a resolution that this step waited for. */
  readonly steps?: readonly JourneyStep[];
}

/**
 * One link of a chain of trust (RFC 4035 §5): an RRset, or the proof that there is none, and what it was checked against. A chain is
 * told from the trust anchor down; its last link is the answer's, or the one that broke.
 */
export interface ChainLink {
  /** Whose keys it was checked with, with the final dot: `.`, `com.` */
  readonly zone: string;
  /** A zone's DNSKEY records; the DS records of a zone below, or the proof that it has none; what was asked for, or the proof that it isn't there. */
  readonly checks: 'keys' | 'delegation' | 'answer' | 'denial';
  /** The RRset, or what doesn't exist: `com. DS`. */
  readonly records: string;
  /** 'keys': tags of the DS records (or trust anchors, where `anchored`) that the keys were held against; 'delegation': tags of the DS records found. */
  readonly dsTags: readonly number[];
  readonly anchored: boolean;
  /** Tags of the zone's DNSKEY records. */
  readonly keyTags: readonly number[];
  /** Tag of the key whose signature decided. */
  readonly signedBy?: number;
  /** That signature's algorithm, by its mnemonic: `ECDSAP256SHA256`. */
  readonly algorithm?: string;
  readonly verdict: 'secure' | 'insecure' | 'bogus';
  /** Where it isn't secure: which record, and why, as a sentence for people. */
  readonly reason?: string;
  /** Code of the extended error (RFC 8914) that clients are told. */
  readonly extendedError?: number;
}

declare const journeyIdBrand: unique symbol;
/** Names one journey; for a message it is also the id in its `Received` line. */
export type JourneyId = string & { readonly [journeyIdBrand]: true };

/** Takes steps as they happen. Both the store and someone who watches (the lab) can stand behind it. */
export type JourneyObserver = (id: JourneyId, step: JourneyStep) => void;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new id: 9 characters of time (so that ids sort by age) and 7 random ones, in Crockford's base 32. */
export function newJourneyId(now: number, random: Random): JourneyId {
  let text = '';
  for (let rest = now, i = 0; i < 9; i++, rest = Math.floor(rest / 32))
    text = (alphabet[rest % 32] ?? '0') + text;
  for (let i = 0; i < 7; i++) text += alphabet[random.below(32)] ?? '0';
  return text as JourneyId;
}

export function parseJourneyId(text: string): JourneyId | undefined {
  return /^[0-9a-hjkmnp-tv-z]{16}$/.test(text) ? (text as JourneyId) : undefined;
}
