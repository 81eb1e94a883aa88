// How fast the queue relays: messages of 10 KiB from the store on disk, through the SMTP client, to Postfix's smtp-sink on loopback.
// `node bench/relay.ts [messages]`; prints messages a second, CPU of this process a message, and the event loop's delay.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { utf8ToBytes } from '../src/lib/bytes.ts';
import { systemClock } from '../src/lib/clock.ts';
import { newJourneyId } from '../src/lib/journey.ts';
import { silentLog } from '../src/lib/log.ts';
import { systemRandom } from '../src/lib/random.ts';
import { createNetwork } from '../src/net/network.ts';
import { SmtpClient } from '../src/smtp/client/smtp-client.ts';
import { Queue } from '../src/smtp/queue/queue.ts';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import { TableLookup, address } from '../test/support/relay-world.ts';
import { SmtpSink } from '../test/support/smtp-sink.ts';

const count = Number(process.argv[2] ?? 2000);
const destinations = 10;

async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'signpost-relay-bench-'));
  await using sink = await SmtpSink.start();
  const store = await openSqliteStore(folder);
  const content = utf8ToBytes(`Subject: bench\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(130)}`);
  for (let i = 0; i < count; i += 100) {
    await Promise.all(
      Array.from({ length: Math.min(100, count - i) }, async (_, j) =>
        store.accept({
          id: newJourneyId(systemClock.now(), systemRandom),
          receivedAt: systemClock.now(),
          envelope: { reversePath: address('alice@example.com'), eightBit: false, utf8: false },
          content: [content],
          parsed: undefined,
          destinations: [{ kind: 'relay', recipient: address(`u${i + j}@d${j % destinations}.example`) }],
          journey: [],
        }),
      ),
    );
  }
  const names = Array.from({ length: destinations }, (_, index) => `d${index}.example`);
  const lookup = new TableLookup(
    Object.fromEntries(names.map((name, index) => [name, [`A 192.0.2.${index + 1}`]])),
  );
  const map = new Map(names.map((_, index) => [`192.0.2.${index + 1}:25`, sink.endpoint]));
  const transport = new SmtpClient({
    network: createNetwork({ map }),
    clock: systemClock,
    log: silentLog,
    hostname: 'mx.example.com',
  });
  const done = Promise.withResolvers<undefined>();
  let relayed = 0;
  const queue = new Queue({
    store,
    lookup,
    transport,
    route: () => Promise.resolve({ kind: 'foreign' }),
    clock: systemClock,
    random: systemRandom,
    hostname: 'mx.example.com',
    isOwnAddress: () => false,
    log: silentLog,
    onStep: (_, step) => {
      if (step.step === 'S5' && ++relayed === count) done.resolve(undefined);
    },
  });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  queue.start();
  await done.promise;
  await queue.drain(new AbortController().signal);
  const seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(cpu);
  delay.disable();
  await transport.close();
  await store.close();
  await rm(folder, { recursive: true });
  console.log(
    `${count} messages to ${destinations} domains: ${Math.round(count / seconds)} a second, ` +
      `${Math.round((used.user + used.system) / count)} µs of CPU each, ` +
      `event loop p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`,
  );
}

await measure();
