// Validation in a small signed internet: what is secure, insecure and bogus, and why.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { signedWorld } from '../../../test/support/signed-world.ts';
import { recordText } from '../../../test/support/signed-zone.ts';
import type { Message } from '../wire/message.ts';
import { domainName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { records } from '../../../test/support/simulated-internet.ts';
import { rrType } from '../wire/rr-type.ts';

describe('what is there', () => {
  const cases: readonly (readonly [name: string, type: string, kind: string, security: string])[] = [
    ['www.example.com.', 'A', 'records', 'secure'],
    ['www.hashed.com.', 'A', 'records', 'secure'],
    ['www.plain.com.', 'A', 'records', 'insecure'],
    ['www.plain.org.', 'A', 'records', 'insecure'],
    ['alias.example.com.', 'A', 'records', 'secure'],
    ['abroad.example.com.', 'A', 'records', 'secure'],
    ['toplain.example.com.', 'A', 'records', 'insecure'],
    ['www.old.example.com.', 'A', 'records', 'secure'],
    ['x.wild.example.com.', 'A', 'records', 'secure'],
    ['x.cwild.example.com.', 'A', 'records', 'secure'],
    ['x.y.wild.hashed.com.', 'A', 'records', 'secure'],
    ['x.wild.example.com.', 'MX', 'nodata', 'secure'],
    ['x.wild.hashed.com.', 'MX', 'nodata', 'secure'],
    ['www.example.com.', 'AAAA', 'nodata', 'secure'],
    ['www.hashed.com.', 'AAAA', 'nodata', 'secure'],
    ['b.ent.example.com.', 'A', 'nodata', 'secure'],
    ['b.ent.hashed.com.', 'A', 'nodata', 'secure'],
    ['nowhere.example.com.', 'A', 'nxdomain', 'secure'],
    ['no.where.hashed.com.', 'A', 'nxdomain', 'secure'],
    ['nowhere.plain.com.', 'A', 'nxdomain', 'insecure'],
    ['nowhere.', 'A', 'nxdomain', 'secure'],
    ['nowhere.org.', 'A', 'nxdomain', 'secure'],
    ['nowhere.com.', 'A', 'nxdomain', 'insecure'],
    ['example.com.', 'DS', 'records', 'secure'],
    ['plain.org.', 'DS', 'nodata', 'secure'],
    ['plain.com.', 'DS', 'nodata', 'insecure'],
    ['example.com.', 'DNSKEY', 'records', 'secure'],
    ['.', 'DNSKEY', 'records', 'secure'],
    ['.', 'NS', 'records', 'secure'],
    ['com.', 'SOA', 'records', 'secure'],
  ];
  for (const [name, type, kind, security] of cases) {
    test(`${name} ${type}`, () => {
      const world = signedWorld();
      for (const round of ['asked', 'cached']) {
        const resolved = world.ask(name, type);
        const { end } = resolved;
        assert.equal(end.kind, kind, end.kind === 'failure' ? `${round}: ${end.reason}` : round);
        assert.equal(resolved.security, security, round);
      }
    });
  }
});

const emptyMessage: Message = {
  id: 0,
  response: true,
  opcode: 0,
  authoritative: true,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: 0,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
  edns: undefined,
};
const www = ['www.example.com.', 'A'] as const;

test('the chain is told from the anchor down, each link once', () => {
  const { journey } = signedWorld().ask('abroad.example.com.', 'A');
  const links = journey.flatMap(({ link }) => (link === undefined ? [] : [link]));
  assert.deepEqual(
    links.map(({ checks, records, verdict }) => `${checks} ${records} ${verdict}`),
    [
      'keys . DNSKEY secure',
      'delegation com. DS secure',
      'keys com. DNSKEY secure',
      'delegation example.com. DS secure',
      'keys example.com. DNSKEY secure',
      'answer abroad.example.com. CNAME secure',
      'delegation hashed.com. DS secure',
      'keys hashed.com. DNSKEY secure',
      'answer www.hashed.com. A secure',
    ],
  );
  assert.deepEqual(links.map(({ anchored }) => anchored).slice(0, 3), [true, false, false]);
  for (const link of links.filter(({ checks }) => checks === 'keys'))
    assert.deepEqual(
      [link.signedBy, link.algorithm, link.dsTags],
      [link.keyTags[0], 'ED25519', link.keyTags],
    );
});

test('an insecure delegation is told as what ends the chain', () => {
  const { journey } = signedWorld().ask('www.plain.org.', 'A');
  const last = journey.findLast(({ link }) => link?.checks === 'delegation')?.link;
  assert.equal(`${last?.zone} ${last?.records} ${last?.verdict}`, 'org. plain.org. DS insecure');
});

test("a zone's keys are fetched once, however many wait for them", () => {
  const world = signedWorld();
  const verdicts: string[] = [];
  for (let i = 0; i < 300; i++) {
    const sought = { name: domainName(`x${i}.wild.example.com.`), type: rrType.A };
    world.resolver.resolve(sought, {}, ({ security }) => verdicts.push(security));
  }
  world.clock.run(() => verdicts.length === 300);
  assert.deepEqual(
    verdicts,
    Array.from({ length: 300 }, () => 'secure'),
  );
  const keys = world.internet.asked
    .filter(({ question }) => question.endsWith('DNSKEY'))
    .map(({ question }) => question);
  assert.deepEqual(keys.sort(), ['. DNSKEY', 'com. DNSKEY', 'example.com. DNSKEY']);
  // What the referrals said of DS records is not asked for again.
  assert.ok(!world.internet.asked.some(({ question }) => question.endsWith(' DS')));
});

test('an island: secure below its own anchor, insecure beside it', () => {
  const world = signedWorld(
    {},
    { anchorsOf: (zones) => [recordText(zones.get('example.com.')?.ds ?? assert.fail())] },
  );
  assert.equal(world.ask(...www).security, 'secure');
  assert.equal(world.ask('www.hashed.com.', 'A').security, 'insecure');
  assert.equal(world.ask('abroad.example.com.', 'A').security, 'insecure');
  assert.ok(!world.internet.asked.some(({ question }) => question === '. DNSKEY'));
});

test('without anchors nothing is asked for and nothing is secure', () => {
  const world = signedWorld({}, { anchorsOf: () => [] });
  assert.equal(world.ask(...www).security, 'insecure');
  assert.ok(!world.internet.asked.some(({ question }) => /DNSKEY|DS$/.test(question)));
});

test('a zone of this server needs no proof, and what it delegates does', () => {
  const answer = (name: DomainName, type: number): Message => ({
    ...emptyMessage,
    questions: [{ name, type, class: 1 }],
    answers: type === rrType.A ? records('.', `${name.toString()} 300 A 203.0.113.99`) : [],
  });
  for (const zone of ['example.com.', 'private.']) {
    const delegation = {
      zone: domainName(zone),
      servers: [],
      expires: Number.POSITIVE_INFINITY,
      askOwn: answer,
    };
    const world = signedWorld({}, { routes: [{ delegation, first: false }] });
    assert.equal(world.ask(`www.${zone}`, 'A').security, 'insecure');
    assert.equal(world.ask('www.hashed.com.', 'A').security, 'secure');
  }
});

test('a forwarder is asked not to check where we do (RFC 6840 §5.9)', () => {
  const delegation = {
    zone: domainName('example.com.'),
    servers: [{ name: domainName('forwarder.'), addresses: ['192.0.2.10'] }],
    expires: Number.POSITIVE_INFINITY,
    forwards: true,
  } as const;
  const askedOf = (anchored: boolean): readonly boolean[] => {
    const world = signedWorld(
      {},
      { routes: [{ delegation, first: false }], ...(!anchored && { anchorsOf: () => [] }) },
    );
    world.ask(...www);
    return world.internet.asked
      .filter(({ question }) => question === 'www.example.com. A')
      .map(({ checkingDisabled }) => checkingDisabled);
  };
  assert.deepEqual(new Set(askedOf(true)), new Set([true]));
  assert.deepEqual(new Set(askedOf(false)), new Set([false]));
});

test('a TTL is no longer than what was signed', () => {
  const world = signedWorld({
    'example.com.': {
      signing: ({ owner, type }) =>
        type === rrType.A && owner.labelCount === 3 ? { originalTtl: 77 } : undefined,
    },
  });
  assert.equal(world.ask(...www).ttl, 77);
});

test('what was fetched without checking is checked for those who want it', () => {
  const world = signedWorld();
  assert.equal(world.ask(...www, false).security, 'unchecked');
  assert.ok(!world.internet.asked.some(({ question }) => question.endsWith('DNSKEY')));
  assert.equal(world.ask(...www).security, 'secure');
  assert.equal(world.ask(...www, false).security, 'secure');
});

test('a question whose budget ends makes nothing bogus for others', () => {
  const world = signedWorld({}, { limits: { signatureChecks: 4 } });
  // Two checks for each of com and example.com, one for the root's keys.
  const { end } = world.ask(...www);
  assert.equal(end.kind, 'failure');
  // The upper half of the chain is known by then.
  assert.equal(world.ask('www.example.com.', 'A').security, 'secure');
});

test('mail learns whether all of the chain is secure', async () => {
  const world = signedWorld();
  const secureOf = async (name: string): Promise<boolean> => {
    const result = world.resolver.lookup(domainName(name), rrType.A);
    world.clock.run();
    return (await result).secure;
  };
  assert.deepEqual(
    [
      await secureOf('www.example.com.'),
      await secureOf('toplain.example.com.'),
      await secureOf('www.plain.com.'),
    ],
    [true, false, false],
  );
});
