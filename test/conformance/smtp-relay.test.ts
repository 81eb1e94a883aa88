// The sending side of SMTP by section of its standards. The dialogues are in test/scenario/smtp-client, the routing table in
// src/smtp/queue/mail-hosts.test.ts; here stands what is told neither there nor by a type.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToUtf8, concatBytes, latin1ToBytes } from '../../src/lib/bytes.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { Network } from '../../src/lib/transport.ts';
import { SmtpClient } from '../../src/smtp/client/smtp-client.ts';
import { defaultQueueLimits } from '../../src/smtp/queue/queue-options.ts';
import { RelayWorld, address, repliesAlways, takesAll } from '../support/relay-world.ts';
import { ScriptedServer } from '../support/scripted-server.ts';

const minute = 60_000;
const hour = 60 * minute;
const endpoint: Endpoint = { address: '192.0.2.1', port: 25 };

describe('RFC 5321 §4.5.3.2: time-outs', () => {
  test('each reply and each block of data is waited for at least as long as the standard says', async () => {
    const waits: string[] = [];
    const network: Network = {
      connect: async () => {
        const server = new ScriptedServer(
          [
            'S: 220 mx.example.org',
            'C: EHLO mx.example.com',
            'S: 250 mx.example.org',
            'C: MAIL FROM:<alice@example.com>',
            'S: 250 ok',
            'C: RCPT TO:<bob@example.org>',
            'S: 250 ok',
            'C: DATA',
            'S: 354 go',
            'C: hi',
            'C: .',
            'S: 250 ok',
            'C: QUIT',
            'S: 221 bye',
          ],
          endpoint,
          1000,
        );
        const [read, write] = [server.read.bind(server), server.write.bind(server)];
        server.read = (idleMs = 0): Promise<Uint8Array | undefined> => {
          waits.push(`read ${idleMs / minute}`);
          return read();
        };
        server.write = (bytes, idleMs = 0): Promise<void> => {
          if (bytesToUtf8(bytes).startsWith('hi')) waits.push(`write ${idleMs / minute}`);
          return write(bytes);
        };
        return server;
      },
      openFlow: () => assert.fail('mail needs no datagrams'),
    };
    const client = new SmtpClient({
      network,
      clock: new VirtualClock(),
      log: silentLog,
      hostname: 'mx.example.com',
    });
    const outcome = await client.relay(
      { name: 'mx.example.org', endpoint },
      {
        envelope: { reversePath: address('alice@example.com'), eightBit: false, utf8: false },
        size: 4,
        async *content() {
          yield latin1ToBytes('hi\r\n');
        },
      },
      [address('bob@example.org')],
      new AbortController().signal,
    );
    assert.equal(outcome.kind, 'answered');
    // §4.5.3.2.1 greeting 5, (EHLO), .2 MAIL 5, .3 RCPT 5, .4 DATA 2, .5 a block 3, .6 the end 10: minutes.
    assert.deepEqual(waits, ['read 5', 'read 5', 'read 5', 'read 5', 'read 2', 'write 3', 'read 10']);
    await client.close();
  });
});

describe('RFC 5321 §4.5.4.1: sending strategy', () => {
  test('a message is tried for 4 to 5 days at least, and at last every few hours', () => {
    const { giveUpAfterMs, retryAfterMs } = defaultQueueLimits;
    assert.ok(giveUpAfterMs >= 4 * 24 * hour);
    assert.ok(retryAfterMs.every((wait, index) => wait > (retryAfterMs[index - 1] ?? 0)));
    assert.ok((retryAfterMs.at(-1) ?? 0) >= 30 * minute);
  });

  test('several recipients at one host get one copy over the wire', async () => {
    const world = new RelayWorld({ 'example.org': ['A 192.0.2.1'] });
    world.transport.servers.set('192.0.2.1', takesAll);
    world.mail('alice@example.com', 'a@example.org', 'b@example.org', 'c@example.org');
    await world.start();
    assert.equal(world.transport.attempts.length, 1);
  });
});

describe('RFC 5321 §5.1: locating the target host', () => {
  test('the recipient address is used as it is, whatever host it leads to', async () => {
    const world = new RelayWorld({
      'example.org': ['MX 1 mx.example.net'],
      'mx.example.net': ['A 192.0.2.1'],
    });
    world.transport.servers.set('192.0.2.1', takesAll);
    world.mail('alice@example.com', 'Bob.B@example.org');
    await world.start();
    assert.deepEqual(world.transport.attempts, ['192.0.2.1: Bob.B@example.org']);
  });

  test('every address is tried, in order, until one succeeds', async () => {
    const world = new RelayWorld({
      'example.org': ['MX 20 second.example', 'MX 10 first.example', 'MX 30 third.example'],
      'first.example': ['A 192.0.2.1', 'AAAA 2001:db8::1'],
      'second.example': ['A 192.0.2.2'],
      'third.example': ['A 192.0.2.3'],
    });
    world.transport.servers.set('192.0.2.3', takesAll);
    world.mail('alice@example.com', 'bob@example.org');
    await world.start();
    assert.deepEqual(
      world.transport.attempts.map((attempt) => attempt.split(': ')[0]),
      ['2001:db8::1', '192.0.2.1', '192.0.2.2', '192.0.2.3'],
    );
  });
});

describe('RFC 5321 §6.1: reliable delivery and replies by email', () => {
  test('a notification goes to the reverse-path, from the null one', async () => {
    const world = new RelayWorld({ 'example.org': ['A 192.0.2.1'], 'example.net': ['A 192.0.2.2'] });
    world.transport.servers.set('192.0.2.1', repliesAlways('550 5.7.1 no'));
    world.transport.servers.set('192.0.2.2', takesAll);
    world.mail('eve@example.net', 'bob@example.org');
    await world.start();
    await world.pass(100);
    const [notice] = world.store.notices;
    assert.equal(notice?.envelope.reversePath, undefined);
    assert.deepEqual(notice?.destinations, [{ kind: 'relay', recipient: address('eve@example.net') }]);
    assert.deepEqual(world.transport.attempts.at(-1), '192.0.2.2: eve@example.net');
  });
});

/** The bounce for one refused and one unknown recipient, cut into its parts. */
async function bounceParts(): Promise<{ header: string; parts: { type: string; body: string }[] }> {
  const world = new RelayWorld({ 'example.org': ['MX 5 mx.example.org'], 'mx.example.org': ['A 192.0.2.1'] });
  world.transport.servers.set('192.0.2.1', (recipients) =>
    recipients.map((_, index) => (index === 0 ? '550 5.1.1 no such user' : '554 no')),
  );
  world.mail('alice@example.com', 'bob@example.org', 'eve@example.org');
  await world.start();
  const text = bytesToUtf8(concatBytes(world.store.notices[0]?.content ?? []));
  const header = text.slice(0, text.indexOf('\r\n\r\n') + 2);
  const boundary = /boundary="([^"]+)"/.exec(header)?.[1] ?? assert.fail('no boundary');
  const parts = text
    .slice(header.length)
    .split(`\r\n--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const end = part.indexOf('\r\n\r\n');
      return {
        type: /^Content-Type: ([^;\r]+)/m.exec(part.slice(0, end))?.[1] ?? '',
        body: part.slice(end + 4),
      };
    });
  return { header, parts };
}

describe('RFC 6522 §3: multipart/report', () => {
  test('has a text, a report of its type, and the header of the original, in this order', async () => {
    const { header, parts } = await bounceParts();
    assert.match(header, /^Content-Type: multipart\/report; report-type=delivery-status;\r\n\tboundary=/m);
    assert.match(header, /^MIME-Version: 1\.0\r$/m);
    assert.deepEqual(
      parts.map((part) => part.type),
      ['text/plain', 'message/delivery-status', 'text/rfc822-headers'],
    );
    assert.equal(parts[2]?.body, 'Received: by mx.example.com\r\nSubject: hello\r\n');
  });
});

describe('RFC 3464 §2: message/delivery-status', () => {
  test('§2.2 fields of the message, then §2.3 those of each recipient, in groups with an empty line between', async () => {
    const { parts } = await bounceParts();
    const groups = (parts[1]?.body ?? '').trim().split('\r\n\r\n');
    const fields = groups.map((group) => group.split('\r\n').map((line) => line.split(': ')[0]));
    assert.deepEqual(fields, [
      ['Reporting-MTA', 'Arrival-Date'],
      ['Final-Recipient', 'Action', 'Status', 'Remote-MTA', 'Diagnostic-Code', 'Last-Attempt-Date'],
      ['Final-Recipient', 'Action', 'Status', 'Remote-MTA', 'Diagnostic-Code', 'Last-Attempt-Date'],
    ]);
  });

  test('§2.3.4 a status is permanent, and made of the reply code where the server gave none', async () => {
    const { parts } = await bounceParts();
    assert.deepEqual(parts[1]?.body.match(/^Status: .*(?=\r)/gm), ['Status: 5.1.1', 'Status: 5.0.0']);
  });
});

describe('RFC 3834 §2 and §5: automatic responses', () => {
  test('a bounce says that it is one, so that nothing answers it', async () => {
    const { header } = await bounceParts();
    assert.match(header, /^Auto-Submitted: auto-replied\r$/m);
  });
});
