// Real SMTP clients over real sockets: swaks and curl; and, by hand, what no honest client does.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { concatBytes } from '../../src/lib/bytes.ts';
import { scanHeader } from '../../src/message/header.ts';
import type { Listener } from '../../src/net/tcp-listener.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import type { ProgramResult } from '../support/run-program.ts';
import { SmtpService } from '../support/smtp-service.ts';
import { smtpPassword } from '../support/smtp-world.ts';
import type { SmtpWorld } from '../support/smtp-world.ts';

/** Dots wherever they may go wrong, no body, 8-bit octets, and more than one read of a socket. */
const messages: readonly (readonly [string, string])[] = [
  ['plain', 'Subject: plain\r\n\r\nHello Bob\r\n'],
  ['dots', 'Subject: dots\r\n\r\n.\r\n..\r\n.one\r\na.b.\r\n\r\n.\r\n'],
  ['no body', 'Subject: no body\r\n\r\n'],
  ['8-bit', `Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${'ä'.repeat(400)}\r\n`],
  ['long', `Subject: long\r\n\r\n${'.'.repeat(900)}\r\n${'.123456789abcde.\r\n'.repeat(40_000)}`],
];

/** The last message as its sender wrote it: without the fields that we put in front. */
function stored(world: SmtpWorld): string {
  const message = world.messages.at(-1);
  assert.ok(message, 'no message was stored');
  const bytes = concatBytes(message.content);
  const own = scanHeader(bytes).fields.filter((field) => /^(Return-Path|Received)$/.test(field.name));
  return Buffer.from(bytes.subarray(own.at(-1)?.end ?? 0)).toString();
}

describe('curl', { skip: missingPrograms('curl') }, () => {
  const send = (url: string, message: string, ...more: readonly string[]): Promise<ProgramResult> =>
    runProgram('curl', ['-sS', '-k', '--upload-file', '-', '--crlf', ...more, url], {
      input: message.replaceAll('\r\n', '\n'),
    });
  const url = (scheme: string, { endpoint }: Listener): string =>
    `${scheme}://127.0.0.1:${endpoint.port}/client.example`;
  const toBob = ['--mail-from', 'a@client.example', '--mail-rcpt', 'bob@example.com'];

  for (const [name, message] of messages) {
    test(`brings a message to us octet for octet: ${name}`, async () => {
      await using service = await SmtpService.open();
      for (const options of [[], ['--ssl-reqd']]) {
        const sent = await send(url('smtp', service.mx), message, ...toBob, ...options);
        assert.equal(sent.code, 0, sent.stderr);
        assert.equal(stored(service.mxWorld), message);
      }
    });
  }

  test('submits after a login, by STARTTLS and by TLS at once, with PLAIN and with LOGIN', async () => {
    await using service = await SmtpService.open();
    const out = ['--mail-from', 'alice@example.com', '--mail-rcpt', 'user@elsewhere.example'];
    const login = ['--user', `alice@example.com:${smtpPassword}`];
    const date =
      'From: alice@example.com\r\nDate: Mon, 23 Nov 2026 15:29:24 +0000\r\nMessage-ID: <1@client.example>\r\n';
    const message = `${date}${messages[1]?.[1] ?? ''}`;
    for (const mechanism of ['PLAIN', 'LOGIN']) {
      const how = [...out, ...login, '--login-options', `AUTH=${mechanism}`];
      const first = await send(url('smtp', service.submission), message, ...how, '--ssl-reqd');
      assert.equal(first.code, 0, first.stderr);
      const second = await send(url('smtps', service.submissions), message, ...how, '--sasl-ir');
      assert.equal(second.code, 0, second.stderr);
      assert.equal(stored(service.submissionWorld), message);
    }
    assert.equal(service.submissionWorld.messages.length, 4);
    const clear = await send(url('smtp', service.submission), message, ...out, ...login);
    assert.notEqual(clear.code, 0, 'a password crossed in clear');
    const wrong = await send(
      url('smtps', service.submissions),
      message,
      ...out,
      '--user',
      'alice@example.com:no',
    );
    assert.equal(wrong.code, 67, 'curl says that the login was denied');
    assert.equal(service.submissionWorld.messages.length, 4);
  });

  test('asks about an address', async () => {
    await using service = await SmtpService.open();
    const args = ['-sS', '-v', '--mail-rcpt', 'bob', '-X', 'VRFY', url('smtp', service.mx)];
    const asked = await runProgram('curl', args);
    assert.match(asked.stderr, /< 252 2\.0\.0 Addresses are not confirmed here/);
  });
});

describe('swaks', { skip: missingPrograms('swaks') }, () => {
  const swaks = (listener: Listener, ...args: readonly string[]): Promise<ProgramResult> =>
    runProgram('swaks', [
      '--server',
      '127.0.0.1',
      '--port',
      String(listener.endpoint.port),
      '--helo',
      'client.example',
      ...args,
    ]);
  const toBob = ['--from', 'a@client.example', '--to', 'bob@example.com'];

  test('brings a message, in clear, under TLS and pipelined', async () => {
    await using service = await SmtpService.open();
    for (const options of [[], ['--tls'], ['--pipeline'], ['--tls', '--pipeline']]) {
      const sent = await swaks(service.mx, ...toBob, ...options, '--body', '.dot\n..two');
      assert.equal(sent.code, 0, sent.stdout.toString());
      assert.match(stored(service.mxWorld), /\r\n\r\n\.dot\r\n\.\.two\r\n/);
    }
    assert.equal(service.mxWorld.messages.length, 4);
  });

  test('submits after a login', async () => {
    await using service = await SmtpService.open();
    const how = [
      '--from',
      'alice@example.com',
      '--to',
      'user@elsewhere.example',
      '--auth-user',
      'alice@example.com',
      '--auth-password',
      smtpPassword,
    ];
    for (const mechanism of ['PLAIN', 'LOGIN']) {
      const first = await swaks(service.submission, ...how, '--auth', mechanism, '--tls');
      assert.equal(first.code, 0, first.stdout.toString());
      const second = await swaks(service.submissions, ...how, '--auth', mechanism, '--tlsc');
      assert.equal(second.code, 0, second.stdout.toString());
    }
    assert.equal(service.submissionWorld.messages.length, 4);
  });

  test('finds no open relay', async () => {
    await using service = await SmtpService.open();
    for (const recipient of [
      'user@elsewhere.example',
      '@example.com:user@elsewhere.example',
      'user%elsewhere.example@example.com',
      'elsewhere.example!user@example.com',
      '"user@elsewhere.example"@example.com',
      'user@[127.0.0.1]',
    ]) {
      const sent = await swaks(service.mx, '--from', 'a@client.example', '--to', recipient);
      assert.match(sent.stdout.toString(), /550 5\.7\.1 Mail for .* is not taken here/, recipient);
      assert.equal(sent.code, 24, 'swaks says that no recipient was taken');
    }
    assert.equal(service.mxWorld.messages.length, 0);
  });
});

describe("Postfix's smtp-source", { skip: missingPrograms('smtp-source') }, () => {
  test('brings many messages from many connections, reused and not', async () => {
    await using service = await SmtpService.open();
    const where = `127.0.0.1:${service.mx.endpoint.port}`;
    const envelope = ['-f', 'a@client.example', '-t', 'bob@example.com'];
    for (const reuse of [[], ['-d']]) {
      const before = service.mxWorld.messages.length;
      const args = [
        '-s',
        '10',
        '-m',
        '100',
        '-l',
        '5000',
        '-M',
        'client.example',
        ...reuse,
        ...envelope,
        where,
      ];
      const sent = await runProgram('smtp-source', args, {
        env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
      });
      assert.equal(sent.code, 0, sent.stderr);
      assert.equal(service.mxWorld.messages.length - before, 100);
    }
    assert.equal(new Set(service.mxWorld.messages.map((message) => message.id)).size, 200);
    assert.equal(service.mxWorld.memory.used, 0);
  });
});

/** A socket that is read until it has said what is awaited. */
class Raw implements Disposable {
  #text = '';
  #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  static open(listener: Listener): Raw {
    return new Raw(connect(listener.endpoint.port, listener.endpoint.address));
  }

  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text)) {
      if (this.#socket.readableEnded || this.#socket.destroyed) assert.fail(`closed after: ${this.#text}`);
      await new Promise<void>((resolve) => {
        for (const event of ['data', 'end', 'close']) this.#socket.once(event, () => resolve());
      });
    }
    const text = this.#text;
    this.#text = '';
    return text;
  }

  send(text: string): void {
    this.#socket.write(Buffer.from(text, 'latin1'));
  }

  async startTls(): Promise<void> {
    this.#socket.removeAllListeners('data');
    const secure = connectTls({ socket: this.#socket, rejectUnauthorized: false });
    await new Promise<void>((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject));
    this.#socket = secure;
    this.#listen();
  }

  close(): void {
    this.#socket.end();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', (bytes) => (this.#text += bytes.toString('latin1')));
  }
}

const envelope = 'MAIL FROM:<a@client.example>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n';

describe('hostile clients', () => {
  test('what is sent behind STARTTLS in clear never reaches the secured session', async () => {
    await using service = await SmtpService.open();
    using raw = Raw.open(service.mx);
    await raw.until(/^220 .*\r\n/);
    raw.send('EHLO client.example\r\n');
    await raw.until(/^250 /m);
    raw.send(`STARTTLS\r\nEHLO evil.example\r\n${envelope}Subject: injected\r\n\r\n.\r\n`);
    assert.match(await raw.until(/\r\n$/), /^220 2\.0\.0 Ready to start TLS\.\r\n$/);
    await raw.startTls();
    raw.send('RCPT TO:<bob@example.com>\r\n');
    assert.equal(await raw.until(/\r\n$/), '503 5.5.1 Say EHLO first.\r\n');
    raw.send(`EHLO client.example\r\n${envelope}`);
    assert.doesNotMatch(await raw.until(/^354 .*\r\n$/m), /STARTTLS/);
    raw.send('Subject: honest\r\n\r\n.\r\nQUIT\r\n');
    await raw.until(/^221 /m);
    assert.equal(service.mxWorld.messages.length, 1);
    assert.equal(stored(service.mxWorld), 'Subject: honest\r\n\r\n');
  });

  for (const sequence of ['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r', '\n\n.\r\n', '\r\n\0.\r\n']) {
    test(`smuggling by ${JSON.stringify(sequence)} is refused, in one piece and in two`, async () => {
      await using service = await SmtpService.open();
      using raw = Raw.open(service.mx);
      await raw.until(/^220 /);
      raw.send('HELO client.example\r\n');
      await raw.until(/^250 /);
      for (const pause of [false, true]) {
        raw.send(envelope);
        await raw.until(/^354 .*\r\n/m);
        raw.send(`Subject: x\r\n\r\nfirst${sequence}`);
        if (pause) await new Promise((resolve) => setImmediate(resolve));
        raw.send(`${envelope}Subject: smuggled\r\n\r\n.\r\n`);
        assert.match(await raw.until(/\r\n$/), /^550 5\.(5\.2|6\.0) The message h[^\r]*\r\n$/);
      }
      raw.send('QUIT\r\n');
      await raw.until(/^221 /m);
      assert.equal(service.mxWorld.messages.length, 0);
    });
  }
});

describe('a server that stops', () => {
  test('tells idle clients so, takes the message that is on its way, and is done', async () => {
    await using service = await SmtpService.open();
    using idle = Raw.open(service.mx);
    using busy = Raw.open(service.mx);
    await idle.until(/^220 /);
    await busy.until(/^220 /);
    busy.send(`HELO client.example\r\n${envelope}`);
    await busy.until(/^354 .*\r\n/m);
    busy.send('Subject: late\r\n');
    const closed = service.mx.close({ drainMs: 10_000 });
    assert.match(await idle.until(/\r\n/), /^421 4\.3\.2 /);
    busy.send('\r\n.\r\n');
    assert.match(await busy.until(/^421 .*\r\n/m), /^250 2\.0\.0 .*\r\n421 4\.3\.2 .*\r\n$/);
    idle.close();
    busy.close();
    await closed;
    assert.equal(stored(service.mxWorld), 'Subject: late\r\n\r\n');
  });
});
