import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originOf } from './networks.ts';

test('an address stands for what a subscriber has, and for the network around it', () => {
  const origins: readonly (readonly [string, string, string])[] = [
    ['192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
    ['192.0.2.255', '192.0.2.255', '192.0.2.0/24'],
    ['192.0.3.7', '192.0.3.7', '192.0.3.0/24'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:db8:1:2:ffff::', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:db8:1:3::9', '2001:db8:1:3::/64', '2001:db8:1::/48'],
    ['::1', '0:0:0:0::/64', '0:0:0::/48'],
    ['nonsense:', 'nonsense:', 'nonsense:'],
  ];
  for (const [ip, address, network] of origins) assert.deepEqual(originOf(ip), { ip, address, network });
});
