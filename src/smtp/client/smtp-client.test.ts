// What scenarios can't tell: time, aborts, faults of the store, and addresses that no parser lets through.
// The dialogues themselves are in test/scenario/smtp-client.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { latin1ToBytes } from '../../lib/bytes.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import type { Connection, Network } from '../../lib/transport.ts';
import { ConnectionFault } from '../../lib/transport.ts';
import { StoreFault } from '../../mailbox/message.ts';
import { address } from '../../../test/support/relay-world.ts';
import { ScriptedNetwork, ScriptedServer } from '../../../test/support/scripted-server.ts';
import type { RelayMail, RelayTarget } from '../queue/relay-transport.ts';
import { SmtpClient } from './smtp-client.ts';

const target: RelayTarget = { name: 'mx.example.org', endpoint: { address: '192.0.2.1', port: 25 } };
const never = new AbortController().signal;

const mail: RelayMail = {
  envelope: { reversePath: address('alice@example.com'), eightBit: false, utf8: false },
  size: 4,
  async *content() {
    yield latin1ToBytes('hi\r\n');
  },
};

const opening = ['S: 220 mx.example.org', 'C: EHLO mx.example.com', 'S: 250 mx.example.org'];
const envelope = [
  'C: MAIL FROM:<alice@example.com>',
  'S: 250 ok',
  'C: RCPT TO:<bob@example.org>',
  'S: 250 ok',
  'C: DATA',
  'S: 354 go',
];
const content = ['C: hi', 'C: .', 'S: 250 taken'];
const quit = ['C: QUIT', 'S: 221 bye'];

function clientOf(network: Network, clock: VirtualClock = new VirtualClock()): SmtpClient {
  return new SmtpClient({ network, clock, log: silentLog, hostname: 'mx.example.com' });
}

describe('the pool', () => {
  test('a connection takes its leave when no message comes for a while', async () => {
    const clock = new VirtualClock();
    const network = new ScriptedNetwork([[...opening, ...envelope, ...content, ...quit]], 100);
    const client = clientOf(network, clock);
    const outcome = await client.relay(target, mail, [address('bob@example.org')], never);
    assert.equal(outcome.kind, 'answered');
    await clock.advanceAsync(4999);
    assert.equal(network.connections[0]?.closed, false);
    await clock.advanceAsync(1);
    network.assertPlayed();
    assert.equal(clock.nextTimer(), undefined);
  });

  test('other servers, other names and other users have connections of their own', async () => {
    const script = [...opening, ...envelope, ...content, ...quit];
    const network = new ScriptedNetwork([script, script, script], 100);
    const client = clientOf(network);
    for (const each of [
      target,
      { ...target, name: 'mx2.example.org' },
      { ...target, endpoint: { address: '192.0.2.2', port: 25 } },
    ]) {
      await client.relay(each, mail, [address('bob@example.org')], never);
    }
    await client.close();
    network.assertPlayed();
  });

  test('two messages at once never share a connection', async () => {
    const script = [...opening, ...envelope, ...content, ...quit];
    const network = new ScriptedNetwork([script, script], 100);
    const client = clientOf(network);
    const relay = (): Promise<unknown> => client.relay(target, mail, [address('bob@example.org')], never);
    await Promise.all([relay(), relay()]);
    await client.close();
    network.assertPlayed();
  });
});

describe('faults', () => {
  test('a content that breaks off is never ended: the connection is closed, and the fault is thrown', async () => {
    const network = new ScriptedNetwork([[...opening, ...envelope]], 100);
    const broken: RelayMail = {
      ...mail,
      async *content() {
        yield latin1ToBytes('hi\r\n');
        throw new StoreFault('broken', 'the rest is gone');
      },
    };
    const relaying = clientOf(network).relay(target, broken, [address('bob@example.org')], never);
    await assert.rejects(relaying, StoreFault);
    network.assertPlayed();
  });

  test('an address with a line end in it is refused, not sent', async () => {
    const network = new ScriptedNetwork([[...opening, ...quit]], 100);
    const client = clientOf(network);
    const evil = { localPart: 'bob>\r\nDATA', domain: 'example.org' };
    const outcome = await client.relay(target, mail, [evil], never);
    assert.equal(outcome.kind === 'answered' && outcome.verdicts[0]?.status, '5.1.3');
    const from = { ...mail, envelope: { ...mail.envelope, reversePath: evil } };
    const second = await client.relay(target, from, [address('bob@example.org')], never);
    assert.equal(second.kind === 'answered' && second.verdicts[0]?.status, '5.1.7');
    await client.close();
    network.assertPlayed();
  });

  test('a server name goes into TLS, an address literal does not', async () => {
    const script = [
      'S: 220 a',
      'C: EHLO mx.example.com',
      'S: 250-a',
      'S: 250 STARTTLS',
      'C: STARTTLS',
      'S: 220 go',
      'TLS ok',
      'C: EHLO mx.example.com',
      'CLOSE',
    ];
    const network = new ScriptedNetwork([script, script], 100);
    const client = clientOf(network);
    await client.relay(target, mail, [address('bob@example.org')], never);
    await client.relay({ ...target, name: '[192.0.2.1]' }, mail, [address('bob@[192.0.2.1]')], never);
    assert.deepEqual(
      network.connections.map((connection) => connection.tlsOptions),
      [{ serverName: 'mx.example.org', requireVerified: false }, { requireVerified: false }],
    );
  });
});

describe('time', () => {
  test('a server that sends its reply octet by octet gets no longer than any other', async () => {
    const clock = new VirtualClock();
    const drip: Network = {
      connect: async () => {
        const connection = new ScriptedServer([], target.endpoint, 1);
        connection.read = async (): Promise<Uint8Array> => {
          clock.advance(60_000);
          return latin1ToBytes('2');
        };
        return connection;
      },
      openFlow: () => assert.fail('mail needs no datagrams'),
    };
    const started = clock.now();
    const outcome = await clientOf(drip, clock).relay(target, mail, [address('bob@example.org')], never);
    assert.equal(
      outcome.kind === 'unanswered' && outcome.reason,
      'Before its greeting, no reply came for 300 s.',
    );
    assert.equal(clock.now() - started, 300_000);
  });

  test('a server that takes the message by drops is left', async () => {
    const clock = new VirtualClock();
    let blocks = 0;
    const network: Network = {
      connect: async () => {
        const connection = new ScriptedServer([...opening, ...envelope], target.endpoint, 100);
        const write = connection.write.bind(connection);
        connection.write = async (bytes): Promise<void> => {
          if (bytes.length < 100) return await write(bytes);
          blocks += 1;
          clock.advance(179_000);
          return undefined;
        };
        return connection;
      },
      openFlow: () => assert.fail('mail needs no datagrams'),
    };
    const large: RelayMail = {
      ...mail,
      async *content() {
        for (let i = 0; i < 1000; i++) yield latin1ToBytes(`${'x'.repeat(998)}\r\n`.repeat(70));
      },
    };
    const outcome = await clientOf(network, clock).relay(target, large, [address('bob@example.org')], never);
    assert.equal(
      outcome.kind === 'unanswered' && outcome.reason,
      'While the message was sent, it took the message too slowly.',
    );
    assert.ok(blocks < 25, `${blocks} blocks`);
  });
});

describe('an abort', () => {
  test('before anything: no connection is opened', async () => {
    const outcome = await clientOf({
      connect: async () => Promise.reject(new ConnectionFault('aborted', 'aborted')),
      openFlow: () => assert.fail('mail needs no datagrams'),
    }).relay(target, mail, [address('bob@example.org')], AbortSignal.abort());
    assert.equal(outcome.kind, 'aborted');
  });

  for (const [when, at] of [
    ['while the greeting is waited for', 0],
    ['while the reply to EHLO is waited for', 1],
    ['while the reply to MAIL is waited for', 2],
    ['while the reply to DATA is waited for', 4],
  ] as const) {
    test(`${when}: the connection is closed, nothing was handed over`, async () => {
      const abort = new AbortController();
      let reads = 0;
      let connection: Connection | undefined;
      const network: Network = {
        connect: async () => {
          const scripted = new ScriptedServer([...opening, ...envelope, ...content], target.endpoint, 100);
          const read = scripted.read.bind(scripted);
          scripted.read = async (): Promise<Uint8Array | undefined> => {
            if (reads++ < at) return await read();
            abort.abort();
            assert.equal(scripted.closed, true);
            throw new ConnectionFault('aborted', 'closed');
          };
          connection = scripted;
          return scripted;
        },
        openFlow: () => assert.fail('mail needs no datagrams'),
      };
      const outcome = await clientOf(network).relay(target, mail, [address('bob@example.org')], abort.signal);
      assert.equal(outcome.kind, 'aborted');
      assert.ok(connection);
    });
  }
});
