// The admin API over its socket: client against server, and what a wrong request is told.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { silentLog } from '../lib/log.ts';
import { fault, ok } from '../lib/result.ts';
import { routes } from './api.ts';
import type { Admin, CallName } from './api.ts';
import { adminClient, findServer } from './client.ts';
import { openAdminServer } from './server.ts';

class Harness implements AsyncDisposable {
  readonly folder: string;
  readonly calls: [string, unknown][] = [];
  #close: () => Promise<void> = () => Promise.resolve();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Harness> {
    const harness = new Harness(await mkdtemp(join(tmpdir(), 'signpost-admin-')));
    const server = await openAdminServer(harness.socket, harness.#echo(), silentLog);
    harness.#close = () => server.close();
    return harness;
  }

  get socket(): string {
    return join(this.folder, 'control.sock');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Notes each call, and answers with its input. */
  #echo(): Admin {
    const noted = (name: CallName) => (input: unknown) => {
      this.calls.push([name, input]);
      if (name === 'cancelQueue')
        return Promise.resolve(fault({ kind: 'not-found', message: 'no such entry' }));
      if (name === 'reload') return Promise.reject(new Error('a bug'));
      return Promise.resolve(ok(input));
    };
    const names = Object.keys(routes) as CallName[];
    return Object.fromEntries(names.map((name) => [name, noted(name)])) as unknown as Admin;
  }
}

test('every call reaches its handler with its input, whatever characters that has', async () => {
  await using harness = await Harness.open();
  const admin = adminClient(harness.socket);
  await admin.status({});
  await admin.addDomain({ name: 'bücher.example' });
  await admin.removeDomain({ name: 'a/../b?c#d%' });
  await admin.setPassword({ address: '"a b/"@example.com', password: 'pass/word ü' });
  await admin.listQueue({ limit: 5 });
  await admin.listQueue({ limit: undefined });
  await admin.retryQueue({ id: 7 });
  await admin.retryQueue({});
  assert.deepEqual(harness.calls, [
    ['status', {}],
    ['addDomain', { name: 'bücher.example' }],
    ['removeDomain', { name: 'a/../b?c#d%' }],
    ['setPassword', { address: '"a b/"@example.com', password: 'pass/word ü' }],
    ['listQueue', { limit: 5 }],
    ['listQueue', {}],
    ['retryQueue', { id: 7 }],
    ['retryQueue', {}],
  ]);
});

test('a fault comes back as one; an error of ours is not told in detail', async () => {
  await using harness = await Harness.open();
  const admin = adminClient(harness.socket);
  assert.deepEqual(await admin.cancelQueue({ id: 3 }), {
    ok: false,
    fault: { kind: 'not-found', message: 'no such entry' },
  });
  assert.deepEqual(await admin.reload({}), {
    ok: false,
    fault: { kind: 'unavailable', message: 'an error of Signpost itself: the log has it' },
  });
});

test('no two calls share a method and path', () => {
  const shapes = Object.values(routes).map(
    ({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':')}`,
  );
  assert.equal(new Set(shapes).size, shapes.length);
});

describe('a wrong request', () => {
  const table: readonly (readonly [string, string, string, string, number])[] = [
    ['unknown path', 'GET', '/v1/nothing', '', 404],
    ['another version', 'GET', '/v2/status', '', 404],
    ['wrong method', 'DELETE', '/v1/status', '', 405],
    ['no JSON', 'POST', '/v1/domains', '{', 400],
    ['JSON, but no object', 'POST', '/v1/domains', '[1]', 400],
    ['a key missing', 'POST', '/v1/domains', '{}', 400],
    ['a key too many', 'POST', '/v1/domains', '{"name":"a","more":1}', 400],
    ['a wrong type', 'POST', '/v1/accounts', '{"address":5,"password":"x"}', 400],
    ['a body too long', 'POST', '/v1/domains', `{"name":"${'a'.repeat(70_000)}"}`, 400],
    ['a broken escape', 'DELETE', '/v1/domains/%zz', '', 404],
    ['an id that is none', 'GET', '/v1/queue/abc', '', 400],
  ];
  for (const [name, method, path, body, expected] of table) {
    test(`${name}: ${expected}`, async () => {
      await using harness = await Harness.open();
      const { status, text } = await send(harness.socket, method, path, body);
      assert.equal(status, expected, text);
      const { error } = JSON.parse(text) as { readonly error: { readonly message: string } };
      assert.ok(error.message.length > 0);
      assert.deepEqual(harness.calls, []);
    });
  }
});

test('who listens on the socket: nobody, a dead server, a file, a server', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'signpost-admin-'));
  try {
    const socket = join(folder, 'control.sock');
    assert.equal((await findServer(socket)).kind, 'none');
    await writeFile(socket, '');
    assert.equal((await findServer(socket)).kind, 'none');
    await rm(socket);
    // Closing removes a socket of ours; one that a killed process left behind stays.
    const server = await openAdminServer(socket, {} as unknown as Admin, silentLog);
    assert.equal((await findServer(socket)).kind, 'running');
    await assert.rejects(
      openAdminServer(socket, {} as unknown as Admin, silentLog),
      /another Signpost is running/,
    );
    await server.close();
    assert.equal((await findServer(socket)).kind, 'none');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a path that is too long for a socket is told in a sentence', async () => {
  const path = join(tmpdir(), 'x'.repeat(100), 'control.sock');
  await assert.rejects(openAdminServer(path, {} as unknown as Admin, silentLog), /is too long for a socket/);
});

test('a server that answers with garbage, or not at all, is a fault', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'signpost-admin-'));
  const garbage = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'));
  });
  try {
    const path = join(folder, 'control.sock');
    await new Promise<void>((resolve) => garbage.listen(path, resolve));
    const answer = await adminClient(path).status({});
    assert.deepEqual(answer, {
      ok: false,
      fault: {
        kind: 'unavailable',
        message: 'the server gave no readable answer: is it of another version?',
      },
    });
    await new Promise((resolve) => garbage.close(resolve));
    const gone = await adminClient(path).status({});
    assert.match(gone.ok ? '' : gone.fault.message, /^the running server didn't answer/);
  } finally {
    garbage.close();
    await rm(folder, { recursive: true, force: true });
  }
});

function send(
  socketPath: string,
  method: string,
  path: string,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

test('docs/running.md lists every call', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/running.md'), 'utf8');
  const listed = [...page.matchAll(/^\| ([A-Z, ]+) (\/v1\/\S+)/gm)].flatMap(([, methods = '', path = '']) =>
    methods.split(', ').map((method) => `${method} ${path}`),
  );
  const calls = Object.values(routes).map(({ method, path }) => {
    const shown = path.replaceAll(/:(\w+)/g, (_, key: string) => key.toUpperCase());
    return `${method} ${shown}`;
  });
  assert.deepEqual(listed.toSorted(), calls.toSorted());
});
