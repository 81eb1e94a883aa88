// The validators that are compared in the signed lab: each is asked for all names at once, and says what it believes.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Endpoint } from '../../../src/lib/endpoint.ts';
import { freePort } from '../free-port.ts';
import { runProgram } from '../run-program.ts';
import type { SignedLab } from './signed-lab.ts';
import type { Verdict } from './zone-cases.ts';

export interface Asked {
  readonly name: string;
  readonly type: string;
}

export interface Said {
  readonly verdict: Verdict | 'nothing';
  readonly rcode: string;
  /** Code and text of the extended error (RFC 8914), where there is one. */
  readonly error: string | undefined;
}

/** Asks a resolver for everything, one after the other: AD is secure, SERVFAIL is bogus. */
export async function askResolver(
  { address, port }: Endpoint,
  asked: readonly Asked[],
): Promise<readonly Said[]> {
  const fixed = ['+dnssec', '+noall', '+comments', '+time=20', '+tries=1', `@${address}`, '-p', String(port)];
  const questions = asked.flatMap(({ name, type }) => ['-q', name, '-t', type]);
  const { stdout } = await runProgram('dig', [...fixed, ...questions], { timeoutMs: 120_000 });
  const answers = stdout.toString().split(';; Got answer:').slice(1);
  if (answers.length !== asked.length)
    throw new Error(`${answers.length} answers to ${asked.length} questions:\n${stdout.toString()}`);
  return answers.map((text) => {
    const rcode = /status: (\w+)/.exec(text)?.[1] ?? '';
    const isSecure = /;; flags:[^;]* ad[ ;]/.test(text);
    const error = /; EDE: (.*)/.exec(text)?.[1];
    const verdict = rcode === 'SERVFAIL' ? 'bogus' : isSecure ? 'secure' : 'insecure';
    return { verdict, rcode, error };
  });
}

/** BIND's validator, which asks a resolver that doesn't validate. */
export async function delv(
  { address, port }: Endpoint,
  anchors: string,
  { name, type }: Asked,
): Promise<Verdict | 'nothing'> {
  const args = [`@${address}`, '-p', String(port), '-a', anchors, '+root=.', name, type];
  const { stdout, stderr } = await runProgram('delv', args);
  const said = stdout.toString() + stderr;
  // Of a chain it tells each set's state: the weakest counts.
  if (/resolution failed: (?!ncache)|broken trust chain/.test(said)) return 'bogus';
  if (/unsigned answer|negative response, unsigned/.test(said)) return 'insecure';
  return /fully validated/.test(said) ? 'secure' : 'nothing';
}

export class RunningValidator implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.endpoint = { address: '127.0.0.1', port };
    this.#ended = new Promise((settle) => void child.once('close', () => settle()));
  }

  static async unbound(lab: SignedLab): Promise<RunningValidator> {
    const [folder, port] = [join(lab.folder, 'unbound'), await freePort()];
    await mkdir(folder);
    await writeFile(join(folder, 'root.hints'), hints(lab));
    await writeFile(join(folder, 'root.ds'), `${lab.anchor}\n`);
    const config = join(folder, 'unbound.conf');
    await writeFile(
      config,
      `server:
  directory: "${folder}"
  username: ""
  chroot: ""
  pidfile: "${folder}/unbound.pid"
  interface: 127.0.0.1
  port: ${port}
  do-ip6: no
  do-daemonize: no
  use-syslog: no
  logfile: "${folder}/unbound.log"
  num-threads: 1
  do-not-query-localhost: no
  module-config: "validator iterator"
  trust-anchor-file: "${folder}/root.ds"
  trust-anchor-signaling: no
  root-hints: "${folder}/root.hints"
  ede: yes
  val-log-level: 2
remote-control:
  control-enable: no
`,
    );
    return RunningValidator.#start('/usr/sbin/unbound', ['-d', '-c', config], port);
  }

  /** Resolves for `delv`, and believes everything. */
  static async named(lab: SignedLab): Promise<RunningValidator> {
    const [folder, port] = [join(lab.folder, 'named'), await freePort()];
    await mkdir(folder);
    await writeFile(join(folder, 'root.hints'), hints(lab));
    const config = join(folder, 'named.conf');
    await writeFile(
      config,
      `options {
  directory "${folder}";
  pid-file "${folder}/named.pid";
  session-keyfile "${folder}/session.key";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion yes;
  allow-query { any; };
  dnssec-validation no;
  empty-zones-enable no;
};
controls { };
zone "." { type hint; file "${folder}/root.hints"; };
`,
    );
    return RunningValidator.#start('/usr/sbin/named', ['-g', '-n', '1', '-c', config], port);
  }

  static async #start(program: string, args: readonly string[], port: number): Promise<RunningValidator> {
    const child = spawn(program, args, { stdio: 'ignore' });
    await new Promise((settle, fail) => child.once('spawn', settle).once('error', fail));
    const running = new RunningValidator(child, port);
    await running.#ready();
    return running;
  }

  async #ready(): Promise<void> {
    const { address, port } = this.endpoint;
    const end = performance.now() + 60_000;
    while (performance.now() < end) {
      const { code } = await runProgram('dig', [
        `@${address}`,
        '-p',
        String(port),
        '+time=1',
        '+tries=1',
        '.',
        'NS',
      ]);
      if (code === 0) return;
      await setTimeout(50);
    }
    throw new Error(`no answer from port ${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

/** `trust-anchors` of BIND, for `delv -a`. */
export async function writeBindAnchors(lab: SignedLab): Promise<string> {
  const file = join(lab.folder, 'anchors.conf');
  const [, flags, protocol, algorithm, key = ''] = /DNSKEY (\d+) (\d+) (\d+) (.*)$/.exec(lab.rootKey) ?? [];
  const data = key.replaceAll(' ', '');
  await writeFile(file, `trust-anchors { . static-key ${flags} ${protocol} ${algorithm} "${data}"; };\n`);
  return file;
}

function hints({ addresses }: SignedLab): string {
  return `. 3600 IN NS ns.lab.\nns.lab. 3600 IN A ${addresses.root}\n`;
}
