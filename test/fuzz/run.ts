// `npm run fuzz [-- --target NAME --count N --seed S --jobs J --first I --input HEX]`: runs the fuzz targets at length, several at
// once in processes of their own. A failure is told with what repeats it: `--seed S --first I --count 1`, or `--input HEX` for
// the input alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { hexToBytes } from '../../src/lib/bytes.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { runCampaign } from './campaign.ts';
import { findTargets } from './find-targets.ts';
import { maxInputLength } from './mutate.ts';
import type { FuzzTarget } from './target.ts';
import { startWatchdog } from './watchdog.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    first: { type: 'string', default: '0' },
    input: { type: 'string' },
  },
});

const all = await findTargets();
const wanted = values.target ?? all.map(({ name }) => name);
const unknown = wanted.filter((name) => !all.some((target) => target.name === name));
if (unknown.length > 0) {
  console.error(`no target '${unknown.join("', '")}'; there are ${all.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const targets = all.filter(({ name }) => wanted.includes(name));
const seed = number(values.seed ?? String(Math.floor(Math.random() * 0x7fff_ffff)), 'seed');
const count = number(values.count, 'count');
const first = number(values.first, 'first');
const given = values.input === undefined ? undefined : hexToBytes(values.input);
if (values.input !== undefined && given === undefined) {
  console.error('--input takes hexadecimal digits');
  process.exit(2);
}

const jobs = number(values.jobs, 'jobs');
const queue = targets.values();

if (given !== undefined) for (const target of targets) await target.run(given, seededRandom(seed));
else if (targets.length === 1 || jobs < 2) for (const target of targets) await campaign(target);
else await Promise.all(Array.from({ length: jobs }, () => work(queue)));

/** Runs one target after the other, each in a process of its own, until none is left. */
async function work(left: Iterator<FuzzTarget>): Promise<void> {
  for (let next = left.next(); next.done !== true; next = left.next()) {
    const options = [
      '--target',
      next.value.name,
      '--count',
      String(count),
      '--seed',
      String(seed),
      '--first',
      String(first),
    ];
    const child = spawn(process.execPath, [import.meta.filename, ...options], { stdio: 'inherit' });
    await once(child, 'exit');
    if (child.exitCode !== 0) process.exitCode = 1;
  }
}

async function campaign(target: FuzzTarget): Promise<void> {
  using watchdog = startWatchdog(`${target.name} (seed ${seed})`, maxInputLength);
  const onStep = (step: number, input: Uint8Array): void => watchdog.step(step, input);
  const result = await runCampaign(target, { seed, first, count, onStep });
  const rate = Math.round((result.steps / result.milliseconds) * 1000);
  const mebibytes = (octets: number): string => `${(octets / 1024 / 1024).toFixed(1)} MiB`;
  const memory = `${mebibytes(result.memoryBefore)} → ${mebibytes(result.memoryAfter)}`;
  console.log(`${target.name}: ${result.steps} steps, ${rate} a second, memory ${memory}, seed ${seed}`);
  const tally = Object.entries(target.tally?.() ?? {}).map(([what, count]) => `${count} ${what}`);
  if (tally.length > 0) console.log(`  ${tally.join(', ')}`);
  if (result.failure === undefined) return;
  const { step, input, reason } = result.failure;
  console.error(`FAILED at step ${step}: ${reason}`);
  console.error(`input: ${input.toHex()}`);
  console.error(`again: npm run fuzz -- --target ${target.name} --seed ${seed} --first ${step} --count 1`);
  process.exitCode = 1;
}

function number(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    console.error(`--${name} takes a number, not '${text}'`);
    process.exit(2);
  }
  return value;
}
