// Keeps trust anchors up to date (RFC 5011 §2.3): asks each anchor's zone for its keys at the times it should, follows what has become of them, and keeps
// that in a store, so that keys that were rolled over are known after a restart.
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import type { AnchorSet } from './anchor-set.ts';
import { nameInWords } from './faults.ts';
import { afterAnswer, afterFailure, followAnchor, trustedNow } from './followed-anchor.ts';
import type { Followed, FollowedAnchor, KeyChange } from './followed-anchor.ts';
import type { TrustAnchor } from './trust-anchor.ts';
import type { KeyRing } from './zone-key.ts';

/** What is remembered of one anchor, and of which config it began with: another config begins anew. */
export interface StoredAnchor {
  readonly configured: TrustAnchor;
  readonly followed: FollowedAnchor;
}

export interface AnchorStore {
  read(): readonly StoredAnchor[];
  /** Replaces all; whole or not at all. What goes wrong is for the store to log. */
  write(anchors: readonly StoredAnchor[]): void;
}

/** The DNSKEY set of a zone as its servers give it now, not as a cache has it; neither verified nor refused as bogus. */
export type AskKeys = (
  zone: DomainName,
  done: (
    answer: { readonly rrset: RRset; readonly signatures: readonly ResourceRecord[] } | undefined,
  ) => void,
) => void;

interface Kept {
  readonly configured: TrustAnchor;
  followed: FollowedAnchor;
  timer: Timer | undefined;
}

export interface AnchorKeeperParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly ring: KeyRing;
  /** What validation asks; holds what is trusted from the first moment on. */
  readonly anchors: AnchorSet;
  readonly store: AnchorStore;
  readonly ask: AskKeys;
}

/** A timer further away than that is set anew on the way: no clock's timers reach further than 24 days. */
const longestWait = 24 * 3_600_000;

export class AnchorKeeper {
  readonly #parts: AnchorKeeperParts;
  readonly #kept: readonly Kept[];
  #stopped = false;

  /** `configured`: each zone once. Puts what is trusted into `anchors` at once; asks nobody before {@link start}. */
  constructor(parts: AnchorKeeperParts, configured: readonly TrustAnchor[]) {
    this.#parts = parts;
    const stored = parts.store.read();
    this.#kept = configured.map((anchor) => {
      const known = stored.find((each) => isSame(each.configured, anchor));
      return { configured: anchor, followed: known?.followed ?? followAnchor(anchor), timer: undefined };
    });
    for (const { followed } of this.#kept) this.#trust(followed);
  }

  /** What is known of each anchor. */
  get followed(): readonly FollowedAnchor[] {
    return this.#kept.map(({ followed }) => followed);
  }

  start(): void {
    for (const kept of this.#kept) this.#wait(kept);
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#kept) timer?.cancel();
  }

  #wait(kept: Kept): void {
    const { clock } = this.#parts;
    const left = kept.followed.nextProbe - clock.now();
    kept.timer = clock.after(Math.min(Math.max(0, left), longestWait), () => {
      if (left > longestWait) this.#wait(kept);
      else this.#probe(kept);
    });
  }

  #probe(kept: Kept): void {
    const { ask, clock, ring, log } = this.#parts;
    const { zone } = kept.followed;
    ask(zone, (answer) => {
      if (this.#stopped) return;
      const now = clock.now();
      if (answer === undefined) {
        kept.followed = afterFailure(kept.followed, now);
      } else {
        const outcome = afterAnswer(kept.followed, answer.rrset, answer.signatures, ring, now);
        kept.followed = outcome.anchor;
        this.#tell(zone, outcome);
        this.#trust(outcome.anchor);
      }
      this.#parts.store.write(this.#kept.map(({ configured, followed }) => ({ configured, followed })));
      this.#wait(kept);
    });
    log.debug('asked for the keys of a trust anchor', { zone: nameInWords(zone) });
  }

  #trust(followed: FollowedAnchor): void {
    const { anchors } = this.#parts;
    const trusted = trustedNow(followed);
    if (trusted === undefined) anchors.remove(followed.zone);
    else anchors.put(trusted);
  }

  #tell(zone: DomainName, { anchor, changes, fault }: Followed): void {
    const { log } = this.#parts;
    const where = { zone: nameInWords(zone) };
    if (fault !== undefined)
      log.warn('the keys of a trust anchor were not believed', { ...where, reason: fault.reason });
    for (const change of changes) {
      if (change.to === change.from) continue;
      log.info(changeInWords(change), { ...where, key: change.tag });
    }
    if (trustedNow(anchor) === undefined)
      log.error('all keys of a trust anchor are revoked: what is below it is not validated any more', where);
  }
}

function changeInWords({ from, to }: KeyChange): string {
  switch (to) {
    case 'add-pending':
      return 'a new key of a trust anchor has been seen: it will be trusted if it stays for 30 days';
    case 'valid':
      return from === 'missing' ? 'a trusted key is back' : 'a key is trusted now';
    case 'missing':
      return 'a trusted key is not in its zone any more, and stays trusted';
    case 'revoked':
      return 'a key has been revoked, and is not trusted any more';
    case 'forgotten':
      return 'a key is forgotten';
    default:
      return to satisfies never;
  }
}

function isSame(one: TrustAnchor, other: TrustAnchor): boolean {
  const text = ({ ds, keys }: TrustAnchor): string =>
    [...ds, ...keys]
      .map((rdata) => rdata.toHex())
      .sort()
      .join();
  return one.zone.equals(other.zone) && text(one) === text(other);
}
