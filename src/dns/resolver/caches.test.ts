import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { domainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { AnswerCache, credibility } from './answer-cache.ts';
import type { KeptAnswer } from './answer-cache.ts';
import { BoundedCache } from './bounded-cache.ts';
import { DelegationCache } from './delegation-cache.ts';

const name = domainName('www.example.org.');

function emptyCache(clock = new VirtualClock()): AnswerCache {
  return new AnswerCache({ clock, random: seededRandom(1), octets: 10_000 });
}

function address(last: number): Extract<KeptAnswer, { readonly kind: 'records' }> {
  const rrset = { owner: name, type: 1, class: 1, ttl: 60, rdatas: [Uint8Array.of(192, 0, 2, last)] };
  return { kind: 'records', rrset, signatures: [], proofs: [], security: 'insecure' };
}
const nothing: KeptAnswer = { kind: 'nxdomain', authorities: [], security: 'insecure' };

test('the oldest goes first, but for what was used', () => {
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
  const cache = emptyCache(clock);
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
  const cache = emptyCache(clock);
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
  const cache = emptyCache();
  cache.put(name, 1, nothing, 60, credibility.authoritativeAnswer);
  assert.equal(cache.get(name, 16, 'checked')?.answer.kind, 'nxdomain');
  cache.put(name, 28, address(1), 60, credibility.authoritativeAnswer);
  assert.equal(cache.get(name, 16, 'checked'), undefined);
  cache.put(name, 28, nothing, 60, credibility.authoritativeAnswer);
  assert.equal(cache.get(name, 28, 'checked')?.answer.kind, 'nxdomain');
});

test('what nobody validated is for those who do not want it validated, and replaces nothing that was proved', () => {
  const cache = emptyCache();
  const unchecked = { ...address(1), security: 'unchecked' } as const;
  cache.put(name, 1, unchecked, 60, credibility.authoritativeAnswer);
  assert.equal(cache.get(name, 1, 'checked'), undefined);
  assert.deepEqual(cache.get(name, 1, 'any')?.answer, unchecked);
  const secure = { ...address(2), security: 'secure' } as const;
  cache.put(name, 1, secure, 60, credibility.authoritativeAnswer);
  cache.put(name, 1, unchecked, 60, credibility.authoritativeAnswer);
  assert.deepEqual(cache.get(name, 1, 'any')?.answer, secure);
});

test('forged answers push out nothing that was validated, and what is proved pushes out all', () => {
  type Word = 'secure' | 'insecure' | 'bogus' | 'unchecked';
  const cases: readonly (readonly [known: Word, next: Word, stays: boolean])[] = [
    ['secure', 'bogus', true],
    ['secure', 'unchecked', true],
    ['secure', 'insecure', false],
    ['insecure', 'bogus', true],
    ['insecure', 'unchecked', true],
    ['insecure', 'secure', false],
    ['bogus', 'unchecked', true],
    ['bogus', 'secure', false],
    ['unchecked', 'bogus', false],
    ['unchecked', 'insecure', false],
  ];
  for (const [known, next, stays] of cases) {
    const cache = emptyCache();
    cache.put(name, 1, { ...address(1), security: known }, 60, credibility.authoritativeAnswer);
    cache.put(name, 1, { ...address(2), security: next }, 60, credibility.authoritativeAnswer);
    const answer = cache.get(name, 1, 'any')?.answer;
    assert.equal(answer?.kind === 'records' && answer.security, stays ? known : next, `${known}, ${next}`);
  }
});

test('a failure lasts twice as long each time, up to a bound, until asking succeeds (RFC 9520 §3.2)', () => {
  const clock = new VirtualClock();
  const cache = emptyCache(clock);
  const failure = { kind: 'failure', reason: 'nobody answers', extendedError: 22, rcode: 2 } as const;
  const fail = (): number | undefined => {
    cache.putFailure(name, 1, failure, 5, 300);
    const hit = cache.get(name, 1, 'checked');
    assert.deepEqual(hit?.answer, failure);
    return hit?.ttl;
  };
  const lasts: (number | undefined)[] = [];
  for (let i = 0; i < 9; i++) {
    const ttl = fail();
    lasts.push(ttl);
    clock.advance((ttl ?? 0) * 1000);
    assert.equal(cache.get(name, 1, 'checked'), undefined);
  }
  assert.deepEqual(lasts, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
  assert.equal(cache.get(name, 28, 'checked'), undefined);
  cache.put(name, 1, address(1), 60, credibility.answer);
  clock.advance(60_000);
  assert.equal(fail(), 5);
  clock.advance(10_001);
  assert.equal(fail(), 5);
});

test('a failure to ask again leaves what is known as it is', () => {
  const cache = emptyCache();
  cache.put(name, 1, address(1), 60, credibility.answer);
  cache.putFailure(name, 1, { kind: 'failure', reason: 'r', extendedError: 0, rcode: 2 }, 5, 300);
  assert.equal(cache.get(name, 1, 'checked')?.answer.kind, 'records');
});

test('what has expired is given to those who ask for stale answers, for so long', () => {
  const clock = new VirtualClock();
  const cache = new AnswerCache({ clock, random: seededRandom(1), octets: 10_000, maxStale: 100 });
  const stale = (): string | undefined => cache.stale(name, 1, 'checked')?.answer.kind;
  cache.put(name, 1, address(1), 60, credibility.answer);
  assert.equal(stale(), undefined);
  clock.advance(60_000);
  assert.equal(cache.get(name, 1, 'checked'), undefined);
  assert.equal(stale(), 'records');
  clock.advance(99_999);
  assert.equal(stale(), 'records');
  clock.advance(1);
  assert.equal(stale(), undefined);
  for (const security of ['bogus', 'unchecked'] as const) {
    const other = domainName(`${security}.example.`);
    cache.put(other, 1, { ...address(1), security }, 1, credibility.answer);
    clock.advance(2000);
    assert.equal(cache.stale(other, 1, 'checked'), undefined);
  }
});

test('every part of an answer comes back', () => {
  const record = (owner: string, type: number, ...rdata: number[]): ResourceRecord => {
    return { owner: domainName(owner), type, class: 1, ttl: 0x7fff_fffe, rdata: Uint8Array.from(rdata) };
  };
  const authorities = [
    record('example.ORG.', 6, 1, 2),
    record('example.org.', 46, 3),
    record('a.example.org.', 47),
  ];
  const fault = { code: 6, reason: 'die Unterschrift fällt' };
  const signatures = [record('www.example.org.', 46, 9, 9)];
  const records = { ...address(7), signatures, proofs: authorities, security: 'bogus', fault } as const;
  for (const answer of [
    records,
    { kind: 'nodata', authorities, security: 'secure' },
    { kind: 'nodata', authorities: [], security: 'insecure', fault },
  ] as const) {
    const cache = emptyCache();
    cache.put(name, 1, answer, 60, credibility.answer);
    assert.deepEqual(cache.get(name, 1, 'any')?.answer, answer);
    assert.deepEqual(
      [...cache.items()].map(({ answer, ttl, type }) => ({ answer, ttl, type })),
      [{ answer, ttl: 60, type: 1 }],
    );
  }
});

test('names are forgotten one by one, by type, or with all below', () => {
  const cache = emptyCache();
  const names = ['example.org.', 'www.example.org.', 'a.www.example.org.', 'example.com.'].map(domainName);
  for (const each of names)
    for (const type of [1, 28]) cache.put(each, type, { ...address(1) }, 60, credibility.answer);
  const [org = name, www = name] = names;
  cache.forget(www, 1);
  assert.equal(cache.get(www, 1, 'any'), undefined);
  assert.equal(cache.get(www, 28, 'any')?.ttl, 60);
  for (const _ of cache.forgetting((each) => each.equals(www)));
  assert.equal(cache.size, 6);
  for (const _ of cache.forgetting((each) => each.isAtOrBelow(org)));
  assert.deepEqual(
    [...cache.items()].map((item) => item.name.toString()),
    ['example.com.', 'example.com.'],
  );
});

test('a TTL of 0 is for the question in hand only', () => {
  const cache = emptyCache();
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
