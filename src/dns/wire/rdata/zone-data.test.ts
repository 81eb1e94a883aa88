import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { rdataExamples, rdataTokens } from '../../../../test/support/rdata-examples.ts';
import { hexToBytes, utf8ToBytes } from '../../../lib/bytes.ts';
import { domainName } from '../name.ts';
import { formatType } from '../rr-type.ts';
import { isValidRdata, parseRdata, parseType } from './registry.ts';
import { isZoneData } from './zone-data.ts';

/** Types that are in no zone. */
const neverInZones = new Set(['OPT', 'TKEY', 'TSIG']);

test('all that a zone file may say', () => {
  for (const { type, text } of rdataExamples) {
    if (neverInZones.has(type)) continue;
    const code = parseType(type) ?? assert.fail(type);
    const rdata = parseRdata(code, rdataTokens(text), domainName('.'));
    assert.ok(rdata.ok, type);
    // A record that only the generic form can say passes, or not, by the table below.
    if (!text.startsWith('\\#')) assert.ok(isZoneData(code, rdata.value), `${type} ${text}`);
  }
});

/** A NAPTR record's data with these flags and this expression. */
function naptr(flags: string, expression: string): string {
  const string = (text: string): string => {
    const octets = utf8ToBytes(text);
    return Uint8Array.of(octets.length, ...octets).toHex();
  };
  return `00010001${string(flags)}00${string(expression)}00`;
}

interface Case {
  readonly type: string;
  /** Hexadecimal; all of it passes the decoder. */
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

const root = '00';
const address = '20010db8000000000000000000000001';

const table: readonly Case[] = [
  { type: 'DS', good: [`000108ff00`, `00010802${'00'.repeat(32)}`], bad: [`00010802${'00'.repeat(31)}`] },
  { type: 'TLSA', good: [`030101${'00'.repeat(32)}`], bad: [`030101${'00'.repeat(33)}`] },
  { type: 'X25', good: ['0431323334'], bad: ['03313233', '0431323361', '00'] },
  {
    type: 'NAPTR',
    good: [
      naptr('', ''),
      naptr('S', '!(a)(b)!\\2!i'),
      naptr('u', '/^.*$/\\/x/'),
      naptr('', '![^\\.]+[*+]!!'),
      naptr('', '!\\++!!'),
    ],
    bad: [
      naptr('!', ''),
      naptr('', '!a!b'),
      naptr('', '!a!b!!'),
      naptr('', '!a!b!g'),
      naptr('', '!(a)!\\2!'),
      naptr('', '!\\(a)!b!'),
      naptr('', '!(a!b!'),
      naptr('', '!a+?!b!'),
      naptr('', '1a1b1'),
      naptr('', '!a!\0!'),
      naptr('', '!!b!'),
    ],
  },
  { type: 'NSEC', good: [`${root}000140`], bad: [root] },
  { type: 'KEY', good: ['0200030501'], bad: ['c0000305', 'c000030501'] },
  {
    type: 'DNSKEY',
    good: ['0100030801', `010003fd${root}01`, '010003fe012a01'],
    bad: ['010003fdc000', '010003fd0561', '010003fe022a', '010003fe'],
  },
  { type: 'RKEY', good: ['0000030801'], bad: ['0001030801'] },
  { type: 'IPSECKEY', good: ['0a000201', '0a0000'], bad: ['0a0002'] },
  {
    type: 'WKS',
    good: ['c000020106', 'c00002010601'],
    bad: ['', 'c0000201', 'c00002010600', `c000020106${'01'.repeat(8193)}`],
  },
  { type: 'NSAP', good: ['47'], bad: [''] },
  { type: 'EID', good: ['01'], bad: [''] },
  { type: 'NIMLOC', good: ['01'], bad: [''] },
  { type: 'HHIT', good: ['01'], bad: [''] },
  { type: 'BRID', good: ['01'], bad: [''] },
  { type: 'SINK', good: ['400000'], bad: ['', '4000'] },
  { type: 'ATMA', good: ['0131', '0047ff'], bad: ['', '01', '0147'] },
  {
    type: 'NXT',
    good: [root, `${root}40`],
    bad: ['', `${root}80`, `${root}4000`, `${root}${'01'.repeat(17)}`, 'c000'],
  },
  {
    type: 'A6',
    good: [`00${address}`, `40${address.slice(16)}${root}`, `80${root}`],
    bad: ['', `00${address}00`, `40${address.slice(16)}`, `81${root}`, `00${address.slice(2)}`],
  },
  {
    type: 'DOA',
    good: ['00000000000000000100', '0000000000000000010161ff'],
    bad: ['', '000000000000000001', '00000000000000000102'],
  },
  { type: 'TYPE65280', good: ['', '00', 'ff'], bad: [] },
];

suite('one by one', () => {
  for (const { type, good, bad } of table) {
    test(type, () => {
      const code = parseType(type) ?? assert.fail(type);
      assert.equal(formatType(code), type);
      for (const [cases, expected] of [
        [good, true],
        [bad, false],
      ] as const)
        for (const hex of cases) {
          const rdata = hexToBytes(hex) ?? assert.fail(hex);
          assert.equal(isZoneData(code, rdata), expected, hex);
          if (expected) assert.ok(isValidRdata(code, rdata), hex);
        }
    });
  }
});
