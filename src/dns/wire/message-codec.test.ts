import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { rcode } from './codes.ts';
import { decodeMessage } from './message-decoder.ts';
import { encodeMessage } from './message-encoder.ts';
import type { Message } from './message.ts';
import { domainName } from './name.ts';
import { formatRdata, parseRdata } from './rdata/registry.ts';
import type { ResourceRecord } from './record.ts';
import { parseType, rrType } from './rr-type.ts';

function record(owner: string, ttl: number, type: string, data: string): ResourceRecord {
  const code = parseType(type) ?? assert.fail(type);
  const tokens = data
    .split(' ')
    .map((text) => ({ text: text.replaceAll('"', ''), quoted: text.includes('"') }));
  const rdata = parseRdata(code, tokens, domainName('.'));
  assert.ok(rdata.ok, `${data}: ${rdata.ok ? '' : rdata.fault.message}`);
  return { owner: domainName(owner), type: code, class: 1, ttl, rdata: rdata.value };
}

const emptyMessage: Message = {
  id: 0x1234,
  response: true,
  opcode: 0,
  authoritative: true,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: 0,
  questions: [{ name: domainName('example.com'), type: rrType.MX, class: 1 }],
  answers: [],
  authorities: [],
  additionals: [],
  edns: undefined,
};

function decoded(bytes: Uint8Array): Message {
  const result = decodeMessage(bytes);
  assert.ok(result.ok, result.ok ? '' : result.fault.reason);
  return result.value;
}

suite('messages', () => {
  test('what is encoded is decoded again, smaller by compression', () => {
    const message: Message = {
      ...emptyMessage,
      answers: [
        record('example.com', 300, 'MX', '10 mx1.example.com.'),
        record('example.com', 300, 'MX', '20 mx2.example.com.'),
      ],
      authorities: [
        record('example.com', 60, 'SOA', 'ns.example.com. hostmaster.example.com. 1 2 3 4 5'),
        record('example.com', 60, 'SRV', '0 0 25 mx1.example.com.'),
      ],
      additionals: [
        record('mx1.example.com', 300, 'A', '192.0.2.1'),
        record('mx2.example.com', 5, 'AAAA', '2001:db8::1'),
      ],
      edns: {
        udpSize: 1232,
        version: 0,
        dnssecOk: true,
        options: [{ code: 10, bytes: Uint8Array.of(1, 2) }],
      },
    };
    const bytes = encodeMessage(message);
    const again = decoded(bytes);
    const names = (records: readonly ResourceRecord[]): string[] =>
      records.map((each) => `${each.owner.toString()} ${each.ttl} ${formatRdata(each.type, each.rdata)}`);
    assert.deepEqual(names(again.answers), names(message.answers));
    assert.deepEqual(names(again.authorities), names(message.authorities));
    assert.deepEqual(names(again.additionals), names(message.additionals));
    assert.deepEqual(again.edns, message.edns);
    assert.equal(
      bytes.length,
      12 + 17 + 2 * 12 + 8 + 8 + (12 + 5 + 13 + 20) + (12 + 6 + 17) + (12 + 4) + (12 + 16) + 17,
    );
    assert.deepEqual(encodeMessage(again), bytes);
  });

  test('response codes above 15 travel in EDNS', () => {
    const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };
    assert.equal(
      decoded(encodeMessage({ ...emptyMessage, rcode: rcode.BADVERS, edns })).rcode,
      rcode.BADVERS,
    );
    assert.equal(decoded(encodeMessage({ ...emptyMessage, rcode: rcode.BADVERS })).rcode, rcode.SERVFAIL);
  });
});

test('what was decoded from a Buffer does not change with it', () => {
  const bytes = Buffer.from(
    encodeMessage({ ...emptyMessage, answers: [record('a.example', 1, 'TLSA', '3 1 1 abcd')] }),
  );
  const message = decoded(bytes);
  bytes.fill(0xff);
  assert.deepEqual(message.answers, [record('a.example', 1, 'TLSA', '3 1 1 abcd')]);
});
