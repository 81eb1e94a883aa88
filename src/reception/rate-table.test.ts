import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VirtualClock } from '../lib/clock.ts';
import { RateTable } from './rate-table.ts';

type Kind = 'many' | 'few' | 'free';

function tableOf(mostKeys = 10): { readonly table: RateTable<Kind>; readonly clock: VirtualClock } {
  const clock = new VirtualClock();
  const limits = new Map<Kind, number>([
    ['many', 60],
    ['few', 2],
    ['free', 0],
  ]);
  return { table: new RateTable(limits, clock, mostKeys), clock };
}

describe('a table of rates', () => {
  test('gives a minute’s worth at once, and then one each time that is over', () => {
    const { table, clock } = tableOf();
    for (let i = 0; i < 60; i++) {
      assert.equal(table.waitMs('a', 'many'), 0);
      table.charge('a', 'many', 1);
    }
    assert.equal(table.waitMs('a', 'many'), 1000);
    clock.advance(999);
    assert.equal(table.waitMs('a', 'many'), 1);
    clock.advance(1);
    assert.equal(table.waitMs('a', 'many'), 0);
    table.charge('a', 'many', 1);
    assert.equal(table.waitMs('a', 'many'), 1000);
  });

  test('tells keys and kinds apart', () => {
    const { table } = tableOf();
    table.charge('a', 'few', 2);
    assert.equal(table.waitMs('a', 'few'), 30_000);
    assert.equal(table.waitMs('a', 'many'), 0);
    assert.equal(table.waitMs('b', 'few'), 0);
  });

  test('lets nobody owe more than a minute’s worth', () => {
    const { table, clock } = tableOf();
    table.charge('a', 'few', 1_000_000);
    assert.equal(table.waitMs('a', 'few'), 90_000);
    clock.advance(90_000);
    assert.equal(table.waitMs('a', 'few'), 0);
    clock.advance(1_000_000);
    for (let i = 0; i < 2; i++) table.charge('a', 'few', 1);
    assert.equal(table.waitMs('a', 'few'), 30_000);
  });

  test('knows no limit of 0', () => {
    const { table } = tableOf();
    table.charge('a', 'free', 1_000_000);
    assert.equal(table.waitMs('a', 'free'), 0);
    assert.equal(table.size, 0);
  });

  test('forgets who was heard of least recently where it is full', () => {
    const { table } = tableOf(3);
    for (const key of ['a', 'b', 'c', 'a', 'd']) table.charge(key, 'few', 2);
    assert.equal(table.size, 3);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((key) => table.waitMs(key, 'few') > 0),
      [true, false, true, true],
    );
  });
});
