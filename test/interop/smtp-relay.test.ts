// Our client hands mail to real servers over real sockets: Postfix's smtp-sink, and our own server.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Directory } from '../../src/domains/directory.ts';
import { bytesToUtf8, concatBytes, utf8ToBytes } from '../../src/lib/bytes.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { formatEndpoint } from '../../src/lib/endpoint.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { newJourneyId } from '../../src/lib/journey.ts';
import type { JourneyStep } from '../../src/lib/journey.ts';
import { silentLog } from '../../src/lib/log.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { inbox } from '../../src/mailbox/mail-store.ts';
import type { Connection, ConnectionHandler } from '../../src/lib/transport.ts';
import { createNetwork } from '../../src/net/network.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { listenTcp } from '../../src/net/tcp-listener.ts';
import { TlsContext } from '../../src/net/tls-context.ts';
import { SmtpClient } from '../../src/smtp/client/smtp-client.ts';
import { Queue } from '../../src/smtp/queue/queue.ts';
import type { RelayMail, RelayOutcome, RelayTarget } from '../../src/smtp/queue/relay-transport.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { missingPrograms } from '../support/programs.ts';
import { TableLookup, address } from '../support/relay-world.ts';
import { SmtpSink } from '../support/smtp-sink.ts';
import { SmtpWorld } from '../support/smtp-world.ts';

const never = new AbortController().signal;

/** Where everybody's mail goes by DNS; `network.map` leads it to the server under test. */
const known: Endpoint = { address: '192.0.2.25', port: 25 };
const target: RelayTarget = { name: 'mx.example.org', endpoint: known };

function clientTo(server: Endpoint): SmtpClient {
  return new SmtpClient({
    network: createNetwork({ map: new Map([[formatEndpoint(known), server]]) }),
    clock: systemClock,
    log: silentLog,
    hostname: 'mx.example.com',
    patience: { quit: 1000 },
  });
}

function mailOf(content: string, eightBit = false): RelayMail {
  const bytes = utf8ToBytes(content);
  return {
    envelope: { reversePath: address('alice@example.com'), eightBit, utf8: false },
    size: bytes.length,
    async *content() {
      for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
    },
  };
}

function kinds(outcome: RelayOutcome): string[] {
  return outcome.kind === 'answered'
    ? outcome.verdicts.map((verdict) => `${verdict.kind} ${verdict.status}`)
    : [outcome.kind];
}

const contents: readonly string[] = [
  'Subject: plain\r\n\r\nhello\r\n',
  'Subject: dots\r\n\r\n.\r\n..\r\n.one\r\na.\r\n\r\n.\r\n',
  'Subject: nothing\r\n\r\n',
  `Subject: umlauts\r\n\r\n${'äöü'.repeat(200)}\r\n`,
  `Subject: large\r\n\r\n${'.'.repeat(70)}\r\n${'0123456789abcde.\r\n'.repeat(150_000)}`,
];

describe("Postfix's smtp-sink", { skip: missingPrograms('smtp-sink') }, () => {
  for (const [what, ...options] of [
    ['with all it has'],
    ['without PIPELINING', '-p'],
    ['without ESMTP', '-e'],
    ['as an old PIX', '-P'],
  ] as const) {
    test(`${what}: takes every message as it is, over one connection`, async () => {
      await using sink = await SmtpSink.start(...options);
      const client = clientTo(sink.endpoint);
      const reused: boolean[] = [];
      for (const content of contents) {
        const outcome = await client.relay(
          target,
          mailOf(content),
          [address('bob@example.org'), address('carol@example.org')],
          never,
        );
        assert.deepEqual(
          kinds(outcome).map((kind) => kind.slice(0, 5)),
          ['taken', 'taken'],
        );
        reused.push(outcome.facts.reused);
      }
      await client.close();
      assert.deepEqual(
        reused,
        contents.map((_, index) => index > 0),
      );
      const sunk = await sink.messages();
      // smtp-sink ends each file with an empty line of its own.
      assert.deepEqual(
        sunk.map((message) => message.content.replace(/\n$/, '')).toSorted(),
        contents.map((content) => content.replaceAll('\r\n', '\n')).toSorted(),
      );
      assert.deepEqual(sunk[0]?.facts['Rcpt-Args'], ['<bob@example.org>', '<carol@example.org>']);
    });
  }

  for (const [what, options, expected] of [
    ['refuses MAIL', ['-f', 'mail'], ['refused 5.3.0', 'refused 5.3.0']],
    ['puts off RCPT', ['-r', 'rcpt'], ['deferred 4.3.0', 'deferred 4.3.0']],
    ['refuses DATA', ['-f', 'data'], ['refused 5.3.0', 'refused 5.3.0']],
    ['refuses the content', ['-f', '.'], ['refused 5.3.0', 'refused 5.3.0']],
    ['hangs up after MAIL', ['-q', 'mail'], ['unanswered']],
    ['says 421 to RCPT', ['-Q', 'rcpt'], ['unanswered']],
    ['hangs up after the end of the message', ['-q', '.'], ['deferred 4.4.2', 'deferred 4.4.2']],
    ['refuses the connection', ['-f', 'connect'], ['unanswered']],
    ['puts off EHLO', ['-r', 'ehlo,helo'], ['unanswered']],
    ['refuses EHLO, and takes HELO', ['-f', 'ehlo'], ['taken 2.0.0', 'taken 2.0.0']],
  ] as const) {
    test(what, async () => {
      await using sink = await SmtpSink.start(...options);
      const client = clientTo(sink.endpoint);
      const recipients = [address('bob@example.org'), address('carol@example.org')];
      const outcome = await client.relay(target, mailOf('Subject: hi\r\n\r\nhello\r\n'), recipients, never);
      await client.close();
      assert.deepEqual(kinds(outcome), expected);
      // smtp-sink writes down what it took, and what it refused at the very end.
      const atTheEnd = options.some((option) => option === '.');
      assert.equal((await sink.messages()).length, expected[0] === 'taken 2.0.0' || atTheEnd ? 1 : 0);
    });
  }

  test('from the queue in the store, with a journey; a refusal comes back into the mailbox as a bounce', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'signpost-relay-'));
    await using sink = await SmtpSink.start();
    await using refusing = await SmtpSink.start('-f', 'rcpt', '-B', '550 5.1.1 No such user here');
    const store = await openSqliteStore(join(folder, 'data'));
    await store.addDomain('example.com');
    const alice = await store.addAccount(address('alice@example.com'), { argon2id: '', scramSha256: '' });
    assert.ok(alice.ok);
    const settled = Promise.withResolvers<undefined>();
    const seen: JourneyStep[] = [];
    const directory = new Directory({
      domains: store,
      accounts: store,
      lists: store,
      clock: systemClock,
      separator: '+',
    });
    const other: Endpoint = { address: '192.0.2.26', port: 25 };
    const map = new Map([
      [formatEndpoint(known), sink.endpoint],
      [formatEndpoint(other), refusing.endpoint],
    ]);
    const transport = new SmtpClient({
      network: createNetwork({ map }),
      clock: systemClock,
      log: silentLog,
      hostname: 'mx.example.com',
    });
    const queue = new Queue({
      store,
      lookup: new TableLookup({
        'example.org': ['MX 10 mx.example.org'],
        'mx.example.org': ['A 192.0.2.25'],
        'example.net': ['A 192.0.2.26'],
      }),
      transport,
      route: (recipient) => directory.route(recipient),
      clock: systemClock,
      random: systemRandom,
      hostname: 'mx.example.com',
      isOwnAddress: () => false,
      log: silentLog,
      onStep: (_, step) => seen.push(step),
    });
    const mailbox = await store.findMailbox(alice.value.id, inbox);
    assert.ok(mailbox);
    store.watch(mailbox.id, () => settled.resolve(undefined));
    queue.start();
    const id = newJourneyId(systemClock.now(), systemRandom);
    await store.accept({
      id,
      receivedAt: systemClock.now(),
      envelope: { reversePath: address('alice@example.com'), eightBit: false, utf8: false },
      content: [utf8ToBytes('Subject: hi\r\n\r\nhello\r\n')],
      parsed: undefined,
      destinations: [
        { kind: 'relay', recipient: address('bob@example.org') },
        { kind: 'relay', recipient: address('eve@example.net') },
      ],
      journey: [],
    });
    await settled.promise;
    await queue.drain(never);
    await transport.close();
    assert.deepEqual(
      (await sink.messages()).map((message) => message.content.trimEnd()),
      ['Subject: hi\n\nhello'],
    );
    assert.deepEqual(await store.listQueue(10), []);
    const [entry] = await store.listEntries(mailbox.id);
    assert.ok(entry);
    const bounce = bytesToUtf8(concatBytes(await Array.fromAsync(store.readContent(entry.content))));
    assert.match(bounce, /^Return-Path: <>\r\n/);
    assert.match(bounce, /Diagnostic-Code: smtp; 550 5\.1\.1 No such user here\r\n/);
    assert.match(bounce, /\r\nSubject: hi\r\n/);
    const journey = await store.readJourney(id);
    assert.deepEqual(
      journey?.steps
        .filter((step) => step.server?.name === 'mx.example.org')
        .map((step) => [step.step, step.ok]),
      [['S5', true]],
    );
    assert.equal(seen.filter((step) => step.step === 'S4').length, 2);
    await store.close();
    await rm(folder, { recursive: true });
  });
});

describe('our own server', () => {
  test('gets every message over one connection under TLS, octet for octet', async () => {
    const world = new SmtpWorld({ maxMessageSize: 10_000_000, memory: [20_000_000, 30_000_000] });
    const tls = new TlsContext(await makeSelfSigned(['mx.example.com'], systemClock.now()));
    await using listener = await listenTcp({ address: '127.0.0.1', port: 0 }, world.handler, { tls });
    const client = clientTo(listener.endpoint);
    for (const [index, content] of contents.entries()) {
      const recipients = [address('bob@example.com'), address('nobody@example.com')];
      const outcome = await client.relay(target, mailOf(content, true), recipients, never);
      assert.deepEqual(kinds(outcome), ['taken 2.0.0', 'refused 5.1.1']);
      assert.equal(outcome.facts.tls?.protocol, 'TLSv1.3');
      assert.equal(outcome.facts.tls?.verified, false);
      assert.equal(outcome.facts.reused, index > 0);
    }
    await client.close();
    assert.deepEqual(
      world.messages.map((message) =>
        bytesToUtf8(concatBytes(message.content)).replace(
          /^Return-Path: .*\r\nReceived: .*\r\n(?:[ \t].*\r\n)*/,
          '',
        ),
      ),
      contents,
    );
  });

  test('gets the message in clear where its TLS is broken', async () => {
    const world = new SmtpWorld();
    let connections = 0;
    const handler: ConnectionHandler = (connection, signal) =>
      connections++ === 0 ? breakTls(connection) : world.handler(connection, signal);
    await using listener = await listenTcp({ address: '127.0.0.1', port: 0 }, handler);
    const client = clientTo(listener.endpoint);
    const outcome = await client.relay(
      target,
      mailOf('Subject: hi\r\n\r\nhello\r\n'),
      [address('bob@example.com')],
      never,
    );
    await client.close();
    assert.deepEqual(kinds(outcome), ['taken 2.0.0']);
    assert.equal(outcome.facts.tls, undefined);
    assert.match(outcome.facts.tlsFailure ?? '', /^TLS failed /);
  });
});

/** Agrees to STARTTLS, and answers the handshake with what is none. */
async function breakTls(connection: Connection): Promise<void> {
  for (const reply of ['220 mx.example.com\r\n', '250-mx.example.com\r\n250 STARTTLS\r\n', '220 go\r\n']) {
    await connection.write(utf8ToBytes(reply));
    await connection.read(5000);
  }
  await connection.write(utf8ToBytes('what do you mean?\r\n'));
  await connection.end();
}
