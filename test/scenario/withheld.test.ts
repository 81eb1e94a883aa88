// What the resolver withholds from clients, in the small internet of test/scenario/resolver.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LocalAnswer } from '../../src/dns/policy/local-answer.ts';
import { localZoneOf } from '../../src/dns/policy/local-zones.ts';
import { Policy } from '../../src/dns/policy/policy.ts';
import type { Filter } from '../../src/dns/policy/policy.ts';
import type { Resolved } from '../../src/dns/resolver/resolver-options.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { resolverInWorld } from '../support/resolver-scenario.ts';

function filter(name: string, answer: LocalAnswer): Filter {
  return { judge: (question) => (question.name.equals(domainName(name)) ? answer : undefined) };
}

function world(policy: Policy): (name: string, filtered: boolean) => Resolved {
  const { clock, resolver } = resolverInWorld('internet', 1);
  resolver.replacePolicy(policy);
  return (name, filtered) => {
    let resolved: Resolved | undefined;
    resolver.resolve({ name: domainName(name), type: rrType.A }, { filtered }, (found) => (resolved = found));
    clock.advance(10_000);
    assert.ok(resolved);
    return resolved;
  };
}

test('a name that hides behind an alias is withheld, too; mail and earlier answers know nothing of it', () => {
  const note = { code: 15, reason: 'the name is on a block list' };
  const ask = world(
    new Policy({ filters: [filter('www.example.com.', { kind: 'nxdomain', soa: undefined, note })] }),
  );
  for (const round of ['asked', 'cached']) {
    assert.equal(ask('shop.example.org.', false).end.kind, 'records', round);
    const { end, aliases } = ask('shop.example.org.', true);
    assert.ok(end.kind === 'nxdomain', round);
    assert.deepEqual(end.fault, note);
    assert.equal(aliases.length, 1);
  }
});

test('an alias of a local zone leads into the world, and an alias of the world into a local zone', () => {
  const zone = localZoneOf({
    name: 'example.com',
    type: 'transparent',
    records: ['www A 192.0.2.99', 'here CNAME mx.example.org.'],
  });
  assert.ok(zone.ok);
  const ask = world(new Policy({ zones: [zone.value] }));
  const { end, authoritative } = ask('shop.example.org.', false);
  assert.ok(end.kind === 'records');
  assert.deepEqual(end.rrset.rdatas, [Uint8Array.of(192, 0, 2, 99)]);
  assert.equal(authoritative, undefined);
  assert.equal(ask('www.example.com.', false).authoritative, true);
  const away = ask('here.example.com.', false);
  assert.ok(away.end.kind === 'records');
  assert.deepEqual(away.end.rrset.rdatas, [Uint8Array.of(192, 0, 2, 25)]);
  assert.equal(away.aliases.length, 1);
});

test('what is dropped gets no answer', () => {
  const { end } = world(new Policy({ filters: [filter('mx.example.org.', { kind: 'drop' })] }))(
    'mx.example.org.',
    true,
  );
  assert.ok(end.kind === 'failure' && end.silent === true);
});
