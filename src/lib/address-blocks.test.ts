import assert from 'node:assert/strict';
import { test } from 'node:test';
import ipaddr from 'ipaddr.js';
import { AddressBlocks } from './address-blocks.ts';
import { AddressRanges } from './address-ranges.ts';

const ranges = ['127.0.0.0/8', '192.0.2.128/25', '198.51.100.7', '::1', '2001:db8:4::/47', '10.0.0.0/15'];

const cases: readonly (readonly [address: string, included: boolean])[] = [
  ['127.0.0.1', true],
  ['127.255.255.255', true],
  ['128.0.0.1', false],
  ['126.255.255.255', false],
  ['192.0.2.127', false],
  ['192.0.2.128', true],
  ['198.51.100.7', true],
  ['198.51.100.6', false],
  ['10.1.2.3', true],
  ['10.2.0.0', false],
  ['::1', true],
  ['::', false],
  ['2001:db8:4::1', true],
  ['2001:db8:5:ffff::1', true],
  ['2001:db8:6::1', false],
  ['::ffff:127.0.0.1', true],
  ['::ffff:128.0.0.1', false],
];

test('an address is in a range by its octets as it is by its text', () => {
  const blocks = new AddressBlocks(ranges);
  const texts = AddressRanges.parse(ranges);
  assert.ok(texts.ok);
  for (const [address, included] of cases) {
    const octets = Uint8Array.from([7, 7, ...ipaddr.parse(address).toByteArray(), 7]);
    assert.equal(blocks.include(octets, 2, octets.length - 3), included, address);
    assert.equal(texts.value.include(address), included, address);
  }
});

test('no ranges, nobody; /0 is everybody of its family', () => {
  assert.equal(new AddressBlocks([]).include(Uint8Array.of(1, 2, 3, 4), 0, 4), false);
  assert.equal(new AddressBlocks(['0.0.0.0/0']).include(Uint8Array.of(1, 2, 3, 4), 0, 4), true);
  assert.equal(new AddressBlocks(['0.0.0.0/0']).include(new Uint8Array(16), 0, 16), false);
});

test('what is no range is a bug of whoever let it through', () => {
  assert.throws(() => new AddressBlocks(['192.0.2.0/33']));
});
