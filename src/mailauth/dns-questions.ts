// What mail checks ask of DNS, as values: texts, addresses, exchanges, names. Each answer of a message is asked for once. Everything
// that comes back is a stranger's, so it is counted here and bounded where it is used.
import type { Lookup, LookupResult } from '../dns/lookup.ts';
import { parseName } from '../dns/wire/name.ts';
import type { DomainName } from '../dns/wire/name.ts';
import { mx } from '../dns/wire/rdata/mx.ts';
import { ptr } from '../dns/wire/rdata/ptr.ts';
import { readRdata } from '../dns/wire/rdata/record-type.ts';
import { joinedText, txt } from '../dns/wire/rdata/txt.ts';
import { rrType } from '../dns/wire/rr-type.ts';
import type { ResourceRecord } from '../dns/wire/record.ts';
import { bytesToLatin1 } from '../lib/bytes.ts';
import { unreachable } from '../lib/result.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { TimeLimit } from './time-limit.ts';

export type Answer<Value> =
  | { readonly kind: 'found'; readonly values: readonly Value[] }
  /** RFC 7208 §4.6.4 calls both void. `exists`: the name has other records, or names below it. */
  | { readonly kind: 'void'; readonly exists: boolean }
  /** Nobody could say. `reason` is the resolver's sentence. */
  | { readonly kind: 'failure'; readonly reason: string };

export interface MailExchange {
  readonly preference: number;
  readonly exchange: DomainName;
}

/** Of one set of records, this many are looked at; RFC 7208 §4.6.4's own limits are lower. */
const mostRecords = 100;

export class DnsQuestions {
  readonly #lookup: Lookup;
  readonly #limit: Pick<TimeLimit, 'signal'> | undefined;
  readonly #answers: DnsAnswers | undefined;
  readonly #asked = new Map<string, Promise<Answer<unknown>>>();

  /** An aborted `limit` makes every further answer a failure. `answers`: what others have asked before. */
  constructor(lookup: Lookup, limit?: Pick<TimeLimit, 'signal'>, answers?: DnsAnswers) {
    this.#lookup = lookup;
    this.#limit = limit;
    this.#answers = answers;
  }

  /** TXT records, the strings of each joined without blanks; an octet a character. */
  texts(name: DomainName): Promise<Answer<string>> {
    return this.#ask(name, rrType.TXT, readText);
  }

  /** Addresses of one family, 4 or 16 octets each. */
  addresses(name: DomainName, family: 4 | 6): Promise<Answer<Uint8Array>> {
    return family === 4
      ? this.#ask(name, rrType.A, (rdata) => (rdata.length === 4 ? rdata : undefined))
      : this.#ask(name, rrType.AAAA, (rdata) => (rdata.length === 16 ? rdata : undefined));
  }

  exchanges(name: DomainName): Promise<Answer<MailExchange>> {
    return this.#ask(name, rrType.MX, (rdata) => readRdata(mx, rdata));
  }

  /** The names that an address's reverse name points to. */
  names(name: DomainName): Promise<Answer<DomainName>> {
    return this.#ask(name, rrType.PTR, (rdata) => readRdata(ptr, rdata)?.target);
  }

  #ask<Value>(
    name: DomainName,
    type: number,
    read: (rdata: Uint8Array) => Value | undefined,
  ): Promise<Answer<Value>> {
    const key = `${type} ${name.key}`;
    // A type has one reader, so what is kept under the key is of its values.
    const known = this.#asked.get(key) as Promise<Answer<Value>> | undefined;
    if (known !== undefined) return known;
    const kept = this.#answers?.get(key) as Answer<Value> | undefined;
    const answer = kept === undefined ? this.#fetch(key, name, type, read) : Promise.resolve(kept);
    this.#asked.set(key, answer);
    return answer;
  }

  async #fetch<Value>(
    key: string,
    name: DomainName,
    type: number,
    read: (rdata: Uint8Array) => Value | undefined,
  ): Promise<Answer<Value>> {
    const result = await this.#lookup.lookup(name, type, this.#limit?.signal);
    if (result.kind === 'failure') return { kind: 'failure', reason: result.reason };
    const answer = answerOf(result, read);
    if (result.kind !== 'records' || octetsOf(result.records) <= mostOctetsKept)
      this.#answers?.set(key, answer, result.ttl);
    return answer;
  }
}

/** One for all messages of a server. */
export type DnsAnswers = AnswerCache<Answer<unknown>>;

/** More is asked for again: nobody needs it often, and nobody shall fill the memory with it. */
const mostOctetsKept = 4096;

function answerOf<Value>(
  result: Exclude<LookupResult, { kind: 'failure' }>,
  read: (rdata: Uint8Array) => Value | undefined,
): Answer<Value> {
  switch (result.kind) {
    case 'nxdomain':
      return { kind: 'void', exists: false };
    case 'nodata':
      return { kind: 'void', exists: true };
    case 'records': {
      const values: Value[] = [];
      for (const { rdata } of result.records.slice(0, mostRecords)) {
        const value = read(rdata);
        if (value !== undefined) values.push(value);
      }
      return values.length === 0 ? { kind: 'void', exists: true } : { kind: 'found', values };
    }
    default:
      return unreachable(result);
  }
}

function octetsOf(records: readonly ResourceRecord[]): number {
  return records.reduce((sum, { rdata }) => sum + rdata.length, 0);
}

function readText(rdata: Uint8Array): string | undefined {
  const data = readRdata(txt, rdata);
  return data === undefined ? undefined : bytesToLatin1(joinedText(data));
}

/**
 * A host or mail domain as a name to ask for, or `undefined`: labels of 1 to 63 octets, 253 in all, any printable ASCII and blanks in them, since
 * DNS has names that hosts may not have. A trailing dot is allowed.
 */
export function questionName(text: string): DomainName | undefined {
  if (!/^[\x20-\x7e]{1,254}$/.test(text)) return undefined;
  // A backslash is a character here, not the escape that it is in zone files.
  const name = parseName(text.replaceAll('\\', '\\\\'));
  return name.ok && !name.value.isRoot ? name.value : undefined;
}

/** A name as the checks show it: lower case, no trailing dot. */
export function shownName(name: DomainName): string {
  return name.toString().replace(/\.$/, '').toLowerCase();
}
