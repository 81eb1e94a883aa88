// The PROXY header: read alike however it arrives, with every address in it an address, and nothing behind it lost.
import assert from 'node:assert/strict';
import { concatBytes, utf8ToBytes } from '../../../src/lib/bytes.ts';
import { parseAddress } from '../../../src/lib/endpoint.ts';
import { ProxyDecoder } from '../../../src/net/proxy-header.ts';
import type { ProxyHeader } from '../../../src/net/proxy-header.ts';
import type { FuzzTarget } from '../target.ts';

const signature = Uint8Array.fromHex('0d0a0d0a000d0a515549540a');

export const target: FuzzTarget = {
  name: 'proxy-header',
  seeds: [
    utf8ToBytes('PROXY TCP4 192.0.2.1 198.51.100.7 54321 25\r\nEHLO x\r\n'),
    utf8ToBytes('PROXY TCP6 2001:db8::1 ::ffff:192.0.2.1 1 25\r\n'),
    utf8ToBytes('PROXY UNKNOWN x\r\n'),
    concatBytes([signature, Uint8Array.fromHex('21110010c0000201c6336407d431001904000100')]),
    concatBytes([signature, Uint8Array.fromHex('20000000'), utf8ToBytes('QUIT\r\n')]),
  ],
  words: [signature, utf8ToBytes('PROXY '), utf8ToBytes('TCP4'), utf8ToBytes('\r\n')],
  run(input, random) {
    const whole = new ProxyDecoder().push(input);
    const decoder = new ProxyDecoder();
    const cut = random.below(input.length + 1);
    const early = decoder.push(input.subarray(0, cut));
    const header = early ?? decoder.push(input.subarray(cut));
    assert.equal(header?.kind, whole?.kind);
    if (header === undefined || header.kind === 'fault') return;
    const rest = early === undefined ? header.rest : concatBytes([header.rest, input.subarray(cut)]);
    assert.deepEqual(rest, restOf(whole));
    if (header.kind !== 'client') return;
    for (const { address, port } of [header.remote, header.local]) {
      assert.equal(parseAddress(address), address);
      assert.ok(port >= 0 && port <= 65_535);
    }
  },
};

function restOf(header: ProxyHeader | undefined): Uint8Array | undefined {
  return header === undefined || header.kind === 'fault' ? undefined : header.rest;
}
