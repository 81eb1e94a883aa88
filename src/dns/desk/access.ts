// Who may do what with a zone: the access rules of the config, compiled. A rule fits whoever meets all that it names.
import type { AccessRule } from '../../config/config.ts';
import { AddressRanges } from '../../lib/address-ranges.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DnsClient } from '../responder.ts';
import { parseName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';

/** Whoever asks, as a `DnsRequest` has it. */
export interface Requester {
  readonly client: DnsClient;
  readonly key: DomainName | undefined;
}

interface CompiledRule<Rule> {
  readonly rule: Rule;
  /** `undefined`: any address. */
  readonly addresses: AddressRanges | undefined;
  readonly key: DomainName | undefined;
}

export class AccessRules<Rule extends AccessRule = AccessRule> {
  readonly #rules: readonly CompiledRule<Rule>[];

  private constructor(rules: readonly CompiledRule<Rule>[]) {
    this.#rules = rules;
  }

  /** The fault names what is no range of addresses or no name of a key. */
  static compile<Rule extends AccessRule>(rules: readonly Rule[]): Result<AccessRules<Rule>> {
    const compiled: CompiledRule<Rule>[] = [];
    for (const rule of rules) {
      const addresses = AddressRanges.parse(rule.addresses);
      if (!addresses.ok) return addresses;
      const key = rule.key === undefined ? undefined : parseName(rule.key);
      if (key !== undefined && !key.ok) return fault(`the name of a key: ${key.fault}`);
      compiled.push({
        rule,
        addresses: rule.addresses.length === 0 ? undefined : addresses.value,
        key: key?.value,
      });
    }
    return ok(new AccessRules(compiled));
  }

  /** All rules that fit, in their order. Without a rule nobody may do anything. */
  fitting(requester: Requester): readonly Rule[] {
    return this.#rules.filter((rule) => fits(rule, requester)).map(({ rule }) => rule);
  }

  allow(requester: Requester): boolean {
    return this.#rules.some((rule) => fits(rule, requester));
  }
}

function fits({ rule, addresses, key }: CompiledRule<AccessRule>, requester: Requester): boolean {
  // RFC 9103: what is to be hidden goes by no other way, ever.
  if (rule.tls && requester.client.transport !== 'tls') return false;
  if (key !== undefined && requester.key?.equals(key) !== true) return false;
  return addresses === undefined || addresses.include(requester.client.from.address);
}
