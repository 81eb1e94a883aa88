import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extendedErrorOption, formatEdnsOption, readExtendedError } from './edns-option.ts';
import type { Message } from './message.ts';
import { domainName } from './name.ts';
import { formatMessage, formatRecord } from './presentation.ts';
import { rrType } from './rr-type.ts';

const address = { owner: domainName('mx.example.com'), class: 1, ttl: 300 };

test('a record is a line of a zone file', () => {
  assert.equal(
    formatRecord({ ...address, type: rrType.A, rdata: Uint8Array.of(192, 0, 2, 1) }),
    'mx.example.com.\t300\tIN\tA\t192.0.2.1',
  );
  assert.equal(
    formatRecord({ ...address, class: 77, type: 65280, rdata: Uint8Array.of(1) }),
    'mx.example.com.\t300\tCLASS77\tTYPE65280\t\\# 1 01',
  );
});

test('a message reads as dig prints it', () => {
  const message: Message = {
    id: 7,
    response: true,
    opcode: 0,
    authoritative: true,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 2,
    questions: [{ name: domainName('mx.example.com'), type: rrType.A, class: 1 }],
    answers: [{ ...address, type: rrType.A, rdata: Uint8Array.of(192, 0, 2, 1) }],
    authorities: [],
    additionals: [],
    edns: {
      udpSize: 1232,
      version: 0,
      dnssecOk: true,
      options: [
        extendedErrorOption({ code: 22, text: 'nobody\u001b[1m' }),
        { code: 10, bytes: Uint8Array.of(1, 255) },
      ],
    },
  };
  assert.equal(
    formatMessage(message),
    `;; ->>HEADER<<- opcode: QUERY, status: SERVFAIL, id: 7
;; flags: qr aa rd; QUESTION: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags: do; udp: 1232
; EDE: 22 (no reachable authority): "nobody\u{fffd}[1m"
; COOKIE: 01ff

;; QUESTION SECTION:
;mx.example.com.\tIN\tA

;; ANSWER SECTION:
mx.example.com.\t300\tIN\tA\t192.0.2.1`,
  );
});

test('extended errors are read back; too short ones are shown as octets', () => {
  assert.deepEqual(readExtendedError({ code: 15, bytes: Uint8Array.of(0, 6, 0x61, 0) }), {
    code: 6,
    text: 'a',
  });
  assert.equal(readExtendedError({ code: 15, bytes: Uint8Array.of(0) }), undefined);
  assert.equal(formatEdnsOption({ code: 15, bytes: Uint8Array.of(0) }), 'EDE: 00');
  assert.equal(formatEdnsOption({ code: 65001, bytes: Uint8Array.of(9) }), 'OPT=65001: 09');
  assert.equal(formatEdnsOption({ code: 12, bytes: new Uint8Array(99) }), 'PADDING: 99 octets');
});
