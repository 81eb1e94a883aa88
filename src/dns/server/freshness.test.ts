import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import { domainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { freshnessOf } from './freshness.ts';

const owner = domainName('www.example.com');
const record = (type: number, ttl: number): ResourceRecord => ({
  owner,
  type,
  class: 1,
  ttl,
  rdata: new Uint8Array(type === rrType.A ? 4 : 22),
});

function response(more: Partial<Message>): Uint8Array {
  return encodeMessage({
    id: 0,
    response: true,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: true,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [{ name: owner, type: rrType.A, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: undefined,
    ...more,
  });
}

const soa = record(rrType.SOA, 300);
const cases: readonly (readonly [what: string, message: Partial<Message>, seconds: number])[] = [
  ['one record', { answers: [record(rrType.A, 60)] }, 60],
  ['the least of several', { answers: [record(rrType.A, 900), record(rrType.TXT, 70)] }, 70],
  ['the longest there is', { answers: [record(rrType.A, 0x7fff_ffff)] }, 0x7fff_ffff],
  ['no such name', { rcode: 3, authorities: [soa] }, 300],
  ['proofs beside the SOA count for nothing', { authorities: [record(rrType.NSEC, 9), soa] }, 300],
  ['an alias to nothing', { answers: [record(rrType.CNAME, 600)], authorities: [soa] }, 300],
  ['nothing that tells a time', {}, 0],
  ['a failure', { rcode: 2, answers: [record(rrType.A, 60)] }, 0],
  ['a refusal', { rcode: 5 }, 0],
];

for (const [what, message, seconds] of cases) {
  test(`${what}: ${seconds} s`, () => assert.equal(freshnessOf(response(message)), seconds));
}

test('an answer that is cut off anywhere is kept by nobody too long, and breaks nothing', () => {
  const whole = response({ answers: [record(rrType.A, 60)] });
  for (let length = 0; length < whole.length; length++) {
    assert.ok(freshnessOf(whole.subarray(0, length)) <= 60);
  }
});
