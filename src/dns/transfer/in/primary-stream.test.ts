import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { systemClock } from '../../../lib/clock.ts';
import type { Endpoint } from '../../../lib/endpoint.ts';
import { systemRandom } from '../../../lib/random.ts';
import type { ConnectionHandler } from '../../../lib/transport.ts';
import { createNetwork } from '../../../net/network.ts';
import { makeSelfSigned } from '../../../net/self-signed.ts';
import { listenTcp } from '../../../net/tcp-listener.ts';
import type { Listener } from '../../../net/tcp-listener.ts';
import { TlsContext } from '../../../net/tls-context.ts';
import { record } from '../../../../test/support/dns-messages.ts';
import { DnsFrameDecoder, frameMessage } from '../../wire/frame-decoder.ts';
import { decodeMessage } from '../../wire/message-decoder.ts';
import { encodeMessage } from '../../wire/message-encoder.ts';
import { domainName } from '../../wire/name.ts';
import { askSerial } from './ask-soa.ts';
import type { Primary } from './primary.ts';

const soa = record('example.com. 300 IN SOA ns.example.com. h.example.com. 7 60 30 90 5');
const means = { network: createNetwork(), clock: systemClock, random: systemRandom };
const patience = { connectMs: 5_000, idleMs: 2_000, udpMs: [50] };
const { signal } = new AbortController();

/** Answers each question with the SOA, an octet at a time, and notes how the connection was secured. */
function answerer(secured: string[]): ConnectionHandler {
  return async (connection) => {
    secured.push(connection.tls?.protocol ?? 'clear');
    const frames = new DnsFrameDecoder();
    for (;;) {
      const bytes = await connection.read(5_000);
      if (bytes === undefined) return;
      for (const message of frames.push(bytes).messages) {
        const query = decodeMessage(message);
        if (!query.ok) return;
        const answer = { ...query.value, response: true, authoritative: true, answers: [soa] };
        for (const octet of frameMessage(encodeMessage(answer))) await connection.write(Uint8Array.of(octet));
      }
    }
  };
}

suite('a primary that is asked over TLS (RFC 9103)', () => {
  const secured: string[] = [];
  let listener: Listener;
  before(async () => {
    const tls = new TlsContext(await makeSelfSigned(['ns.example.com'], Date.now()));
    const anyPort: Endpoint = { address: '127.0.0.1', port: 0 };
    listener = await listenTcp(anyPort, answerer(secured), { tls, tlsAtOnce: true, alpn: 'dot' });
  });
  after(() => listener.close());

  const ask = (tls: Primary['tls']): ReturnType<typeof askSerial> =>
    askSerial(
      domainName('example.com'),
      { endpoint: listener.endpoint, key: undefined, tls },
      means,
      signal,
      patience,
    );

  test('any certificate serves where no name is said; TLS 1.3 is spoken', async () => {
    const serial = await ask({ name: undefined });
    assert.deepEqual(serial, { ok: true, value: 7 });
    assert.deepEqual(secured.splice(0), ['TLSv1.3']);
  });

  test('a name is asked of the certificate, and one that nobody vouches for is refused', async () => {
    const serial = await ask({ name: 'ns.example.com' });
    assert.equal(serial.ok, false);
    assert.equal(serial.ok ? '' : serial.fault.kind, 'gone');
    assert.match(serial.ok ? '' : serial.fault.reason, /the certificate is not valid/);
  });

  test('it is never asked in clear', async () => {
    secured.splice(0);
    const serial = await ask(undefined);
    assert.equal(serial.ok, false);
    assert.deepEqual(secured, []);
  });
});

test('a primary that answers by TCP, octet by octet, and one that is not there', async () => {
  await using listener = await listenTcp({ address: '127.0.0.1', port: 0 }, answerer([]));
  const primary: Primary = { endpoint: listener.endpoint, key: undefined, tls: undefined };
  const origin = domainName('example.com');
  assert.deepEqual(await askSerial(origin, primary, means, signal, patience), { ok: true, value: 7 });
  await listener.close();
  const gone = await askSerial(origin, primary, means, signal, patience);
  assert.equal(gone.ok ? '' : gone.fault.kind, 'gone');
});
