// How each zone is served, made of what the config says: who may have it, change it and say that it has changed, and which servers it comes
// from and goes to.
import type { AccessRule, RemoteServerConfig, ZonePolicy } from '../../config/config.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { AccessRules } from '../desk/access.ts';
import type { Primary } from '../transfer/in/primary.ts';
import type { TsigKeys } from '../tsig/tsig-key.ts';
import { UpdatePolicy } from '../update/update-policy.ts';
import { parseName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';

export interface ServingPolicy {
  /** Empty: we are the primary. */
  readonly primaries: readonly Primary[];
  /** `undefined`, here and below: nobody. */
  readonly transferTo: AccessRules | undefined;
  readonly notify: readonly Primary[];
  readonly notifyFrom: AccessRules | undefined;
  readonly update: UpdatePolicy | undefined;
}

/** What is compiled of a zone's policy: a catalog's members have less of one. */
export type PolicyRules = Pick<ZonePolicy, 'primaries' | 'transferTo' | 'notify'> &
  Partial<Pick<ZonePolicy, 'notifyFrom' | 'update'>>;

/** By zone. Zones that share what the config says share what is made of it. */
export class ZonePolicies {
  readonly #keys: TsigKeys;
  readonly #compiled = new Map<string, ServingPolicy>();
  readonly #known = new WeakMap<PolicyRules, ServingPolicy>();

  constructor(keys: TsigKeys) {
    this.#keys = keys;
  }

  of(origin: DomainName): ServingPolicy | undefined {
    return this.#compiled.get(origin.key);
  }

  /** The fault is a sentence about the zone's part of the config. */
  set(origin: DomainName, rules: PolicyRules): Result<ServingPolicy> {
    const made = this.compile(rules);
    if (!made.ok) return fault(`zone ${origin.toString()}: ${made.fault}`);
    this.#compiled.set(origin.key, made.value);
    return made;
  }

  compile(rules: PolicyRules): Result<ServingPolicy> {
    const known = this.#known.get(rules);
    if (known !== undefined) return ok(known);
    const made = compile(rules, this.#keys);
    if (made.ok) this.#known.set(rules, made.value);
    return made;
  }

  delete(origin: DomainName): void {
    this.#compiled.delete(origin.key);
  }
}

function compile(rules: PolicyRules, keys: TsigKeys): Result<ServingPolicy> {
  const primaries = serversOf(rules.primaries, keys);
  if (!primaries.ok) return primaries;
  const notify = serversOf(rules.notify, keys);
  if (!notify.ok) return notify;
  const transferTo = accessOf(rules.transferTo);
  if (!transferTo.ok) return transferTo;
  const notifyFrom = accessOf(rules.notifyFrom ?? []);
  if (!notifyFrom.ok) return notifyFrom;
  const update =
    rules.update === undefined || rules.update.length === 0
      ? ok(undefined)
      : UpdatePolicy.compile(rules.update);
  if (!update.ok) return update;
  return ok({
    primaries: primaries.value,
    notify: notify.value,
    transferTo: transferTo.value,
    notifyFrom: notifyFrom.value,
    update: update.value,
  });
}

function accessOf(rules: readonly AccessRule[]): Result<AccessRules | undefined> {
  return rules.length === 0 ? ok(undefined) : AccessRules.compile(rules);
}

function serversOf(servers: readonly RemoteServerConfig[], keys: TsigKeys): Result<readonly Primary[]> {
  const made: Primary[] = [];
  for (const { endpoint, key, tls } of servers) {
    const name = key === undefined ? undefined : parseName(key);
    const found = name?.ok === true ? keys.find(name.value) : undefined;
    if (key !== undefined && found === undefined) return fault(`there is no key ${key}`);
    made.push({ endpoint, key: found, tls });
  }
  return ok(made);
}
