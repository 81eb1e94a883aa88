import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScriptedLookup } from '../../test/support/scripted-lookup.ts';
import { domainName } from '../dns/wire/name.ts';
import { VirtualClock } from '../lib/clock.ts';
import { AnswerCache } from './answer-cache.ts';
import { DnsQuestions } from './dns-questions.ts';
import type { Answer } from './dns-questions.ts';

test('an answer is kept for its TTL, five minutes at most, and the oldest goes', () => {
  const clock = new VirtualClock();
  const cache = new AnswerCache<string>(clock);
  cache.set('short', 'a', 10);
  cache.set('long', 'b', 100_000);
  cache.set('none', 'c', 0);
  assert.deepEqual([cache.get('short'), cache.get('long'), cache.get('none')], ['a', 'b', undefined]);
  clock.advance(9_999);
  assert.equal(cache.get('short'), 'a');
  clock.advance(1);
  assert.equal(cache.get('short'), undefined);
  clock.advance(289_999);
  assert.equal(cache.get('long'), 'b');
  clock.advance(1);
  assert.equal(cache.get('long'), undefined);
  for (let i = 0; i <= 2000; i++) cache.set(`${i}`, 'x', 60);
  assert.deepEqual([cache.get('0'), cache.get('1')], [undefined, 'x']);
});

test('the next message has its answers from memory: of each type, absent ones too, but no failures and nothing large', async () => {
  const lookup = new ScriptedLookup({
    'a.example': ['TXT one', 'A 192.0.2.1'],
    'broken.example': ['FAILURE'],
    'large.example': Array.from({ length: 30 }, (_, i) => `TXT ${i} ${'x'.repeat(200)}`),
  });
  const clock = new VirtualClock();
  const answers = new AnswerCache<Answer<unknown>>(clock);
  const ask = async (): Promise<unknown[]> => {
    const questions = new DnsQuestions(lookup, undefined, answers);
    const kinds = await Promise.all([
      questions.texts(domainName('A.example')),
      questions.addresses(domainName('a.example'), 4),
      questions.addresses(domainName('a.example'), 6),
      questions.texts(domainName('absent.example')),
      questions.texts(domainName('broken.example')),
      questions.texts(domainName('large.example')),
    ]);
    return kinds.map(({ kind }) => kind);
  };
  const first = await ask();
  assert.deepEqual(first, ['found', 'found', 'void', 'void', 'failure', 'found']);
  assert.equal(lookup.asked.length, 6);
  assert.deepEqual(await ask(), first);
  assert.deepEqual(lookup.asked.slice(6), ['TXT broken.example.', 'TXT large.example.']);
  clock.advance(60_000);
  assert.deepEqual(await ask(), first);
  assert.equal(lookup.asked.length, 14);
});
