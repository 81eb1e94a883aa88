// What `signpost query NAME TYPE @SERVER --trace` tells of one answer, of a server on loopback.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordsOfText } from '../../../test/support/records.ts';
import { seededRandom } from '../../lib/random.ts';
import { systemClock } from '../../lib/clock.ts';
import { createNetwork } from '../../net/network.ts';
import { listenUdp } from '../../net/udp-listener.ts';
import { extendedErrorOption } from '../wire/edns-option.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import { domainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { reportFromServer } from './server-report.ts';

const owner = domainName('www.example.com');

async function textsFor(answer: Partial<Message>, dnssec: boolean): Promise<readonly string[]> {
  await using server = await listenUdp({ address: '127.0.0.1', port: 0 }, (bytes, _from, reply) => {
    const query = decodeMessage(bytes);
    if (query.ok) reply(encodeMessage({ ...query.value, response: true, ...answer }));
  });
  const means = { clock: systemClock, random: seededRandom(1) };
  const network = createNetwork({ map: new Map() });
  const question = { name: owner, type: rrType.A, dnssec };
  const report = await reportFromServer(network, server.endpoint, question, means);
  assert.ok(report.ok, report.ok ? '' : report.fault);
  return report.value.journey.map(({ text, ok }) => `${ok ? '' : '✗ '}${text}`);
}

const [a, signature] = recordsOfText(
  owner,
  `@ 60 A 192.0.2.1
@ 60 RRSIG A 13 3 60 20301231000000 20260101000000 4711 example.com. AAAA
`,
);
assert.ok(a !== undefined && signature !== undefined);

test('time and answer, and no word of DNSSEC to who did not ask', async () => {
  assert.deepEqual(await textsFor({ answers: [a], authoritative: true }, false), [
    'Asked for the A of www.example.com by UDP.',
    "Answers NOERROR as the authority, with 1 record. Its own steps aren't seen from here.",
  ]);
});

test('what it says of DNSSEC, and which key has signed what until when', async () => {
  const texts = await textsFor({ answers: [a, signature], authenticData: true }, true);
  assert.deepEqual(texts.slice(2), [
    'Says that it has validated the answer (AD); nobody but it has.',
    'www.example.com. A is signed by key 4711 of example.com. (ECDSAP256SHA256), until 2030-12-31.',
  ]);
});

test('why it fails, as far as it says so', async () => {
  const option = extendedErrorOption({ code: 7, text: 'expired yesterday' });
  const edns = { udpSize: 1232, version: 0, dnssecOk: true, options: [option] };
  const texts = await textsFor({ rcode: 2, edns }, true);
  assert.deepEqual(texts.slice(1), [
    "Answers SERVFAIL, with 0 records. Its own steps aren't seen from here.",
    '✗ Says why: extended error 7, signature expired: expired yesterday.',
    "Doesn't say that it has validated the answer (no AD).",
    'Gives no signatures.',
  ]);
});
