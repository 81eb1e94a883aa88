import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { domainName } from '../wire/name.ts';
import { AnswerCache, hashQuestion } from './answer-cache.ts';

function query(name: string, type = 1, id = 0x0102, recursionDesired = false): Uint8Array {
  const { wire } = domainName(name);
  const bytes = new Uint8Array(12 + wire.length + 4);
  bytes.set([id >> 8, id & 255, recursionDesired ? 1 : 0, 0, 0, 1]);
  bytes.set(wire, 12);
  bytes.set([type >> 8, type & 255, 0, 1], 12 + wire.length);
  return bytes;
}

/** An answer to `query` with some octets behind its question. */
function answerTo(query: Uint8Array, ...tail: number[]): Uint8Array {
  const answer = new Uint8Array([...query, ...tail]);
  answer[2] = 0x84;
  return answer;
}

function find(cache: AnswerCache, asked: Uint8Array, variant = 0): Uint8Array | undefined {
  return cache.find(asked, asked.length, variant, hashQuestion(asked, asked.length));
}

function keep(cache: AnswerCache, asked: Uint8Array, answer: Uint8Array, variant = 0): void {
  cache.keep(answer, asked.length, variant, hashQuestion(asked, asked.length));
}

test('an answer is found by its question, and takes id, RD and letter case of the query', () => {
  const cache = new AnswerCache();
  const asked = query('www.example.com.');
  keep(cache, asked, answerTo(asked, 7, 7));
  assert.deepEqual(find(cache, asked), answerTo(asked, 7, 7));
  const mixed = query('wWw.eXample.COM.', 1, 0xbeef, true);
  const expected = answerTo(mixed, 7, 7);
  expected[2] = 0x85;
  assert.deepEqual(find(cache, mixed), expected);
  assert.equal(find(cache, asked)?.[2], 0x84);
});

test('another name, type or variant is another question', () => {
  const cache = new AnswerCache();
  const asked = query('www.example.com.', 0x41);
  keep(cache, asked, answerTo(asked, 7));
  assert.equal(find(cache, asked, 1), undefined);
  assert.equal(find(cache, query('wwx.example.com.', 0x41)), undefined);
  // 0x41 and 0x61 are one letter in two cases, but two types.
  assert.equal(find(cache, query('www.example.com.', 0x61)), undefined);
  assert.ok(find(cache, query('WWW.example.com.', 0x41)));
});

test('the same hash does not make the same question', () => {
  const cache = new AnswerCache();
  const [one, other] = [query('aa.example.'), query('bb.example.')];
  cache.keep(answerTo(one, 1), one.length, 0, 42);
  assert.equal(cache.find(other, other.length, 0, 42), undefined);
  assert.ok(cache.find(one, one.length, 0, 42));
});

test('what is handed out is not written to again', () => {
  const cache = new AnswerCache();
  const asked = query('www.example.com.');
  keep(cache, asked, answerTo(asked, 7));
  const first = find(cache, asked);
  first?.fill(0);
  assert.deepEqual(find(cache, asked), answerTo(asked, 7));
});

test('answers of more than 512 octets are not kept', () => {
  const cache = new AnswerCache();
  const asked = query('www.example.com.');
  keep(cache, asked, new Uint8Array(513));
  assert.equal(find(cache, asked), undefined);
});

test('it grows up to its bound, keeps what it has on the way, and then forgets the old for the new', () => {
  const cache = new AnswerCache(2048);
  const names = Array.from({ length: 20_000 }, (_, i) => query(`host${i}.example.`));
  for (const [i, asked] of names.slice(0, 900).entries()) keep(cache, asked, answerTo(asked, i & 255));
  const kept = names.slice(0, 900).filter((asked) => find(cache, asked) !== undefined).length;
  assert.ok(kept > 850, `${kept} of 900`);
  for (const asked of names) keep(cache, asked, answerTo(asked, 1));
  const found = names.filter((asked) => find(cache, asked) !== undefined).length;
  assert.ok(found > 1700 && found <= 2048, `${found} of 2048`);
});

test('whatever is found belongs to the question', () => {
  const cache = new AnswerCache(1024);
  const random = seededRandom(7);
  for (let i = 0; i < 50_000; i++) {
    const name = `${'abcdefgh'.slice(random.below(8))}${random.below(3000)}.`;
    const asked = query(name, 1 + random.below(3));
    const variant = random.below(3);
    const tail = [name.length & 255, (asked.at(-3) ?? 0) + variant];
    const found = find(cache, asked, variant);
    if (found === undefined) keep(cache, asked, answerTo(asked, ...tail), variant);
    else assert.deepEqual(found, answerTo(asked, ...tail));
  }
});
