// Memory of idle servers: each with what it has to serve loaded, and nobody asking.
import { setTimeout as wait } from 'node:timers/promises';
import type { RunningServer } from './peers/peer.ts';
import { memoryMib } from './process-tree.ts';
import type { Recorder } from './recorder.ts';

/** Until start-up is over and what it left has been collected. */
const restMs = 3000;

export interface IdleServer {
  readonly name: string;
  readonly ours: boolean;
  /** What it does here: `authority`. */
  readonly roles: string;
  describe(): Promise<string>;
  start(): Promise<RunningServer>;
}

export async function benchMemory(servers: readonly IdleServer[], recorder: Recorder): Promise<void> {
  for (const idle of servers) {
    await recorder.attempt('memory', idle.name, async () => {
      const server = `${await idle.describe()}: ${idle.roles}`;
      const running = await idle.start();
      await wait(restMs);
      const row = { part: 'memory', figure: 'idle memory', unit: 'MiB', better: 'less' } as const;
      recorder.add({ ...row, server, ours: idle.ours }, memoryMib(running.pid));
      await running.stop();
    });
  }
}
