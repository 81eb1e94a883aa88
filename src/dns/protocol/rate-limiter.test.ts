import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { parseIpv4, parseIpv6 } from '../wire/ip-address.ts';
import { answerKind, RateLimiter } from './rate-limiter.ts';
import type { RateLimiterSettings } from './rate-limiter.ts';

interface Bench {
  readonly clock: VirtualClock;
  /** A letter for each of `count` answers: `s`end, `d`rop, s`l`ip. */
  readonly ask: (count: number, from?: string, kind?: number, about?: number) => string;
}

function limiterOf(settings: Partial<RateLimiterSettings> = {}, slots?: number): Bench {
  const clock = new VirtualClock();
  const limiter = new RateLimiter(
    { perSecond: 5, slip: 2, exempt: [], ...settings },
    clock,
    seededRandom(1),
    slots,
  );
  return {
    clock,
    ask(count, from = '192.0.2.1', kind = answerKind.positive, about = 7) {
      const address = parseIpv4(from) ?? parseIpv6(from) ?? assert.fail(from);
      limiter.tick();
      let letters = '';
      for (let i = 0; i < count; i++)
        letters += 'sdl'.charAt(limiter.check(address, 0, address.length, kind, about));
      return letters;
    },
  };
}

suite('rate limit', () => {
  test('a second of answers, then drops and slips', () => {
    assert.equal(limiterOf().ask(11), 'sssssdldldl');
  });

  test('slip 0 drops all, slip 1 slips all', () => {
    assert.equal(limiterOf({ slip: 0 }).ask(7), 'sssssdd');
    assert.equal(limiterOf({ slip: 1 }).ask(7), 'sssssll');
  });

  test('credit comes back with time, and never more than a second of it', () => {
    const { clock, ask } = limiterOf();
    assert.equal(ask(6), 'sssssd');
    clock.advance(199);
    assert.equal(ask(1), 'l');
    clock.advance(1);
    assert.equal(ask(2), 'sd');
    clock.advance(3_600_000);
    assert.equal(ask(6), 'sssssl');
  });

  test('time may go around', () => {
    const { clock, ask } = limiterOf();
    clock.advance(0x1_0000_0000 - (clock.now() % 0x1_0000_0000) - 100);
    assert.equal(ask(6), 'sssssd');
    clock.advance(400);
    assert.equal(ask(3), 'ssl');
  });

  test('a silence of whole turns of the clock is not taken for less', () => {
    const { clock, ask } = limiterOf();
    ask(6);
    clock.advance(0x1_0000_0000 + 1);
    // One credit too few at worst: the turn can't be seen, what went by in it can.
    assert.equal(ask(1), 'l');
    clock.advance(1000);
    assert.equal(ask(1), 's');
  });

  test('kinds and names are counted apart', () => {
    const { ask } = limiterOf();
    assert.equal(ask(6), 'sssssd');
    assert.equal(ask(6, '192.0.2.1', answerKind.positive, 8), 'sssssd');
    assert.equal(ask(6, '192.0.2.1', answerKind.nxdomain, 7), 'sssssd');
  });

  for (const [one, other, together] of [
    ['192.0.2.1', '192.0.2.255', true],
    ['192.0.2.1', '192.0.3.1', false],
    ['2001:db8:0:1::1', '2001:db8:0:ff:8000::', true],
    ['2001:db8:0:100::1', '2001:db8:0:200::1', false],
  ] as const) {
    test(`${one} and ${other} are ${together ? 'one network' : 'two networks'}`, () => {
      const { ask } = limiterOf();
      assert.equal(ask(5, one), 'sssss');
      assert.equal(ask(1, other), together ? 'd' : 's');
    });
  }

  test('exempt blocks have no limit', () => {
    const { ask } = limiterOf({ exempt: ['192.0.2.128/25', '198.51.100.1', '2001:db8:1000::/36'] });
    for (const [from, exempt] of [
      ['192.0.2.127', false],
      ['192.0.2.128', true],
      ['198.51.100.1', true],
      ['198.51.100.2', false],
      ['2001:db8:1fff::1', true],
      ['2001:db8:2000::1', false],
    ] as const) {
      const letters = ask(20, from, answerKind.positive, from.length * 1000 + from.charCodeAt(9));
      assert.equal(letters === 's'.repeat(20), exempt, `${from}: ${letters}`);
    }
  });

  test('off, nothing is limited', () => {
    assert.equal(limiterOf({ perSecond: 0 }).ask(1000), 's'.repeat(1000));
  });

  test('many networks in a small table: nobody gets less than its due', () => {
    const { ask } = limiterOf({}, 16);
    for (let i = 0; i < 1000; i++) assert.equal(ask(1, `10.${i >> 8}.${i & 255}.1`), 's');
  });

  test('who floods is not forgotten for those who ask a little', () => {
    const { clock, ask } = limiterOf({ slip: 0 }, 65_536);
    let sent = 0;
    for (let ms = 0; ms < 1000; ms += 10) {
      sent += ask(20, '203.0.113.1').split('s').length - 1;
      for (let i = 0; i < 40; i++) ask(1, `10.${ms & 255}.${i}.1`);
      clock.advance(10);
    }
    assert.ok(sent >= 9 && sent <= 11, `${sent} answers to the flood`);
  });
});
