import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { ServerBook } from './server-book.ts';
import type { Family } from './server-book.ts';

const zone = 'z';
const [a, b, c] = ['192.0.2.1', '192.0.2.2', '2001:db8::3'] as const;

function newBook(families: readonly Family[] = ['ipv4', 'ipv6']) {
  const clock = new VirtualClock();
  return { clock, book: new ServerBook({ clock, random: seededRandom(1), families, octets: 100_000 }) };
}

/** Who is chosen in a hundred choices. */
function chosen(book: ServerBook, addresses: readonly string[]): readonly string[] {
  const seen = new Set(Array.from({ length: 100 }, () => book.choose(addresses, zone)?.address ?? 'nobody'));
  return [...seen].sort();
}

test('servers that nobody has asked yet are chosen among at random', () => {
  assert.deepEqual(chosen(newBook().book, [a, b, c]), [a, b, c]);
});

test('the quickest is chosen, and those about as quick', () => {
  const { book } = newBook();
  book.answered(a, 100);
  book.answered(b, 10);
  book.answered(c, 25);
  assert.deepEqual(chosen(book, [a, b, c]), [b, c]);
});

test('the round-trip time is smoothed, and the time-out follows it', () => {
  const { book } = newBook();
  assert.equal(book.timeout(a), 400);
  book.answered(a, 100);
  assert.equal(book.timeout(a), 300);
  for (let i = 0; i < 50; i++) book.answered(a, 20);
  assert.equal(book.timeout(a), 200);
  book.silent(a);
  book.silent(a);
  assert.equal(book.timeout(a), 800);
  for (let i = 0; i < 20; i++) book.silent(b);
  assert.equal(book.timeout(b), 3000);
});

test('a silent server is left alone, longer each time, and comes last', () => {
  const { book, clock } = newBook();
  book.answered(b, 300);
  for (let i = 0; i < 3; i++) book.silent(a);
  assert.deepEqual(chosen(book, [a, b]), [b]);
  assert.deepEqual(book.choose([a], zone), { address: a, lastResort: true });
  clock.advance(5_001);
  assert.deepEqual(book.choose([a], zone), { address: a, lastResort: false });
  book.silent(a);
  clock.advance(5_001);
  assert.deepEqual(book.choose([a], zone), { address: a, lastResort: true });
  book.answered(a, 10);
  assert.deepEqual(chosen(book, [a, b]), [a]);
});

test('a lame server comes last for that zone, and as any other for others', () => {
  const { book, clock } = newBook();
  book.markLame(a, zone, 60_000);
  assert.deepEqual(chosen(book, [a, b]), [b]);
  assert.deepEqual(book.choose([a], zone), { address: a, lastResort: true });
  assert.deepEqual(book.choose([a], 'other'), { address: a, lastResort: false });
  // One that is merely silent may answer.
  for (let i = 0; i < 3; i++) book.silent(b);
  assert.deepEqual(chosen(book, [a, b]), [b]);
  clock.advance(60_001);
  assert.deepEqual(book.choose([a], zone), { address: a, lastResort: false });
});

test('what was learnt is forgotten after a quarter of an hour', () => {
  const { book, clock } = newBook();
  book.answered(a, 100);
  book.markWithoutEdns(a);
  book.markLosesCase(a);
  assert.ok(book.withoutEdns(a) && book.losesCase(a));
  clock.advance(15 * 60_000 + 1);
  assert.ok(!book.withoutEdns(a) && !book.losesCase(a));
  assert.equal(book.timeout(a), 400);
});

test('an address family that is not configured, or not reachable now, is left out', () => {
  assert.deepEqual(chosen(newBook(['ipv4']).book, [a, c]), [a]);
  const { book, clock } = newBook();
  book.familyUnreachable('ipv6');
  assert.deepEqual(chosen(book, [a, c]), [a]);
  // With both gone the host is cut off, and the next question tries again.
  book.familyUnreachable('ipv4');
  assert.deepEqual(chosen(book, [a, c]), [a, c]);
  clock.advance(60_001);
  assert.deepEqual(chosen(book, [a, c]), [a, c]);
});

test('the book is bounded, and so is what it notes of one server', () => {
  const { book } = newBook();
  for (let i = 0; i < 5_000; i++) book.answered(`2001:db8::${i.toString(16)}`, 5);
  for (let i = 0; i < 5_000; i++) book.markLame(a, `z${i}`, 60_000);
  assert.equal(book.choose([a], 'z4999')?.lastResort, true);
  assert.equal(book.choose([a], 'z0')?.lastResort, false);
});
