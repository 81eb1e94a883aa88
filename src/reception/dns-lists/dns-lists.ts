// All lists that are asked about a client: at once, within one time, and only those that have passed their test (RFC 5782 §5) lately.
import type { Lookup } from '../../dns/lookup.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { timeLimit } from '../../mailauth/time-limit.ts';
import { DnsList } from './dns-list.ts';
import { addressSubject, domainSubject } from './list-names.ts';
import type { Subject } from './list-names.ts';
import type { DnsListSettings } from './list-settings.ts';

/** What is on a list. */
export interface Hit {
  readonly list: DnsListSettings;
  /** The address or domain. */
  readonly subject: string;
  readonly codes: readonly string[];
  readonly reason: string;
}

export interface DnsListServices {
  readonly lookup: Lookup;
  readonly clock: Clock;
  readonly log: Log;
}

/** What doesn't answer in this time lists nothing. */
const answerMs = 5000;
const testMs = 15_000;
/** A list is tested again: once an hour, or sooner where it could not be tested. */
const retestMs = 3_600_000;
const retryTestMs = 60_000;

interface Watched {
  readonly list: DnsList;
  readonly kinds: readonly Subject['kind'][];
  /** Of these its answers are believed. */
  readonly sound: Set<Subject['kind']>;
}

export class DnsLists implements Disposable {
  readonly #services: DnsListServices;
  readonly #watched: readonly Watched[];
  readonly #timers = new Map<Watched, Timer>();
  readonly #stop = new AbortController();

  constructor(settings: readonly DnsListSettings[], services: DnsListServices) {
    this.#services = services;
    this.#watched = settings.map((each) => ({
      list: new DnsList(each, services.lookup),
      kinds: each.about === 'domain' ? ['domain'] : ['v4', 'v6'],
      sound: new Set(),
    }));
  }

  get empty(): boolean {
    return this.#watched.length === 0;
  }

  /** Tests all lists now, and again and again; resolves after the first time. */
  async start(): Promise<void> {
    await Promise.all(this.#watched.map((watched) => this.#test(watched)));
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  /** The lists that have the address. */
  findAddress(ip: string): Promise<readonly Hit[]> {
    const subject = addressSubject(ip);
    return subject === undefined ? Promise.resolve([]) : this.#find([subject]);
  }

  /** The lists of domains that have one of these. */
  findDomains(domains: readonly string[]): Promise<readonly Hit[]> {
    const subjects = new Map<string, Subject>();
    for (const domain of domains) {
      const subject = domainSubject(domain);
      if (subject !== undefined) subjects.set(subject.text, subject);
    }
    return this.#find([...subjects.values()]);
  }

  async #find(subjects: readonly Subject[]): Promise<readonly Hit[]> {
    const asked = subjects.flatMap((subject) =>
      this.#watched
        .filter(({ sound }) => sound.has(subject.kind))
        .map(({ list }) => ({ list, subject }) as const),
    );
    if (asked.length === 0) return [];
    using limit = timeLimit(this.#services.clock, answerMs);
    const hits = await Promise.all(asked.map(({ list, subject }) => this.#ask(list, subject, limit.signal)));
    return hits.filter((hit) => hit !== undefined);
  }

  async #ask(list: DnsList, subject: Subject, signal: AbortSignal): Promise<Hit | undefined> {
    const listing = await list.find(subject, signal);
    if (listing.kind === 'listed') {
      const { codes, reason } = listing;
      return { list: list.settings, subject: subject.text, codes, reason };
    }
    if (listing.kind === 'unknown') {
      // Who can't be asked about has done nothing wrong.
      this.#services.log.warn('a list did not answer', {
        list: list.settings.zone,
        subject: subject.text,
        reason: listing.reason,
      });
    }
    return undefined;
  }

  async #test(watched: Watched): Promise<void> {
    const { clock, log } = this.#services;
    const { list, kinds, sound } = watched;
    let again = retestMs;
    using limit = timeLimit(clock, testMs);
    for (const kind of kinds) {
      const health = await list.test(kind, AbortSignal.any([limit.signal, this.#stop.signal]));
      if (this.#stop.signal.aborted) return;
      const fields = { list: list.settings.zone, of: kindWords[kind] };
      if (health === undefined) {
        // What it was found to be stands; one that was never tested is not asked.
        again = retryTestMs;
        log.warn('a list could not be tested', fields);
      } else if (health.kind === 'sound') {
        if (!sound.has(kind)) log.info('a list is in use', fields);
        sound.add(kind);
      } else {
        const was = sound.delete(kind);
        // Many lists have no IPv6 addresses, and lack nothing.
        const level = kind === 'v6' && !was ? 'info' : 'warn';
        log[level]('a list is not used: it does not pass the test of RFC 5782', {
          ...fields,
          reason: health.reason,
        });
      }
    }
    this.#timers.set(
      watched,
      clock.after(again, () => void this.#test(watched)),
    );
  }
}

const kindWords: Readonly<Record<Subject['kind'], string>> = {
  v4: 'IPv4 addresses',
  v6: 'IPv6 addresses',
  domain: 'domains',
};
