// Signpost itself, started as a user starts it: `signpost serve -c FILE`.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from 'node:tls';
import { freePort } from '../workspace.ts';
import type { Workspace } from '../workspace.ts';
import type { BenchZone } from '../zone.ts';
import { answersDns, greetsSmtp, whenReady } from './launch.ts';
import { Unavailable, updateKey, updateSecret } from './peer.ts';
import type {
  AuthorityPeer,
  ColdPeer,
  MailPeer,
  ResolverPeer,
  RunningMailServer,
  RunningServer,
  UpdatedPeer,
} from './peer.ts';

const launcher = resolve(import.meta.dirname, '../../bin/signpost');
const password = 'only for the bench';
const loopWatch = resolve(import.meta.dirname, '../load/loop-watch.ts');

export const signpost: AuthorityPeer &
  UpdatedPeer &
  ResolverPeer &
  ColdPeer &
  MailPeer & { startAll(workspace: Workspace, zone: BenchZone): Promise<RunningServer> } = {
  name: 'Signpost',
  ours: true,
  describe() {
    const manifest = readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8');
    return Promise.resolve(`Signpost ${/"version": "([^"]+)"/.exec(manifest)?.[1] ?? '?'}`);
  },
  async startAuthority(workspace, zone) {
    const port = await freePort();
    return serve(workspace, 'signpost-authority', port, () => answersDns(port, zone.lastName), [
      // As the others: one worker.
      'workers: { dns: 1 }',
      'listeners:',
      `  dns-authority: ["127.0.0.1:${port}"]`,
      ...zoneLines(zone),
    ]);
  },
  async startUpdated(workspace, zone) {
    const port = await freePort();
    const ready = (): Promise<boolean> => answersDns(port, zone.lastName);
    const running = await serve(workspace, 'signpost-updated', port, ready, [
      'workers: { dns: 1 }',
      'listeners:',
      `  dns-authority: ["127.0.0.1:${port}"]`,
      'zones:',
      `  - { name: ${zone.name}, file: ${zone.zoneFile}, update: [{ key: bench-key }] }`,
      `keys: [{ name: bench-key, secret: ${updateSecret} }]`,
    ]);
    return { ...running, key: updateKey };
  },
  async startResolver(workspace, authorityPort) {
    const port = await freePort();
    return serve(workspace, 'signpost-resolver', port, () => answersDns(port, 'h0.bench.test'), [
      // As the others: one worker.
      'workers: { dns: 1 }',
      'listeners:',
      `  dns-resolver: ["127.0.0.1:${port}"]`,
      ...resolverLines(authorityPort),
    ]);
  },
  async startCold(workspace, { root, anchor }) {
    const port = await freePort();
    return serve(workspace, 'signpost-cold', port, () => answersDns(port, 'localhost'), [
      'workers: { dns: 1 }',
      'listeners:',
      `  dns-resolver: ["127.0.0.1:${port}"]`,
      'resolver:',
      `  root-hints: [{ name: ns.root, addresses: [${root}] }]`,
      `  trust-anchors: [${anchor === undefined ? '' : `'${anchor}'`}]`,
      '  private-servers: [127.0.0.0/8]',
    ]);
  },
  startMail(workspace) {
    return startMail(workspace, 'signpost-mail', ['mail-checks: { enabled: false }']);
  },
  async startAll(workspace, zone) {
    const ports = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort()];
    const [authority = 0, resolver = 0, smtp = 0, submission = 0, pop3s = 0] = ports;
    return serve(workspace, 'signpost-all', authority, () => answersDns(authority, 'h0.bench.test'), [
      'listeners:',
      `  dns-authority: ["127.0.0.1:${authority}"]`,
      `  dns-resolver: ["127.0.0.1:${resolver}"]`,
      `  smtp: ["127.0.0.1:${smtp}"]`,
      `  submission: ["127.0.0.1:${submission}"]`,
      `  pop3s: ["127.0.0.1:${pop3s}"]`,
      ...zoneLines(zone),
      ...resolverLines(authority),
    ]);
  },
};

/** The same with all that is known of a sender looked into, though the bench is on this host. */
export const checkingSignpost: MailPeer = {
  name: 'Signpost, checks on',
  ours: true,
  async describe() {
    return `${await signpost.describe()}, checks on`;
  },
  async startMail(workspace, sender) {
    return startMail(workspace, 'signpost-checks', [
      'mail-checks: { exempt: [] }',
      `zones: [{ name: ${sender.domain}, file: ${sender.zoneFile} }]`,
    ]);
  },
};

async function startMail(
  workspace: Workspace,
  name: string,
  lines: readonly string[],
): Promise<RunningMailServer> {
  const [port, pop3Port] = [await freePort(), await freePort()];
  const config = writeConfig(workspace, name, [
    'listeners:',
    `  smtp: ["127.0.0.1:${port}"]`,
    `  pop3s: ["127.0.0.1:${pop3Port}"]`,
    'resolver:',
    '  trust-anchors: []',
    // All of the bench's clients have one address.
    'smtp: { max-connections: 2000, max-connections-per-address: 2000 }',
    ...lines,
  ]);
  await run(['domain', 'add', 'bench.test', '-c', config]);
  await run(['account', 'add', 'u@bench.test', '--password-stdin', '-c', config], `${password}\n`);
  const loopFile = join(dirname(config), 'loop-delay');
  const running = await start(workspace, name, config, port, () => greetsSmtp(port), {
    NODE_OPTIONS: `--import=${loopWatch}`,
    SIGNPOST_LOOP_WATCH: loopFile,
  });
  return {
    ...running,
    pids: [running.pid],
    recipient: 'u@bench.test',
    delivered: () => countByPop3(pop3Port),
    watchLoop: () => watchLoop(running.pid, loopFile),
  };
}

async function watchLoop(pid: number, file: string): Promise<() => Promise<number>> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  return async () => {
    process.kill(pid, 'SIGUSR2');
    for (;;) {
      await wait(20);
      const text = readIfThere(file);
      if (text !== '') return Number(text);
    }
  };
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function zoneLines(zone: BenchZone): readonly string[] {
  return [
    'zones:',
    `  - { name: ${zone.name}, file: ${zone.zoneFile} }`,
    `  - { name: ".", file: ${zone.rootFile} }`,
  ];
}

function resolverLines(authorityPort: number): readonly string[] {
  return [
    'resolver:',
    '  root-hints: [{ name: a.root-servers.net, addresses: [198.41.0.4] }]',
    '  trust-anchors: []',
    // Answered by ourselves, unless told not to.
    '  local-zones: [{ name: test, type: world }]',
    // One server has the root and the domain, so that nobody is referred from one to the other: as Unbound, it is told so.
    `  zones: [{ name: bench.test, stub: ["127.0.0.1:${authorityPort}"] }]`,
    'network:',
    '  map:',
    `    "198.41.0.4:53": "127.0.0.1:${authorityPort}"`,
    `    "192.0.2.1:53": "127.0.0.1:${authorityPort}"`,
  ];
}

function writeConfig(workspace: Workspace, name: string, lines: readonly string[]): string {
  const folder = workspace.makeFolder(name);
  mkdirSync(join(folder, 'data'), { recursive: true });
  const config = join(folder, 'signpost.yaml');
  writeFileSync(config, `${['hostname: mx.bench.test', 'data: ./data', ...lines].join('\n')}\n`);
  return config;
}

function serve(
  workspace: Workspace,
  name: string,
  port: number,
  ready: () => Promise<boolean>,
  lines: readonly string[],
): Promise<RunningServer> {
  return start(workspace, name, writeConfig(workspace, name, lines), port, ready);
}

function start(
  workspace: Workspace,
  name: string,
  config: string,
  port: number,
  ready: () => Promise<boolean>,
  environment: NodeJS.ProcessEnv = {},
): Promise<RunningServer> {
  const child = workspace.start(name, launcher, ['serve', '-c', config], undefined, environment);
  return whenReady(workspace, name, child, port, ready);
}

/** Runs a command of signpost; throws `Unavailable` with what it said where it fails. */
async function run(args: readonly string[], input = ''): Promise<void> {
  const child = spawn(launcher, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => said.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => said.push(bytes));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => void child.once('close', resolve));
  if (code !== 0)
    throw new Unavailable(`signpost ${args.slice(0, 2).join(' ')} failed: ${Buffer.concat(said).toString()}`);
}

/** Asks how many messages the mailbox has, as its owner would. */
async function countByPop3(port: number): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  let said = '';
  socket.setEncoding('latin1');
  socket.write(`USER u@bench.test\r\nPASS ${password}\r\nSTAT\r\nQUIT\r\n`);
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (text: string) => (said += text));
    socket.on('end', resolve);
    socket.on('error', reject);
  });
  socket.destroy();
  const count = /^\+OK (\d+) \d+\r$/m.exec(said)?.[1];
  if (count === undefined) throw new Error(`POP3 gave no count: ${said}`);
  return Number(count);
}
