import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { rdataExamples, rdataTokens } from '../../../../test/support/rdata-examples.ts';
import { hexToBytes } from '../../../lib/bytes.ts';
import { domainName } from '../name.ts';
import { WireReader } from '../reader.ts';
import { rrType } from '../rr-type.ts';
import { WireWriter } from '../writer.ts';
import { mx } from './mx.ts';
import { readRdata, writeRdata } from './record-type.ts';
import {
  canonicalRdata,
  formatGenericRdata,
  formatRdata,
  formatType,
  isValidRdata,
  parseRdata,
  parseType,
  recordTypeOf,
} from './registry.ts';
import { txt } from './txt.ts';

const root = domainName('.');

function parsed(type: string, text: string, origin = root): Uint8Array {
  const rdata = parseRdata(parseType(type) ?? assert.fail(type), rdataTokens(text), origin);
  assert.ok(rdata.ok, rdata.ok ? '' : `${type} ${text}: ${rdata.fault.message} (word ${rdata.fault.token})`);
  return rdata.value;
}

suite('examples that the standards print', () => {
  for (const { type, text, wire, written, source } of rdataExamples) {
    test(`${type} ${text}${source === undefined ? '' : ` (${source})`}`, () => {
      const code = parseType(type) ?? assert.fail(type);
      const rdata = parsed(type, text);
      if (wire !== undefined) assert.equal(rdata.toHex(), wire.replaceAll(' ', '').toLowerCase());
      assert.equal(formatRdata(code, rdata), written ?? text);
      assert.deepEqual(parsed(type, formatRdata(code, rdata)), rdata);
      assert.deepEqual(parsed(type, formatGenericRdata(rdata)), rdata, 'in the form of RFC 3597 §5');
      assert.ok(isValidRdata(code, rdata));
    });
  }
});

test('every type that has a file of its own has an example', () => {
  const missing = Object.entries(rrType)
    .filter(([, code]) => recordTypeOf(code) !== undefined && code !== rrType.OPT)
    .map(([mnemonic]) => mnemonic)
    .filter((mnemonic) => !rdataExamples.some(({ type }) => type === mnemonic));
  assert.deepEqual(missing, ['SVCB', 'HTTPS'], 'these two have a test of their own');
});

suite('every type', () => {
  const types = Object.values(rrType).filter((code) => recordTypeOf(code) !== undefined);

  test('refuses its examples cut short, or takes them as shorter data, but never throws', () => {
    for (const { type, text } of rdataExamples) {
      const code = parseType(type) ?? assert.fail(type);
      const rdata = parsed(type, text);
      for (let length = 0; length < rdata.length; length++) formatRdata(code, rdata.subarray(0, length));
    }
  });

  test('says what is missing when a word is left out at the end', () => {
    const optional = new Set([
      'TXT',
      'LOC',
      'APL',
      'CSYNC',
      'NSEC',
      'NSEC3',
      'IPSECKEY',
      'ISDN',
      'HIP',
      'RESINFO',
      'WALLET',
    ]);
    for (const { type, text } of rdataExamples) {
      if (optional.has(type) || text.startsWith('\\#')) continue;
      const tokens = rdataTokens(text);
      // Hexadecimal and base64 may be split, so a part of them is still data.
      const last = tokens.at(-2)?.text ?? '';
      if (/^[0-9A-Fa-f]{20,}$/.test(last)) continue;
      const rdata = parseRdata(parseType(type) ?? 0, tokens.slice(0, -1), root);
      assert.equal(rdata.ok, false, `${type} ${text}`);
      assert.match(rdata.ok ? '' : rdata.fault.message, /missing|must|needs/, `${type} ${text}`);
    }
  });

  test('takes words of megabytes without throwing', () => {
    const long = { text: 'A'.repeat(8_000_000), quoted: false };
    for (const { type, text } of rdataExamples) {
      if (!/^(?:A|AAAA|SOA|TXT|DS|DNSKEY|NSEC3|LOC|APL|CAA|HIP|EUI48|TYPE731|CERT)$/.test(type)) continue;
      const tokens = rdataTokens(text);
      const rdata = parseRdata(parseType(type) ?? 0, [...tokens.slice(0, -1), long], root);
      assert.ok(!rdata.ok && rdata.fault.message.length <= 300, type);
    }
    const units = parseRdata(
      rrType.SOA,
      [...rdataTokens('a. b. 1 2 3 4'), { text: '1s'.repeat(4e6), quoted: false }],
      root,
    );
    assert.ok(!units.ok);
  });

  test('refuses a word too many, unless it takes lists', () => {
    for (const type of ['A', 'MX 10', 'SOA', 'SRV 0 0 0', 'CAA 0 issue', 'NSEC3PARAM 1 0 0'].map((each) =>
      each.split(' '),
    )) {
      const example = rdataExamples.find((each) => each.type === type[0])?.text ?? assert.fail();
      const rdata = parseRdata(parseType(type[0] ?? '') ?? 0, rdataTokens(`${example} more`), root);
      assert.match(rdata.ok ? '' : rdata.fault.message, /^unexpected 'more'/);
    }
  });

  test('arbitrary octets: data that is valid survives its text form', () => {
    const octets = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(fc.constantFrom(...types), octets, (code, rdata) => {
        const text = formatRdata(code, rdata);
        const again = parseRdata(code, rdataTokens(text), root);
        if (isValidRdata(code, rdata)) assert.deepEqual(again.ok && again.value, rdata, text);
        else assert.equal(again.ok, false, text);
      }),
      { numRuns: 4000 },
    );
  });

  test('mutated examples: valid data survives its text form and is copied to itself', () => {
    const examples = rdataExamples.map(({ type, text }) => ({
      code: parseType(type) ?? 0,
      rdata: parsed(type, text),
    }));
    fc.assert(
      fc.property(fc.constantFrom(...examples), fc.nat(), fc.nat(255), ({ code, rdata }, at, octet) => {
        const mutated = rdata.slice();
        if (mutated.length > 0) mutated[at % mutated.length] = octet;
        const type = recordTypeOf(code);
        if (type === undefined || !isValidRdata(code, mutated)) return;
        const text = formatRdata(code, mutated);
        const again = parseRdata(code, rdataTokens(text), root);
        assert.deepEqual(again.ok && again.value, mutated, text);
        const writer = new WireWriter();
        type.copy(new WireReader(mutated, 0, mutated.length, false), writer, 'plain');
        assert.deepEqual(writer.finish(), mutated);
      }),
      { numRuns: 4000 },
    );
  });
});

suite('names in text', () => {
  test('are relative to the origin', () => {
    const origin = domainName('example.com');
    assert.equal(formatRdata(rrType.MX, parsed('MX', '10 mail', origin)), '10 mail.example.com.');
    assert.equal(formatRdata(rrType.MX, parsed('MX', '10 @', origin)), '10 example.com.');
    assert.equal(formatRdata(rrType.SVCB, parsed('SVCB', '1 svc', origin)), '1 svc.example.com.');
  });
});

suite('faults name the word', () => {
  const cases: readonly (readonly [string, string, number, RegExp])[] = [
    ['A', '192.0.2.256', 0, /'192\.0\.2\.256' is not an IPv4 address/],
    ['A', '192.0.2.01', 0, /not an IPv4 address/],
    ['A', '', 0, /the address is missing/],
    ['AAAA', '2001:db8::1::', 0, /not an IPv6 address/],
    ['AAAA', '1:2:3:4:5:6:7::8', 0, /not an IPv6 address/],
    ['MX', 'ten mail.', 0, /the preference must be a number, not 'ten'/],
    ['MX', '65536 mail.', 0, /the preference 65536 is above 65535/],
    ['MX', '10', 1, /the exchange is missing/],
    ['MX', '10 a..b.', 1, /empty label/],
    ['MX', '-1 a.', 0, /must be a number/],
    ['TXT', `"${'x'.repeat(256)}"`, 0, /256 octets; a string has 255 at most/],
    ['TXT', 'a\\999', 0, /above 255/],
    ['TXT', '"a\\1"', 0, /an escape needs three digits/],
    ['SOA', 'ns. root. 1 2 3 4 5x', 6, /the minimum must be seconds/],
    ['DS', '1 2 3 ABC', 3, /hexadecimal digits, two for each octet/],
    ['DS', `60485 5 1 ${'AB'.repeat(19)}`, 3, /a SHA-1 digest has 20 octets, not 19/],
    ['DS', `60485 13 SHA-256 ${'AB'.repeat(33)}`, 3, /a SHA-256 digest has 32 octets, not 33/],
    ['CDS', `1 13 4 ${'AB'.repeat(32)}`, 3, /a SHA-384 digest has 48 octets/],
    ['TLSA', `3 1 1 ${'AB'.repeat(16)} ${'AB'.repeat(15)}`, 4, /a SHA-256 digest has 32 octets, not 31/],
    ['TLSA', `DANE-EE SPKI SHA2-512 ${'AB'.repeat(32)}`, 3, /a SHA-512 digest has 64 octets/],
    ['SSHFP', `4 2 ${'AB'.repeat(20)}`, 2, /a SHA-256 digest has 32 octets/],
    ['ZONEMD', '1 1 240 AABB', 3, /12 octets at least, not 2/],
    ['DNSKEY', '256 3 8 AQID!', 3, /must be base64/],
    ['NSEC', 'a. A BOGUS', 2, /'BOGUS' in the types is not a record type/],
    ['RRSIG', 'A 5 3 86400 20030231173103 20030220173103 2642 example.com. AQ==', 4, /no date/],
    ['LOC', '91 N 0 E 0m', 0, /above 90/],
    ['LOC', '90 0 1 N 0 E 0m', 3, /above 90 degrees/],
    ['LOC', '42 21 60 N 71 W 0m', 2, /below 60/],
    ['GPOS', '-32.6882 116.8652 10.0m', 2, /altitude must be a decimal/],
    ['CAA', '0 is-sue "x"', 1, /letters and digits/],
    ['APL', '3:192.0.2.0/24', 0, /not an address prefix/],
    ['APL', '1:192.0.2.0/33', 0, /not an address prefix/],
    ['IPSECKEY', '10 4 2 a. AQ==', 1, /the gateway type 4 is above 3/],
    ['EUI48', '00-00-5e-00-53', 0, /6 groups/],
    ['TYPE65280', '10', 0, /\\# length hexadecimal/],
    ['TYPE65280', '\\# 3 0102', 1, /says 3 octets, but 2 follow/],
    ['TYPE65280', '\\# x', 1, /number of octets/],
    ['TYPE65280', '\\#', 1, /number of octets/],
    ['A', '\\# 3 010203', 2, /not A data/],
  ];
  for (const [type, text, token, message] of cases) {
    test(`${type} ${text.slice(0, 40)}`, () => {
      const rdata = parseRdata(parseType(type) ?? 0, rdataTokens(text), root);
      assert.equal(rdata.ok, false);
      assert.match(rdata.ok ? '' : rdata.fault.message, message);
      assert.equal(rdata.ok ? -1 : rdata.fault.token, token);
    });
  }
});

suite('malformed data on the wire', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['A of three octets', 'A', '0a0000'],
    ['A of five octets', 'A', '0a00000000'],
    ['AAAA of four octets', 'AAAA', '0a000000'],
    ['MX without a name', 'MX', '000a'],
    ['MX with a pointer, which points nowhere outside of a message', 'MX', '000ac000'],
    ['TXT without any string', 'TXT', ''],
    ['TXT whose string runs out', 'TXT', '0561'],
    ['SOA one octet short', 'SOA', '0000 00000001000000020000000300000004000000'],
    ['NSEC with windows out of order', 'NSEC', '00 0101 40 0001 40'],
    ['NSEC with the same window twice', 'NSEC', '00 000140 000140'],
    ['NSEC with an empty window', 'NSEC', '00 0000'],
    ['NSEC with a window too long', 'NSEC', `00 0021 ${'01'.repeat(33)}`],
    ['NSEC whose window ends in zero', 'NSEC', '00 00024000'],
    ['NSEC3 without a hash', 'NSEC3', '01 00 0000 00 00'],
    ['NSEC3PARAM with octets after the salt', 'NSEC3PARAM', '01 00 0000 00 00'],
    ['CAA with an empty tag', 'CAA', '00 00'],
    ['CAA with a tag of other characters', 'CAA', '00 01 2d'],
    ['LOC with digits above nine', 'LOC', '00 a2 16 13 80000000 80000000 00989680'],
    ['LOC beyond the pole', 'LOC', '00 12 16 13 ffffffff 80000000 00989680'],
    ['APL with a long prefix', 'APL', '0001 21 00'],
    ['APL with a zero octet at the end', 'APL', '0001 18 02 0a00'],
    ['IPSECKEY with an unknown gateway', 'IPSECKEY', '0a 04 02'],
    ['HIP without a key', 'HIP', '01 02 0000 aa'],
    ['TSIG with octets after it', 'TSIG', '00 000000000000 0000 0000 0000 0000 0000 00'],
    ['OPT with half an option', 'OPT', '000a 0008 01'],
  ];
  for (const [name, type, hex] of cases) {
    test(name, () => {
      const rdata = hexToBytes(hex.replaceAll(' ', '')) ?? assert.fail(hex);
      assert.equal(isValidRdata(parseType(type) ?? 0, rdata), false);
      assert.match(formatRdata(parseType(type) ?? 0, rdata), /^\\# \d+/);
    });
  }
});

test('typed access', () => {
  const rdata = writeRdata(mx, { preference: 10, exchange: domainName('mail.example') });
  const data = readRdata(mx, rdata) ?? assert.fail();
  assert.equal(data.preference, 10);
  assert.equal(data.exchange.toString(), 'mail.example.');
  assert.equal(readRdata(mx, rdata.subarray(0, 5)), undefined);
  assert.throws(
    () => writeRdata(txt, { strings: Array.from({ length: 300 }, () => new Uint8Array(255)) }),
    /65535/,
  );
});

test('digests of other lengths pass on the wire, and are written as RFC 3597 has it', () => {
  const rdata = hexToBytes('ec45050101020304') ?? assert.fail();
  assert.ok(isValidRdata(rrType.DS, rdata));
  assert.equal(formatRdata(rrType.DS, rdata), '\\# 8 EC45050101020304');
  const unknown = hexToBytes('ec45056301020304') ?? assert.fail();
  assert.equal(formatRdata(rrType.DS, unknown), '60485 5 99 01020304');
});

test('canonical form: names of listed types in lower case, others as they are (RFC 4034 §6.2, RFC 6840 §5.1)', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['MX', '10 Mail.Example.', '10 mail.example.'],
    ['SOA', 'Ns. Root. 1 2 3 4 5', 'ns. root. 1 2 3 4 5'],
    ['SRV', '0 0 25 Mail.Example.', '0 0 25 mail.example.'],
    ['DNAME', 'A.', 'a.'],
    ['NAPTR', '1 1 "U" "S" "R" A.', '1 1 "U" "S" "R" a.'],
    [
      'RRSIG',
      'A 5 3 1 20030322173103 20030220173103 1 A. AQ==',
      'A 5 3 1 20030322173103 20030220173103 1 a. AQ==',
    ],
    ['NSEC', 'A. A', 'A. A'],
    ['TXT', '"A"', '"A"'],
    ['SVCB', '1 A.', '1 A.'],
    ['TYPE65280', '\\# 2 4142', '\\# 2 4142'],
  ];
  for (const [type, text, canonical] of cases) {
    const code = parseType(type) ?? assert.fail(type);
    assert.equal(formatRdata(code, canonicalRdata(code, parsed(type, text))), canonical);
  }
});

test('type names (RFC 3597 §5)', () => {
  assert.equal(formatType(15), 'MX');
  assert.equal(formatType(65280), 'TYPE65280');
  assert.equal(parseType('mx'), 15);
  assert.equal(parseType('TYPE15'), 15);
  assert.equal(parseType('type65535'), 65535);
  for (const text of ['\u017frv', 'TYPE65536', 'TYPE', 'TYPE-1', 'constructor', '__proto__', '', 'M X']) {
    assert.equal(parseType(text), undefined, text);
  }
});
