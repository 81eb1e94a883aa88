// Attacks that make a resolver work, each by its name: what one question of a client costs stays within its budget, and who has nothing to do
// with it gets his answer. The figures are printed (`npm test` shows them as diagnostics); CPU time, with
// that of the servers here, is told, not judged.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { TestContext } from 'node:test';
import { Budget } from '../../src/dns/resolver/budget.ts';
import { defaultLimits } from '../../src/dns/resolver/limits.ts';
import type { Resolved } from '../../src/dns/resolver/resolver-options.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { dnskey } from '../../src/dns/wire/rdata/dnskey.ts';
import { readRdata, writeRdata } from '../../src/dns/wire/rdata/record-type.ts';
import { rrsig } from '../../src/dns/wire/rdata/rrsig.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { makeSigningKey, signRRset } from '../support/dnssec-signer.ts';
import { resolverInScenario } from '../support/resolver-scenario.ts';
import type { ResolverWorld } from '../support/resolver-scenario.ts';
import { signedWorld } from '../support/signed-world.ts';

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

function lines(count: number, line: (i: number) => string): string {
  return numbers(count)
    .map((i) => `  ${line(i)}\n`)
    .join('');
}

const com = `use internet
server 192.5.6.30
zone com
  @ NS a.gtld-servers.net.
  evil NS ns.evil
  ns.evil A 203.0.113.1
  victim NS ns.victim
  ns.victim A 203.0.113.9
  example NS ns.example
  ns.example A 198.51.100.53
server 203.0.113.9
zone victim.com
  @ NS ns
  ns A 203.0.113.9
`;
const evil = `server 203.0.113.1
zone evil.com
  @ NS ns
  ns A 203.0.113.1
`;

interface Attack {
  readonly name: string;
  readonly world: string;
  /** `{}` stands for a label that is another in each question. */
  readonly asks: string;
  /** Questions to other servers that one question of a client may cost at most. */
  readonly most: number;
}

const attacks: readonly Attack[] = [
  {
    name: 'NXNSAttack: a referral to many servers that do not exist',
    world: com + evil + lines(20, (i) => `sub NS n${i}.victim.com.`),
    asks: '{}.sub.evil.com.',
    // Down to the referral, to victim.com, and both addresses of five servers.
    most: 16,
  },
  {
    name: 'NXNSAttack in two steps: servers of servers that do not exist',
    world:
      com +
      evil +
      lines(10, (i) => `sub NS n.a${i}`) +
      numbers(10)
        .map((i) => lines(10, (j) => `a${i} NS x${i}${j}.victim.com.`))
        .join(''),
    asks: '{}.sub.evil.com.',
    most: 40,
  },
  {
    name: 'TsuNAME: zones whose servers stand in each other in a circle',
    world: com.replace('  victim', lines(4, (i) => `t${i} NS ns.t${(i % 4) + 1}`) + '  victim'),
    asks: '{}.t1.com.',
    most: 10,
  },
  {
    name: 'CAMP: a chain of aliases, each in a zone with many servers that do not exist',
    world:
      com +
      evil +
      lines(20, (i) => `c${i} CNAME c${i + 1}`) +
      lines(20, (i) => `*.d${i} CNAME a.d${i + 1}`) +
      lines(20, (i) => `e${i} NS ns.evil.com.`) +
      numbers(20)
        .map((i) => lines(8, (j) => `e${i} NS x${i}x${j}.victim.com.`))
        .join('') +
      numbers(20)
        .map((i) => `zone e${i}.evil.com\n  @ NS ns.evil.com.\n  * CNAME a.e${i + 1}.evil.com.\n`)
        .join(''),
    asks: '{}.e1.evil.com.',
    most: defaultLimits.queries,
  },
  {
    name: 'a chain of aliases without end',
    world: com + evil + lines(40, (i) => `*.d${i} CNAME a.d${i + 1}`),
    asks: '{}.d1.evil.com.',
    most: 26,
  },
  {
    name: 'referrals that lead ever deeper',
    world:
      com +
      evil +
      `lie *\n  authority evil.com. NS ns.evil.com.\n` +
      numbers(30)
        .map(
          (i) =>
            `lie ${'a.'.repeat(i)}evil.com A\n  authority ${'a.'.repeat(i)}evil.com. NS ns.evil.com.\n  additional ns.evil.com. A 203.0.113.1\n`,
        )
        .join(''),
    asks: `{}.${'a.'.repeat(30)}evil.com.`,
    most: defaultLimits.queries,
  },
  {
    name: 'a zone with twenty servers that are silent',
    world:
      com + evil + lines(20, (i) => `sub NS n${i}.sub`) + lines(20, (i) => `n${i}.sub A 203.0.113.1${i + 9}`),
    asks: '{}.sub.evil.com.',
    most: defaultLimits.triesPerZone + 5,
  },
  {
    name: 'a name with as many labels as there can be',
    world: com + evil,
    asks: `{}.${'a.'.repeat(110)}evil.com.`,
    most: 16,
  },
];

for (const { name, world, asks, most } of attacks)
  test(name, (t) => {
    let worst = 0;
    let cpu = 0;
    const rounds = 10;
    for (let round = 0; round < rounds; round++) {
      const attacked = resolverInScenario(world, round + 1);
      const { internet } = attacked;
      // The first question in an empty cache, and the second with what that has taught.
      for (const label of ['one', 'two']) {
        internet.asked = [];
        const began = process.cpuUsage();
        resolveOne(attacked, asks.replace('{}', label));
        const { user, system } = process.cpuUsage(began);
        cpu += (user + system) / 1000;
        worst = Math.max(worst, internet.asked.length);
      }
    }
    const each = (cpu / rounds / 2).toFixed(1);
    t.diagnostic(`${worst} questions to other servers at most, ${each} ms of CPU (both sides)`);
    assert.ok(worst <= most, `${worst} questions`);
  });

/** Asks, and moves the clock until the answer is there. */
function resolveOne({ clock, resolver }: ResolverWorld, name: string): Resolved {
  const box: { resolved?: Resolved } = {};
  const began = clock.now();
  resolver.resolve({ name: domainName(name), type: rrType.A }, {}, (resolved) => (box.resolved = resolved));
  clock.run(() => box.resolved !== undefined);
  assert.ok(box.resolved, `${name} got no answer`);
  assert.ok(clock.now() - began <= defaultLimits.timeMs + 1);
  return box.resolved;
}

test('water torture: names that somebody makes up in a dead zone leave all others their answers', (t) => {
  const world = resolverInScenario(
    `${com}${evil}  sub NS n1.sub\n  n1.sub A 203.0.113.11\nserver 203.0.113.11, silent\n`,
    1,
  );
  const { clock, internet, resolver } = world;
  resolveOne(world, 'www.example.com.');
  // By now it is known as silent.
  for (const i of numbers(3)) resolveOne(world, `before${i}.sub.evil.com.`);
  internet.asked = [];
  let ended = 0;
  for (const i of numbers(1000))
    resolver.resolve({ name: domainName(`x${i}.sub.evil.com.`), type: rrType.A }, {}, () => (ended += 1));
  assert.ok(ended >= 1000 - defaultLimits.perSilentServer, `${ended} were told at once`);
  assert.ok(internet.asked.length <= defaultLimits.perSilentServer);
  assert.ok(resolver.inFlight <= defaultLimits.perSilentServer);
  const { end } = resolveOne(world, 'back.example.com.');
  assert.equal(end.kind, 'records');
  clock.run();
  assert.equal(ended, 1000);
  t.diagnostic(`1,000 made-up names: ${internet.asked.length} questions to other servers`);
});

test('water torture: a zone that answers slowly gets no more than its share', () => {
  const world = resolverInScenario(
    `${com}${evil}  sub NS n1.sub\n  n1.sub A 203.0.113.11\nserver 203.0.113.11, 300 ms\nzone sub.evil.com\n  @ NS n1\n`,
    1,
  );
  const { internet, resolver } = world;
  resolveOne(world, 'www.example.com.');
  resolveOne(world, 'before.sub.evil.com.');
  internet.asked = [];
  for (const i of numbers(1500))
    resolver.resolve({ name: domainName(`x${i}.sub.evil.com.`), type: rrType.A }, {}, () => undefined);
  assert.equal(resolver.inFlight, defaultLimits.perZone);
  assert.equal(internet.asked.length, defaultLimits.perZone);
  assert.equal(resolveOne(world, 'back.example.com.').end.kind, 'records');
});

test('random subdomains: names that somebody makes up in a signed zone soon need nobody asked (RFC 8198)', (t) => {
  for (const zone of ['example.com.', 'wild.example.com.', 'hashed.com.', 'wild.hashed.com.']) {
    const world = signedWorld();
    const took = mock.method(Budget.prototype, 'takeSpareHash');
    let packets = 0;
    for (const i of numbers(1000)) {
      world.ask(`x${i}.${zone}`, 'A');
      packets += world.internet.asked.length;
    }
    const hashes = took.mock.callCount();
    took.mock.restore();
    t.diagnostic(`1,000 names in ${zone}: ${packets} questions to other servers, ${hashes} hashes`);
    assert.ok(packets <= 40, `${packets} questions`);
    // Each side of a conclusion hashes: to find the gaps, and to prove by them.
    assert.ok(hashes <= 8 * 1000, `${hashes} hashes`);
  }
});
test('DNSBomb: an answer that is kept back becomes no burst', (t) => {
  const world = resolverInScenario(
    `${com}${evil}  sub NS n1.sub\n  n1.sub A 203.0.113.11\nserver 203.0.113.11, 2000 ms\nzone sub.evil.com\n  @ NS n1\n  www A 203.0.113.12\n`,
    1,
  );
  const { clock, internet, resolver } = world;
  const answers: { readonly at: number; readonly kind: string }[] = [];
  resolveOne(world, 'one.evil.com.');
  internet.asked = [];
  const began = clock.now();
  const ask = (): void =>
    resolver.resolve({ name: domainName('www.sub.evil.com.'), type: rrType.A }, {}, ({ end }) =>
      answers.push({ at: clock.now() - began, kind: end.kind }),
    );
  for (const _ of numbers(1000)) {
    ask();
    clock.advance(1);
  }
  clock.run();
  const most = Math.max(...[...Map.groupBy(answers, ({ at }) => at).values()].map((each) => each.length));
  assert.equal(answers.length, 1000);
  assert.ok(most <= defaultLimits.joined, `${most} answers at once`);
  assert.ok(internet.asked.length <= 6, `${internet.asked.length} questions`);
  t.diagnostic(
    `1,000 questions in a second: ${most} answers at one moment, ${internet.asked.length} questions`,
  );
});

test('the race of Kaminsky: a forger who guesses with each of many names gets none of his into the cache', () => {
  for (const seed of numbers(3)) {
    const world = resolverInScenario('use internet\nchange 192.0.2.53 many wrong ids', seed);
    for (const i of numbers(50)) {
      const { end } = resolveOne(world, `r${i}.example.org.`);
      assert.equal(end.kind, 'nxdomain');
    }
    const { end } = resolveOne(world, 'mx.example.org.');
    assert.ok(end.kind === 'records');
    assert.deepEqual(end.rrset.rdatas, [Uint8Array.of(192, 0, 2, 25)]);
  }
});

test('the birthday attack: equal questions are asked once, whoever asks them', () => {
  const { clock, internet, resolver } = resolverInScenario('use internet', 1);
  for (const type of [rrType.A, rrType.A, rrType.A])
    for (const checking of [true, false])
      resolver.resolve({ name: domainName('mx.example.org.'), type }, { checking }, () => undefined);
  clock.run();
  const asked = internet.asked.map(({ address, question }) => `${address} ${question}`);
  assert.equal(asked.length, new Set(asked).size, asked.join('\n'));
});

/** What is taken of budgets while `act` runs. */
function spent(
  t: TestContext,
  act: () => void,
): { readonly checks: number; readonly hashes: number; readonly ms: number } {
  const checks = mock.method(Budget.prototype, 'takeCheck');
  const hashes = mock.method(Budget.prototype, 'takeHash');
  try {
    const began = process.cpuUsage();
    act();
    const { user, system } = process.cpuUsage(began);
    const granted = (calls: readonly { readonly result?: boolean | undefined }[]): number =>
      calls.filter(({ result }) => result === true).length;
    const spending = {
      checks: granted(checks.mock.calls),
      hashes: granted(hashes.mock.calls),
      ms: (user + system) / 1000,
    };
    t.diagnostic(
      `${spending.checks} checks of signatures, ${spending.hashes} hashes, ${spending.ms.toFixed(1)} ms of CPU`,
    );
    return spending;
  } finally {
    checks.mock.restore();
    hashes.mock.restore();
  }
}

test('KeyTrap (CVE-2023-50387): many keys of one tag, and many signatures that none of them made', (t) => {
  const zsk = makeSigningKey('ED25519', 257);
  const key = readRdata(dnskey, zsk.rdata);
  assert.ok(key);
  // Words of 16 bits that change places leave the tag as it is.
  const colliding = numbers(15).map((i) => {
    const publicKey = key.publicKey.slice();
    publicKey.set(key.publicKey.subarray(2 * i, 2 * i + 2), 0);
    publicKey.set(key.publicKey.subarray(0, 2), 2 * i);
    return writeRdata(dnskey, { ...key, publicKey });
  });
  const world = signedWorld({
    'example.com.': {
      zsk,
      moreKeys: colliding,
      signing: (rrset) => {
        if (rrset.type === rrType.DNSKEY) return undefined;
        const times = { inception: 0, expiration: 2_000_000_000 };
        const right = signRRset(rrset, zsk, domainName('example.com.'), times);
        const data = readRdata(rrsig, right.rdata);
        assert.ok(data);
        return numbers(60).map((i) => {
          const signature = data.signature.slice();
          signature[i] = (signature[i] ?? 0) ^ 1;
          return { ...right, rdata: writeRdata(rrsig, { ...data, signature }) };
        });
      },
    },
  });
  for (const name of ['www.example.com.', 'alias.example.com.', 'nope.example.com.']) {
    const { checks } = spent(t, () => assert.equal(world.ask(name, 'A').end.kind, 'failure'));
    assert.ok(checks <= defaultLimits.signatureChecks, `${checks} checks`);
  }
});

test('NSEC3 flooding (CVE-2023-50868): names of many labels, hashed as often as is allowed', (t) => {
  const world = signedWorld({
    'hashed.com.': { denial: { iterations: 50, salt: 'x'.repeat(200), optOut: false } },
  });
  world.ask('www.hashed.com.', 'A');
  for (const label of ['a', 'b', 'c']) {
    const { hashes } = spent(t, () => {
      world.ask(`${`${label}.`.repeat(115)}hashed.com.`, 'A');
    });
    assert.ok(hashes <= defaultLimits.nsec3Hashes, `${hashes} hashes`);
  }
});

/** A server of victim.com that is honest, and 30 ms away. */
const victim = `server 203.0.113.9, 30 ms
zone victim.com
  @ NS ns
  ns A 203.0.113.9
  * A 203.0.113.10
`;

test('aliases that lead to a name with nothing left of the budget leave that name its answer', () => {
  const chain = lines(3, (i) => `c${i} CNAME c${i + 1}`);
  const ends = numbers(12).map((queries) => {
    const attacked = resolverInScenario(
      `${com}${victim}${evil}${chain}  c4 CNAME www.victim.com.\nlimit queries ${queries}\n`,
      1,
    );
    const { end } = resolveOne(attacked, 'c1.evil.com.');
    // Who finds the way to the victim with that budget finds it still.
    const plain = resolverInScenario(`${com}${victim}limit queries ${queries}\n`, 1);
    const alone = resolveOne(plain, 'www.victim.com.').end.kind;
    const after = resolveOne(attacked, 'www.victim.com.').end.kind;
    if (alone === 'records') assert.equal(after, 'records', `with ${queries} questions`);
    return `${end.kind} ${alone}`;
  });
  assert.ok(ends.includes('failure records') && ends.includes('records records'), ends.join(', '));
});

test('a server is not blamed for the time that others took, nor twice for one silence', () => {
  const limited = 'limit timeMs 1000\nlimit perSilentServer 0\n';
  // The way to evil.com has taken its time; of what is left the victim's server gets 10 ms or so.
  const slow = resolverInScenario(`${com}${victim}${evil}  * CNAME www.victim.com.\n${limited}`, 1);
  resolveOne(slow, 'known.victim.com.');
  for (const i of numbers(6)) {
    slow.internet.change('203.0.113.1', { delay: 200, does: [] });
    resolveOne(slow, `warm${i}.evil.com.`);
    slow.resolver.flush();
    slow.internet.change('203.0.113.1', { delay: 970 - 20 * i, does: [] });
    resolveOne(slow, `x${i}.evil.com.`);
  }
  assert.equal(resolveOne(slow, 'fresh.victim.com.').end.kind, 'records');
  const silent = resolverInScenario(`${com}${victim}${limited}`, 1);
  resolveOne(silent, 'known.victim.com.');
  silent.internet.change('203.0.113.9', { delay: 30, does: ['silent'] });
  for (const i of numbers(5))
    silent.resolver.resolve(
      { name: domainName(`x${i}.below.victim.com.`), type: rrType.A },
      {},
      () => undefined,
    );
  silent.clock.advance(2_000);
  silent.internet.change('203.0.113.9', { delay: 30, does: [] });
  assert.equal(resolveOne(silent, 'fresh.victim.com.').end.kind, 'records');
});

test('whoever names a name in letters of his own does not decide how others are told it', () => {
  const world = resolverInScenario(
    `${com}${victim}${evil}  * CNAME WWW.Victim.COM.
  sub NS Ns.VICTIM.com.
`,
    1,
  );
  resolveOne(world, 'x.evil.com.');
  resolveOne(world, 'x.sub.evil.com.');
  const owners = [...world.resolver.cacheItems()].flatMap(({ name, answer }) =>
    answer.kind === 'records' && name.isBelow(domainName('victim.com.')) ? answer.rrset.owner.toString() : [],
  );
  assert.deepEqual(owners.sort(), ['ns.victim.com.', 'www.victim.com.']);
});
