// What accepting costs without any protocol: `node bench/store-accept.ts [messages]`. Each line is a number of connections
// that wait for their commit, each with messages of 10 KiB for one of 20 mailboxes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { systemClock } from '../src/lib/clock.ts';
import { newJourneyId } from '../src/lib/journey.ts';
import type { JourneyStep } from '../src/lib/journey.ts';
import { systemRandom } from '../src/lib/random.ts';
import type { Account } from '../src/login/account-store.ts';
import type { AcceptedMessage } from '../src/mailbox/message.ts';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import type { SqliteStore } from '../src/store/sqlite/sqlite-store.ts';

const messages = Number(process.argv[2] ?? 20_000);
const content = new Uint8Array(10_240).fill(0x41);

const folder = mkdtempSync(join(tmpdir(), 'signpost-bench-'));
try {
  console.log('connections  messages/s  CPU µs/message  (system)  accept p50/p99 ms  event loop p99/max ms');
  for (const connections of [1, 10, 50, 200]) {
    await using store = await openSqliteStore(join(folder, `${connections}`));
    const accounts = await makeAccounts(store);
    const count = connections === 1 ? Math.ceil(messages / 5) : messages;
    await run(store, accounts, Math.min(count, 1000), connections);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    const waits = (await run(store, accounts, count, connections)).sort((a, b) => a - b);
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    delay.disable();
    const quantile = (q: number): string => (waits[Math.floor((waits.length - 1) * q)] ?? 0).toFixed(1);
    console.log(
      [
        `${connections}`.padStart(11),
        ((count / ms) * 1000).toFixed(0).padStart(10),
        ((user + system) / count).toFixed(1).padStart(14),
        `(${(system / count).toFixed(1)})`.padStart(8),
        `${quantile(0.5)}/${quantile(0.99)}`.padStart(17),
        `${(delay.percentile(99) / 1e6).toFixed(1)}/${(delay.max / 1e6).toFixed(1)}`.padStart(21),
      ].join('  '),
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Gives how long each accept took, in milliseconds. */
async function run(
  store: SqliteStore,
  accounts: readonly Account[],
  count: number,
  connections: number,
): Promise<number[]> {
  const waits: number[] = [];
  let next = 0;
  const connection = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) {
      const account = accounts[number % accounts.length];
      if (account === undefined) return;
      const start = performance.now();
      await store.accept(messageFor(account));
      waits.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return waits;
}

function messageFor(account: Account): AcceptedMessage {
  const now = systemClock.now();
  const step = (name: JourneyStep['step'], text: string): JourneyStep => ({
    step: name,
    at: now,
    ms: 1.25,
    ok: true,
    server: { name: 'mx.example.com', address: '192.0.2.1:25' },
    text,
    detail: { tls: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', size: content.length },
  });
  return {
    id: newJourneyId(now, systemRandom),
    receivedAt: now,
    envelope: {
      reversePath: { localPart: 'sender', domain: 'example.net' },
      eightBit: false,
      utf8: false,
    },
    content: [content],
    parsed: undefined,
    destinations: [{ kind: 'mailbox', recipient: account.address, account: account.id, mailbox: 'Inbox' }],
    journey: [
      step('S1', 'client.example.net [198.51.100.7] connected and said EHLO'),
      step('S2', 'The recipient was checked'),
      step('S3', 'The envelope and 10 KiB of content were taken'),
    ],
  };
}

async function makeAccounts(store: SqliteStore): Promise<Account[]> {
  await store.addDomain('example.com');
  const accounts: Account[] = [];
  for (let i = 0; i < 20; i++) {
    const address = { localPart: `user${i}`, domain: 'example.com' };
    const made = await store.addAccount(address, { argon2id: '', scramSha256: '' });
    if (made.ok) accounts.push(made.value);
  }
  return accounts;
}
