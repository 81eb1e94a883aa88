import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signedWorld } from '../../../test/support/signed-world.ts';
import type { SignedWorld } from '../../../test/support/signed-world.ts';
import { seededRandom } from '../../lib/random.ts';
import { rrType } from '../wire/rr-type.ts';
import type { Resolved } from './resolver-options.ts';

test('a name in a gap that was proved needs nobody asked, until the proof has run out (RFC 8198)', () => {
  const world = signedWorld();
  const kindOf = (name: string, type: string): string => {
    const { end, security } = world.ask(name, type);
    return `${end.kind} ${security}`;
  };
  assert.equal(kindOf('nowhere.example.com.', 'A'), 'nxdomain secure');
  assert.equal(kindOf('nowherf.example.com.', 'MX'), 'nxdomain secure');
  assert.deepEqual(world.internet.asked, []);
  const { end, ttl } = world.ask('deep.below.nowherf.example.com.', 'MX');
  assert.deepEqual(world.internet.asked, []);
  assert.ok(end.kind === 'nxdomain' && ttl <= 300 && ttl > 290, `${ttl} s`);
  const types = end.authorities.map(({ type }) => type);
  for (const type of [6, 47, 46]) assert.ok(types.includes(type), `a record of type ${type}`);
  // Another type at a name whose own record was the proof.
  assert.equal(kindOf('www.example.com.', 'AAAA'), 'nodata secure');
  assert.equal(kindOf('www.example.com.', 'TXT'), 'nodata secure');
  assert.deepEqual(world.internet.asked, []);
  // Whoever checks for himself gets what the servers say.
  world.ask('nowherg.example.com.', 'A', false);
  assert.ok(world.internet.asked.length > 0);
  world.clock.advance(300_000);
  assert.equal(kindOf('nowherh.example.com.', 'MX'), 'nxdomain secure');
  assert.ok(world.internet.asked.length > 0);
});

test('below a name that is not there nothing is looked for (RFC 8020)', () => {
  for (const name of ['nowhere.hashed.com.', 'nowhere.plain.org.']) {
    const world = signedWorld();
    assert.equal(world.ask(name, 'A').end.kind, 'nxdomain');
    assert.equal(world.ask(`a.b.${name}`, 'MX').end.kind, 'nxdomain');
    assert.deepEqual(world.internet.asked, []);
  }
});

test('a name in a hashed gap needs nobody asked either, but one hash (RFC 8198 §5.2)', () => {
  const world = signedWorld();
  const ask = (name: string, type: string): string => {
    const { end, security } = world.ask(name, type);
    return `${end.kind} ${security} ${world.internet.asked.length}`;
  };
  // The zone has so few names that each gap is found by a few questions.
  for (let i = 0; i < 40; i++) ask(`r${i}.hashed.com.`, 'A');
  assert.equal(ask('nowhere.hashed.com.', 'A'), 'nxdomain secure 0');
  assert.equal(ask('deep.below.elsewhere.hashed.com.', 'MX'), 'nxdomain secure 0');
  // What begins one gap says what is there.
  assert.equal(ask('www.hashed.com.', 'MX'), 'nodata secure 0');
  // With opt-out there may be a delegation that nobody has hashed (RFC 5155 §6).
  for (let i = 0; i < 40; i++) ask(`r${i}.com.`, 'A');
  assert.match(ask('nowhere.com.', 'A'), /^nxdomain insecure [1-9]/);
  world.clock.advance(300_000);
  assert.match(ask('nowherf.hashed.com.', 'A'), /^nxdomain secure [1-9]/);
});

test('a wildcard that is known stands for names in a gap, with its proofs (RFC 8198 §5.3)', () => {
  for (const zone of ['example.com.', 'hashed.com.']) {
    const world = signedWorld();
    const ask = (name: string, type: string): Resolved => world.ask(`${name}.${zone}`, type);
    assert.equal(ask('a.wild', 'A').security, 'secure');
    // In a zone of few names some of these lie in the same hashed gap.
    const others = Array.from({ length: 30 }, (_, i) => `n${i}.wild`);
    const asked = others.map((name) => {
      const { end, security, ttl } = ask(name, 'A');
      assert.ok(end.kind === 'records' && security === 'secure' && ttl <= 300 && ttl > 0);
      assert.equal(end.rrset.owner.toString(), `${name}.${zone}`);
      assert.equal(end.signatures[0]?.owner.toString(), `${name}.${zone}`);
      assert.ok(end.proofs.some(({ type }) => type === rrType.NSEC || type === rrType.NSEC3));
      assert.ok(end.proofs.some(({ type }) => type === rrType.RRSIG));
      return world.internet.asked.length;
    });
    assert.ok(asked.filter((count) => count === 0).length >= 10, `${zone}: asked ${asked.join(' ')}`);
    ask('a.cwild', 'A');
    const aliased = others.map((name) => {
      const found = ask(name.replace('wild', 'cwild'), 'A');
      assert.equal(found.name.toString(), `www.${zone}`);
      assert.equal(found.security, 'secure');
      assert.ok(found.aliasProofs.length > 0);
      return world.internet.asked.length;
    });
    assert.ok(aliased.filter((count) => count === 0).length >= 10, `${zone}: asked ${aliased.join(' ')}`);
    // A type that the wildcard may have or not: nobody has said.
    assert.equal(ask('n1.wild', 'MX').end.kind, 'nodata');
    assert.ok(world.internet.asked.length > 0);
  }
});

test('what is proved makes no difference to any answer', () => {
  const labels = [
    'www',
    'a',
    'zz',
    'nowhere',
    'wild',
    'x.wild',
    'y.wild',
    'z.wild',
    'x.cwild',
    'y.cwild',
    'ent',
    'b.ent',
    'old',
    'x.old',
    'cwild',
    'alias',
    '*',
    '\\000',
  ];
  const zones = ['example.com.', 'hashed.com.', 'plain.com.', 'plain.org.', 'com.', 'org.', '.'];
  const types = ['A', 'MX', 'DS', 'NS', 'SOA', 'CNAME', 'DNSKEY'];
  let saved = 0;
  for (const seed of [1, 2]) {
    const random = seededRandom(seed);
    const [bold, plain] = [signedWorld(), signedWorld({}, { aggressive: false })];
    const pick = (from: readonly string[]): string => from[random.below(from.length)] ?? '';
    for (let i = 0; i < 150; i++) {
      const label =
        random.below(6) === 0
          ? ''
          : `${random.below(4) === 0 ? `r${random.below(99)}.` : ''}${pick(labels)}.`;
      const zone = pick(zones);
      const [name, type] = [zone === '.' ? label || '.' : label + zone, pick(types)];
      const [got, expected] = [bold.ask(name, type), plain.ask(name, type)];
      assert.deepEqual(factsOf(got), factsOf(expected), `${name} ${type}`);
      saved += askedOf(plain) - askedOf(bold);
    }
  }
  assert.ok(saved > 100, `${saved} questions saved`);
});

test('of zones made at random nothing wrong is ever inferred, in any form of denial', () => {
  const forms = [
    'nsec',
    { iterations: 0, salt: '', optOut: false },
    { iterations: 3, salt: 'ab', optOut: false },
    { iterations: 0, salt: '', optOut: true },
  ] as const;
  const saved = forms.map((denial, i) => {
    const random = seededRandom(100 + i);
    const pick = <Item>(from: readonly Item[], none: Item): Item => from[random.below(from.length)] ?? none;
    const labels = ['a', 'b', 'c', 'd', '*', 'z', '\\001'];
    const name = (): string => Array.from({ length: 1 + random.below(3) }, () => pick(labels, 'a')).join('.');
    let less = 0;
    for (let round = 0; round < 2; round++) {
      const owners = new Map<string, string>();
      for (let left = 10; left > 0; left--) {
        const data = ['A 203.0.113.9', 'TXT "t"', 'CNAME a', 'NS ns.elsewhere.', 'DNAME elsewhere.'];
        owners.set(name(), pick(data, 'A 203.0.113.9'));
      }
      // Nothing may stand below a DNAME (RFC 6672 §2.4), nor a delegation or DNAME at a wildcard (RFC 4592 §4.2, §4.4).
      const fits = ([owner, data]: readonly [string, string]): boolean =>
        !(/^(NS|DNAME)/.test(data) && owner.startsWith('*')) &&
        ![...owners].some(([above, its]) => /^(NS|DNAME)/.test(its) && owner.endsWith(`.${above}`));
      const text = [...owners].filter(fits).map(([owner, data]) => `${owner} 300 ${data}`);
      const zone = { 'example.com.': { text: text.join('\n'), denial } };
      const [bold, plain] = [signedWorld(zone), signedWorld(zone, { aggressive: false })];
      for (let asked = 0; asked < 60; asked++) {
        const question = [`${name()}.example.com.`, pick(['A', 'TXT', 'CNAME'], 'A')] as const;
        const [got, expected] = [bold.ask(...question), plain.ask(...question)];
        assert.deepEqual(factsOf(got), factsOf(expected), `${question.join(' ')} in\n${text.join('\n')}`);
        less += askedOf(plain) - askedOf(bold);
      }
    }
    return less;
  });
  // Where hashed gaps opt out, there is little that can be inferred.
  assert.ok(
    saved.slice(0, 3).every((less) => less > 15),
    `questions saved: ${saved.join(', ')}`,
  );
});

function askedOf({ internet }: SignedWorld): number {
  return internet.asked.length;
}

function factsOf({ end, security, name }: Resolved): readonly unknown[] {
  // Each world has keys of its own.
  const ofKeys: readonly number[] = [rrType.DNSKEY, rrType.DS];
  const data =
    end.kind === 'records' && !ofKeys.includes(end.rrset.type)
      ? end.rrset.rdatas.map((rdata) => rdata.toHex()).sort()
      : [];
  return [end.kind, security, name.toString(), ...data];
}
