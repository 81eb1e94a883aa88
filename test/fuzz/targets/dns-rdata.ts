// Record data of every type: as text, what parses is valid and survives being written; as octets, what is valid likewise.
import assert from 'node:assert/strict';
import { bytesToUtf8, concatBytes, utf8ToBytes } from '../../../src/lib/bytes.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import {
  canonicalRdata,
  formatRdata,
  formatType,
  isValidRdata,
  parseRdata,
  parseType,
} from '../../../src/dns/wire/rdata/registry.ts';
import { isZoneData } from '../../../src/dns/wire/rdata/zone-data.ts';
import { rdataExamples, rdataTokens } from '../../support/rdata-examples.ts';
import type { FuzzTarget } from '../target.ts';

const root = domainName('.');

/** The type stands in the first two octets, text or data in the others. */
function input(type: string, rest: Uint8Array): Uint8Array {
  const code = parseType(type) ?? assert.fail(type);
  return concatBytes([Uint8Array.of(code >>> 8, code), rest]);
}

function rdataOf(type: string, text: string): Uint8Array {
  const rdata = parseRdata(parseType(type) ?? 0, rdataTokens(text), root);
  return rdata.ok ? rdata.value : assert.fail(`${type} ${text}`);
}

const svcb = [
  '16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1',
  '1 . alpn="f\\\\\\\\oo\\\\,bar,h2" ipv6hint=2001:db8::1 ech=AQID dohpath=/q{?dns} key667="a\\210"',
].map((text) => ({ type: 'SVCB', text }));

const words = [
  '\\#',
  '"',
  '\\',
  '\\"',
  '.',
  '@',
  '65536',
  '-1',
  '4294967296',
  'NaN',
  '{',
  '}',
  ',',
  '=',
  ':',
  '::',
  '/',
];

export const target: FuzzTarget = {
  name: 'dns-rdata',
  seeds: [...rdataExamples, ...svcb].flatMap(({ type, text }) => [
    input(type, utf8ToBytes(text)),
    input(type, rdataOf(type, text)),
  ]),
  words: words.map((word) => utf8ToBytes(word)),
  run(octets) {
    const type = ((octets[0] ?? 0) << 8) | (octets[1] ?? 0);
    const rest = octets.subarray(2);
    check(type, rest);
    const parsed = parseRdata(type, rdataTokens(bytesToUtf8(rest)), root);
    if (!parsed.ok) {
      assert.ok(parsed.fault.message !== '' && parsed.fault.token >= 0);
    } else {
      assert.ok(isValidRdata(type, parsed.value), `${formatType(type)} ${parsed.value.toHex()}`);
      check(type, parsed.value);
    }
  },
};

function check(type: number, rdata: Uint8Array): void {
  const text = formatRdata(type, rdata);
  const again = parseRdata(type, rdataTokens(text), root);
  // The generic form of data that doesn't fit its type is not taken back.
  if (!isValidRdata(type, rdata)) assert.ok(!again.ok);
  else assert.deepEqual(again.ok && again.value, rdata, `${formatType(type)} ${text}`);
  const canonical = canonicalRdata(type, rdata);
  assert.deepEqual(canonicalRdata(type, canonical), canonical);
  if (isValidRdata(type, rdata)) assert.equal(isZoneData(type, canonical), isZoneData(type, rdata));
}
