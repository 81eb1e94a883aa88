import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { endpointAt, familyOf, isWildcard, socketName } from './socket-name.ts';

const names: readonly { readonly address: string; readonly port: number; readonly octets: string }[] = [
  { address: '192.0.2.1', port: 53, octets: '02000035c00002010000000000000000' },
  { address: '0.0.0.0', port: 65535, octets: '0200ffff000000000000000000000000' },
  {
    address: '2001:db8::1',
    port: 5300,
    octets: '0a0014b40000000020010db800000000000000000000000100000000',
  },
  { address: '::', port: 0, octets: '0a000000000000000000000000000000000000000000000000000000' },
];

for (const { address, port, octets } of names) {
  test(`the socket name of ${address} port ${port}, there and back`, () => {
    const name = socketName({ address, port });
    assert.equal(name.toHex(), octets);
    assert.deepEqual(endpointAt(name, 0), { address, port });
    const behind = new Uint8Array([7, 7, 7, ...name]);
    assert.deepEqual(endpointAt(behind, 3), { address, port });
    assert.equal(familyOf(address), octets.startsWith('02') ? 4 : 6);
  });
}

test('the wildcard addresses', () => {
  for (const address of ['0.0.0.0', '::', '0:0:0:0:0:0:0:0'])
    assert.equal(isWildcard(address), true, address);
  for (const address of ['127.0.0.1', '::1', '0.0.0.1']) assert.equal(isWildcard(address), false, address);
});

test('a link-local address goes by its interface', () => {
  const name = socketName({ address: 'fe80::1%7', port: 1 });
  assert.equal(new DataView(name.buffer).getUint32(24, true), 7);
  for (const [zone, addresses] of Object.entries(networkInterfaces())) {
    const scope = addresses?.find((one) => one.family === 'IPv6' && one.scopeid !== 0);
    if (scope?.family !== 'IPv6') continue;
    const named = socketName({ address: `fe80::1%${zone}`, port: 1 });
    assert.equal(new DataView(named.buffer).getUint32(24, true), scope.scopeid);
  }
});
