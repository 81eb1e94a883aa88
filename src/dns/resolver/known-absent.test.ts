import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signedWorld } from '../../../test/support/signed-world.ts';
import { seededRandom } from '../../lib/random.ts';

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

test('what is proved makes no difference to any answer', () => {
  const labels = [
    'www',
    'a',
    'zz',
    'nowhere',
    'wild',
    'x.wild',
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
  for (const seed of [1, 2, 3]) {
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
      assert.deepEqual(
        [got.end.kind, got.security, got.name.toString()],
        [expected.end.kind, expected.security, expected.name.toString()],
        `${name} ${type}`,
      );
    }
  }
});
