// `npm run bench`: Signpost beside Knot DNS, NSD, Unbound and Postfix, where they are installed, in one run on one machine.
// Prints one table and writes bench/results/latest.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { benchAuthorities } from './authority.ts';
import { benchCacheMemory } from './cache-memory.ts';
import { benchCold } from './cold.ts';
import { makeBenchSender } from './mail-sender.ts';
import { benchMemory } from './memory.ts';
import type { IdleServer } from './memory.ts';
import { readOptions, usage } from './options.ts';
import type { BenchOptions } from './options.ts';
import { knot } from './peers/knot.ts';
import { nsd } from './peers/nsd.ts';
import { postfix, postfixWithDovecot } from './peers/postfix.ts';
import { checkingSignpost, signpost } from './peers/signpost.ts';
import { unbound } from './peers/unbound.ts';
import { Recorder } from './recorder.ts';
import { benchResolvers, startFirst } from './resolver.ts';
import { benchScale } from './scale.ts';
import { benchSmtp } from './smtp.ts';
import { formatTable } from './table.ts';
import { benchUpdates } from './updates.ts';
import { Workspace } from './workspace.ts';
import { writeZone } from './zone.ts';
import type { BenchZone } from './zone.ts';

/** Which may stand behind the resolvers, in the order of choice: none of them is measured there. */
const authorities = [nsd, knot, signpost];
const resultsFolder = join(import.meta.dirname, 'results');

async function bench(options: BenchOptions): Promise<void> {
  const recorder = new Recorder();
  await using workspace = new Workspace();
  const zone = writeZone(workspace.makeFolder('zones'), options.names);
  if (options.parts.has('authority')) {
    say('authorities …');
    await benchAuthorities(workspace, zone, options, [signpost, knot, nsd], recorder);
  }
  if (options.parts.has('scale') || options.parts.has('updates')) {
    const large = writeZone(workspace.makeFolder('large-zone'), options.manyNames);
    if (options.parts.has('scale')) {
      say('a large zone …');
      await benchScale(workspace, large, options, [signpost, knot, nsd], recorder);
    }
    if (options.parts.has('updates')) {
      say('updates …');
      await benchUpdates(workspace, large, options, [signpost, knot], recorder);
    }
  }
  if (options.parts.has('resolver')) {
    say('resolvers …');
    await benchResolvers(workspace, zone, options, [signpost, unbound], authorities, recorder);
  }
  if (options.parts.has('cold')) {
    say('resolvers with empty caches …');
    await benchCold(workspace, options, [signpost, unbound], recorder);
  }
  if (options.parts.has('smtp')) {
    say('mail …');
    await benchSmtp(workspace, options, [signpost, checkingSignpost, postfix, postfixWithDovecot], recorder);
  }
  if (options.parts.has('memory')) {
    say('memory …');
    await benchMemory(idleServers(workspace, zone), recorder);
    await benchCacheMemory(workspace, [signpost, unbound], authorities, recorder);
  }
  const [cpu] = cpus();
  const machine = {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    kernel: release(),
    node: process.version,
  };
  console.log(
    `${machine.cores} cores of ${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}; ` +
      `${options.rounds} rounds (authority ${options.authorityRounds}, large zone ${options.scaleRounds}), ${options.seconds} s of DNS load and ${options.messages} messages each; ` +
      `a zone of ${options.names} names, a large one of ${options.manyNames}`,
  );
  console.log(formatTable(recorder.findings));
  mkdirSync(resultsFolder, { recursive: true });
  const { parts: _, ...counts } = options;
  const report = { at: new Date().toISOString(), machine, ...counts };
  const path = join(resultsFolder, 'latest.json');
  writeFileSync(path, `${JSON.stringify({ ...report, ...recorder.findings }, undefined, 2)}\n`);
}

function idleServers(workspace: Workspace, zone: BenchZone): readonly IdleServer[] {
  return [
    {
      name: signpost.name,
      ours: true,
      roles: 'everything',
      describe: () => signpost.describe(),
      start: () => signpost.startAll(workspace, zone),
    },
    ...[knot, nsd].map((peer) => ({
      name: peer.name,
      ours: false,
      roles: 'authority',
      describe: () => peer.describe(),
      start: () => peer.startAuthority(workspace, zone),
    })),
    {
      name: unbound.name,
      ours: false,
      roles: 'resolver',
      describe: () => unbound.describe(),
      // Its cache is empty, so the authority behind it needn't be there; bench.test is asked for to see that it runs.
      start: async () => {
        const authority = await startFirst(workspace, zone, authorities);
        const running = await unbound.startResolver(workspace, authority.port);
        await authority.stop();
        return running;
      },
    },
    {
      name: postfix.name,
      ours: false,
      roles: 'mail',
      describe: () => postfix.describe(),
      start: () => postfix.startMail(workspace, makeBenchSender(workspace)),
    },
  ];
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(`Compares Signpost with the servers of Debian that are installed.\n${usage}`);
    return 0;
  }
  const options = readOptions(args);
  if (typeof options === 'string') {
    say(`${options}\n${usage}`);
    return 2;
  }
  if (process.platform !== 'linux') {
    say('The bench reads CPU time and memory from /proc, so it runs on Linux only.');
    return 1;
  }
  await bench(options);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
