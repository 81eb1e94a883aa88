// check_host() of RFC 7208 §4: evaluates a domain's record, and those that it includes or redirects to, for one client and sender.
// Bounded by §4.6.4, whatever the records say.
import type { DomainName } from '../../dns/wire/name.ts';
import { unreachable } from '../../lib/result.ts';
import { questionName, shownName } from '../dns-questions.ts';
import type { Answer, DnsQuestions } from '../dns-questions.ts';
import type { SpfResult } from '../verdicts.ts';
import { dottedAddress, reverseName, sameNetwork } from './client-address.ts';
import type { ClientAddress } from './client-address.ts';
import { expandMacros, parseMacroString } from './domain-spec.ts';
import type { MacroLetter, MacroString } from './domain-spec.ts';
import { isSpfRecord, parseSpfRecord } from './record.ts';
import type { Mechanism, SpfRecord } from './record.ts';

/** What doesn't change from one record to the next. */
export interface SpfSubject {
  readonly client: ClientAddress;
  readonly localPart: string;
  /** The sender's domain: the macro `o`. */
  readonly senderDomain: string;
  readonly helo: string;
  /** Our own name, for explanations. */
  readonly receiver: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface SpfOutcome {
  readonly result: SpfResult;
  readonly reason: string;
  readonly mechanism?: string;
  readonly explanation?: string;
}

/** RFC 7208 §4.6.4: terms that ask DNS. */
const mostLookups = 10;
/** RFC 7208 §4.6.4: answers with nothing in them. */
const mostVoid = 2;
/** RFC 7208 §4.6.4: names of an `mx` that are looked at, names of a `ptr` that are. */
const mostNames = 10;
/** RFC 7208 §7.2 leaves it to us; a reply has no room for more. */
const longestExplanation = 400;

/** Ends the evaluation from wherever it is: only ever thrown and caught in this file. */
class Stop extends Error {
  readonly outcome: SpfOutcome;
  constructor(result: 'temperror' | 'permerror', reason: string) {
    super(reason);
    this.outcome = { result, reason };
  }
}

export class SpfEvaluation {
  readonly #questions: DnsQuestions;
  readonly #subject: SpfSubject;
  #lookups = 0;
  #void = 0;
  #validated: Promise<readonly DomainName[] | undefined> | undefined;

  constructor(questions: DnsQuestions, subject: SpfSubject) {
    this.#questions = questions;
    this.#subject = subject;
  }

  async run(domain: DomainName): Promise<SpfOutcome> {
    try {
      return await this.#checkHost(domain, true);
    } catch (error) {
      if (error instanceof Stop) return error.outcome;
      throw error;
    }
  }

  async #checkHost(domain: DomainName, explains: boolean): Promise<SpfOutcome> {
    const name = shownName(domain);
    const record = await this.#record(domain);
    if (record === undefined) return { result: 'none', reason: `${name} has no SPF record` };
    for (const mechanism of record.mechanisms) {
      if (!(await this.#matches(mechanism, domain))) continue;
      const result = mechanism.qualifier;
      const explanation =
        result === 'fail' && explains ? await this.#explain(record.explanation, domain) : undefined;
      return {
        result,
        reason: `${this.#subject.client.text} matches '${mechanism.text}' of ${name}`,
        mechanism: mechanism.text,
        ...(explanation === undefined ? {} : { explanation }),
      };
    }
    if (record.redirect === undefined)
      return { result: 'neutral', reason: `no term of ${name} matches ${this.#subject.client.text}` };
    this.#count();
    const target = await this.#target(record.redirect, domain);
    const outcome =
      target === undefined
        ? ({ result: 'none', reason: '' } as const)
        : await this.#checkHost(target, explains);
    // RFC 7208 §6.1: a redirect to where no record is, is an error.
    if (outcome.result === 'none') throw new Stop('permerror', `${name} redirects to where no SPF record is`);
    return outcome;
  }

  /** RFC 7208 §4.4, §4.5. */
  async #record(domain: DomainName): Promise<SpfRecord | undefined> {
    const name = shownName(domain);
    const answer = await this.#questions.texts(domain);
    if (answer.kind === 'failure')
      throw new Stop('temperror', `the SPF record of ${name} can't be looked up: ${answer.reason}`);
    if (answer.kind === 'void') return undefined;
    const [text, second] = answer.values.filter(isSpfRecord);
    if (text === undefined) return undefined;
    if (second !== undefined) throw new Stop('permerror', `${name} has several SPF records`);
    const record = parseSpfRecord(text);
    if (!record.ok) throw new Stop('permerror', `the SPF record of ${name} has ${record.fault}`);
    return record.value;
  }

  async #matches(mechanism: Mechanism, domain: DomainName): Promise<boolean> {
    const { client } = this.#subject;
    switch (mechanism.name) {
      case 'all':
        return true;
      case 'ip':
        return sameNetwork(client.octets, mechanism.network, mechanism.bits);
      case 'include': {
        this.#count();
        const target = await this.#target(mechanism.domain, domain);
        return target !== undefined && (await this.#includes(target));
      }
      case 'exists': {
        this.#count();
        const target = await this.#target(mechanism.domain, domain);
        // RFC 7208 §5.7: A records, whatever family the client is of.
        return target !== undefined && this.#found(await this.#questions.addresses(target, 4)).length > 0;
      }
      case 'a': {
        this.#count();
        const target = await this.#target(mechanism.domain, domain);
        return target !== undefined && (await this.#hasClient(target, mechanism));
      }
      case 'mx':
        this.#count();
        return this.#matchesMx(await this.#target(mechanism.domain, domain), mechanism);
      case 'ptr': {
        this.#count();
        const target = await this.#target(mechanism.domain, domain);
        const names = (await this.#validatedNames()) ?? [];
        return target !== undefined && names.some((name) => name.isAtOrBelow(target));
      }
      default:
        return unreachable(mechanism);
    }
  }

  /** RFC 7208 §5.2. */
  async #includes(target: DomainName): Promise<boolean> {
    const { result } = await this.#checkHost(target, false);
    switch (result) {
      case 'pass':
        return true;
      case 'fail':
      case 'softfail':
      case 'neutral':
        return false;
      case 'none':
        throw new Stop('permerror', `${shownName(target)}, which is included, has no SPF record`);
      case 'temperror':
      case 'permerror':
        // Those are thrown, here as everywhere.
        throw new Stop(result, `${shownName(target)} can't be evaluated`);
      default:
        return unreachable(result);
    }
  }

  /** RFC 7208 §5.4. */
  async #matchesMx(
    target: DomainName | undefined,
    lengths: Mechanism & { name: 'a' | 'mx' },
  ): Promise<boolean> {
    if (target === undefined) return false;
    const exchanges = this.#found(await this.#questions.exchanges(target));
    if (exchanges.length > mostNames)
      throw new Stop('permerror', `${shownName(target)} has more than ${mostNames} mail exchanges`);
    for (const { exchange } of exchanges) {
      if (!exchange.isRoot && (await this.#hasClient(exchange, lengths))) return true;
    }
    return false;
  }

  async #hasClient(name: DomainName, lengths: Mechanism & { name: 'a' | 'mx' }): Promise<boolean> {
    const { client } = this.#subject;
    const bits = client.family === 4 ? lengths.bits4 : lengths.bits6;
    const addresses = this.#found(await this.#questions.addresses(name, client.family));
    return addresses.some((address) => sameNetwork(client.octets, address, bits));
  }

  /** RFC 7208 §5.5: the client's names that lead back to it; `undefined` where they can't be looked up. */
  #validatedNames(): Promise<readonly DomainName[] | undefined> {
    this.#validated ??= this.#validateNames();
    return this.#validated;
  }

  async #validateNames(): Promise<readonly DomainName[] | undefined> {
    const { client } = this.#subject;
    const names = await this.#questions.names(reverseName(client));
    if (names.kind === 'failure') return undefined;
    const valid: DomainName[] = [];
    // RFC 7208 §5.5: what can't be looked up just doesn't count.
    for (const name of this.#found(names).slice(0, mostNames)) {
      const answer = await this.#questions.addresses(name, client.family);
      if (
        answer.kind === 'found' &&
        answer.values.some((address) => sameNetwork(address, client.octets, 8 * address.length))
      )
        valid.push(name);
    }
    return valid;
  }

  #count(): void {
    this.#lookups += 1;
    if (this.#lookups > mostLookups) throw new Stop('permerror', `more than ${mostLookups} terms ask DNS`);
  }

  #found<Value>(answer: Answer<Value>): readonly Value[] {
    switch (answer.kind) {
      case 'found':
        return answer.values;
      case 'failure':
        throw new Stop('temperror', `a term can't be looked up: ${answer.reason}`);
      case 'void':
        this.#void += 1;
        if (this.#void > mostVoid)
          throw new Stop('permerror', `more than ${mostVoid} terms lead to names that have nothing`);
        return [];
      default:
        return unreachable(answer);
    }
  }

  /** RFC 7208 §4.8; `undefined` where the result is no name, so that nothing is there. */
  async #target(spec: MacroString | undefined, domain: DomainName): Promise<DomainName | undefined> {
    if (spec === undefined) return domain;
    const text = await expandMacros(spec, (letter) => this.#value(letter, domain));
    return text === undefined ? undefined : questionName(shortened(text));
  }

  async #value(letter: MacroLetter, domain: DomainName): Promise<string | undefined> {
    const { client, localPart, senderDomain, helo, receiver, now } = this.#subject;
    switch (letter) {
      case 's':
      case 'l':
        // RFC 8616 §4: such a local part matches no term that asks for it.
        if (/[^\x20-\x7e]/.test(localPart)) return undefined;
        return letter === 'l' ? localPart : `${localPart}@${senderDomain}`;
      case 'o':
        return senderDomain;
      case 'd':
        return shownName(domain);
      case 'i':
        return dottedAddress(client);
      case 'p':
        return this.#bestName(domain);
      case 'v':
        return client.family === 4 ? 'in-addr' : 'ip6';
      case 'h':
        return helo;
      case 'c':
        return client.text;
      case 'r':
        return receiver;
      case 't':
        return String(Math.floor(now / 1000));
      default:
        return unreachable(letter);
    }
  }

  /** RFC 7208 §7.3: the domain itself, else a name below it, else any. */
  async #bestName(domain: DomainName): Promise<string> {
    const names = (await this.#validatedNames()) ?? [];
    const best =
      names.find((name) => name.equals(domain)) ?? names.find((name) => name.isBelow(domain)) ?? names[0];
    return best === undefined ? 'unknown' : shownName(best);
  }

  /** RFC 7208 §6.2: an explanation that can't be had is none, and never an error. */
  async #explain(spec: MacroString | undefined, domain: DomainName): Promise<string | undefined> {
    if (spec === undefined) return undefined;
    try {
      const target = await this.#target(spec, domain);
      if (target === undefined) return undefined;
      const answer = await this.#questions.texts(target);
      const [text = '', second] = answer.kind === 'found' ? answer.values : [];
      if (second !== undefined || /[^\x20-\x7e]/.test(text)) return undefined;
      const parts = parseMacroString(text, true);
      if (!parts.ok) return undefined;
      const explanation = await expandMacros(parts.value, (letter) => this.#value(letter, domain));
      return explanation === undefined || explanation === '' || /[^\x20-\x7e]/.test(explanation)
        ? undefined
        : explanation.slice(0, longestExplanation);
    } catch (error) {
      if (error instanceof Stop) return undefined;
      throw error;
    }
  }
}

/** RFC 7208 §7.3: labels go from the left until 253 characters are left. */
function shortened(text: string): string {
  let from = 0;
  const end = text.endsWith('.') ? text.length - 1 : text.length;
  while (end - from > 253) {
    const dot = text.indexOf('.', from);
    if (dot < 0) break;
    from = dot + 1;
  }
  return text.slice(from);
}
