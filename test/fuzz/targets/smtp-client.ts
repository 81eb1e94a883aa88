// A hostile server against the SMTP client. Whatever it says, and wherever it stops: the client ends with a verdict for each recipient
// or none at all, says nothing but well-formed commands, ends the content only where the server asked for it, and never
// calls a message taken without a 250 after the end of data.
import assert from 'node:assert/strict';
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../../../src/lib/bytes.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { Endpoint } from '../../../src/lib/endpoint.ts';
import { silentLog } from '../../../src/lib/log.ts';
import type { Random } from '../../../src/lib/random.ts';
import { ConnectionFault } from '../../../src/lib/transport.ts';
import type { Connection, TlsInfo } from '../../../src/lib/transport.ts';
import { SmtpClient } from '../../../src/smtp/client/smtp-client.ts';
import type { FuzzTarget } from '../target.ts';

const endpoint: Endpoint = { address: '192.0.2.1', port: 25 };
const tlsInfo: TlsInfo = { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };
const content = 'Subject: x\r\n\r\n.dot\r\nbody\r\n';
const stuffed = 'Subject: x\r\n\r\n..dot\r\nbody\r\n.\r\n';
/** A server of this many octets a reading is a fast one. */
const longestPiece = 40;

/** Says the input, piece by piece, whatever it hears; then closes, falls silent or breaks. */
class HostileServer implements Connection {
  readonly local: Endpoint = endpoint;
  readonly remote: Endpoint = endpoint;
  tls: TlsInfo | undefined;
  heard: Uint8Array[] = [];
  closed = false;
  readonly #input: Uint8Array;
  readonly #random: Random;
  readonly #place: { at: number };

  constructor(input: Uint8Array, random: Random, place: { at: number }) {
    this.#input = input;
    this.#random = random;
    this.#place = place;
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.closed) return Promise.reject(new ConnectionFault('aborted', 'closed'));
    const { at } = this.#place;
    if (at >= this.#input.length || this.#random.below(40) === 0) {
      const end = this.#random.below(3);
      if (end === 0) return Promise.resolve(undefined);
      return Promise.reject(new ConnectionFault(end === 1 ? 'timeout' : 'reset', 'it ends'));
    }
    this.#place.at += 1 + this.#random.below(longestPiece);
    return Promise.resolve(this.#input.slice(at, this.#place.at));
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.closed || this.#random.below(30) === 0) {
      return Promise.reject(new ConnectionFault('reset', 'it broke'));
    }
    this.heard.push(bytes.slice());
    return Promise.resolve();
  }

  startTls(): Promise<TlsInfo> {
    if (this.#random.below(3) === 0) return Promise.reject(new ConnectionFault('tls', 'no'));
    this.tls = tlsInfo;
    return Promise.resolve(tlsInfo);
  }

  end(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  destroy(): void {
    this.closed = true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}

const commands =
  /^(?:EHLO mx\.example\.com|HELO mx\.example\.com|STARTTLS|MAIL FROM:<alice@example\.com>(?: SIZE=\d+)?(?: BODY=8BITMIME)?|RCPT TO:<(?:bob|carol)@example\.org>|DATA|RSET|QUIT|\.)$/;

function assertWellSpoken(heard: string): void {
  // What is not the content is commands, each a whole line but where the connection broke.
  for (const line of heard.replaceAll(stuffed, '').split('\r\n').slice(0, -1)) assert.match(line, commands);
}

export const target: FuzzTarget = {
  name: 'smtp-client',
  testSteps: 1500,
  seeds: [
    '220 a\r\n250 a\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n221 bye\r\n',
    '220 a\r\n250-a\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 8BITMIME\r\n250 ok\r\n550 5.1.1 no\r\n250 ok\r\n354 go\r\n250 2.0.0 taken\r\n221 bye\r\n',
    '220 a\r\n250-a\r\n250 STARTTLS\r\n220 go\r\n250-a\r\n250 PIPELINING\r\n250 ok\r\n550 no\r\n550 no\r\n354 go\r\n554 none\r\n221 bye\r\n',
    '220 a\r\n502 what\r\n250 a\r\n250 ok\r\n452 4.2.2 full\r\n421 4.3.2 bye\r\n',
    '220 a\r\n250-a\r\n250 PIPELINING\r\n550 no\r\n503 a\r\n503 a\r\n354 go\r\n250 taken\r\n250 a\r\n250 b\r\n250 c\r\n354 d\r\n250 e\r\n',
    '554 no\r\n',
    // DATA answered by 250.
    '220 a\r\n250 a\r\n250 ok\r\n250 ok\r\n250 ok\r\n250 taken?\r\n250 ok\r\n221 bye\r\n',
  ].map(latin1ToBytes),
  words: [
    '250 ok\r\n',
    '354 go\r\n',
    '421 bye\r\n',
    '550 no\r\n',
    '250-',
    'PIPELINING\r\n',
    '220 go\r\n',
    '250 STARTTLS\r\n',
  ].map(latin1ToBytes),
  async run(input, random) {
    const place = { at: 0 };
    const servers: HostileServer[] = [];
    const client = new SmtpClient({
      network: {
        connect: () => {
          const server = new HostileServer(input, random, place);
          servers.push(server);
          return Promise.resolve(server);
        },
        openFlow: () => assert.fail('mail needs no datagrams'),
      },
      clock: new VirtualClock(),
      log: silentLog,
      hostname: 'mx.example.com',
    });
    const recipients = ['bob', 'carol'].map((localPart) => ({ localPart, domain: 'example.org' }));
    for (let messages = 1 + random.below(3); messages > 0; messages--) {
      const endsBefore = countEnds(servers);
      const outcome = await client.relay(
        { name: 'mx.example.org', endpoint },
        {
          envelope: {
            reversePath: { localPart: 'alice', domain: 'example.com' },
            eightBit: false,
            utf8: false,
          },
          size: content.length,
          async *content() {
            yield latin1ToBytes(content);
          },
        },
        recipients,
        new AbortController().signal,
      );
      assert.notEqual(outcome.kind, 'aborted');
      if (outcome.kind !== 'answered') continue;
      assert.equal(outcome.verdicts.length, recipients.length);
      if (outcome.verdicts.some((verdict) => verdict.kind === 'taken')) {
        assert.equal(countEnds(servers), endsBefore + 1, 'taken, and not sent');
        for (const { kind, reply } of outcome.verdicts)
          if (kind === 'taken') assert.match(reply ?? '', /^2\d\d/);
      }
    }
    await client.close();
    for (const server of servers) {
      assert.ok(server.closed, 'a connection was left open');
      assertWellSpoken(bytesToLatin1(concatBytes(server.heard)));
    }
  },
};

/** How often the whole content with its end of data was sent. */
function countEnds(servers: readonly HostileServer[]): number {
  return servers.reduce(
    (count, server) => count + bytesToLatin1(concatBytes(server.heard)).split(stuffed).length - 1,
    0,
  );
}
