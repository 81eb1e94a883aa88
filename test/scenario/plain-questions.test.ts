// What a datagram thread of the resolver asks for itself: the same answers as by the main thread, each asked for once, and whatever a server or the
// operator does, nothing that the main thread wouldn't have said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Policy } from '../../src/dns/policy/policy.ts';
import { Hosts } from '../../src/dns/policy/hosts.ts';
import { Dns64 } from '../../src/dns/policy/dns64.ts';
import type { ResolverOptions } from '../../src/dns/resolver/resolver-options.ts';
import { rcode } from '../../src/dns/wire/codes.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { parseType } from '../../src/dns/wire/rr-type.ts';
import { decoded, lines, query } from '../support/dns-messages.ts';
import { PlainThread } from '../support/plain-thread.ts';
import { resolverInScenario } from '../support/resolver-scenario.ts';
import type { ResolverWorld } from '../support/resolver-scenario.ts';
import { behaviours } from '../support/simulated-internet.ts';
import type { Behaviour } from '../support/simulated-internet.ts';

const server = '192.0.2.10';
const hosts = Array.from({ length: 40 }, (_, i) => `  h${i} A 192.0.2.${i + 100}`).join('\n');
const worldText = `use internet
server 199.19.56.1
zone org
  @ NS a0.org.afilias-nst.info.
  plain NS ns1.plain
  ns1.plain A ${server}
  example NS ns1.example
  ns1.example A 192.0.2.53
server ${server}
zone plain.org
  @ NS ns1
  ns1 A ${server}
  @ MX 10 mail
  @ TXT "v=spf1 mx -all" "second"
  mail A 192.0.2.25
  mail AAAA 2001:db8::25
  many A 192.0.2.1
  many A 192.0.2.2
  many A 192.0.2.3
  ptr PTR h1
  alias CNAME h2
  far CNAME mx.example.org.
  brief 0 A 192.0.2.99
  deep.below A 192.0.2.98
  *.wild A 192.0.2.97
${hosts}
`;

interface Asking {
  readonly world: ResolverWorld;
  readonly thread: PlainThread;
  /** What is answered to the question, in words; what it cost: questions to servers, and queries that the main thread got. */
  readonly ask: (name: string, type?: string, change?: Partial<Message>) => Answered;
}

interface Answered {
  readonly said: string;
  readonly asked: readonly string[];
  readonly forwarded: number;
}

/** A world whose way to plain.org is open. */
function withWay(options: Partial<ResolverOptions> = {}, perClient?: number): Asking {
  const world = resolverInScenario(worldText, 1, options);
  const thread = new PlainThread(world, perClient);
  const ask: Asking['ask'] = (name, type = 'A', change = {}) => {
    world.internet.asked = [];
    const before = thread.forwarded;
    const said: string[] = [];
    thread.receive(questionFor(name, type, change), (bytes) => said.push(inWords(bytes)));
    world.clock.run(() => said.length > 0);
    assert.equal(said.length, 1, `${name} ${type}: no answer`);
    const asked = world.internet.asked.map(
      ({ address, transport, question }) => `${address} ${transport} ${question}`,
    );
    return { said: said[0] ?? '', asked, forwarded: thread.forwarded - before };
  };
  ask('h0.plain.org');
  ask('first.wild.plain.org');
  return { world, thread, ask };
}

function questionFor(name: string, type: string, change: Partial<Message> = {}): Uint8Array {
  return encodeMessage(query(name, parseType(type) ?? 0, { recursionDesired: true, ...change }));
}

/** All that a client is told, but for the id and what the OPT record has; of TTLs, not the seconds that have gone. */
function inWords(bytes: Uint8Array): string {
  const message = decoded(bytes);
  const { rcode: code, authoritative, truncated, recursionAvailable, authenticData } = message;
  const flags = { code, authoritative, truncated, recursionAvailable, authenticData };
  const sections = [message.answers, message.authorities, message.additionals].map((each) =>
    lines(each).sort(),
  );
  const text = JSON.stringify([flags, message.questions.map(({ name }) => name.toString()), ...sections]);
  return text.replaceAll(/ (\d+) IN /g, (_, ttl: string) => ` ${Math.ceil(Number(ttl) / 10) * 10} IN `);
}

/** What is said without any thread, of the same question in a world of its own. */
function bySlowWay(name: string, type = 'A', change: Partial<Message> = {}): string {
  const { resolver, clock } = resolverInScenario(worldText, 1);
  const { front } = new PlainThread({ resolver, clock } as ResolverWorld);
  const said: string[] = [];
  const client = { from: { address: '127.0.0.1', port: 5353 }, transport: 'udp' } as const;
  front.respond(questionFor(name, type, change), client, (bytes) => said.push(inWords(bytes)));
  clock.run(() => said.length > 0);
  return said[0] ?? '';
}

const plainQuestions: readonly (readonly [name: string, type: string])[] = [
  ['h1.plain.org', 'A'],
  ['H2.PLAIN.org', 'A'],
  ['many.plain.org', 'A'],
  ['mail.plain.org', 'AAAA'],
  ['plain.org', 'MX'],
  ['plain.org', 'TXT'],
  ['ptr.plain.org', 'PTR'],
  ['h1.plain.org', 'AAAA'],
  ['h1.plain.org', 'HTTPS'],
  ['nowhere.plain.org', 'A'],
  ['second.wild.plain.org', 'A'],
];

for (const [name, type] of plainQuestions)
  test(`a thread asks for ${name} ${type} itself, once, and says what the main thread would`, () => {
    const { ask, world, thread } = withWay();
    const first = ask(name, type);
    assert.deepEqual(first.asked, [`${server} udp ${name.toLowerCase()}. ${type}`]);
    assert.equal(first.forwarded, 0);
    assert.equal(first.said, bySlowWay(name, type));
    // From the packet, and after a while with less time left.
    assert.deepEqual(ask(name, type), { said: first.said, asked: [], forwarded: 0 });
    assert.equal(thread.open, 0);
    // What the main thread has heard of it is in its cache.
    world.resolver.hear();
    const sought = { name: domainName(`${name}.`), type: parseType(type) ?? 0 };
    const known = world.resolver.resolveFromCache(sought, { checking: true, filtered: true });
    assert.ok(known);
    assert.equal(known.security, 'insecure');
    const edns = { udpSize: 1232, version: 0, dnssecOk: true, options: [] };
    const slow = ask(name, type, { edns });
    assert.deepEqual(slow.asked, []);
    assert.equal(slow.said, bySlowWay(name, type, { edns }));
  });

for (const [name, type, questions] of [
  // Asked for by the thread; what is in it besides, by the main thread.
  ['alias.plain.org', 'A', ['alias', 'h2']],
  ['far.plain.org', 'A', ['far']],
  ['brief.plain.org', 'A', ['brief']],
] as const)
  test(`the main thread makes its answer of what a thread has heard of ${name}, and asks nobody twice`, () => {
    const { ask } = withWay();
    const { asked, forwarded, said } = ask(name, type);
    assert.equal(forwarded, 1);
    assert.equal(said, bySlowWay(name, type));
    const atServer = asked.filter((each) => each.startsWith(server));
    assert.deepEqual(
      atServer,
      questions.map((label) => `${server} udp ${label}.plain.org. A`),
    );
  });

for (const [what, change, type] of [
  ['wants signatures', { edns: { udpSize: 1232, version: 0, dnssecOk: true, options: [] } }, 'A'],
  ['checks for itself', { checkingDisabled: true }, 'A'],
  ['asks for a type that may be the parent zone’s', {}, 'DS'],
  ['asks for all types', {}, 'ANY'],
] as const)
  test(`who ${what} is the main thread's`, () => {
    const { ask } = withWay();
    assert.equal(ask('h3.plain.org', type, change).forwarded, 1);
  });

test('a name further down is the main thread’s, as its zone’s servers must not be told more of it than they need', () => {
  const { ask } = withWay();
  assert.equal(ask('deep.below.plain.org').forwarded, 1);
  // Now it is known that no zone begins in between.
  assert.equal(ask('other.below.plain.org').forwarded, 0);
});

/** What each behaviour of a server comes to; the true answer unless said here. */
const failing: ReadonlySet<Behaviour> = new Set([
  'silent',
  'unreachable',
  'no route',
  'refuses',
  'fails',
  'garbage',
]);
/** Here it is no failure: by TCP it goes. */
const names = Object.keys(behaviours) as readonly Behaviour[];

for (const behaviour of names)
  test(`no wrong answer, and nothing stuck, where a server begins to be one that: ${behaviours[behaviour]}`, () => {
    const { ask, world, thread } = withWay();
    world.internet.change(server, { delay: 10, does: [behaviour] });
    for (const name of ['h5', 'h6', 'h7', 'mail', 'nowhere']) {
      const { said } = ask(`${name}.plain.org`);
      const truth = bySlowWay(`${name}.plain.org`);
      if (failing.has(behaviour)) assert.match(said, new RegExp(`^\\[{"code":${rcode.SERVFAIL},`));
      // Whoever answers without AA and with RA is taken for a resolver, and believed where nobody says better.
      else if (behaviour !== 'recursive' && behaviour !== 'denies short names')
        assert.equal(said, truth, name);
    }
    world.internet.change(server, { delay: 10, does: [] });
    world.clock.advance(20 * 60_000);
    assert.equal(ask('h8.plain.org').said, bySlowWay('h8.plain.org'));
    assert.deepEqual([thread.open, thread.underWay], [0, 0]);
  });

test('a server that sends cookies must go on to do so', () => {
  const { ask, world } = withWay();
  world.internet.change(server, { delay: 10, does: ['sends cookies'] });
  // The main thread learns of the cookie when the way has ended.
  world.clock.advance(61_000);
  ask('h10.plain.org');
  assert.equal(ask('h11.plain.org').forwarded, 0);
  world.internet.change(server, { delay: 10, does: ['foreign cookie first', 'sends cookies'] });
  assert.equal(ask('h12.plain.org').said, bySlowWay('h12.plain.org'));
  world.internet.change(server, { delay: 10, does: [] });
  const { asked, said } = ask('h13.plain.org');
  assert.equal(said, bySlowWay('h13.plain.org'));
  // RFC 7873 §5.3: what comes without it is asked for again where no forger can answer.
  assert.ok(asked.includes(`${server} tcp h13.plain.org. A`), asked.join(', '));
});

test('equal questions are asked once, whoever asks them, and not too many wait for one answer', () => {
  const { world, thread } = withWay();
  const { joined } = world.resolver.limits;
  world.internet.asked = [];
  const said: string[] = [];
  for (let i = 0; i < joined + 5; i++)
    thread.receive(questionFor(i % 2 === 0 ? 'h20.plain.org' : 'H20.Plain.ORG', 'A'), (bytes) =>
      said.push(inWords(bytes).toLowerCase()),
    );
  assert.deepEqual([thread.underWay, thread.forwarded], [1, 5 + 2]);
  world.clock.run(() => said.length === joined + 5);
  assert.equal(said.length, joined + 5);
  assert.equal(new Set(said).size, 1);
  // One by the thread, and one by the main thread for those too many.
  assert.equal(world.internet.asked.length, 2);
});

test('one client has no more questions under way than it may', () => {
  const { world, thread } = withWay({}, 3);
  for (let i = 20; i < 30; i++)
    thread.receive(questionFor(`h${i}.plain.org`, 'A'), () => undefined, '192.0.2.77');
  assert.equal(thread.underWay, 3);
  thread.receive(questionFor('h31.plain.org', 'A'), () => undefined, '198.51.100.1');
  assert.equal(thread.underWay, 4);
  world.clock.run();
  assert.deepEqual([thread.open, thread.underWay], [0, 0]);
  for (let i = 32; i < 35; i++)
    thread.receive(questionFor(`h${i}.plain.org`, 'A'), () => undefined, '192.0.2.77');
  assert.equal(thread.underWay, 3);
});

test('what was asked before everything was forgotten is answered, and not kept', () => {
  const { world, thread } = withWay();
  const said: string[] = [];
  thread.receive(questionFor('h20.plain.org', 'A'), (bytes) => said.push(inWords(bytes)));
  world.resolver.flush();
  world.clock.run(() => said.length > 0);
  assert.deepEqual(said, [bySlowWay('h20.plain.org')]);
  const twice = world.internet.asked.filter(({ question }) => question === 'h20.plain.org. A');
  assert.equal(twice.length, 2);
});

test('from the moment on that the operator says something about a zone’s names, the main thread is asked', () => {
  const { world, thread, ask } = withWay();
  const own = new Hosts();
  own.add('h20.plain.org', '10.0.0.9');
  const said: string[] = [];
  thread.receive(questionFor('h20.plain.org', 'A'), (bytes) => said.push(inWords(bytes)));
  world.resolver.replacePolicy(new Policy({ hosts: own }));
  world.clock.run(() => said.length > 0);
  assert.match(said[0] ?? '', /10\.0\.0\.9/);
  assert.match(ask('h20.plain.org').said, /10\.0\.0\.9/);
  assert.equal(ask('h21.plain.org').forwarded, 1);
  assert.equal(ask('h22.plain.org').forwarded, 1);
});

for (const [what, options] of [
  ['names are withheld', { policy: new Policy({ filters: [{ judge: () => undefined }] }) }],
  ['addresses are translated', { dns64: new Dns64({ prefix: '64:ff9b::/96', exclude: [] }) }],
] as const)
  test(`no thread asks for itself where ${what}`, () => {
    const { ask, world } = withWay(options);
    for (const name of ['h1', 'h2', 'h3']) assert.equal(ask(`${name}.plain.org`).forwarded, 1);
    assert.ok(world.internet.asked.length > 0);
  });

test('a way ends with its minute, with its delegation, and with a silence', () => {
  const { ask, world } = withWay();
  world.clock.advance(61_000);
  assert.equal(ask('h1.plain.org').forwarded, 1);
  assert.equal(ask('h2.plain.org').forwarded, 0);
  world.internet.change(server, { delay: 10, does: ['silent'] });
  assert.equal(ask('h3.plain.org').forwarded, 1);
  world.internet.change(server, { delay: 10, does: [] });
  world.resolver.flush();
  assert.equal(ask('h4.plain.org').forwarded, 1);
  assert.equal(ask('h5.plain.org').forwarded, 0);
});

test('what a thread has asked counts among the figures of the server', () => {
  const { ask, world } = withWay();
  world.resolver.hear();
  const before = world.resolver.figures.totals;
  const counts = { ...before };
  ask('h1.plain.org');
  ask('nowhere.plain.org');
  ask('alias.plain.org', 'TXT');
  world.resolver.hear();
  const { queries, answers } = world.resolver.figures.totals;
  assert.deepEqual([queries - counts.queries, answers - counts.answers], [4, 4]);
  world.internet.change(server, { delay: 10, does: ['silent'] });
  ask('h2.plain.org');
  assert.ok(world.resolver.figures.totals.timeouts > counts.timeouts);
});
