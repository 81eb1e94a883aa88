// Proxies say whose connection it is: HAProxy and swaks by the PROXY protocol, swaks by XCLIENT.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bytesToLatin1, concatBytes } from '../../src/lib/bytes.ts';
import type { ConnectionFault } from '../../src/lib/transport.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { listenTcp } from '../../src/net/tcp-listener.ts';
import type { Listener, TcpListenerOptions } from '../../src/net/tcp-listener.ts';
import { TlsContext } from '../../src/net/tls-context.ts';
import { freePort } from '../support/free-port.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import type { ProgramResult } from '../support/run-program.ts';
import { SmtpWorld } from '../support/smtp-world.ts';
import type { SmtpWorldOptions } from '../support/smtp-world.ts';

class Service implements AsyncDisposable {
  readonly world: SmtpWorld;
  readonly listener: Listener;
  readonly faults: string[];

  private constructor(world: SmtpWorld, listener: Listener, faults: string[]) {
    this.world = world;
    this.listener = listener;
    this.faults = faults;
  }

  static async open(world: SmtpWorldOptions, options: TcpListenerOptions): Promise<Service> {
    const faults: string[] = [];
    const served = new SmtpWorld(world);
    const listener = await listenTcp({ address: '127.0.0.1', port: 0 }, served.handler, {
      tls: new TlsContext(await makeSelfSigned(['localhost'], Date.now())),
      onError: (error) => void faults.push(`${(error as ConnectionFault).kind}: ${String(error)}`),
      ...options,
    });
    return new Service(served, listener, faults);
  }

  /** The first of our fields in the last message. */
  get received(): string {
    return (
      /^Received: [^\r]*/m.exec(bytesToLatin1(concatBytes(this.world.messages.at(-1)?.content ?? [])))?.[0] ??
      ''
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close();
  }
}

const proxied: TcpListenerOptions = { isProxy: (address) => address === '127.0.0.1' };
const message = ['--helo', 'client.example', '--from', 'a@client.example', '--to', 'bob@example.com'];

function swaks(service: Service, ...args: readonly string[]): Promise<ProgramResult> {
  const server = ['--server', '127.0.0.1', '--port', String(service.listener.endpoint.port)];
  return runProgram('swaks', [...server, ...message, ...args]);
}

describe('the PROXY protocol', { skip: missingPrograms('swaks') }, () => {
  for (const version of ['1', '2']) {
    test(`swaks tells the client by version ${version}, also before TLS`, async () => {
      const from = ['--proxy-version', version, '--proxy-source-port', '1234', '--proxy-dest-port', '25'];
      const v4 = [
        '--proxy-family',
        version === '1' ? 'TCP4' : 'AF_INET',
        '--proxy-source',
        '192.0.2.9',
        '--proxy-dest',
        '192.0.2.1',
      ];
      const v6 = [
        '--proxy-family',
        version === '1' ? 'TCP6' : 'AF_INET6',
        '--proxy-source',
        '2001:db8::9',
        '--proxy-dest',
        '2001:db8::1',
      ];
      const more = version === '1' ? [] : ['--proxy-command', 'PROXY', '--proxy-protocol', 'STREAM'];
      for (const tlsAtOnce of [false, true]) {
        await using service = await Service.open({}, { ...proxied, tlsAtOnce });
        for (const family of [v4, v6]) {
          const sent = await swaks(
            service,
            ...from,
            ...family,
            ...more,
            ...(tlsAtOnce ? ['--tlsc'] : ['--tls']),
          );
          assert.equal(sent.code, 0, sent.stdout.toString() + sent.stderr);
          const address = family === v4 ? '[192.0.2.9]' : '[IPv6:2001:db8::9]';
          assert.equal(service.received, `Received: from client.example (${address})`);
        }
      }
    });
  }

  test('a connection without the header is closed, and the log is told', async () => {
    await using service = await Service.open({}, proxied);
    const sent = await swaks(service, '--timeout', '3');
    assert.notEqual(sent.code, 0);
    const socket = connect(service.listener.endpoint.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('EHLO client.example\r\n');
    await new Promise((resolve) => socket.on('close', resolve));
    assert.match(service.faults.join(), /proxy: .*What came is no PROXY header/);
    assert.equal(service.world.messages.length, 0);
  });

  test('limits count the clients, not the proxy', async () => {
    await using service = await Service.open(
      {},
      { ...proxied, limits: { total: 10, perAddress: 1 }, refusal: Buffer.from('421 Full\r\n') },
    );
    const greetingOf = (address: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(service.listener.endpoint.port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.write(`PROXY TCP4 ${address} 192.0.2.1 1 25\r\n`);
        socket.once('data', (bytes) => resolve(bytes.toString()));
      });
    assert.match(await greetingOf('192.0.2.7'), /^220 /);
    assert.match(await greetingOf('192.0.2.8'), /^220 /);
    assert.match(await greetingOf('192.0.2.7'), /^421 Full/);
  });

  test('a listener that closes waits for no header', async () => {
    const service = await Service.open({}, proxied);
    const socket = connect(service.listener.endpoint.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write('PROXY ');
    await service.listener.close({ drainMs: 60_000 });
  });
});

describe('HAProxy', { skip: missingPrograms('haproxy', 'swaks') }, () => {
  for (const send of ['send-proxy', 'send-proxy-v2']) {
    test(`passes connections on with ${send}`, async () => {
      await using service = await Service.open({}, proxied);
      const folder = await mkdtemp(join(tmpdir(), 'signpost-haproxy-'));
      const port = await freePort();
      await writeFile(
        join(folder, 'haproxy.cfg'),
        [
          'defaults',
          '  mode tcp',
          '  timeout connect 5s',
          '  timeout client 30s',
          '  timeout server 30s',
          'frontend mail',
          `  bind 127.0.0.1:${port}`,
          '  default_backend signpost',
          'backend signpost',
          // HAProxy connects from the address that our listener takes for its proxy; swaks comes from another.
          `  server one 127.0.0.1:${service.listener.endpoint.port} ${send}`,
          '',
        ].join('\n'),
      );
      const proxy = spawn('haproxy', ['-db', '-q', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' });
      try {
        await connects(port);
        const sent = await runProgram('swaks', [
          `--server=127.0.0.1:${port}`,
          '--local-interface=127.0.0.77',
          '--tls',
          ...message,
        ]);
        assert.equal(sent.code, 0, sent.stdout.toString() + sent.stderr);
        assert.equal(service.received, 'Received: from client.example ([127.0.0.77])');
      } finally {
        proxy.kill('SIGKILL');
        await new Promise((resolve) => proxy.once('close', resolve));
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});

async function connects(port: number): Promise<void> {
  const end = performance.now() + 10_000;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    assert.ok(performance.now() < end, `nothing listens on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('XCLIENT', { skip: missingPrograms('swaks') }, () => {
  test('swaks says whose connection it is', async () => {
    await using service = await Service.open({ proxy: true }, {});
    const claims = [
      '--xclient-addr',
      '192.0.2.99',
      '--xclient-name',
      'spike.client.example',
      '--xclient-port',
      '99',
    ];
    const sent = await swaks(service, ...claims, '--tls');
    assert.equal(sent.code, 0, sent.stdout.toString());
    assert.equal(service.received, 'Received: from client.example ([192.0.2.99])');
  });

  test('a stranger may not', async () => {
    await using service = await Service.open({}, {});
    const sent = await swaks(service, '--xclient-addr', '192.0.2.99');
    assert.notEqual(sent.code, 0);
    assert.equal(service.world.messages.length, 0);
  });
});
