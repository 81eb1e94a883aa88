import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import { domainName } from '../wire/name.ts';
import { AnswerCache, credibility } from './answer-cache.ts';
import type { CachedAnswer } from './answer-cache.ts';
import { BoundedCache } from './bounded-cache.ts';
import { DelegationCache } from './delegation-cache.ts';

const name = domainName('www.example.org.');

function address(last: number): CachedAnswer {
  const rrset = { owner: name, type: 1, class: 1, ttl: 60, rdatas: [Uint8Array.of(192, 0, 2, last)] };
  return { kind: 'records', rrset, signatures: [], proofs: [], security: 'insecure' };
}
const nothing: CachedAnswer = { kind: 'nxdomain', authorities: [], security: 'insecure' };

test('what was used least recently goes first', () => {
  const cache = new BoundedCache<number>(300);
  for (const [i, key] of ['a', 'b', 'c'].entries()) cache.set(key, i, 100);
  assert.equal(cache.get('a'), 0);
  assert.equal(cache.peek('b'), 1);
  cache.set('d', 3, 100);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => cache.peek(key)),
    [0, undefined, 2, 3],
  );
  cache.set('e', 4, 250);
  assert.deepEqual([cache.size, cache.octets], [1, 250]);
  cache.set('too large', 5, 301);
  assert.equal(cache.get('too large'), undefined);
  cache.set('e', 6, 10);
  assert.deepEqual([cache.get('e'), cache.octets], [6, 10]);
  cache.clear();
  assert.deepEqual([cache.size, cache.octets], [0, 0]);
});

test('answers live for their TTL, counted down in whole seconds', () => {
  const clock = new VirtualClock();
  const cache = new AnswerCache(clock, 10_000);
  cache.put(name, 1, address(1), 60, credibility.answer);
  assert.equal(cache.get(domainName('WWW.example.ORG.'), 1, 'checked')?.ttl, 60);
  clock.advance(1);
  assert.equal(cache.get(name, 1, 'checked')?.ttl, 59);
  clock.advance(59_998);
  assert.equal(cache.get(name, 1, 'checked')?.ttl, 0);
  clock.advance(1);
  assert.equal(cache.get(name, 1, 'checked'), undefined);
  assert.equal(cache.size, 0);
});

test('what is worth less does not replace what is worth more, until that has expired (RFC 2181 §5.4.1)', () => {
  const clock = new VirtualClock();
  const cache = new AnswerCache(clock, 10_000);
  const last = (): number | undefined => {
    const answer = cache.get(name, 1, 'checked')?.answer;
    return answer?.kind === 'records' ? answer.rrset.rdatas[0]?.[3] : undefined;
  };
  cache.put(name, 1, address(1), 60, credibility.authoritativeAnswer);
  cache.put(name, 1, address(2), 60, credibility.answer);
  assert.equal(last(), 1);
  cache.put(name, 1, address(3), 60, credibility.authoritativeAnswer);
  assert.equal(last(), 3);
  clock.advance(60_000);
  cache.put(name, 1, address(4), 60, credibility.answer);
  assert.equal(last(), 4);
});

test('a name that does not exist has no type, until one is found', () => {
  const cache = new AnswerCache(new VirtualClock(), 10_000);
  cache.put(name, 1, nothing, 60, credibility.authoritativeAnswer);
  assert.equal(cache.get(name, 16, 'checked')?.answer.kind, 'nxdomain');
  cache.put(name, 28, address(1), 60, credibility.authoritativeAnswer);
  assert.equal(cache.get(name, 16, 'checked'), undefined);
  cache.put(name, 28, nothing, 60, credibility.authoritativeAnswer);
  assert.equal(cache.get(name, 28, 'checked')?.answer.kind, 'nxdomain');
});

test('what nobody validated is for those who do not want it validated, and replaces nothing that was proved', () => {
  const cache = new AnswerCache(new VirtualClock(), 10_000);
  const unchecked = { ...address(1), security: 'unchecked' } as const;
  cache.put(name, 1, unchecked, 60, credibility.authoritativeAnswer);
  assert.equal(cache.get(name, 1, 'checked'), undefined);
  assert.equal(cache.get(name, 1, 'any')?.answer, unchecked);
  const secure = { ...address(2), security: 'secure' } as const;
  cache.put(name, 1, secure, 60, credibility.authoritativeAnswer);
  cache.put(name, 1, unchecked, 60, credibility.authoritativeAnswer);
  assert.equal(cache.get(name, 1, 'any')?.answer, secure);
});

test('a TTL of 0 is for the question in hand only', () => {
  const cache = new AnswerCache(new VirtualClock(), 10_000);
  cache.put(name, 1, address(1), 0, credibility.answer);
  assert.equal(cache.get(name, 1, 'any'), undefined);
});

test('the deepest delegation that has not expired', () => {
  const clock = new VirtualClock();
  const cache = new DelegationCache(clock, 10_000);
  const put = (zone: string, seconds: number): void =>
    cache.put({ zone: domainName(zone), servers: [], expires: clock.monotonic() + seconds * 1000 });
  put('org.', 100);
  put('example.org.', 50);
  put('expired.org.', 0);
  const deepest = (of: string): string | undefined => cache.deepest(domainName(of))?.zone.toString();
  assert.equal(deepest('www.example.org.'), 'example.org.');
  assert.equal(deepest('EXAMPLE.org.'), 'example.org.');
  assert.equal(deepest('a.expired.org.'), 'org.');
  assert.equal(deepest('com.'), undefined);
  assert.equal(deepest('.'), undefined);
  clock.advance(50_000);
  assert.equal(deepest('www.example.org.'), 'org.');
});
