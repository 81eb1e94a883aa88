import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { bytesToHex, utf8ToBytes } from '../../lib/bytes.ts';
import { domainName } from '../wire/name.ts';
import { PlainRecordReader } from './plain-record.ts';
import { RecordScratch } from './record-scratch.ts';
import { formatZoneFileFault } from './zone-file-fault.ts';
import { readZoneFile } from './zone-file-parser.ts';

const origin = domainName('example.com.');

/** What is read from a text: each record, or the faults. */
function read(text: string, defaultTtl?: number): readonly string[] {
  const records: string[] = [];
  let last = '';
  const options = defaultTtl === undefined ? { origin } : { origin, defaultTtl };
  const file = readZoneFile({ name: 'z', text }, options, {
    add: (record) => {
      const owner = bytesToHex(record.owner.subarray(0, record.ownerLength));
      assert.ok(!record.sameOwner || owner === last, `line ${record.line} has another owner`);
      last = owner;
      const rdata = bytesToHex(record.rdata.subarray(0, record.rdataLength));
      records.push(
        `${record.line}+${record.at} ${owner} ${record.ttl} ${record.class} ${record.type} ${rdata}`,
      );
    },
  });
  return file.ok
    ? records
    : file.fault.map((fault) => formatZoneFileFault({ ...fault, text: '' }).split('\n')[0] ?? '');
}

/** Whether the fast way takes a line. */
function isPlain(line: string): boolean {
  const reader = new PlainRecordReader(utf8ToBytes(`${line}\n`), new RecordScratch());
  reader.origin = origin.wire;
  return reader.read(0, true) === 'record';
}

const plain: readonly string[] = [
  'a 60 IN A 192.0.2.1',
  'a IN 60 A 192.0.2.1 ; a comment',
  '\t60\tAAAA\t2001:DB8::1\t',
  '@ 60 NS ns',
  'A.b 60 cname C.example.net.',
  'a 60 MX 010 @',
  'a 60 TXT "a b" c "" ;x',
  '_x._tcp 60 SRV 1 2 3 t',
  'a 60 DS 1 8 2 00112233445566778899AABBCCDDEEFF 00112233445566778899aabbccddeeff',
  'a 60 CAA 0 issue "ca.example; x=1"',
  'a 60 AAAA ::',
  'a 60 AAAA 1::',
  'a 60 PTR b\r',
];

for (const line of plain) test(`read the fast way: ${line}`, () => assert.ok(isPlain(line)));

const declined: readonly string[] = [
  'a 60 A 192.0.2.01',
  'a 60 A 192.0.2.256',
  'a 60 A 192.0.2.1 x',
  'a 1h A 192.0.2.1',
  'a CH A 192.0.2.1',
  'a\\.b 60 A 192.0.2.1',
  'a. . 60 A 192.0.2.1',
  'a..b 60 A 192.0.2.1',
  '. 60 A 192.0.2.1',
  `${'x'.repeat(64)} 60 A 192.0.2.1`,
  `${'x.'.repeat(128)} 60 A 192.0.2.1`,
  'a 60 ( A 192.0.2.1 )',
  'a 60 A(192.0.2.1)',
  'a 60 AAAA ::192.0.2.1',
  'a 60 AAAA 1:2:3:4:5:6:7',
  'a 60 AAAA 1:2:3:4:5:6:7:8:9',
  'a 60 AAAA 1:2:3:4::5:6:7:8',
  'a 60 AAAA :1::',
  'a 60 AAAA 1:::2',
  'a 60 AAAA 12345::',
  'a 60 AAAA 1:2:3:4:5:6:7:',
  'a 60 TXT',
  'a 60 TXT "x',
  'a 60 TXT "ä"',
  'a 60 TXT x"y z"',
  `a 60 TXT ${'x'.repeat(256)}`,
  'a 60 MX 65536 b',
  'a 60 MX b',
  'a 60 DS 1 8 2 00',
  'a 60 CAA 0 "" x',
  'a 60 CAA 0 a-b x',
  'a 2147483648 A 192.0.2.1',
  'a 60 A \\# 4 0A000001',
  '$TTL 5',
];

for (const line of declined) test(`left to the lexer: ${line}`, () => assert.ok(!isPlain(line)));

test('fast and slow read the same', () => {
  const random = seededRandom(7);
  const pick = (words: readonly string[]): string => words[random.below(words.length)] ?? '';
  // Each kind of word, right, odd and wrong.
  const owners = [
    'a',
    'A',
    '',
    '',
    '',
    'b.c',
    '@',
    'x.example.com.',
    'x.example.org.',
    'a..b',
    '*',
    '_d',
    '.',
  ];
  owners.push('$', 'a$', 'a@b', 'l'.repeat(63), 'l'.repeat(64), 'y.'.repeat(125), 'y.'.repeat(122));
  const ttls = ['', '', '60', '0', '2147483647', '2147483648', '1h', '007', '99999999999'];
  const classes = ['', '', 'IN', 'in', 'CH', 'CLASS1', 'ANY'];
  const types = [
    'A',
    'a',
    'AAAA',
    'NS',
    'CNAME',
    'DNAME',
    'PTR',
    'MX',
    'SRV',
    'TXT',
    'DS',
    'CAA',
    'TYPE1',
    'QQ',
  ];
  const words = ['192.0.2.1', '1.2.3', '01.2.3.4', '256.1.1.1', '2001:db8::1', '::', '1::', ':', '::1.2.3.4'];
  words.push(
    '1:2:3:4:5:6:7:8',
    '1::2::3',
    'fffff::',
    '::1:2:3:4:5:6:7',
    '0',
    '10',
    '65536',
    '256',
    '000000000000001',
  );
  words.push(
    'ns',
    'ns.example.net.',
    '@',
    '.',
    'a..',
    '"q w"',
    '""',
    '"x',
    'e"f g"',
    '"a""b"',
    '\\# 4 0A000001',
  );
  words.push(
    'issue',
    'is-sue',
    '"issue"',
    'é',
    '"é"',
    '\\065',
    'a\\',
    '00',
    '0'.repeat(40),
    'aF'.repeat(32),
    '0 0',
  );
  for (let round = 0; round < 20_000; round++) {
    const lines: (readonly [words: string, comment: string])[] = [];
    for (let count = random.below(3) + 1; count > 0; count--) {
      const data = Array.from({ length: random.below(5) }, () => pick(words));
      const head = random.below(2) === 0 ? [pick(ttls), pick(classes)] : [pick(classes), pick(ttls)];
      const blank = pick([' ', '\t', '  ', ' \t ']);
      const line = [pick(owners), ...head, pick(types), ...data].join(blank);
      // A backslash at the end of a line would take what is put behind it.
      lines.push([line.endsWith('\\') ? `${line}x` : line, pick(['', '', '; c (', '\r'])]);
    }
    // Parentheses are never read the fast way.
    const fast = lines.map(([text, comment]) => `${text}    ${comment}\n`).join('');
    const slow = lines.map(([text, comment]) => `${text} () ${comment}\n`).join('');
    const ttl = random.below(2) === 0 ? 300 : undefined;
    assert.deepEqual(read(fast, ttl), read(slow, ttl), fast);
  }
});

test('a million records need no object each', () => {
  let count = 0;
  const text = utf8ToBytes('host A 192.0.2.1\n'.repeat(200_000));
  const before = process.memoryUsage().heapUsed;
  const file = readZoneFile({ name: 'z', text }, { origin, defaultTtl: 60 }, { add: () => (count += 1) });
  assert.ok(file.ok);
  assert.equal(count, 200_000);
  assert.ok(process.memoryUsage().heapUsed - before < 20_000_000);
});
