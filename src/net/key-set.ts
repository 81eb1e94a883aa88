// The public keys of a provider of access tokens (JWK Set, RFC 7517 §5): from a file, or fetched from an address and remembered.
import { readFile } from 'node:fs/promises';
import type { JSONWebKeySet } from 'jose';
import type { Clock } from '../lib/clock.ts';
import type { KeySource } from '../login/token-verifier.ts';

const fetchMs = 10_000;
/** Octets; a provider has a handful of keys of a kilobyte each. */
const longestSet = 262_144;
/** Keys that are known are asked for anew after this long, … */
const goodForMs = 3_600_000;
/** … and at most this often, however many tokens name keys that nobody has. */
const notAgainMs = 60_000;

export class KeySet implements KeySource {
  readonly #read: () => Promise<string>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #known: JSONWebKeySet | undefined;
  /** On the monotonic clock. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<JSONWebKeySet> | undefined;

  /** `place`: an `https:` address, or a file. */
  constructor(place: string, clock: Pick<Clock, 'monotonic'>) {
    this.#read = /^https?:/i.test(place) ? () => download(place) : () => readFile(place, 'utf8');
    this.#clock = clock;
  }

  async keys(fresh: boolean): Promise<JSONWebKeySet> {
    const age = this.#clock.monotonic() - this.#askedAt;
    const known = this.#known;
    if (known !== undefined && age < (fresh ? notAgainMs : goodForMs)) return known;
    if (age < notAgainMs && this.#asking === undefined)
      throw new Error('the keys of the provider could not be had a moment ago');
    try {
      return await this.#ask();
    } catch (error) {
      // A provider that is away for a while doesn't lock its users out.
      if (known !== undefined) return known;
      throw error;
    }
  }

  /** One question at a time, whoever waits for it. */
  #ask(): Promise<JSONWebKeySet> {
    this.#asking ??= this.#read()
      .then((text) => (this.#known = parseKeySet(text)))
      .finally(() => {
        this.#askedAt = this.#clock.monotonic();
        this.#asking = undefined;
      });
    return this.#asking;
  }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(fetchMs) });
  if (!response.ok || response.body === null)
    throw new Error(`${url} answers ${response.status} in place of keys`);
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of response.body) {
    octets += chunk.length;
    if (octets > longestSet) throw new Error(`${url} has more than ${longestSet} octets of keys`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Throws where the text is none. */
function parseKeySet(text: string): JSONWebKeySet {
  const set: unknown = JSON.parse(text);
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys))
    throw new Error('what should be keys is no JWK Set');
  return { keys: set.keys };
}
