// The small parts: budget, minimisation, mixed case, tasks, access list, server addresses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { domainName } from '../wire/name.ts';
import { Budget } from './budget.ts';
import { defaultLimits } from './limits.ts';
import { nextShortened } from './minimise.ts';
import { mixCase } from './mix-case.ts';
import { ServerAddresses } from './server-address.ts';
import { run, until } from './task.ts';
import type { Task } from './task.ts';
import { ZoneLoad } from './zone-load.ts';

test('a budget ends with its questions or with its time, and never comes back', () => {
  const clock = new VirtualClock();
  const budget = new Budget({ ...defaultLimits, queries: 2, targets: 1, aliases: 1, timeMs: 1000 }, clock);
  assert.deepEqual([budget.takeTarget(), budget.takeTarget()], [true, false]);
  assert.deepEqual([budget.takeAlias(), budget.takeAlias()], [true, false]);
  assert.deepEqual([budget.takeQuery(), budget.takeQuery(), budget.takeQuery()], [true, true, false]);
  assert.match(budget.exhausted ?? '', /too many servers/);
  const timed = new Budget({ ...defaultLimits, timeMs: 1000 }, clock);
  clock.advance(400);
  assert.equal(timed.timeLeft, 600);
  clock.advance(600);
  assert.equal(timed.timeLeft, 0);
  assert.equal(timed.takeQuery(), false);
  assert.match(timed.exhausted ?? '', /the time/);
});

test('a part of a budget draws on the whole, and lasts no longer', () => {
  const clock = new VirtualClock();
  const whole = new Budget({ ...defaultLimits, queries: 3, timeMs: 1000 }, clock);
  const part = new Budget({ ...defaultLimits, queries: 2, timeMs: 5000 }, clock, whole);
  assert.equal(part.timeLeft, 1000);
  assert.deepEqual([part.takeQuery(), part.takeQuery(), part.takeQuery()], [true, true, false]);
  assert.deepEqual([whole.takeQuery(), whole.takeQuery()], [true, false]);
});

test('after so many name servers without an address no more are looked up', () => {
  const budget = new Budget({ ...defaultLimits, targets: 10, failedTargets: 2 }, new VirtualClock());
  assert.equal(budget.takeTarget(), true);
  budget.targetFailed();
  assert.equal(budget.takeTarget(), true);
  budget.targetFailed();
  assert.equal(budget.takeTarget(), false);
});

test('one zone gets no more than its share; the root and what is right below it get all', () => {
  const load = new ZoneLoad(2);
  const [zone, other] = ['example.org.', 'example.com.'].map(domainName);
  assert.ok(zone !== undefined && other !== undefined);
  assert.deepEqual([load.begin(zone), load.begin(zone), load.begin(zone)], [true, true, false]);
  assert.equal(load.begin(other), true);
  load.end(zone);
  assert.deepEqual([load.begin(zone), load.begin(zone)], [true, false]);
  for (const name of ['.', 'org.'])
    for (let i = 0; i < 5; i++) assert.equal(load.begin(domainName(name)), true);
});

test('names are told label by label, four times, and then in larger steps, ten times at most (RFC 9156 §2.3)', () => {
  const name = domainName(`${Array.from({ length: 40 }, (_, i) => `l${i}`).join('.')}.`);
  const told: number[] = [];
  for (let known = 0, count = 0; known < 40; count++) {
    known = nextShortened(name, known, count).labelCount;
    told.push(known);
  }
  assert.deepEqual(told.slice(0, 4), [1, 2, 3, 4]);
  assert.ok(told.length <= 11, told.join(' '));
  assert.equal(told.at(-1), 40);
  assert.ok(nextShortened(domainName('a.b.'), 1, 0).equals(domainName('a.b.')));
});

test('mixed case changes nothing but the case of letters', () => {
  const name = domainName('wWw-1.ex\\000ample.org.');
  const random = seededRandom(3);
  const seen = new Set<string>();
  for (let i = 0; i < 50; i++) {
    const mixed = mixCase(name, random);
    assert.ok(mixed.equals(name));
    seen.add(mixed.toString());
  }
  assert.ok(seen.size > 40);
});

function rethrow(error: unknown): never {
  throw error;
}

test('a task waits for what comes later and for what is there at once, without deepening the stack', () => {
  function* count(): Task<number> {
    let sum = 0;
    for (let i = 0; i < 50_000; i++) sum += yield* until<number>((done) => done(1));
    return sum;
  }
  let result = 0;
  run(count(), (value) => (result = value), rethrow);
  assert.equal(result, 50_000);

  const clock = new VirtualClock();
  function* later(): Task<string> {
    const first = yield* until<string>((done) => void clock.after(10, () => done('a')));
    return (
      first +
      (yield* until<string>((done) => {
        done('b');
        done('c');
      }))
    );
  }
  let said = '';
  run(later(), (value) => (said = value), rethrow);
  assert.equal(said, '');
  clock.advance(10);
  assert.equal(said, 'ab');
});

test('what a task throws is told, whenever it happens', () => {
  const clock = new VirtualClock();
  function* broken(): Task<string> {
    yield* until<void>((done) => void clock.after(1, done));
    throw new Error('a bug');
  }
  let told: unknown;
  run(
    broken(),
    () => assert.fail(),
    (error) => (told = error),
  );
  clock.advance(1);
  assert.ok(told instanceof Error && told.message === 'a bug');
});

test('addresses that no zone may send us to', () => {
  const addresses = new ServerAddresses();
  const inLab = new ServerAddresses(['10.0.0.0/8', 'fd00::/16', '127.0.0.2']);
  const cases: readonly (readonly [string, boolean, boolean])[] = [
    ['0.0.0.0', false, false],
    ['0.1.2.3', false, false],
    ['10.0.0.1', false, true],
    ['100.64.0.1', false, false],
    ['127.0.0.1', false, false],
    ['127.0.0.2', false, true],
    ['169.254.1.1', false, false],
    ['172.16.0.1', false, false],
    ['172.32.0.1', true, true],
    ['192.168.1.1', false, false],
    ['224.0.0.1', false, false],
    ['240.0.0.1', false, false],
    ['255.255.255.255', false, false],
    ['1.1.1.1', true, true],
    ['192.0.2.1', true, true],
    ['223.255.255.1', true, true],
    ['::', false, false],
    ['::1', false, false],
    ['::a00:1', false, false],
    ['no address', false, false],
    ['::ffff:127.0.0.1', false, false],
    ['::ffff:10.0.0.1', false, true],
    ['::ffff:1.1.1.1', true, true],
    ['fd00::1', false, true],
    ['fd01::1', false, false],
    ['fe80::1', false, false],
    ['ff02::1', false, false],
    ['2001:db8::1', true, true],
  ];
  for (const [address, usual, lab] of cases) {
    assert.equal(addresses.has(address, false), usual, address);
    assert.equal(inLab.has(address, false), lab, address);
  }
  assert.ok(addresses.has('10.0.0.1', true));
  assert.ok(addresses.has('fd00::1', true));
  assert.ok(!addresses.has('127.0.0.1', true));
});
