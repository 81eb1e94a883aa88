// The peers of the interop tests among themselves: what fails here is no fault of ours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentAt, untilSerial } from '../dns-zone-content.ts';
import { freePort } from '../free-port.ts';
import { missingPrograms } from '../programs.ts';
import { bind } from './bind.ts';
import { knot } from './knot.ts';
import { nsd } from './nsd.ts';
import { DnsPeer } from './peer.ts';

const zone = 'peers.example';

function content(serial: number): string {
  return `$ORIGIN ${zone}.
$TTL 300
@ SOA ns1 host ${serial} 3600 900 604800 300
@ NS ns1
ns1 A 192.0.2.1
s${serial} A 10.0.0.${serial}
`;
}

const skip = missingPrograms('knotd', 'nsd', 'named', 'dig');

for (const [from, to] of [
  [knot, nsd],
  [nsd, bind],
  [bind, knot],
] as const) {
  test(`peers: ${from.name}'s changes reach ${to.name}`, { skip }, async () => {
    const port = await freePort();
    const notify = { address: '127.0.0.1', port };
    await using primary = await DnsPeer.start(from, [{ name: zone, text: content(1), notify }]);
    await using secondary = await DnsPeer.start(to, [{ name: zone, primary: primary.endpoint }], port);
    const said = (): string => `${primary.said}\n${secondary.said}`;
    await untilSerial(primary.endpoint, zone, 1, said);
    await untilSerial(secondary.endpoint, zone, 1, said);
    await primary.replaceZone(zone, content(2));
    await untilSerial(secondary.endpoint, zone, 2, said);
    assert.deepEqual(await contentAt(secondary.endpoint, zone), await contentAt(primary.endpoint, zone));
  });
}
