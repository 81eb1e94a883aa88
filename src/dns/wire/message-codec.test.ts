// Encoder and decoder together; the standards' rules are tested by section in test/conformance/rfc1035-messages.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoded, lines, record, response } from '../../../test/support/dns-messages.ts';
import { target } from '../../../test/fuzz/targets/dns-message.ts';
import { decodeMessage } from './message-decoder.ts';
import { encodeMessage } from './message-encoder.ts';

test('what is encoded is decoded again, smaller by compression', () => {
  const message = response({
    answers: [
      record('example.com. 300 IN MX 10 mx1.example.com.'),
      record('example.com. 300 IN MX 20 mx2.example.com.'),
    ],
    authorities: [
      record('example.com. 60 IN SOA ns.example.com. hostmaster.example.com. 1 2 3 4 5'),
      record('example.com. 60 IN SRV 0 0 25 mx1.example.com.'),
    ],
    additionals: [
      record('mx1.example.com. 300 IN A 192.0.2.1'),
      record('mx2.example.com. 5 IN AAAA 2001:db8::1'),
    ],
    edns: { udpSize: 1232, version: 0, dnssecOk: true, options: [{ code: 10, bytes: Uint8Array.of(1, 2) }] },
  });
  const bytes = encodeMessage(message);
  const again = decoded(bytes);
  for (const section of ['answers', 'authorities', 'additionals'] as const)
    assert.deepEqual(lines(again[section]), lines(message[section]));
  assert.deepEqual(again.edns, message.edns);
  const [header, question, mx, soa, srv, a, aaaa, opt] = [
    12,
    17,
    12 + 8,
    12 + 5 + 13 + 20,
    12 + 23,
    16,
    28,
    17,
  ];
  assert.equal(bytes.length, header + question + 2 * mx + soa + srv + a + aaaa + opt);
  assert.deepEqual(encodeMessage(again), bytes);
});

test('most seeds of the fuzzer are valid, or it would only ever test the first check', () => {
  const valid = target.seeds.filter((seed) => decodeMessage(seed).ok);
  assert.ok(valid.length > target.seeds.length * 0.9, `${valid.length} of ${target.seeds.length}`);
});

test('encoding does not depend on what was encoded before', () => {
  const small = response({ answers: [record('b.example.com. 300 IN A 192.0.2.1')] });
  const before = encodeMessage(small);
  const large = response({
    answers: Array.from({ length: 3000 }, (_, i) =>
      record(`n${i}.example.com. 300 IN NS b.n${i}.example.net.`),
    ),
  });
  assert.ok(encodeMessage(large).length > 60_000);
  encodeMessage(large, 512);
  assert.deepEqual(encodeMessage(small), before);
});

test('what was decoded from a Buffer does not change with it', () => {
  const answers = [record('a.example. 1 IN TLSA 3 1 0 abcd')];
  const bytes = Buffer.from(encodeMessage(response({ answers })));
  const message = decoded(bytes);
  bytes.fill(0xff);
  assert.deepEqual(lines(message.answers), lines(answers));
});
