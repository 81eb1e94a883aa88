// A real server under floods of damaged datagrams and streams, transfers and updates included: good questions are answered between them,
// and its memory comes back. `SIGNPOST_HOSTILE=1000000` sends as many of each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signRequest } from '../../src/dns/tsig/tsig-client.ts';
import { parseTsigKey } from '../../src/dns/tsig/tsig-key.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { memoryMib } from '../../bench/process-tree.ts';
import { target as desk } from '../fuzz/targets/dns-desk.ts';
import { target as query } from '../fuzz/targets/authority-query.ts';
import { target as signed } from '../fuzz/targets/dns-tsig.ts';
import { target as update } from '../fuzz/targets/dns-update.ts';
import { transferKey } from '../support/dns-peers/peer.ts';
import { serialAt } from '../support/dns-zone-content.ts';
import { floodDatagrams, floodStreams, HostileMessages } from '../support/hostile-dns.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import { ServedSignpost, SignpostFolder } from '../support/served-signpost.ts';

const count = Number(process.env['SIGNPOST_HOSTILE'] ?? 1000);
const rounds = count > 100_000 ? 100 : 10;
/** Caches and buffers that are made once and stay. */
const mostGrowthMib = 96;

const zone = `$TTL 300
@ SOA ns host 1 1 2 3 4
@ NS ns
ns A 192.0.2.1
${Array.from({ length: 500 }, (_, i) => `host-${i} A 10.0.0.${i & 255}`).join('\n')}
`;

const config = `hostname: ns1.example.com
listeners: { dns-authority: ["127.0.0.1:0"] }
keys: [{ name: ${transferKey.name}, secret: "${transferKey.secret}" }]
workers: { dns: 1 }
zones:
  - { name: example.com, file: example.zone, transfer-to: [any], update: [{ key: ${transferKey.name} }] }
  - { name: fixed.example, file: fixed.zone, transfer-to: [any] }
  - { name: taken.example, primaries: ["127.0.0.1:9"], transfer-to: [any], notify-from: [any] }
`;

test('a flood of damaged messages', { skip: missingPrograms('dig'), timeout: 3_600_000 }, async () => {
  await using folder = await SignpostFolder.make({
    'signpost.yaml': config,
    'example.zone': zone,
    'fixed.zone': zone,
  });
  await using server = await ServedSignpost.start(folder);
  const endpoint = await server.endpoint('dns-authority');
  const key = parseTsigKey(transferKey.name, transferKey.algorithm, transferKey.secret);
  assert.ok(key.ok);
  const sign = (message: Uint8Array): Uint8Array => signRequest(message, key.value, systemClock.now()).bytes;
  const messages = new HostileMessages([query, desk, signed, update], seededRandom(count), sign);
  const digs = async (): Promise<void> => {
    for (const transport of ['+notcp', '+tcp']) {
      const at = [`@${endpoint.address}`, '-p', String(endpoint.port), transport, '+tries=2', '+time=5'];
      const { stdout } = await runProgram('dig', [...at, 'host-7.fixed.example', 'A', '+short']);
      assert.equal(stdout.toString(), '10.0.0.7\n', `${transport}: ${server.stderr.slice(-2000)}`);
    }
  };
  const round = async (): Promise<void> => {
    await floodDatagrams(endpoint, messages, Math.ceil(count / rounds));
    await floodStreams(endpoint, messages, Math.ceil(count / rounds));
    await digs();
  };
  // The first share warms up: code is compiled, buffers are made.
  await round();
  const before = memoryMib(server.pid);
  for (let i = 1; i < rounds; i++) await round();
  let after = memoryMib(server.pid);
  // What V8 holds without need is given back in a quiet moment (src/cli/give-back-memory.ts).
  for (let looks = 0; looks < 60 && after - before >= mostGrowthMib; looks++) {
    await new Promise((settle) => setTimeout(settle, 1000));
    after = memoryMib(server.pid);
  }
  assert.ok(
    after - before < mostGrowthMib,
    `memory grew from ${before.toFixed(0)} to ${after.toFixed(0)} MiB`,
  );
  assert.doesNotMatch(server.stderr, /"level":"(error|fatal)"/, server.stderr.slice(-3000));
  assert.equal(await serialAt(endpoint, 'fixed.example'), 1);
  assert.equal(await server.stop(), 0);
});
