// DNS messages: whatever decodes is encoded, whole and cut down, and decodes again to the same.
import assert from 'node:assert/strict';
import { hexToBytes } from '../../../src/lib/bytes.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../../src/dns/wire/message-encoder.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import { formatMessage } from '../../../src/dns/wire/presentation.ts';
import type { ResourceRecord } from '../../../src/dns/wire/record.ts';
import { parseRdata, parseType } from '../../../src/dns/wire/rdata/registry.ts';
import { rdataExamples, rdataTokens } from '../../support/rdata-examples.ts';
import type { FuzzTarget } from '../target.ts';

function hex(text: string): Uint8Array {
  return hexToBytes(text.replaceAll(/\s/g, '')) ?? assert.fail(text);
}

/** A response with two records of each example's type. */
const examples = rdataExamples.map(({ type, text }): Uint8Array => {
  const code = parseType(type) ?? assert.fail(type);
  const rdata = parseRdata(code, rdataTokens(text), domainName('.'));
  assert.ok(rdata.ok);
  const owner = domainName('example.com');
  const record: ResourceRecord = { owner, type: code, class: 1, ttl: 300, rdata: rdata.value };
  const tsig = type === 'TSIG';
  return encodeMessage({
    id: 1,
    response: true,
    opcode: 0,
    authoritative: true,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [{ name: owner, type: code, class: 1 }],
    answers: tsig ? [] : [record, record],
    authorities: [],
    additionals: tsig ? [record] : [],
    edns: { udpSize: 1232, version: 0, dnssecOk: false, options: [] },
  });
});

export const target: FuzzTarget = {
  name: 'dns-message',
  seeds: [
    // A query with EDNS and a cookie.
    hex(`1234 0120 0001 0000 0000 0001 07 6578616d706c65 03 636f6d 00 000f 0001
         00 0029 04d0 0000 8000 000c 000a 0008 0102030405060708`),
    // A referral with glue.
    hex(`1234 8000 0001 0000 0002 0002 03 777777 07 6578616d706c65 03 636f6d 00 0001 0001
         c010 0002 0001 0002a300 0006 03 6e7331 c010 c010 0002 0001 0002a300 0006 03 6e7332 c010
         c02d 0001 0001 0002a300 0004 c0000201 c03f 001c 0001 0002a300 0010 20010db8000000000000000000000001`),
    // SOA, MX, TXT, SRV with compression.
    hex(`0001 8580 0001 0003 0001 0000 07 6578616d706c65 03 636f6d 00 00ff 0001
         c00c 000f 0001 0000012c 0009 000a 04 6d61696c c00c c00c 0010 0001 0000012c 000c 0b 763d73706631202d616c6c
         c00c 0021 0001 0000012c 0008 0000 0000 0019 c02b
         c00c 0006 0001 0000012c 0021 02 6e73 c00c 05 61646d696e c00c 00000001 00000002 00000003 00000004 00000005`),
    // A pointer to itself, a pointer forward, a chain of pointers.
    hex('0000 0000 0001 0000 0000 0000 c00c 0001 0001'),
    hex('0000 0000 0001 0000 0000 0000 c012 0001 0001 00'),
    hex('0000 0000 0002 0000 0000 0000 01 61 00 0001 0001 01 62 c00c 0001 0001'),
    ...examples,
  ],
  run(input, random) {
    const first = decodeMessage(input);
    if (!first.ok) return;
    const message = first.value;
    formatMessage(message);
    const whole = encodeMessage(message);
    const second = decodeMessage(whole);
    assert.ok(second.ok, second.ok ? '' : second.fault.reason);
    // Compression may give a name the case of one written before, so octets are compared, not names.
    assert.deepEqual(encodeMessage(second.value), whole);
    const limit = 512 + random.below(4096);
    const cut = encodeMessage(message, limit);
    const third = decodeMessage(cut);
    assert.ok(third.ok, third.ok ? '' : third.fault.reason);
    if (whole.length <= limit) assert.deepEqual(cut, whole);
  },
};
