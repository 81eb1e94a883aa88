// Updates while queries go on, as `npm run bench -- --only updates` does with a million names: nothing asked meanwhile goes
// unanswered, and each acknowledged change is seen soon.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { parseTsigKey } from '../../src/dns/tsig/tsig-key.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { transferKey } from '../support/dns-peers/peer.ts';
import { untilSerial } from '../support/dns-zone-content.ts';
import { freePort } from '../support/free-port.ts';
import { serveFiles, transferConfig } from '../support/transfer-config.ts';
import { response } from '../support/dns-messages.ts';
import { sendUpdates } from '../support/update-load.ts';

const zone = 'busy.example';
const names = 20_000;
const [updates, perSecond] = [600, 200];
/** Milliseconds. The bench measures well below 100 ms on a machine of its own; tests share theirs with each other. */
const soon = 1000;

test('updates beside queries: none lost, each seen soon', async () => {
  const lines = Array.from({ length: names }, (_, i) => `h${i} A 10.0.${i >> 8}.${i & 255}\n`);
  const text = `$ORIGIN ${zone}.\n$TTL 300\n@ SOA ns1 host 1 3600 900 604800 300\n@ NS ns1\nns1 A 192.0.2.1\n${lines.join('')}`;
  const port = await freePort();
  const item = `{ name: ${zone}, file: zone, update: [{ key: ${transferKey.name}, names: ['*.${zone}'], types: [A] }] }`;
  await using signpost = await serveFiles({ 'signpost.yaml': transferConfig(port, [item]), zone: text });
  await untilSerial({ address: '127.0.0.1', port }, zone, 1, () => signpost.served.stderr);
  const key = parseTsigKey(transferKey.name, transferKey.algorithm, transferKey.secret);
  assert.ok(key.ok);
  const ended = new AbortController();
  const [report, queried] = await Promise.all([
    sendUpdates({ port, zone, key: key.value, count: updates, perSecond }).finally(() => ended.abort()),
    askUntil(ended.signal, port),
  ]);
  assert.deepEqual([report.acknowledged, [...report.refused]], [updates, []]);
  assert.equal(report.visibleAfter.length, updates);
  const slowest = report.visibleAfter.at(-1) ?? Number.POSITIVE_INFINITY;
  assert.ok(slowest < soon, `an update was seen after ${slowest.toFixed(0)} ms`);
  assert.ok(queried.asked > 100, `only ${queried.asked} queries`);
  assert.equal(queried.answered, queried.asked);
  await untilSerial({ address: '127.0.0.1', port }, zone, 1 + updates);
});

/** One query after the other, each with a second to be answered. */
async function askUntil(
  signal: AbortSignal,
  port: number,
): Promise<{ readonly asked: number; readonly answered: number }> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const counts = { asked: 0, answered: 0 };
  socket.on('message', () => (counts.answered += 1));
  while (!signal.aborted) {
    const name = domainName(`h${counts.asked % names}.${zone}`);
    const question = { name, type: rrType.A, class: 1 };
    socket.send(
      encodeMessage(
        response({ id: counts.asked & 0xffff, response: false, authoritative: false, questions: [question] }),
      ),
    );
    counts.asked += 1;
    await wait(2);
  }
  const end = performance.now() + 1000;
  while (counts.answered < counts.asked && performance.now() < end) await wait(10);
  socket.close();
  return counts;
}
