import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnEndpoint, publicEndpoint } from './own-addresses.ts';

const loopback = { address: '127.0.0.1', port: 2525 };
const map = new Map([['192.0.2.25:25', loopback]]);

test('an endpoint is called as DNS knows it, where the map tells', () => {
  assert.deepEqual(publicEndpoint(map, loopback), { address: '192.0.2.25', port: 25 });
  assert.deepEqual(publicEndpoint(map, { address: '127.0.0.1', port: 9 }), { address: '127.0.0.1', port: 9 });
});

test('mail to ourselves is noticed: directly, through the map, and behind a wildcard listener', () => {
  const mx = (address: string): { address: string; port: number } => ({ address, port: 25 });
  assert.equal(isOwnEndpoint(map, [loopback], mx('192.0.2.25')), true);
  assert.equal(isOwnEndpoint(map, [loopback], mx('192.0.2.26')), false);
  assert.equal(isOwnEndpoint(map, [mx('0.0.0.0')], mx('127.0.0.9')), true);
  assert.equal(isOwnEndpoint(map, [mx('0.0.0.0')], mx('203.0.113.1')), false);
  assert.equal(isOwnEndpoint(map, [mx('::')], mx('127.0.0.1')), false);
  assert.equal(isOwnEndpoint(map, [mx('203.0.113.9')], mx('203.0.113.9')), true);
});
