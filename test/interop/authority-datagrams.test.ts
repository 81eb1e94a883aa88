// The authority's datagram threads asked by dig and kdig at all addresses of this machine: dig takes no answer that comes from
// another address than it asked.
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, before, suite, test } from 'node:test';
import { authorityThreads } from '../../src/dns/server/authority-thread.ts';
import { openDnsListeners } from '../../src/dns/server/dns-listeners.ts';
import type { DnsListeners } from '../../src/dns/server/dns-listeners.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { loadNative } from '../../src/net/native.ts';
import { zoneFromText } from '../support/dns-authority.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';

const zone = `$TTL 300
@ SOA ns hostmaster 1 3600 900 604800 60
@ NS ns
ns A 192.0.2.1
www A 192.0.2.7
`;

const ownAddresses = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ address, family }) => family === 'IPv4' || !address.startsWith('fe80'));
const v4 = ['127.0.0.2', '127.0.0.3', ...addressesOf('IPv4')];
const v6 = addressesOf('IPv6');

function addressesOf(family: 'IPv4' | 'IPv6'): readonly string[] {
  return ownAddresses.filter((one) => one.family === family).map(({ address }) => address);
}

const native = await loadNative();
const skip =
  missingPrograms('dig', 'kdig') || (native === undefined ? 'needs Linux with glibc, x64 or arm64' : false);

suite('datagram threads and the addresses of this machine', { skip }, () => {
  let listeners: DnsListeners;

  before(async () => {
    listeners = await openDnsListeners({
      endpoints: ['0.0.0.0', '::'].map((address) => ({ address, port: 0 })),
      onConnection: () => Promise.resolve(),
      // Of what isn't a query the main thread says no more than that it came.
      onDatagram: (bytes, _from, reply) => {
        const refused = bytes.slice();
        refused[2] = (bytes[2] ?? 0) | 0x80;
        refused[3] = 5;
        reply(refused);
      },
      threads: authorityThreads({
        count: 2,
        zones: new ZoneSet([zoneFromText('example.com.', zone)]),
        settings: { udpSize: 1232 },
        minimalResponses: false,
      }),
      log: silentLog,
      clock: systemClock,
    });
  });

  after(() => listeners.close());

  for (const [which, addresses] of [v4, v6].entries()) {
    for (const address of addresses) {
      test(`${address} answers for itself`, { timeout: 20_000 }, async () => {
        const port = String(listeners.endpoints[which]?.port);
        const common = [`@${address}`, '-p', port, '+timeout=3'];
        for (const program of ['dig', 'kdig']) {
          const { stdout } = await runProgram(program, [...common, '+short', 'www.example.com', 'A']);
          assert.equal(stdout.toString(), '192.0.2.7\n', program);
        }
        // Answered by the main thread through the same socket.
        const { stdout } = await runProgram('dig', [...common, '+opcode=NOTIFY', 'example.com', 'SOA']);
        assert.match(stdout.toString(), /opcode: NOTIFY, status: REFUSED/);
        assert.doesNotMatch(stdout.toString(), /unexpected source/);
      });
    }
  }
});
