// Durable SMTP: messages of 10 KiB taken, each with its own 250 after it is safe on disk, over connections that are kept or with one for
// each; the CPU that the server's whole process tree used until the last one was in its mailbox; and how long a 250 takes.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { runSmtpSource } from './load/smtp-source.ts';
import { sendTimed } from './load/timed-sender.ts';
import { makeBenchSender } from './mail-sender.ts';
import type { BenchSender } from './mail-sender.ts';
import type { BenchOptions } from './options.ts';
import type { MailPeer, RunningMailServer } from './peers/peer.ts';
import { cpuSeconds, memoryMib } from './process-tree.ts';
import type { Contender, Recorder } from './recorder.ts';
import type { Workspace } from './workspace.ts';

const connectionCounts = [1, 10, 50, 100] as const;
/** Connections of those runs that look at the time. */
const timedConnections = 50;
/** How long a server may take to put what it has taken into the mailbox. */
const deliveryPatienceMs = 120_000;

export async function benchSmtp(
  workspace: Workspace,
  options: BenchOptions,
  peers: readonly MailPeer[],
  recorder: Recorder,
): Promise<void> {
  const sender = makeBenchSender(workspace);
  const contenders: Contender<RunningMailServer>[] = [];
  for (const peer of peers) {
    const started = await recorder.attempt('smtp', peer.name, async () => ({
      label: await peer.describe(),
      ours: peer.ours,
      server: await peer.startMail(workspace, sender),
    }));
    if (started !== undefined) contenders.push(started);
  }
  for (const contender of contenders) {
    const { server, label } = contender;
    const sent = Math.max(100, Math.floor(options.messages / 8));
    await recorder.attempt('smtp', label, () => run(server, sender, sent, 10, true));
  }
  for (const kept of [true, false]) {
    for (const connections of connectionCounts) {
      for (let round = 0; round < options.rounds; round++) {
        for (const contender of contenders) {
          await recorder.attempt('smtp', contender.label, () =>
            measure(contender, sender, { connections, kept }, options, recorder),
          );
        }
      }
    }
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const contender of contenders) {
      await recorder.attempt('smtp', contender.label, () =>
        measureTime(contender, sender, options, recorder),
      );
    }
  }
  for (const { server, label, ours } of contenders) {
    const row = { part: 'smtp', server: label, ours, figure: 'SMTP: memory after the load' } as const;
    recorder.add(
      { ...row, unit: 'MiB', better: 'less' },
      server.pids.reduce((sum, pid) => sum + memoryMib(pid), 0),
    );
    await server.stop();
  }
}

async function measure(
  contender: Contender<RunningMailServer>,
  sender: BenchSender,
  { connections, kept }: { readonly connections: number; readonly kept: boolean },
  options: BenchOptions,
  recorder: Recorder,
): Promise<void> {
  const { server, label, ours } = contender;
  // One connection waits for the disk each time, so fewer messages are enough for a steady figure.
  const messages = connections === 1 ? Math.ceil(options.messages / 4) : options.messages;
  const { seconds, cpu } = await run(server, sender, messages, connections, kept);
  const setting = `${connections} connection${connections === 1 ? '' : 's'}${kept ? '' : ', one a message'}`;
  const row = { part: 'smtp', server: label, ours, better: 'more' } as const;
  recorder.add(
    { ...row, figure: `SMTP, ${setting}: taken`, unit: 'messages per second' },
    messages / seconds,
  );
  recorder.add(
    { ...row, figure: `SMTP, ${setting}: for the CPU`, unit: 'messages per CPU second' },
    messages / cpu,
  );
}

async function measureTime(
  { server, label, ours }: Contender<RunningMailServer>,
  sender: BenchSender,
  { messages }: BenchOptions,
  recorder: Recorder,
): Promise<void> {
  const endWatch = await server.watchLoop?.();
  const there = await server.delivered();
  const times = await sendTimed({
    port: server.port,
    sender: `sender@${sender.domain}`,
    recipient: server.recipient,
    content: wireForm(sender.messageFile),
    connections: timedConnections,
    goesOn: (sent) => sent < messages,
  });
  const loopMs = await endWatch?.();
  await untilDelivered(server, there + messages);
  const row = { part: 'smtp', server: label, ours, unit: 'ms', better: 'less' } as const;
  const setting = `SMTP, ${timedConnections} connections`;
  recorder.add({ ...row, figure: `${setting}: time to 250, 99th percentile` }, percentile(times, 0.99));
  recorder.add({ ...row, figure: `${setting}: time to 250, median` }, percentile(times, 0.5));
  if (loopMs !== undefined)
    recorder.add({ ...row, figure: `${setting}: event loop's delay, 99th percentile` }, loopMs);
}

function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

/** No line of it begins with a dot. */
function wireForm(messageFile: string): Buffer {
  const text = readFileSync(messageFile, 'latin1').replaceAll('\n', '\r\n');
  return Buffer.from(`${text}${text.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1');
}

async function run(
  server: RunningMailServer,
  sender: BenchSender,
  messages: number,
  connections: number,
  kept: boolean,
): Promise<{ readonly seconds: number; readonly cpu: number }> {
  const there = await server.delivered();
  const before = cpuOf(server);
  const seconds = await runSmtpSource(server.port, server.recipient, sender, messages, connections, kept);
  const after = await untilDelivered(server, there + messages);
  return { seconds, cpu: after - before };
}

/** Gives the CPU seconds used until all were there. Throws where one is missing or there twice. */
async function untilDelivered(server: RunningMailServer, wanted: number): Promise<number> {
  const deadline = Date.now() + deliveryPatienceMs;
  for (;;) {
    // Asking for the count may itself cost the server CPU, so the figure is taken before each time it is asked.
    const cpu = cpuOf(server);
    const delivered = await server.delivered();
    if (delivered > wanted) throw new Error(`${delivered - wanted} messages more than were sent are there`);
    if (delivered === wanted) return cpu;
    if (Date.now() > deadline) throw new Error(`${wanted - delivered} messages never came into the mailbox`);
    await wait(100);
  }
}

function cpuOf({ pids }: RunningMailServer): number {
  return pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
}
