// CPU time and memory of a process and all its descendants, from /proc (Linux only).
import { readdirSync, readFileSync } from 'node:fs';

/** CPU clock ticks a second: `getconf CLK_TCK` is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

interface Stat {
  readonly parent: number;
  /** Seconds of its own and of its children that have ended and were waited for. */
  readonly cpu: number;
}

/** `pid` and its descendants that are alive, `pid` first. */
export function processTree(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(Number(name));
    if (stat === undefined) continue;
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const each of tree) tree.push(...(children.get(each) ?? []));
  return tree;
}

/** Seconds of CPU used until now. Never less than before: what an ended child used is counted with its parent. */
export function cpuSeconds(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + (readStat(each)?.cpu ?? 0), 0);
}

/** MiB of memory: pages that are shared count by their share (PSS). */
export function memoryMib(pid: number): number {
  let kib = 0;
  for (const each of processTree(pid)) {
    try {
      const rollup = readFileSync(`/proc/${each}/smaps_rollup`, 'utf8');
      kib += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    } catch {
      // It has ended in between.
    }
  }
  return kib / 1024;
}

function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; after it come state, parent, …, and as fields 14 to 17 the times.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    return { parent: Number(fields[1]), cpu: ticks / ticksPerSecond };
  } catch {
    return undefined;
  }
}
