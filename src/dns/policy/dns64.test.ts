import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIpv6, parseIpv4, parseIpv6 } from '../wire/ip-address.ts';
import { domainName } from '../wire/name.ts';
import { addressBlock, isInBlock } from './address-block.ts';
import { Dns64 } from './dns64.ts';
import { PrivateAddresses } from './private-addresses.ts';

function octets(text: string): Uint8Array {
  const value = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  assert.ok(value, text);
  return value;
}

// RFC 6052 §2.4, the examples for 192.0.2.33.
const examples: readonly (readonly [prefix: string, address: string])[] = [
  ['2001:db8::/32', '2001:db8:c000:221::'],
  ['2001:db8:100::/40', '2001:db8:1c0:2:21::'],
  ['2001:db8:122::/48', '2001:db8:122:c000:2:2100::'],
  ['2001:db8:122:300::/56', '2001:db8:122:3c0:0:221::'],
  ['2001:db8:122:344::/64', '2001:db8:122:344:c0:2:2100:0'],
  ['2001:db8:122:344::/96', '2001:db8:122:344::c000:221'],
  ['64:ff9b::/96', '64:ff9b::c000:221'],
];
for (const [prefix, address] of examples) {
  test(`an IPv4 address below ${prefix}, and back`, () => {
    const dns64 = new Dns64({ prefix, exclude: [] });
    const made = dns64.embed(octets('192.0.2.33'));
    assert.ok(made);
    assert.equal(formatIpv6(made), formatIpv6(octets(address)));
    assert.deepEqual(dns64.extract(made), octets('192.0.2.33'));
    assert.equal(dns64.extract(octets('2001:db9::1')), undefined);
  });
}

test('the well-known prefix is not for private addresses (RFC 6052 §3.1); others are', () => {
  const well = new Dns64({ prefix: '64:ff9b::/96', exclude: ['::ffff:0:0/96'] });
  assert.equal(well.embed(octets('10.1.2.3')), undefined);
  assert.equal(well.embed(octets('172.31.0.1')), undefined);
  assert.ok(well.embed(octets('172.32.0.1')));
  assert.ok(new Dns64({ prefix: '2001:db8::/96', exclude: [] }).embed(octets('10.1.2.3')));
  assert.ok(well.excludes(octets('::ffff:192.0.2.1')));
  assert.ok(!well.excludes(octets('2001:db8::1')));
});

test('blocks of addresses, to the bit', () => {
  const inside = (block: string, address: string): boolean => isInBlock(addressBlock(block), octets(address));
  assert.ok(inside('10.0.0.0/8', '10.255.0.1') && !inside('10.0.0.0/8', '11.0.0.1'));
  assert.ok(inside('172.16.0.0/12', '172.31.255.255') && !inside('172.16.0.0/12', '172.32.0.0'));
  assert.ok(inside('fc00::/7', 'fdff::1') && !inside('fc00::/7', 'fe00::1'));
  assert.ok(inside('192.0.2.1', '192.0.2.1') && !inside('192.0.2.1', '192.0.2.2'));
  assert.ok(!inside('0.0.0.0/0', '::1') && inside('::/0', '::1'));
});

test('private addresses are right for some names', () => {
  const guard = new PrivateAddresses({ addresses: ['10.0.0.0/8'], except: ['corp.example'] });
  assert.ok(guard.forbids(domainName('www.example.'), octets('10.0.0.1')));
  assert.ok(!guard.forbids(domainName('www.example.'), octets('192.0.2.1')));
  assert.ok(!guard.forbids(domainName('a.corp.example.'), octets('10.0.0.1')));
});
