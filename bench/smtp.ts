// Durable SMTP: messages of 10 KiB taken, each with its own 250 after it is safe on disk, over connections that are kept; and
// the CPU that the server's whole process tree used until the last one was in its mailbox.
import { setTimeout as wait } from 'node:timers/promises';
import { runSmtpSource } from './load/smtp-source.ts';
import { makeBenchSender } from './mail-sender.ts';
import type { BenchSender } from './mail-sender.ts';
import type { BenchOptions } from './options.ts';
import type { MailPeer, RunningMailServer } from './peers/peer.ts';
import { cpuSeconds, memoryMib } from './process-tree.ts';
import type { Contender, Recorder } from './recorder.ts';
import type { Workspace } from './workspace.ts';

const connectionCounts = [1, 10, 50] as const;
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
    await recorder.attempt('smtp', label, () => run(server, sender, sent, 10));
  }
  for (const connections of connectionCounts) {
    for (let round = 0; round < options.rounds; round++) {
      for (const contender of contenders) {
        await recorder.attempt('smtp', contender.label, () =>
          measure(contender, sender, connections, options, recorder),
        );
      }
    }
  }
  for (const { server, label, ours } of contenders) {
    const row = { part: 'smtp', server: label, ours, figure: 'SMTP: memory after the load' } as const;
    recorder.add({ ...row, unit: 'MiB', better: 'less' }, memoryMib(server.pid));
    await server.stop();
  }
}

async function measure(
  contender: Contender<RunningMailServer>,
  sender: BenchSender,
  connections: number,
  options: BenchOptions,
  recorder: Recorder,
): Promise<void> {
  const { server, label, ours } = contender;
  // One connection waits for the disk each time, so fewer messages are enough for a steady figure.
  const messages = connections === 1 ? Math.ceil(options.messages / 4) : options.messages;
  const { seconds, cpu } = await run(server, sender, messages, connections);
  const suffix = `${connections} connection${connections === 1 ? '' : 's'}`;
  const row = { part: 'smtp', server: label, ours, better: 'more' } as const;
  recorder.add({ ...row, figure: `SMTP, ${suffix}: taken`, unit: 'messages per second' }, messages / seconds);
  recorder.add(
    { ...row, figure: `SMTP, ${suffix}: for the CPU`, unit: 'messages per CPU second' },
    messages / cpu,
  );
}

async function run(
  server: RunningMailServer,
  sender: BenchSender,
  messages: number,
  connections: number,
): Promise<{ readonly seconds: number; readonly cpu: number }> {
  const there = await server.delivered();
  const before = cpuSeconds(server.pid);
  const seconds = await runSmtpSource(server.port, server.recipient, sender, messages, connections);
  const cpuTaken = cpuSeconds(server.pid);
  // Asking for the count may itself cost the server CPU, so the figure is taken before each time it is asked.
  const deadline = Date.now() + deliveryPatienceMs;
  let cpu = cpuTaken - before;
  let delivered = await server.delivered();
  while (delivered < there + messages) {
    if (Date.now() > deadline)
      throw new Error(`${there + messages - delivered} of ${messages} messages never came into the mailbox`);
    await wait(100);
    cpu = cpuSeconds(server.pid) - before;
    delivered = await server.delivered();
  }
  if (delivered > there + messages)
    throw new Error(`${delivered - there} messages are in the mailbox, and ${messages} were sent`);
  return { seconds, cpu };
}
