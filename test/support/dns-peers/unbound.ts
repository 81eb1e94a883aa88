// A real Unbound, as a resolver that ours forwards to, or that forwards to ours.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Endpoint } from '../../../src/lib/endpoint.ts';
import type { CertifiedKey } from '../../../src/net/tls-context.ts';
import { freePort } from '../free-port.ts';
import { runProgram } from '../run-program.ts';

export interface UnboundOptions {
  /** Where all names come from: a server of the root (`stub`), or a resolver (`forward`). */
  readonly source: { readonly kind: 'stub' | 'forward'; readonly endpoint: Endpoint };
  /** The root's DS record; without it nothing is validated. */
  readonly anchor: string | undefined;
  /** For a listener that speaks TLS. */
  readonly certificate?: CertifiedKey;
}

export class UnboundResolver implements AsyncDisposable {
  /** UDP and TCP. */
  readonly endpoint: Endpoint;
  readonly overTls: Endpoint;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, [plain, tls]: readonly [number, number]) {
    this.#child = child;
    this.#folder = folder;
    this.endpoint = { address: '127.0.0.1', port: plain };
    this.overTls = { address: '127.0.0.1', port: tls };
  }

  static async start({ source, anchor, certificate }: UnboundOptions): Promise<UnboundResolver> {
    const folder = await mkdtemp(join(tmpdir(), 'signpost-unbound-'));
    const ports = [await freePort(), await freePort()] as const;
    const { address, port } = source.endpoint;
    let tls = '';
    if (certificate !== undefined) {
      await writeFile(join(folder, 'key.pem'), certificate.key);
      await writeFile(join(folder, 'cert.pem'), certificate.cert);
      tls = `  interface: 127.0.0.1@${ports[1]}\n  tls-port: ${ports[1]}\n  tls-service-key: "${folder}/key.pem"\n  tls-service-pem: "${folder}/cert.pem"\n`;
    }
    const validating = anchor === undefined ? 'iterator' : 'validator iterator';
    const config = join(folder, 'unbound.conf');
    await writeFile(
      config,
      `server:
  directory: "${folder}"
  username: ""
  chroot: ""
  pidfile: "${folder}/unbound.pid"
  interface: 127.0.0.1@${ports[0]}
${tls}  do-ip6: no
  do-daemonize: no
  use-syslog: no
  logfile: "${folder}/unbound.log"
  num-threads: 1
  do-not-query-localhost: no
  qname-minimisation: no
  module-config: "${validating}"
  trust-anchor-signaling: no
${anchor === undefined ? '' : `  trust-anchor: "${anchor}"\n`}remote-control:
  control-enable: no
${source.kind}-zone:
  name: "."
  ${source.kind}-addr: ${address}@${port}
`,
    );
    const child = spawn('/usr/sbin/unbound', ['-d', '-c', config], { stdio: 'ignore' });
    await new Promise((settle, fail) => child.once('spawn', settle).once('error', fail));
    const running = new UnboundResolver(child, folder, ports);
    await running.#ready();
    return running;
  }

  async #ready(): Promise<void> {
    const { address, port } = this.endpoint;
    for (const end = performance.now() + 30_000; performance.now() < end; await setTimeout(50)) {
      const args = [`@${address}`, '-p', String(port), '+time=1', '+tries=1', 'version.bind', 'CH', 'TXT'];
      if ((await runProgram('dig', args)).code === 0) return;
    }
    throw new Error(`Unbound doesn't answer at port ${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((settle) => this.#child.once('close', settle));
    this.#child.kill('SIGKILL');
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}
