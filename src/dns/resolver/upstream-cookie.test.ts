import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '../../lib/bytes.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { ednsOption } from '../wire/edns-option.ts';
import type { Edns } from '../wire/message.ts';
import { ServerBook } from './server-book.ts';
import { cookieOption, readCookie } from './upstream-cookie.ts';

const client = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const other = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
const ofServer = (length: number): Uint8Array => new Uint8Array(length).fill(9);

function edns(...cookies: readonly Uint8Array[]): Edns {
  const options = cookies.map((bytes) => ({ code: ednsOption.COOKIE, bytes }));
  return { udpSize: 1232, version: 0, dnssecOk: false, options };
}

const cases: readonly (readonly [string, Edns | undefined, string, string])[] = [
  ['no EDNS', undefined, 'none', 'lost'],
  ['no cookie', edns(), 'none', 'lost'],
  ['our cookie alone', edns(client), 'none', 'lost'],
  ['7 octets of ours', edns(client.subarray(0, 7)), 'foreign', 'foreign'],
  ['nothing', edns(Uint8Array.of()), 'foreign', 'foreign'],
  ['with 7 octets of the server', edns(concatBytes([client, ofServer(7)])), 'foreign', 'foreign'],
  ['with 8', edns(concatBytes([client, ofServer(8)])), 'cookie', 'cookie'],
  ['with 32', edns(concatBytes([client, ofServer(32)])), 'cookie', 'cookie'],
  ['with 33', edns(concatBytes([client, ofServer(33)])), 'foreign', 'foreign'],
  ["somebody else's", edns(concatBytes([other, ofServer(8)])), 'foreign', 'foreign'],
];
for (const [what, answer, first, later] of cases)
  test(`the cookie in an answer: ${what}`, () => {
    assert.equal(readCookie(answer, { client, server: undefined, required: false }).kind, first);
    assert.equal(readCookie(answer, { client, server: ofServer(16), required: true }).kind, later);
  });

test('what is sent: ours, and what the server sent last', () => {
  assert.deepEqual(cookieOption({ client, server: undefined, required: false }).bytes, client);
  assert.deepEqual(
    cookieOption({ client, server: ofServer(16), required: true }).bytes,
    concatBytes([client, ofServer(16)]),
  );
});

test('each server has a cookie of its own, for an hour at most', () => {
  const clock = new VirtualClock();
  const book = new ServerBook({ clock, random: seededRandom(1), families: ['ipv4'], octets: 100_000 });
  const [a, b] = ['192.0.2.1', '192.0.2.2'] as const;
  const first = book.cookie(a);
  assert.notDeepEqual(book.cookie(b).client, first.client);
  assert.equal(book.cookie(a), first);
  book.cookieCame(a, first, ofServer(16));
  assert.deepEqual(book.cookie(a), { client: first.client, server: ofServer(16), required: true });
  for (let minutes = 0; minutes < 60; minutes += 10) {
    clock.advance(600_000);
    book.answered(a, 10);
  }
  const next = book.cookie(a);
  assert.notDeepEqual(next.client, first.client);
  assert.equal(next.required, false);
  // An answer to a question with the old one comes too late.
  book.cookieCame(a, first, ofServer(16));
  assert.equal(book.cookie(a), next);
});
