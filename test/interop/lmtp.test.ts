// Other programs hand over by LMTP (RFC 2033), by TCP and by a Unix socket: Postfix's smtp-source, swaks and Python's smtplib.
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bytesToLatin1, concatBytes } from '../../src/lib/bytes.ts';
import { listenLocal } from '../../src/net/local-listener.ts';
import { ListenFault, listenTcp } from '../../src/net/tcp-listener.ts';
import type { Listener } from '../../src/net/tcp-listener.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import { SmtpWorld } from '../support/smtp-world.ts';

class Service implements AsyncDisposable {
  readonly world: SmtpWorld = new SmtpWorld({ role: 'lmtp' });
  readonly #folder: string;
  readonly path: string;
  #listeners: readonly Listener[] = [];
  port = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, 'run', 'lmtp.sock');
  }

  static async open(): Promise<Service> {
    const service = new Service(await mkdtemp(join(tmpdir(), 'signpost-lmtp-')));
    const tcp = await listenTcp({ address: '127.0.0.1', port: 0 }, service.world.handler);
    service.#listeners = [tcp, await listenLocal(service.path, service.world.handler)];
    service.port = tcp.endpoint.port;
    return service;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#listeners.map((each) => each.close()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

describe('LMTP', () => {
  test('Postfix hands over to several recipients', { skip: missingPrograms('smtp-source') }, async () => {
    await using service = await Service.open();
    for (const to of [`inet:127.0.0.1:${service.port}`, `unix:${service.path}`]) {
      const args = ['-L', '-m', '5', '-r', '1', '-f', 'a@client.example', '-t', 'bob@example.com', to];
      const sent = await runProgram('smtp-source', args);
      assert.equal(sent.code, 0, sent.stderr);
    }
    assert.equal(service.world.messages.length, 10);
    const stored = bytesToLatin1(concatBytes(service.world.messages.at(-1)?.content ?? []));
    assert.match(stored, /with LMTP\r\n/);
    assert.match(stored, /^Received: from \S+ \(\[127\.0\.0\.1\]\)/m);
  });

  test('swaks reads a reply for each recipient', { skip: missingPrograms('swaks') }, async () => {
    await using service = await Service.open();
    const to = 'bob@example.com,alice@example.com';
    for (const where of [
      ['--server', `127.0.0.1:${service.port}`],
      ['--socket', service.path],
    ]) {
      const sent = await runProgram('swaks', ['--protocol', 'LMTP', '-f', 'a@b.example', '-t', to, ...where]);
      assert.equal(sent.code, 0, sent.stdout.toString());
    }
    assert.equal(service.world.messages.length, 2);
    assert.equal(service.world.messages[0]?.destinations.length, 2);
  });

  test('Python tells who was refused', { skip: missingPrograms('python3') }, async () => {
    await using service = await Service.open();
    const script = `
import smtplib, sys
with smtplib.LMTP(sys.argv[1]) as lmtp:
    print(lmtp.sendmail('a@b.example', ['bob@example.com', 'nobody@example.com'], 'Subject: x\\r\\n\\r\\nhi\\r\\n'))
    print(lmtp.noop())
`;
    const sent = await runProgram('python3', ['-c', script, service.path]);
    assert.match(sent.stdout.toString(), /^\{'nobody@example\.com': \(550, b'5\.1\.1 /, sent.stderr);
    assert.match(sent.stdout.toString(), /\(250, b'2\.0\.0 Done\.'\)/);
    assert.equal(service.world.messages.length, 1);
  });

  test('a stale socket is replaced, and one that is in use is not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'signpost-lmtp-'));
    const path = join(folder, 'lmtp.sock');
    const { handler } = new SmtpWorld({ role: 'lmtp' });
    await using first = await listenLocal(path, handler);
    assert.equal((await stat(path)).mode & 0o777, 0o666, 'everybody who may enter the folder');
    await assert.rejects(listenLocal(path, handler), (error) => {
      assert.ok(error instanceof ListenFault);
      assert.match(error.message, /lmtp\.sock can't be listened on: another server answers on it/);
      return true;
    });
    await first.close();
    const second = await listenLocal(path, handler);
    await second.close();
    await rm(folder, { recursive: true, force: true });
  });
});
