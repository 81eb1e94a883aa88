import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { after, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { utf8ToBytes } from '../lib/bytes.ts';
import type { HttpRequest } from './http-request.ts';
import { listenHttps } from './https-listener.ts';
import type { HttpsListenerOptions } from './https-listener.ts';
import { makeSelfSigned } from './self-signed.ts';
import type { Listener } from './tcp-listener.ts';
import { TlsContext } from './tls-context.ts';

const material = await makeSelfSigned(['localhost'], Date.now());
const listeners: Listener[] = [];
after(() => Promise.all(listeners.map((listener) => listener.close())));

async function listen(
  handler: (request: HttpRequest) => void,
  more: Partial<HttpsListenerOptions> = {},
): Promise<Listener> {
  const tls = new TlsContext(material);
  const listener = await listenHttps({ address: '127.0.0.1', port: 0 }, handler, { tls, ...more });
  listeners.push(listener);
  return listener;
}

const answer = (request: HttpRequest): void => request.respond(200, { 'x-a': 'b' }, utf8ToBytes('ok'));

function tlsTo(listener: Listener, alpn = 'http/1.1'): TLSSocket {
  const { address: host, port } = listener.endpoint;
  const socket = connectTls({ host, port, ALPNProtocols: [alpn], rejectUnauthorized: false });
  socket.on('error', () => undefined);
  return socket;
}

/** Whatever error comes before. */
function closeOf(emitter: TLSSocket | ClientHttp2Session): Promise<undefined> {
  return new Promise((resolve) => emitter.once('close', () => resolve(undefined)));
}

function http2To(listener: Listener): ClientHttp2Session {
  const session = connectHttp2(`https://127.0.0.1:${listener.endpoint.port}`, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  return session;
}

async function statusOf(session: ClientHttp2Session, path = '/'): Promise<unknown> {
  const stream = session.request({ ':path': path });
  stream.on('error', () => undefined);
  const status = once(stream, 'response').then(
    ([headers]) => (headers as Record<string, unknown>)[':status'],
  );
  const gone = once(stream, 'close').then(() => 'closed');
  stream.resume();
  return await Promise.race([status, gone]);
}

test('requests over both versions of HTTP are the same to the handler', async () => {
  const seen: unknown[] = [];
  const listener = await listen((request) => {
    let octets = 0;
    request.readBody((bytes) => {
      if (bytes !== undefined) octets += bytes.length;
      else {
        seen.push([request.method, request.target, request.header('x-q'), octets]);
        answer(request);
      }
    });
  });
  const session = http2To(listener);
  const stream = session.request({ ':method': 'POST', ':path': '/a?b', 'x-q': '1' });
  stream.end('12345');
  await once(stream.resume(), 'close');
  session.close();
  const socket = tlsTo(listener);
  socket.write('POST /a?b HTTP/1.1\r\nHost: a\r\nX-Q: 1\r\nContent-Length: 5\r\n\r\n12345');
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  assert.match(bytes.toString(), /^HTTP\/1\.1 200 OK\r\nx-a: b\r\ncontent-length: 2\r\n/);
  socket.destroy();
  assert.deepEqual(seen, [
    ['POST', '/a?b', '1', 5],
    ['POST', '/a?b', '1', 5],
  ]);
});

test('an address has so many connections; the one that is idle longest makes way for a new one', async () => {
  const listener = await listen(
    (request) => {
      if (request.target !== '/wait') answer(request);
    },
    { limits: { total: 10, perAddress: 2 } },
  );
  const first = http2To(listener);
  assert.equal(await statusOf(first), 200);
  const second = http2To(listener);
  assert.equal(await statusOf(second), 200);
  const gone = closeOf(first);
  const third = http2To(listener);
  assert.equal(await statusOf(third), 200);
  await gone;
  for (const session of [second, third]) session.destroy();
});

test('connections that wait for an answer make no way, and their places are free after', async () => {
  const waiting: HttpRequest[] = [];
  const both = Promise.withResolvers<void>();
  const listener = await listen(
    (request) => {
      if (request.target !== '/wait') answer(request);
      else if (waiting.push(request) === 2) both.resolve();
    },
    { limits: { total: 10, perAddress: 2 } },
  );
  const sessions = [http2To(listener), http2To(listener)];
  const statuses = Promise.all(sessions.map((session) => statusOf(session, '/wait')));
  await both.promise;
  await closeOf(tlsTo(listener));
  for (const request of waiting) answer(request);
  assert.deepEqual(await statuses, [200, 200]);
  for (const session of sessions) session.destroy();
  for (;;) {
    const again = http2To(listener);
    const status = await Promise.race([statusOf(again), closeOf(again)]);
    again.destroy();
    if (status === 200) break;
  }
});

for (const [what, begin] of [
  ['that says nothing', () => ''],
  ['whose headers never end', () => 'GET / HTTP/1.1\r\nHost: a\r\n'],
  ['whose body never ends', () => 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1'],
] as const) {
  test(`a connection ${what} is closed, also where octets trickle in`, async () => {
    const listener = await listen((request) => request.readBody(() => undefined), {
      idleMs: 150,
      requestMs: 150,
    });
    const socket = tlsTo(listener);
    await once(socket, 'secureConnect');
    socket.write(begin());
    const trickle = setInterval(() => begin() !== '' && socket.writable && socket.write('x'), 20);
    await closeOf(socket.resume());
    clearInterval(trickle);
  });
}

test('a stream whose body never ends is closed, and its connection goes on', async () => {
  const listener = await listen(
    (request) => (request.method === 'POST' ? request.readBody(() => undefined) : answer(request)),
    { requestMs: 100 },
  );
  const session = http2To(listener);
  const stream = session.request({ ':method': 'POST', ':path': '/' });
  stream.on('error', () => undefined);
  stream.write('1');
  await once(stream, 'close');
  assert.equal(await statusOf(session), 200);
  session.close();
});

test('who leaves answers untaken gets no more of them made', async () => {
  let made = 0;
  const listener = await listen((request) => {
    made += 1;
    request.respond(200, {}, new Uint8Array(60_000));
  });
  const session = connectHttp2(`https://127.0.0.1:${listener.endpoint.port}`, {
    rejectUnauthorized: false,
    settings: { initialWindowSize: 0 },
  });
  session.on('error', () => undefined);
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const stream = session.request({ ':path': '/' });
      stream.on('error', () => undefined);
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
      return headers[':status'];
    }),
  );
  session.destroy();
  assert.ok(statuses.includes(503), String(statuses));
  assert.ok(made <= 4, String(made));
});

test('a handler that throws ends that request, and is told of', async () => {
  const errors: unknown[] = [];
  const listener = await listen(
    (request) => {
      if (request.target === '/bug') throw new Error('a bug');
      answer(request);
    },
    { onError: (error) => errors.push(error) },
  );
  const session = http2To(listener);
  assert.equal(await statusOf(session, '/bug'), 'closed');
  assert.equal(await statusOf(session), 200);
  session.close();
  assert.match(String(errors[0]), /a bug/);
});

test('draining answers what was asked, and takes nothing more', async () => {
  let respond: () => void = () => undefined;
  const asked = Promise.withResolvers<void>();
  const listener = await listen((request) => {
    respond = () => answer(request);
    asked.resolve();
  });
  const session = http2To(listener);
  const status = statusOf(session);
  await asked.promise;
  const idle = tlsTo(listener);
  await once(idle, 'secureConnect');
  const closed = listener.close({ drainMs: 5_000 });
  await once(session, 'goaway');
  respond();
  assert.equal(await status, 200);
  await closed;
  listeners.splice(listeners.indexOf(listener), 1);
});

test('another certificate counts from the next handshake on', async () => {
  const tls = new TlsContext(material);
  const listener = await listen(answer, { tls });
  const certificateOf = async (): Promise<string> => {
    const socket = tlsTo(listener, 'h2');
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  const before = await certificateOf();
  tls.replace(await makeSelfSigned(['localhost'], Date.now()));
  assert.notEqual(await certificateOf(), before);
});
