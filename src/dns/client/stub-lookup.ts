// Look-ups by another resolver instead of our own (`resolver.forward`): asks the configured ones in turn, and remembers for a short time.
import type { Clock } from '../../lib/clock.ts';
import { formatEndpoint } from '../../lib/endpoint.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import type { JourneyStep } from '../../lib/journey.ts';
import type { Random } from '../../lib/random.ts';
import { unreachable } from '../../lib/result.ts';
import type { Network } from '../../lib/transport.ts';
import type { Lookup, LookupResult } from '../lookup.ts';
import { BoundedCache } from '../resolver/bounded-cache.ts';
import { Exchanges } from '../resolver/exchange.ts';
import { Journal } from '../resolver/journal.ts';
import type { StepObserver } from '../resolver/journal.ts';
import { readReply } from '../resolver/read-reply.ts';
import type { Reading } from '../resolver/read-reply.ts';
import { answerInWords, sentence, soughtInWords } from '../resolver/words.ts';
import { formatRcode, rcode } from '../wire/codes.ts';
import type { Message } from '../wire/message.ts';
import { DomainName } from '../wire/name.ts';
import { NetworkUpstream } from './network-upstream.ts';
import { askServer } from './query-server.ts';

export interface StubLookupOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  /** The resolvers to ask, best first; at least one. */
  readonly resolvers: readonly Endpoint[];
  /** Milliseconds for each try. */
  readonly timeoutMs?: number;
  readonly onStep?: StepObserver;
}

type Facts =
  | Omit<Extract<LookupResult, { readonly kind: 'records' }>, 'journey'>
  | Omit<Extract<LookupResult, { readonly kind: 'nodata' | 'nxdomain' }>, 'journey'>;

/** Seconds that anything is remembered at most: the resolver has the real cache. */
const longestMemory = 60;
const cacheOctets = 1024 * 1024;
/** Rounds over all resolvers before giving up. */
const rounds = 2;

export class StubLookup implements Lookup, Disposable {
  readonly #options: StubLookupOptions;
  readonly #upstream: NetworkUpstream;
  readonly #exchanges: Exchanges;
  readonly #cache = new BoundedCache<{ readonly facts: Facts; readonly expires: number }>(cacheOctets);

  constructor(options: StubLookupOptions) {
    const { network, clock, random } = options;
    this.#options = options;
    this.#upstream = new NetworkUpstream(network, clock);
    this.#exchanges = new Exchanges({ upstream: this.#upstream, clock, random });
  }

  async lookup(name: DomainName, type: number, signal?: AbortSignal): Promise<LookupResult> {
    const { clock, resolvers, onStep } = this.#options;
    const journal = new Journal(clock);
    if (onStep !== undefined) journal.observe(onStep);
    const key = `${type} ${name.key}`;
    const kept = this.#cache.get(key);
    if (kept !== undefined && kept.expires > clock.monotonic()) {
      journal.add({
        step: 'D2',
        ok: true,
        text: `The resolver was asked for ${soughtInWords({ name, type })} a moment ago.`,
        detail: { cached: true },
      });
      journal.add({
        step: 'D8',
        ok: true,
        text: sentence(`Answers: ${wordsFor(kept.facts, type)}`),
        detail: { cached: true },
      });
      const ttl = Math.floor((kept.expires - clock.monotonic()) / 1000);
      return { ...kept.facts, ttl, journey: journal.steps };
    }
    let reason = 'no resolver is configured';
    for (let round = 0; round < rounds; round++) {
      for (const resolver of resolvers) {
        if (signal?.aborted === true) return failure('the look-up was given up', journal.steps);
        const told = await untilAborted(this.#ask(resolver, name, type, journal), signal);
        if (told === undefined) continue;
        if (typeof told !== 'string') {
          this.#keep(key, told);
          return { ...told, journey: journal.steps };
        }
        reason = told;
      }
    }
    return failure(reason, journal.steps);
  }

  [Symbol.dispose](): void {
    this.#upstream[Symbol.dispose]();
  }

  /** Asks one resolver: what it says, or the sentence why it says nothing of use. */
  async #ask(resolver: Endpoint, name: DomainName, type: number, journal: Journal): Promise<Facts | string> {
    const { clock, timeoutMs = 5_000 } = this.#options;
    const address = formatEndpoint(resolver);
    const server = { name: 'resolver', address };
    const question = soughtInWords({ name, type });
    const since = clock.monotonic();
    const query = { name, type, timeoutMs, tries: 1 };
    const answer = await askServer(this.#exchanges, resolver, query);
    const asked = `Asked for ${question}`;
    if (!answer.ok) {
      journal.add({
        step: 'D1',
        since,
        ok: false,
        server,
        text: sentence(`${asked}: ${answer.fault}`),
        detail: { error: answer.fault },
      });
      return answer.fault;
    }
    const { message, transport } = answer.value;
    const detail = { question, transport, rcode: formatRcode(message.rcode) };
    journal.add({ step: 'D1', since, ms: 0, ok: true, server, text: sentence(asked), detail });
    const facts = factsOf(message, name, type, isLoopback(resolver));
    if (typeof facts === 'string') {
      const reason = `the resolver ${address} ${facts}`;
      journal.add({ step: 'D8', since, ok: false, server, text: sentence(capital(facts)), detail });
      return reason;
    }
    const text = sentence(`Answers: ${wordsFor(facts, type)}`);
    journal.add({ step: 'D8', since, ok: true, server, text, detail });
    return facts;
  }

  #keep(key: string, facts: Facts): void {
    const seconds = Math.min(facts.ttl, longestMemory);
    if (seconds <= 0) return;
    const octets =
      facts.kind === 'records' ? facts.records.reduce((sum, { rdata }) => sum + 150 + rdata.length, 0) : 0;
    this.#cache.set(
      key,
      { facts, expires: this.#options.clock.monotonic() + seconds * 1000 },
      300 + octets + key.length,
    );
  }
}

/** What the promise gives, or `undefined` once the signal aborts. */
async function untilAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value | undefined> {
  if (signal === undefined) return await promise;
  let stop: (() => void) | undefined;
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}

function failure(reason: string, journey: readonly JourneyStep[]): LookupResult {
  return { kind: 'failure', reason, secure: false, journey };
}

/** RFC 6840 §5.7, §7: AD says something only where nobody on the way could have set it. */
function isLoopback(resolver: Endpoint): boolean {
  return resolver.address.startsWith('127.') || resolver.address === '::1';
}

/** A resolver's answer: all of it is within the root's bailiwick, as the resolver has sorted it out. */
function factsOf(message: Message, name: DomainName, type: number, trusted: boolean): Facts | string {
  if (message.rcode !== rcode.NOERROR && message.rcode !== rcode.NXDOMAIN)
    return `answers ${formatRcode(message.rcode)}`;
  // `authoritative`: a resolver answers from its cache, which is what we ask it for.
  const reading: Reading = readReply(
    { ...message, authoritative: true },
    { zone: DomainName.root, name, type, wholeChain: true },
  );
  if (reading.kind !== 'answer') return 'gives no answer, and does not resolve for us';
  const { links, end } = reading;
  const secure = trusted && message.authenticData;
  const linkTtl = Math.min(Number.POSITIVE_INFINITY, ...links.map(({ rrset }) => rrset.ttl));
  switch (end.kind) {
    case 'records': {
      const { owner, ttl, class: rrClass, rdatas } = end.rrset;
      const records = rdatas.map((rdata) => ({ owner, type, class: rrClass, ttl, rdata }));
      return { kind: 'records', canonicalName: owner, records, ttl: Math.min(ttl, linkTtl), secure };
    }
    case 'nodata':
    case 'nxdomain':
      return { kind: end.kind, canonicalName: end.name, ttl: Math.min(end.ttl, linkTtl), secure };
    case 'elsewhere':
      // An alias whose end has no such type, from a resolver that leaves the SOA out.
      return { kind: 'nodata', canonicalName: end.name, ttl: 0, secure };
    default:
      return unreachable(end);
  }
}

function wordsFor(facts: Facts, type: number): string {
  const { canonicalName: name } = facts;
  const security = facts.secure ? 'secure' : 'insecure';
  if (facts.kind !== 'records')
    return answerInWords({ name, type }, { kind: facts.kind, authorities: [], security });
  const [first] = facts.records;
  if (first === undefined) return '';
  const rdatas = facts.records.map(({ rdata }) => rdata);
  return answerInWords(
    { name, type },
    { kind: 'records', rrset: { ...first, rdatas }, signatures: [], proofs: [], security },
  );
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
