// The test vectors of RFC 9460 appendix D, and the rules around them.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { rdataTokens } from '../../../../test/support/rdata-examples.ts';
import { hexToBytes } from '../../../lib/bytes.ts';
import { domainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { readRdata } from './record-type.ts';
import { formatRdata, isValidRdata, parseRdata } from './registry.ts';
import { svcb } from './svcb.ts';
import { formatSvcParamKey, parseSvcParamKey } from './svc-param.ts';

const fooCom = '03666f6f076578616d706c6503636f6d00';
const fooOrg = '03666f6f076578616d706c65036f726700';
const alpnWire = `0010 ${fooOrg} 0001 000c 08 665c6f6f2c626172 02 6832`;
const alpnWritten = '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"';

const vectors: readonly (readonly [text: string, wire: string, written?: string])[] = [
  ['0 foo.example.com.', `0000 ${fooCom}`],
  ['1 .', '0001 00'],
  ['16 foo.example.com. port=53', `0010 ${fooCom} 0003 0002 0035`],
  [
    '1 foo.example.com. key667=hello',
    `0001 ${fooCom} 029b 0005 68656c6c6f`,
    '1 foo.example.com. key667="hello"',
  ],
  ['1 foo.example.com. key667="hello\\210qoo"', `0001 ${fooCom} 029b 0009 68656c6c6fd2716f6f`],
  [
    '1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"',
    `0001 ${fooCom} 0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001`,
    '1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1',
  ],
  [
    '1 example.com. ipv6hint="2001:db8:122:344::192.0.2.33"',
    '0001 076578616d706c6503636f6d00 0006 0010 20010db80122034400000000c0000221',
    '1 example.com. ipv6hint=2001:db8:122:344::c000:221',
  ],
  [
    '16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1',
    `0010 ${fooOrg} 0000 0004 0001 0004 0001 0009 02 6832 05 68332d3139 0004 0004 c0000201`,
    '16 foo.example.org. mandatory=alpn,ipv4hint alpn="h2,h3-19" ipv4hint=192.0.2.1',
  ],
  ['16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"', alpnWire, alpnWritten],
  ['16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2', alpnWire, alpnWritten],
  // Beyond the appendix.
  ['1 . alpn=h2 no-default-alpn', '0001 00 0001 0003 02 6832 0002 0000', '1 . alpn="h2" no-default-alpn'],
  ['1 . ech="AQID"', '0001 00 0005 0003 010203'],
  ['1 . key65535', '0001 00 ffff 0000'],
  [
    '1 . alpn=h2 dohpath=/dns-query{?dns}',
    '0001 00 0001 0003 026832 0007 0010 2f646e732d71756572797b3f646e737d',
    '1 . alpn="h2" dohpath="/dns-query{?dns}"',
  ],
  ['1 . ohttp', '0001 00 0008 0000'],
  ['1 . ohttp=""', '0001 00 0008 0000', '1 . ohttp'],
];

suite('SVCB: vectors of RFC 9460 appendix D', () => {
  for (const type of [rrType.SVCB, rrType.HTTPS]) {
    for (const [text, wire, written] of vectors) {
      test(`${type} ${text}`, () => {
        const rdata = parseRdata(type, rdataTokens(text), domainName('.'));
        assert.equal(rdata.ok ? rdata.value.toHex() : rdata.fault.message, wire.replaceAll(' ', ''));
        assert.equal(rdata.ok && formatRdata(type, rdata.value), written ?? text);
      });
    }
  }

  test('a lexer may give the quoted value as a word of its own', () => {
    const tokens = [
      { text: '1', quoted: false },
      { text: '.', quoted: false },
      { text: 'alpn=', quoted: false },
      { text: 'h2,h3', quoted: true },
    ];
    const rdata = parseRdata(rrType.SVCB, tokens, domainName('.'));
    assert.equal(rdata.ok && formatRdata(rrType.SVCB, rdata.value), '1 . alpn="h2,h3"');
  });
});

suite('SVCB: what RFC 9460 appendix D.3 refuses, and more', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['key123=abc key123=def', /'key123' stands twice/],
    ['mandatory', /'mandatory' needs/],
    ['alpn', /'alpn' needs/],
    ['port', /'port' needs/],
    ['ipv4hint', /'ipv4hint' needs/],
    ['ipv6hint', /'ipv6hint' needs/],
    ['no-default-alpn=abc', /'no-default-alpn' takes no value/],
    ['mandatory=key123', /'key123' is mandatory, but not there/],
    ['mandatory=mandatory', /'mandatory' can't name itself/],
    ['mandatory=key123,key123 key123=abc', /each once/],
    ['no-default-alpn', /leaves no protocol/],
    ['alpn=h2,,h3', /1 to 255 octets/],
    ['alpn="h2\\\\a"', /backslash/],
    [`alpn=${'x'.repeat(256)}`, /1 to 255 octets/],
    ['port=65536', /0 to 65535/],
    ['port=0x35', /0 to 65535/],
    ['ipv4hint=192.0.2.1,', /IPv4 address/],
    ['ipv4hint=2001:db8::1', /IPv4 address/],
    ['ech=!', /base64/],
    ['ech=""', /base64/],
    ['dohpath=/dns-query', /variable 'dns'/],
    ['dohpath=dns-query{?dns}', /variable 'dns'/],
    ['ohttp=1', /takes no value/],
    ['bogus=1', /'bogus' is not a parameter/],
    ['ALPN=h2', /'ALPN' is not a parameter/],
    ['key065=1', /is not a parameter/],
    ['key65536=1', /is not a parameter/],
    ['key1=h2 alpn=h3', /'alpn' stands twice/],
  ];
  for (const [params, message] of cases) {
    test(params.slice(0, 50), () => {
      const rdata = parseRdata(rrType.SVCB, rdataTokens(`1 foo.example.com. ${params}`), domainName('.'));
      assert.match(rdata.ok ? 'taken' : rdata.fault.message, message);
    });
  }
});

suite('SVCB: malformed on the wire (RFC 9460 §2.2)', () => {
  const structure: readonly (readonly [string, string])[] = [
    ['no target', '0001'],
    ['half a key', '0001 00 00'],
    ['a value that runs out', '0001 00 0003 0002 00'],
    ['keys out of order', '0001 00 0004 0004 c0000201 0003 0002 0035'],
    ['the same key twice', '0001 00 0003 0002 0035 0003 0002 0035'],
  ];
  const values: readonly (readonly [string, string])[] = [
    ['a port of one octet', '0001 00 0003 0001 35'],
    ['an address of three octets', '0001 00 0004 0003 c00002'],
    ['an empty protocol id', '0001 00 0001 0001 00'],
    ['a protocol id that runs out', '0001 00 0001 0002 0268'],
    ['no protocol ids', '0001 00 0001 0000'],
    ['mandatory keys out of order', '0001 00 0000 0004 0004 0003 0003 0002 0035 0004 0004 c0000201'],
    ['a mandatory key that is missing', '0001 00 0000 0002 0003'],
    ['half a mandatory key', '0001 00 0000 0003 000300 0003 0002 0035'],
  ];
  const octets = (hex: string): Uint8Array => hexToBytes(hex.replaceAll(' ', '')) ?? assert.fail(hex);
  for (const [name, hex] of structure) {
    test(name, () => assert.equal(isValidRdata(rrType.SVCB, octets(hex)), false));
  }
  for (const [name, hex] of values) {
    test(`${name}: not for use, but carried`, () => {
      assert.equal(readRdata(svcb, octets(hex)), undefined);
      assert.ok(isValidRdata(rrType.SVCB, octets(hex)));
      assert.match(formatRdata(rrType.SVCB, octets(hex)), /^\\# /);
    });
  }

  test('many keys that are all mandatory take no time that grows with their square', () => {
    const count = 10_000;
    const rdata = new Uint8Array(3 + 4 + 2 * count + 4 * count);
    const view = new DataView(rdata.buffer);
    view.setUint16(0, 1);
    view.setUint16(5, 2 * count);
    for (let i = 0; i < count; i++) {
      view.setUint16(7 + 2 * i, 100 + i);
      view.setUint16(7 + 2 * count + 4 * i, 100 + i);
    }
    const start = performance.now();
    for (let i = 0; i < 10; i++) assert.ok(readRdata(svcb, rdata) !== undefined);
    assert.ok(performance.now() - start < 1000);
  });

  test('AliasMode ignores what parameters say of each other (RFC 9460 §2.4.2)', () => {
    assert.notEqual(readRdata(svcb, octets('000000000000020003')), undefined);
  });
});

test('keys have names or numbers', () => {
  assert.equal(formatSvcParamKey(1), 'alpn');
  assert.equal(formatSvcParamKey(667), 'key667');
  assert.equal(parseSvcParamKey('alpn'), 1);
  assert.equal(parseSvcParamKey('key1'), 1);
  assert.equal(parseSvcParamKey('constructor'), undefined);
});
