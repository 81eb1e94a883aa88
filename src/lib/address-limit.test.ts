import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressLimit, addressKey } from './address-limit.ts';

test('an IPv6 peer is its /64, an IPv4 peer its address', () => {
  const table: readonly (readonly [string, string])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['::1', '0:0:0:0'],
  ];
  for (const [address, key] of table) assert.equal(addressKey(address), key);
});

test('places are taken and given back, per address and in all', () => {
  const limit = new AddressLimit({ total: 3, perAddress: 2 });
  assert.equal(limit.enter('2001:db8::1'), true);
  assert.equal(limit.enter('2001:db8::2'), true);
  assert.equal(limit.enter('2001:db8::3'), false);
  assert.equal(limit.enter('192.0.2.1'), true);
  assert.equal(limit.enter('192.0.2.2'), false);
  limit.leave('2001:db8::1');
  assert.equal(limit.enter('2001:db8::3'), true);
});
