import assert from 'node:assert/strict';
import { connect as rawConnect } from 'node:net';
import { test } from 'node:test';
import { connect as rawTlsConnect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { bytesToUtf8, concatBytes, utf8ToBytes } from '../lib/bytes.ts';
import { ConnectionFault } from '../lib/transport.ts';
import type { Connection, ConnectionHandler } from '../lib/transport.ts';
import { createNetwork } from './network.ts';
import { makeSelfSigned } from './self-signed.ts';
import { listenTcp } from './tcp-listener.ts';
import type { Listener, TcpListenerOptions } from './tcp-listener.ts';
import { TlsContext } from './tls-context.ts';

const loopback = { address: '127.0.0.1', port: 0 };
const network = createNetwork();
const tls = new TlsContext(await makeSelfSigned(['mx.example.com', '127.0.0.1'], Date.now()));

function listen(handler: ConnectionHandler, options: TcpListenerOptions = {}): Promise<Listener> {
  return listenTcp(loopback, handler, { tls, ...options });
}

async function readText(connection: Connection): Promise<string> {
  const bytes = await connection.read(5000);
  return bytes === undefined ? '' : bytesToUtf8(bytes);
}

async function readAll(connection: Connection): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = await connection.read(5000);
    if (chunk === undefined) return concatBytes(chunks);
    chunks.push(chunk);
  }
}

function hasKind(kind: ConnectionFault['kind']): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ConnectionFault, String(error));
    assert.equal(error.kind, kind, error.message);
    return true;
  };
}

test('a big stream arrives whole both ways, however slowly it is read', async () => {
  const big = new Uint8Array(3_000_000).map((_, i) => (i * 7) % 251);
  await using listener = await listen(async (connection) => {
    const all = await readAll(connection);
    await connection.write(all);
  });
  await using client = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  await client.write(big);
  void client.end().catch(() => undefined);
  // `end` throws away what comes after it, so a second connection reads the echo.
  await using echo = await listen(async (connection) => {
    await connection.write(big);
  });
  await using reader = await network.connect(echo.endpoint, { timeoutMs: 5000 });
  assert.deepEqual(await readAll(reader), big);
});

test('a reader that stops reading stops its peer: memory stays bounded', async () => {
  const written = { octets: 0 };
  await using listener = await listen(async (connection, signal) => {
    const piece = new Uint8Array(65_536);
    while (!signal.aborted && written.octets < 512 * piece.length) {
      await connection.write(piece, 300);
      written.octets += piece.length;
    }
  });
  await using client = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  await assert.doesNotReject(client.read(5000));
  await using blocked = await listen(async (connection) => {
    await assert.rejects(
      (async () => {
        for (let i = 0; i < 1000; i++) await connection.write(new Uint8Array(65_536), 50);
      })(),
      hasKind('timeout'),
    );
    written.octets = -1;
  });
  await using idle = await network.connect(blocked.endpoint, { timeoutMs: 5000 });
  await blocked.close({ drainMs: 5000 });
  assert.equal(written.octets, -1);
  assert.equal(idle.tls, undefined);
});

test('silence ends a read with a time-out, and the connection with it', async () => {
  const faults: unknown[] = [];
  await using listener = await listen(
    async (connection) => {
      await connection.read(20);
    },
    { onError: (error) => faults.push(error) },
  );
  await using client = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  assert.equal(await client.read(5000).catch(() => undefined), undefined);
  await listener.close();
  assert.equal(faults.length, 1);
  hasKind('timeout')(faults[0]);
});

test('STARTTLS on one socket: what was injected in clear before our reply is dropped', async () => {
  const heard: string[] = [];
  await using listener = await listen(async (connection) => {
    heard.push(await readText(connection));
    // More clear text comes, and is not read.
    await injected.promise;
    await connection.write(utf8ToBytes('220 go ahead\r\n'));
    const info = await connection.startTls();
    assert.match(info.protocol, /^TLSv1\.[23]$/);
    assert.equal(info.serverName, 'mx.example.com');
    heard.push(await readText(connection));
    await connection.write(utf8ToBytes('done\r\n'));
  });
  const injected = Promise.withResolvers<void>();
  const raw = rawConnect(listener.endpoint.port, listener.endpoint.address);
  raw.write('STARTTLS\r\n');
  await until(() => heard.length > 0);
  assert.deepEqual(heard, ['STARTTLS\r\n']);
  await new Promise((resolve) => raw.write('RSET injected\r\n', resolve));
  // Loopback: after the write has been taken and the loop has turned a few times, the octets are in the server's buffer.
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  injected.resolve();
  await new Promise((resolve) => raw.once('data', resolve));
  const secure = rawTlsConnect({ socket: raw, servername: 'mx.example.com', rejectUnauthorized: false });
  secure.on('error', () => undefined);
  secure.write('EHLO inside\r\n');
  const answer = await new Promise<string>((resolve) => {
    secure.once('data', (bytes: Buffer) => resolve(bytes.toString()));
  });
  assert.equal(answer, 'done\r\n');
  assert.equal(heard.at(-1), 'EHLO inside\r\n');
  secure.destroy();
});

test('a ClientHello that came before the server began its handshake is not lost', async () => {
  const arrived = Promise.withResolvers<void>();
  await using listener = await listen(async (connection) => {
    await connection.read(5000);
    await connection.write(utf8ToBytes('220\r\n'));
    // The session is busy, and the client's handshake is here meanwhile.
    await arrived.promise;
    await connection.startTls();
    await connection.write(utf8ToBytes(`secure ${await readText(connection)}`));
  });
  const raw = rawConnect(listener.endpoint.port, listener.endpoint.address);
  raw.write('STARTTLS\r\n');
  await new Promise((resolve) => raw.once('data', resolve));
  const secure = rawTlsConnect({ socket: raw, rejectUnauthorized: false });
  secure.on('error', () => undefined);
  secure.write('hello');
  await until(() => raw.bytesWritten > 100);
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  arrived.resolve();
  const answer = await new Promise((resolve) => secure.once('data', resolve));
  assert.equal(String(answer), 'secure hello');
  secure.destroy();
});

test('the client upgrades too, takes any certificate unless told otherwise, and reports the verdict', async () => {
  await using listener = await listen(async (connection) => {
    await connection.read(5000);
    await connection.write(utf8ToBytes('220\r\n'));
    await connection.startTls();
    await connection.write(utf8ToBytes('hello\r\n'));
    await connection.read(5000);
  });
  await using client = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  await client.write(utf8ToBytes('STARTTLS\r\n'));
  await readText(client);
  const info = await client.startTls({ serverName: 'mx.example.com' });
  assert.equal(info.verified, false);
  assert.match(info.verifyError ?? '', /self.signed/i);
  assert.equal(await readText(client), 'hello\r\n');

  await using strict = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  await strict.write(utf8ToBytes('STARTTLS\r\n'));
  await readText(strict);
  await assert.rejects(
    strict.startTls({ serverName: 'mx.example.com', requireVerified: true }),
    hasKind('tls'),
  );
});

test('TLS at once, both sides', async () => {
  await using listener = await listen(
    async (connection) => {
      await connection.write(utf8ToBytes(connection.tls === undefined ? 'clear' : 'secure'));
    },
    { tlsAtOnce: true },
  );
  await using client = await network.connect(listener.endpoint, {
    timeoutMs: 5000,
    tls: { serverName: 'mx.example.com' },
  });
  assert.equal(client.tls?.serverName, undefined);
  assert.equal(await readText(client), 'secure');
  assert.equal(await client.read(5000), undefined);
});

test('a peer that speaks no TLS gets a fault, not a crash', async () => {
  const faults: unknown[] = [];
  await using listener = await listen(() => Promise.resolve(), {
    tlsAtOnce: true,
    onError: (error) => faults.push(error),
  });
  await using client = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  await client.write(utf8ToBytes('GET / HTTP/1.1\r\n\r\n'));
  await readAll(client).catch(() => undefined);
  await listener.close();
  hasKind('tls')(faults[0]);
});

test('a reload of the certificate counts from the next handshake on', async () => {
  const holder = new TlsContext(await makeSelfSigned(['old.example'], Date.now()));
  await using listener = await listen((connection) => connection.write(utf8ToBytes('x')), {
    tls: holder,
    tlsAtOnce: true,
  });
  const subject = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = rawTlsConnect({ ...hostOf(listener), rejectUnauthorized: false }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.on('error', reject);
    });
  assert.equal(await subject(), 'old.example');
  holder.replace(await makeSelfSigned(['new.example'], Date.now()));
  assert.equal(await subject(), 'new.example');
});

test('a client gets the certificate of the name that it asks for, and the first one else', async () => {
  const [first, second, wild, renewed] = await Promise.all(
    [
      ['mx.example'],
      ['mail.other.example', 'mx.example'],
      ['*.hosted.example'],
      ['mail.other.example', 'n.example'],
    ].map((names) => makeSelfSigned(names, Date.now())),
  );
  assert.ok(first && second && wild && renewed);
  const holder = new TlsContext(first, { others: [second, wild] });
  await using listener = await listen((connection) => connection.write(utf8ToBytes('x')), {
    tls: holder,
    tlsAtOnce: true,
  });
  const asked = (servername?: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { ...hostOf(listener), rejectUnauthorized: false };
      const socket = rawTlsConnect(servername === undefined ? options : { ...options, servername }, () => {
        resolve(socket.getPeerX509Certificate()?.subjectAltName ?? '');
        socket.destroy();
      });
      socket.on('error', reject);
    });
  const firstNames = 'DNS:mx.example';
  const secondNames = 'DNS:mail.other.example, DNS:mx.example';
  assert.equal(await asked(), firstNames);
  assert.equal(await asked('mx.example'), firstNames);
  assert.equal(await asked('Mail.Other.Example'), secondNames);
  assert.equal(await asked('a.hosted.example'), 'DNS:*.hosted.example');
  assert.equal(await asked('b.a.hosted.example'), firstNames);
  assert.equal(await asked('unknown.example'), firstNames);
  holder.replace(first, { others: [renewed] });
  assert.equal(await asked('mail.other.example'), 'DNS:mail.other.example, DNS:n.example');
  assert.equal(await asked('a.hosted.example'), firstNames);
});

test('what a client that is too old, or in clear, has done wrong is told in words', async () => {
  const faults: string[] = [];
  await using listener = await listen(async () => undefined, {
    tlsAtOnce: true,
    onError: (error) =>
      void faults.push(error instanceof ConnectionFault ? `${error.kind}: ${error.message}` : ''),
  });
  const fails = (options: object): Promise<void> =>
    new Promise((resolve) => {
      const socket = rawTlsConnect({ ...hostOf(listener), rejectUnauthorized: false, ...options });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
    });
  await fails({ ciphers: 'AES128-SHA', maxVersion: 'TLSv1.2' });
  await fails({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' });
  await using clear = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  await clear.write(utf8ToBytes('EHLO client.example\r\n'));
  await readAll(clear).catch(() => undefined);
  await listener.close();
  assert.deepEqual(faults, [
    'tls: the client and we have no cipher in common: it is too old, or wants none that is safe',
    'tls: the client speaks no version of TLS that is safe: 1.2 is the least',
    'tls: what came is not TLS: the client speaks in clear, or another protocol',
  ]);
});

test('limits: in all and per address; whoever is over them is told so and closed', async () => {
  const release = Promise.withResolvers<void>();
  await using listener = await listen(
    async (connection) => {
      await connection.write(utf8ToBytes('hi'));
      await release.promise;
    },
    { limits: { total: 10, perAddress: 2 }, refusal: utf8ToBytes('421 too many\r\n') },
  );
  await using one = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  await using two = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  assert.deepEqual([await readText(one), await readText(two)], ['hi', 'hi']);
  await using three = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  assert.equal(await readText(three), '421 too many\r\n');
  release.resolve();
  assert.equal(await one.read(5000), undefined);
  one.destroy();
  await one[Symbol.asyncDispose]();
  await until(async () => {
    await using again = await network.connect(listener.endpoint, { timeoutMs: 5000 });
    return (await readText(again)) === 'hi';
  });
});

test('limits: a new connection may have the place of an idle one', async () => {
  const idle: Connection[] = [];
  await using listener = await listen(
    async (connection) => {
      idle.push(connection);
      await connection.write(utf8ToBytes('hi'));
      await connection.read(5000).catch(() => undefined);
    },
    {
      limits: { total: 2, perAddress: 10 },
      giveUp: (among) => {
        const index = idle.findIndex(among);
        return index < 0 ? undefined : idle.splice(index, 1)[0];
      },
    },
  );
  await using one = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  assert.equal(await readText(one), 'hi');
  await using two = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  assert.equal(await readText(two), 'hi');
  await using three = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  assert.equal(await readText(three), 'hi');
  assert.equal(await one.read(5000), undefined);
  // Nobody idle: the next is refused.
  idle.length = 0;
  await using four = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  assert.equal(await four.read(5000).catch(() => undefined), undefined);
  await two.write(utf8ToBytes('still there'));
});

test('limits: only connections of the same listener, and of who asks for too much, are given up', async () => {
  const all: Connection[] = [];
  const options: TcpListenerOptions = {
    limits: { total: 10, perAddress: 1 },
    giveUp: (among) => all.find(among),
  };
  const handler: ConnectionHandler = async (connection) => {
    all.push(connection);
    await connection.write(utf8ToBytes('hi'));
    await connection.read(5000).catch(() => undefined);
  };
  await using elsewhere = await listen(handler, options);
  await using listener = await listen(handler, options);
  await using stranger = await network.connect(elsewhere.endpoint, { timeoutMs: 5000 });
  assert.equal(await readText(stranger), 'hi');
  const own = rawConnect({ port: listener.endpoint.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  await new Promise((resolve) => own.once('data', resolve));
  await using one = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  assert.equal(await readText(one), 'hi');
  await using two = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  assert.equal(await readText(two), 'hi');
  assert.equal(await one.read(5000), undefined);
  assert.deepEqual([own.readyState, await takesWrites(stranger)], ['open', true]);
  own.destroy();
});

/** Whether the connection takes what is written. */
async function takesWrites(connection: Connection): Promise<boolean> {
  return await connection.write(utf8ToBytes('x')).then(
    () => true,
    () => false,
  );
}

test('TLS at once: who doesn’t shake hands delays no shutdown, and gives up its place', async () => {
  const listener = await listen((connection) => connection.write(utf8ToBytes('hi')), {
    tlsAtOnce: true,
    limits: { total: 1, perAddress: 1 },
    giveUp: () => undefined,
  });
  const { port } = listener.endpoint;
  const silent = rawConnect({ port, host: '127.0.0.1' });
  await new Promise((resolve) => silent.once('connect', resolve));
  const gone = new Promise((resolve) => silent.once('close', resolve));
  await using client = await network.connect(listener.endpoint, {
    timeoutMs: 5000,
    tls: { requireVerified: false },
  });
  assert.equal(await readText(client), 'hi');
  await gone;
  await client[Symbol.asyncDispose]();
  const another = rawConnect({ port, host: '127.0.0.1' });
  await new Promise((resolve) => another.once('connect', resolve));
  const started = performance.now();
  await listener.close({ drainMs: 20_000 });
  assert.ok(performance.now() - started < 10_000);
  another.destroy();
});

test('TLS: ALPN and session resumption', async () => {
  await using listener = await listen(
    async (connection) => {
      await connection.write(utf8ToBytes('hi'));
      await connection.read(5000).catch(() => undefined);
    },
    { tlsAtOnce: true, alpn: 'dot' },
  );
  const { port } = listener.endpoint;
  const connect = (alpn: string[], session?: Buffer): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = rawTlsConnect({
        port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ALPNProtocols: alpn,
        ...(session && { session }),
      });
      socket.once('data', () => resolve(socket));
      socket.once('error', reject);
    });
  for (const alpn of [['dot'], ['h2', 'dot']]) {
    const socket = await connect(alpn);
    assert.equal(socket.alpnProtocol, 'dot');
    socket.destroy();
  }
  await assert.rejects(connect(['h2']));
  const first = await connect([]);
  const session = first.getSession() ?? assert.fail('no session');
  assert.equal(first.isSessionReused(), false);
  first.destroy();
  const second = await connect([], session);
  assert.equal(second.isSessionReused(), true);
  second.destroy();
});

test('closing drains: the handler sees the signal, has its time, then is cut off', async () => {
  const seen: string[] = [];
  let waiting = 0;
  const listener = await listen(async (connection, signal) => {
    const polite = (await readText(connection)) === 'polite';
    waiting += 1;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    if (polite) {
      await connection.write(utf8ToBytes('421 bye'));
      seen.push('polite ended');
    } else {
      await connection.read(60_000).catch((error: unknown) => {
        hasKind('aborted')(error);
        seen.push('other was cut off');
      });
    }
  });
  await using polite = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  await using other = await network.connect(listener.endpoint, { timeoutMs: 5000 });
  await polite.write(utf8ToBytes('polite'));
  await other.write(utf8ToBytes('other'));
  await until(() => waiting === 2);
  const closing = listener.close({ drainMs: 200 });
  assert.equal(await readText(polite), '421 bye');
  polite.destroy();
  await closing;
  assert.deepEqual(seen, ['polite ended', 'other was cut off']);
  await assert.rejects(network.connect(other.remote, { timeoutMs: 5000 }), hasKind('refused'));
});

test('a handler that throws costs its own connection only', async () => {
  const errors: unknown[] = [];
  await using listener = await listen(
    async (connection) => {
      await connection.read(5000);
      throw new Error('a bug');
    },
    { onError: (error) => errors.push(error) },
  );
  for (let i = 0; i < 2; i++) {
    await using client = await network.connect(listener.endpoint, { timeoutMs: 5000 });
    await client.write(utf8ToBytes('x'));
    await client.read(5000).catch(() => undefined);
  }
  await listener.close();
  assert.deepEqual(errors.map(String), ['Error: a bug', 'Error: a bug']);
});

test('connecting: refused, given up, mapped', async () => {
  const gone = await listen(() => Promise.resolve());
  const { endpoint } = gone;
  await gone.close();
  await assert.rejects(network.connect(endpoint, { timeoutMs: 5000 }), hasKind('refused'));
  await assert.rejects(
    network.connect(endpoint, { timeoutMs: 5000, signal: AbortSignal.abort() }),
    hasKind('aborted'),
  );
  await using listener = await listen((connection) => connection.write(utf8ToBytes('mapped')));
  const mapped = createNetwork({ map: new Map([['192.0.2.1:25', listener.endpoint]]) });
  await using client = await mapped.connect({ address: '192.0.2.1', port: 25 }, { timeoutMs: 5000 });
  assert.equal(await readText(client), 'mapped');
});

test('a port in use is told as a sentence', async () => {
  await using listener = await listen(() => Promise.resolve());
  await assert.rejects(
    listenTcp(listener.endpoint, () => Promise.resolve()),
    /TCP 127\.0\.0\.1:\d+ is in use by another program/,
  );
});

function hostOf(listener: Listener): { host: string; port: number } {
  return { host: listener.endpoint.address, port: listener.endpoint.port };
}

/** Polls an event that nothing announces; fails after five seconds. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail('did not happen within five seconds');
}
