import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../wire/message.ts';
import type { ExchangeOutcome } from './exchange.ts';
import { otherRcodes, UpstreamFigures } from './upstream-figures.ts';

const message: Message = {
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

const reply = (ms: number, rcode = 0): ExchangeOutcome => ({
  kind: 'reply',
  message: { ...message, rcode },
  ms,
});

test('each outcome is counted where it belongs, for the server and in all', () => {
  const figures = new UpstreamFigures(100_000);
  figures.note('192.0.2.1:53', 'udp', reply(10));
  figures.note('192.0.2.1:53', 'udp', { kind: 'reply', message: { ...message, truncated: true }, ms: 9 });
  figures.note('192.0.2.1:53', 'tcp', reply(30, 3));
  figures.note('192.0.2.1:53', 'udp', { kind: 'timeout', ms: 400 });
  figures.note('192.0.2.1:53', 'udp', { kind: 'malformed', reason: '', ms: 1 });
  figures.note('192.0.2.1:53', 'udp', { kind: 'case-lost', message, ms: 1 });
  figures.note('192.0.2.2:53', 'udp', { kind: 'unreachable', scope: 'server', reason: '', ms: 1 });
  figures.note('192.0.2.2:53', 'udp', { kind: 'forged', ms: 1 });
  figures.lame('192.0.2.1:53');
  const [first, second] = figures.list(10);
  assert.deepEqual(
    { ...first, medianMs: 0, p95Ms: 0 },
    {
      server: '192.0.2.1:53',
      queries: 6,
      overTcp: 1,
      answers: 3,
      timeouts: 1,
      unreachable: 0,
      unusable: 2,
      forged: 0,
      truncated: 1,
      lame: 1,
      medianMs: 0,
      p95Ms: 0,
      rcodes: new Map([
        [0, 2],
        [3, 1],
      ]),
    },
  );
  assert.equal(second?.unreachable, 1);
  assert.equal(second.forged, 1);
  assert.equal(second.medianMs, undefined);
  assert.equal(figures.totals.queries, 8);
  assert.equal(figures.list(1).length, 1);
});

test('percentiles come out within a fifth above what they were', () => {
  for (const ms of [0.05, 0.4, 3, 20, 150, 2_000]) {
    const figures = new UpstreamFigures(100_000);
    for (let i = 0; i < 90; i++) figures.note('a', 'udp', reply(ms));
    for (let i = 0; i < 10; i++) figures.note('a', 'udp', reply(ms * 2));
    const [figure] = figures.list(1);
    const [median = 0, p95 = 0] = [figure?.medianMs, figure?.p95Ms];
    assert.ok(median >= ms && median <= Math.max(0.1, ms * 1.2), `${median} for ${ms}`);
    assert.ok(p95 >= ms * 2 && p95 <= Math.max(0.1, ms * 2.4), `${p95} for ${ms * 2}`);
  }
});

test('memory is bounded: servers are forgotten, totals are not; RCODEs without number count as others', () => {
  const figures = new UpstreamFigures(1000 * 10);
  for (let i = 0; i < 1_000; i++) figures.note(`192.0.2.${i}`, 'udp', reply(1));
  assert.equal(figures.servers, 10);
  assert.equal(figures.totals.answers, 1_000);
  for (let rcode = 0; rcode < 4_096; rcode++) figures.note('a', 'udp', reply(1, rcode));
  const rcodes = figures.list(1)[0]?.rcodes;
  assert.equal(rcodes?.size, 13);
  assert.equal(rcodes.get(otherRcodes), 4_084);
});
