// What whoever sends an update may change: the `update` rules of a zone, compiled. Updates are always signed: an address alone
// is easily forged in a datagram.
import type { UpdateRule } from '../../config/config.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { AccessRules } from '../desk/access.ts';
import type { Requester } from '../desk/access.ts';
import { parseName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { parseType, rrType } from '../wire/rr-type.ts';

/** Types that a rule must name: they make or break the zone itself, a delegation, or signatures. */
const sensitiveTypes: ReadonlySet<number> = new Set([
  rrType.SOA,
  rrType.NS,
  rrType.DS,
  rrType.DNSKEY,
  rrType.RRSIG,
  rrType.NSEC,
  rrType.NSEC3,
  rrType.NSEC3PARAM,
  rrType.CDS,
  rrType.CDNSKEY,
  rrType.ZONEMD,
]);

/** Everything that one requester may change in one zone. */
export interface UpdatePermit {
  /** Whether any type of that name may be changed. */
  covers(name: DomainName): boolean;
  allows(name: DomainName, type: number): boolean;
}

interface CompiledRule {
  /** Empty: all. */
  readonly exact: ReadonlySet<string>;
  readonly above: readonly DomainName[];
  /** `undefined`: all but the sensitive ones. */
  readonly types: ReadonlySet<number> | undefined;
}

export class UpdatePolicy {
  readonly #access: AccessRules<UpdateRule>;
  readonly #compiled: ReadonlyMap<UpdateRule, CompiledRule>;

  private constructor(access: AccessRules<UpdateRule>, compiled: ReadonlyMap<UpdateRule, CompiledRule>) {
    this.#access = access;
    this.#compiled = compiled;
  }

  /** The fault names what is no name, no type or no range of addresses. */
  static compile(rules: readonly UpdateRule[]): Result<UpdatePolicy> {
    const access = AccessRules.compile(rules);
    if (!access.ok) return access;
    const compiled = new Map<UpdateRule, CompiledRule>();
    for (const rule of rules) {
      const made = compileRule(rule);
      if (!made.ok) return made;
      compiled.set(rule, made.value);
    }
    return ok(new UpdatePolicy(access.value, compiled));
  }

  /** `undefined`: may change nothing at all. What any of the rules that fit allows is allowed. */
  permitFor(requester: Requester): UpdatePermit | undefined {
    if (requester.key === undefined) return undefined;
    const rules = this.#access.fitting(requester).flatMap((rule) => this.#compiled.get(rule) ?? []);
    if (rules.length === 0) return undefined;
    return {
      covers: (name) => rules.some((rule) => coversName(rule, name)),
      allows: (name, type) => rules.some((rule) => coversName(rule, name) && allowsType(rule, type)),
    };
  }
}

function compileRule({ names, types }: UpdateRule): Result<CompiledRule> {
  const exact = new Set<string>();
  const above: DomainName[] = [];
  for (const text of names) {
    const below = text.startsWith('*.');
    const name = parseName(below ? text.slice(2) : text);
    if (!name.ok) return name;
    if (below) above.push(name.value);
    else exact.add(name.value.key);
  }
  const codes = new Set<number>();
  for (const type of types) {
    const code = parseType(type);
    if (code === undefined) return fault(`'${type}' is not the type of a record`);
    codes.add(code);
  }
  return ok({ exact, above, types: types.length === 0 ? undefined : codes });
}

function allowsType({ types }: CompiledRule, type: number): boolean {
  return types === undefined ? !sensitiveTypes.has(type) : types.has(type);
}

function coversName({ exact, above }: CompiledRule, name: DomainName): boolean {
  if (exact.size === 0 && above.length === 0) return true;
  return exact.has(name.key) || above.some((each) => name.isBelow(each));
}
