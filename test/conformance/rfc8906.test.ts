// RFC 8906 §8: what a server must answer to queries that are unusual and right, row by row, over UDP, TCP and TLS.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AnswerProtocol } from '../../src/dns/protocol/answer-protocol.ts';
import { Authority } from '../../src/dns/authority/authority.ts';
import type { DnsClient } from '../../src/dns/responder.ts';
import { formatRcode } from '../../src/dns/wire/codes.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { concatBytes, hexToBytes } from '../../src/lib/bytes.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { zoneFromText } from '../support/dns-authority.ts';

const zone = zoneFromText(
  'example.com.',
  `$TTL 300\n@ SOA ns hostmaster 1 3600 900 604800 60\n@ NS ns\nns A 192.0.2.1\n${Array.from(
    { length: 40 },
    (_, i) => `large TXT "${i} ${'x'.repeat(40)}"\n`,
  ).join('')}`,
);
const protocol = new AnswerProtocol(
  { udpSize: 1232, identity: 'ns1', cookieSecrets: [new Uint8Array(16)] },
  new VirtualClock(),
  seededRandom(1),
);
const authority = new Authority(new ZoneSet([zone]), { protocol });

const types = { SOA: 6, TXT: 16, DNSKEY: 48, TYPE1000: 1000, AXFR: 252, MAILB: 253, ANY: 255 } as const;

interface Query {
  /** `undefined`: no question at all. */
  readonly type?: keyof typeof types | undefined;
  readonly name?: string;
  readonly class?: number;
  readonly opcode?: number;
  /** Of the header: AA 0x400, TC 0x200, RD 0x100, RA 0x80, Z 0x40, AD 0x20, CD 0x10. */
  readonly flags?: number;
  readonly edns?: {
    readonly version?: number;
    /** DO is 0x8000. */
    readonly flags?: number;
    readonly size?: number;
    /** Hexadecimal: code, length, data. */
    readonly options?: string;
  };
}

interface Expected {
  readonly rcode: string;
  /** Records of the answer section. */
  readonly answers?: number;
  readonly authoritative?: boolean;
  readonly truncated?: boolean;
  readonly questions?: number;
  readonly opcode?: number;
  /** Codes of the options in the answer's OPT record; DO. Absent: there is no OPT record. */
  readonly edns?: { readonly options?: readonly number[]; readonly dnssecOk?: boolean };
  /** Only over this transport. */
  readonly over?: DnsClient['transport'];
}

function hex(text: string): Uint8Array {
  return hexToBytes(text.replaceAll(/\s/g, '')) ?? assert.fail(text);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

const apex = '07 6578616d706c65 03 636f6d 00';

function encode(query: Query): Uint8Array {
  const { type, opcode = 0, flags = 0, edns } = query;
  const options = hex(edns?.options ?? '');
  return concatBytes([
    hex('beef'),
    u16((opcode << 11) | flags),
    u16(type === undefined ? 0 : 1),
    hex('0000 0000'),
    u16(edns === undefined ? 0 : 1),
    ...(type === undefined ? [] : [hex(query.name ?? apex), u16(types[type]), u16(query.class ?? 1)]),
    ...(edns === undefined
      ? []
      : [
          hex('00 0029'),
          u16(edns.size ?? 1232),
          Uint8Array.of(0, edns.version ?? 0),
          u16(edns.flags ?? 0),
          u16(options.length),
          options,
        ]),
  ]);
}

const soa = { rcode: 'NOERROR', answers: 1, authoritative: true } as const;
const plain = { rcode: 'NOERROR', answers: 0, authoritative: true } as const;
const cookie = '000a 0008 0102030405060708';
const [nsid, cookieCode, keepalive, padding, ede] = [3, 10, 11, 12, 15];

const rows: readonly (readonly [section: string, what: string, query: Query, expected: Expected])[] = [
  ['8.1.1', 'a plain query', { type: 'SOA' }, soa],
  ['8.1.2', 'an unknown type', { type: 'TYPE1000' }, plain],
  ['8.1.3.1', 'CD', { type: 'SOA', flags: 0x10 }, soa],
  ['8.1.3.2', 'AD', { type: 'SOA', flags: 0x20 }, soa],
  ['8.1.3.3', 'the reserved bit', { type: 'SOA', flags: 0x40 }, soa],
  ['8.1.3.4', 'RD', { type: 'SOA', flags: 0x100 }, soa],
  ['8.1.3', 'AA, TC, RA, Z, AD and CD at once', { type: 'SOA', flags: 0x6f0 }, soa],
  ['8.1.4', 'an unknown opcode, header only', { opcode: 15 }, { rcode: 'NOTIMP', opcode: 15, questions: 0 }],
  [
    '8.1.4',
    'an unknown opcode with a question',
    { opcode: 14, type: 'SOA' },
    { rcode: 'NOTIMP', opcode: 14 },
  ],
  [
    '8.1.4',
    'an unknown opcode with EDNS',
    { opcode: 15, type: 'SOA', edns: {} },
    { rcode: 'NOTIMP', opcode: 15, edns: { options: [ede] } },
  ],
  [
    '8.1.4',
    'an unknown opcode with a cookie',
    { opcode: 15, edns: { options: cookie } },
    { rcode: 'NOTIMP', opcode: 15, questions: 0, edns: { options: [cookieCode, ede] } },
  ],
  ['8.1.5', 'TCP', { type: 'SOA' }, { ...soa, over: 'tcp' }],
  ['8.2.1', 'minimal EDNS', { type: 'SOA', edns: {} }, { ...soa, edns: {} }],
  ['8.2.2', 'version 1', { type: 'SOA', edns: { version: 1 } }, { rcode: 'BADVERS', edns: {} }],
  ['8.2.2', 'version 255', { type: 'SOA', edns: { version: 255 } }, { rcode: 'BADVERS', edns: {} }],
  ['8.2.3', 'an unknown option', { type: 'SOA', edns: { options: '0064 0000' } }, { ...soa, edns: {} }],
  [
    '8.2.3',
    'an unknown option with data',
    { type: 'SOA', edns: { options: '0064 0003 010203 fde9 0001 ff' } },
    { ...soa, edns: {} },
  ],
  ['8.2.4', 'an unknown flag', { type: 'SOA', edns: { flags: 0x40 } }, { ...soa, edns: {} }],
  ['8.2.4', 'all flags', { type: 'SOA', edns: { flags: 0xffff } }, { ...soa, edns: { dnssecOk: true } }],
  [
    '8.2.5',
    'version 1 with an unknown flag',
    { type: 'SOA', edns: { version: 1, flags: 0x40 } },
    { rcode: 'BADVERS', edns: {} },
  ],
  [
    '8.2.6',
    'version 1 with an unknown option',
    { type: 'SOA', edns: { version: 1, options: '0064 0000' } },
    { rcode: 'BADVERS', edns: {} },
  ],
  [
    '8.2.6',
    'version 1 with what is no option of version 0',
    { type: 'SOA', edns: { version: 1, options: 'ffffff' } },
    { rcode: 'BADVERS', edns: {} },
  ],
  [
    '8.2.7',
    'an answer that must be truncated keeps its OPT record',
    { type: 'TXT', name: `05 6c61726765 ${apex}`, edns: { size: 512, flags: 0x8000, options: cookie } },
    {
      rcode: 'NOERROR',
      truncated: true,
      authoritative: true,
      edns: { options: [cookieCode], dnssecOk: true },
      over: 'udp',
    },
  ],
  ['8.2.8', 'DO', { type: 'SOA', edns: { flags: 0x8000 } }, { ...soa, edns: { dnssecOk: true } }],
  [
    '8.2.9',
    'version 1 with DO',
    { type: 'SOA', edns: { version: 1, flags: 0x8000 } },
    { rcode: 'BADVERS', edns: { dnssecOk: true } },
  ],
  [
    '8.2.10',
    'several defined options: NSID, EXPIRE, cookie, subnet',
    { type: 'SOA', edns: { options: `0003 0000 0009 0000 ${cookie} 0008 0004 0001 0000` } },
    { ...soa, edns: { options: [cookieCode, nsid] } },
  ],
  [
    '8.2.10',
    'all that we know, over TCP',
    { type: 'SOA', edns: { flags: 0x8000, options: `000b 0000 000c 0000 0003 0000 ${cookie}` } },
    { ...soa, edns: { options: [cookieCode, nsid, keepalive], dnssecOk: true }, over: 'tcp' },
  ],
  [
    '8.2.10',
    'all that we know, over TLS',
    { type: 'SOA', edns: { options: `000c 0000 000b 0000 0003 0000 ${cookie}` } },
    { ...soa, edns: { options: [cookieCode, nsid, keepalive, padding] }, over: 'tls' },
  ],
  // Beyond the RFC's list: the same care for the rest of the protocol.
  [
    'RFC 7873 §5.4',
    'no question, with a cookie',
    { edns: { options: cookie } },
    { rcode: 'NOERROR', questions: 0, edns: { options: [cookieCode] } },
  ],
  [
    'RFC 7873 §5.4',
    'no question, without a cookie',
    { edns: {} },
    { rcode: 'FORMERR', questions: 0, edns: {} },
  ],
  ['RFC 9619 §3', 'no question and no EDNS', {}, { rcode: 'FORMERR', questions: 0 }],
  [
    'RFC 7873 §5.2.2',
    'a cookie of seven octets',
    { type: 'SOA', edns: { options: '000a 0007 01020304050607' } },
    { rcode: 'FORMERR', edns: {} },
  ],
  [
    'RFC 7873 §5.2.4',
    'a cookie of another server, answered all the same',
    { type: 'SOA', edns: { options: '000a 0018 0102030405060708 0100000000000000 0000000000000000' } },
    { ...soa, edns: { options: [cookieCode] } },
  ],
  [
    'RFC 7873 §5.2',
    'two cookies, of which the first counts',
    { type: 'SOA', edns: { options: `${cookie} 000a 0003 000000` } },
    { ...soa, edns: { options: [cookieCode] } },
  ],
  [
    'RFC 7828 §3.2.1',
    'TCP keepalive over UDP is ignored',
    { type: 'SOA', edns: { options: '000b 0000' } },
    { ...soa, edns: {}, over: 'udp' },
  ],
  [
    'RFC 7828 §3.1',
    'TCP keepalive with a time',
    { type: 'SOA', edns: { options: '000b 0002 0064' } },
    { rcode: 'FORMERR', edns: {}, over: 'tcp' },
  ],
  [
    'RFC 7830 §6',
    'padding in clear is ignored',
    { type: 'SOA', edns: { options: '000c 0000' } },
    { ...soa, edns: {}, over: 'tcp' },
  ],
  [
    'RFC 6891 §6.1.2',
    'half an option',
    { type: 'SOA', edns: { options: '0003 00' } },
    { rcode: 'FORMERR', edns: {} },
  ],
  [
    'RFC 6891 §6.1.2',
    'an option beyond the end',
    { type: 'SOA', edns: { options: '0003 0001' } },
    { rcode: 'FORMERR', edns: {} },
  ],
  [
    'RFC 6895 §3.1',
    'a meta-type',
    { type: 'MAILB', edns: {} },
    { rcode: 'NOTIMP', edns: { options: [ede] } },
  ],
  ['RFC 6895 §3.1', 'a meta-type without EDNS', { type: 'MAILB' }, { rcode: 'NOTIMP' }],
  ['RFC 8482 §4', 'ANY', { type: 'ANY' }, { ...soa, over: 'udp' }],
  [
    'RFC 8914 §4.21',
    'a name that is not ours',
    { type: 'SOA', name: '03 6f7267 00', edns: { options: cookie } },
    { rcode: 'REFUSED', edns: { options: [cookieCode, ede] } },
  ],
  ['RFC 1035 §3.2.4', 'class HESIOD', { type: 'SOA', class: 4 }, { rcode: 'REFUSED' }],
  [
    'RFC 4892 §3',
    'version.bind, hidden',
    { type: 'TXT', class: 3, name: '07 76657273696f6e 04 62696e64 00' },
    { rcode: 'REFUSED' },
  ],
  [
    'RFC 4892 §3',
    'id.server',
    { type: 'TXT', class: 3, name: '02 6944 06 736572766572 00', edns: {} },
    { ...soa, edns: {} },
  ],
];

function answerTo(query: Query, transport: DnsClient['transport']): Uint8Array {
  return authority.answer(encode(query), transport, '198.51.100.100') ?? assert.fail('no answer');
}

suite('RFC 8906 §8', () => {
  for (const [section, what, query, expected] of rows) {
    const transports = expected.over === undefined ? (['udp', 'tcp', 'tls'] as const) : [expected.over];
    for (const transport of transports) {
      test(`${section}: ${what} (${transport})`, () => check(answerTo(query, transport), query, expected));
    }
  }
});

function check(answer: Uint8Array, query: Query, expected: Expected): void {
  const decoded = decodeMessage(answer);
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.fault.reason);
  const message: Message = decoded.value;
  assert.deepEqual(
    {
      id: message.id,
      response: message.response,
      rcode: formatRcode(message.rcode),
      opcode: message.opcode,
      authoritative: message.authoritative,
      truncated: message.truncated,
      recursionDesired: message.recursionDesired,
      // RA, Z, AD, CD
      otherFlags: (answer[3] ?? 0) & 0xf0,
      questions: message.questions.length,
    },
    {
      id: 0xbeef,
      response: true,
      rcode: expected.rcode,
      opcode: expected.opcode ?? 0,
      authoritative: expected.authoritative ?? false,
      truncated: expected.truncated ?? false,
      recursionDesired: ((query.flags ?? 0) & 0x100) !== 0,
      otherFlags: 0,
      questions: expected.questions ?? 1,
    },
  );
  if (expected.truncated !== true) assert.equal(message.answers.length, expected.answers ?? 0);
  if (expected.edns === undefined) assert.equal(message.edns, undefined);
  else {
    assert.deepEqual(
      {
        version: message.edns?.version,
        size: message.edns?.udpSize,
        dnssecOk: message.edns?.dnssecOk,
        options: message.edns?.options.map(({ code }) => code),
      },
      {
        version: 0,
        size: 1232,
        dnssecOk: expected.edns.dnssecOk ?? false,
        options: expected.edns.options ?? [],
      },
    );
    // RFC 6891 §6.1.4: unknown flags are not repeated.
    assert.equal(flagsOfOpt(answer) & 0x7fff, 0);
  }
}

/** DO and Z of an OPT record that stands last and alone among the additionals. */
function flagsOfOpt(answer: Uint8Array): number {
  for (let at = answer.length - 11; at >= 12; at--) {
    const length = ((answer[at + 9] ?? 0) << 8) | (answer[at + 10] ?? 0);
    const isOpt = answer[at] === 0 && answer[at + 1] === 0 && answer[at + 2] === 41;
    if (isOpt && at + 11 + length === answer.length)
      return ((answer[at + 7] ?? 0) << 8) | (answer[at + 8] ?? 0);
  }
  return assert.fail('no OPT record at the end');
}
