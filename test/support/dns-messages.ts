// Helpers for tests that make and read DNS messages.
import assert from 'node:assert/strict';
import { hexToBytes } from '../../src/lib/bytes.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import type { MessageFault } from '../../src/dns/wire/message-decoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { formatRecord } from '../../src/dns/wire/presentation.ts';
import { parseRdata, parseType } from '../../src/dns/wire/rdata/registry.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { rdataTokens } from './rdata-examples.ts';

/** Blanks and line ends are for the eye. */
export function hex(text: string): Uint8Array {
  return hexToBytes(text.replaceAll(/\s/g, '')) ?? assert.fail(`not hexadecimal: ${text}`);
}

/** A record from a line of words: `example.com. 300 IN MX 10 mx.example.com.`; the class is IN. */
export function record(line: string): ResourceRecord {
  const [, owner = '', ttl = '', type = '', data = ''] = /^(\S+) (\d+) IN (\S+) ?(.*)$/.exec(line) ?? [];
  const code = parseType(type) ?? assert.fail(`no type: ${line}`);
  const rdata = parseRdata(code, rdataTokens(data), domainName('.'));
  assert.ok(rdata.ok, `${line}: ${rdata.ok ? '' : rdata.fault.message}`);
  return { owner: domainName(owner), type: code, class: 1, ttl: Number(ttl), rdata: rdata.value };
}

export function lines(records: readonly ResourceRecord[]): string[] {
  return records.map((each) => formatRecord(each).replaceAll('\t', ' '));
}

/** A response to `example.com. A` without records. */
export function response(parts: Partial<Message> = {}): Message {
  return {
    id: 0x1234,
    response: true,
    opcode: 0,
    authoritative: true,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [{ name: domainName('example.com'), type: rrType.A, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: undefined,
    ...parts,
  };
}

/** A question as clients ask it: for recursion, without EDNS. */
export function query(name: string, type: number = rrType.A, parts: Partial<Message> = {}): Message {
  const flags = { response: false, authoritative: false, recursionDesired: true };
  return response({ id: 1, ...flags, questions: [{ name: domainName(name), type, class: 1 }], ...parts });
}

export function decoded(bytes: Uint8Array): Message {
  const message = decodeMessage(bytes);
  return message.ok ? message.value : assert.fail(message.fault.reason);
}

export function faultOf(bytes: Uint8Array): MessageFault {
  const message = decodeMessage(bytes);
  return message.ok ? assert.fail('taken') : message.fault;
}
