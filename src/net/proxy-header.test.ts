import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToLatin1, concatBytes, hexToBytes, latin1ToBytes } from '../lib/bytes.ts';
import { formatEndpoint } from '../lib/endpoint.ts';
import { ProxyDecoder } from './proxy-header.ts';
import type { ProxyHeader } from './proxy-header.ts';

const signature = '0d0a0d0a000d0a515549540a';
const hex = (text: string): Uint8Array => hexToBytes(text.replaceAll(' ', '')) ?? assert.fail(text);
const v4 = 'c0000201 c6336407 d431 0019';
const v6 = '20010db8000000000000000000000001 20010db8000000000000000000000002 d431 0019';
const long = `PROXY UNKNOWN ${'x'.repeat(91)}\r\n`;

const table: readonly (readonly [what: string, bytes: string | Uint8Array, expected: string | RegExp])[] = [
  // Version 1, §2.1
  ['TCP4', 'PROXY TCP4 192.0.2.1 198.51.100.7 54321 25\r\n', '192.0.2.1:54321 to 198.51.100.7:25'],
  ['TCP6', 'PROXY TCP6 2001:DB8::1 2001:db8::2 54321 25\r\n', '[2001:db8::1]:54321 to [2001:db8::2]:25'],
  ['UNKNOWN', 'PROXY UNKNOWN\r\n', 'own'],
  ['UNKNOWN with addresses', 'PROXY UNKNOWN ffff::f ffff::f 65535 65535\r\n', 'own'],
  ['the longest line', long, 'own'],
  ['a longer line', long.replace('\r', 'x\r'), /no end/],
  ['an end that never comes', `PROXY TCP4 ${'1'.repeat(200)}`, /no end/],
  ['addresses of the other family', 'PROXY TCP6 192.0.2.1 198.51.100.7 1 25\r\n', /form/],
  ['no address', 'PROXY TCP4 192.0.2.256 198.51.100.7 1 25\r\n', /form/],
  ['no port', 'PROXY TCP4 192.0.2.1 198.51.100.7 65536 25\r\n', /form/],
  ['a port with a zero before it', 'PROXY TCP4 192.0.2.1 198.51.100.7 025 25\r\n', /form/],
  ['two blanks', 'PROXY TCP4  192.0.2.1 198.51.100.7 1 25\r\n', /form/],
  ['a bare LF', `PROXY TCP4 192.0.2.1 198.51.100.7 1 25\n${'x'.repeat(100)}`, /no end/],
  ['what a client says', 'EHLO client.example\r\n', /no PROXY header/],
  ['lower case', 'proxy TCP4 192.0.2.1 198.51.100.7 1 25\r\n', /no PROXY header/],
  // Version 2, §2.2
  ['IPv4', hex(`${signature} 21 11 000c ${v4}`), '192.0.2.1:54321 to 198.51.100.7:25'],
  ['IPv6', hex(`${signature} 21 21 0024 ${v6}`), '[2001:db8::1]:54321 to [2001:db8::2]:25'],
  [
    'a mapped address',
    hex(`${signature} 21 21 0024 00000000000000000000ffffc0000201 ${v6.slice(33)}`),
    /^192\.0\.2\.1:54321 /,
  ],
  ['LOCAL', hex(`${signature} 20 00 0000`), 'own'],
  ['LOCAL with what is passed over', hex(`${signature} 20 11 000d ${v4} ff`), 'own'],
  ['no family', hex(`${signature} 21 00 0003 010203`), 'own'],
  ['a Unix socket', hex(`${signature} 21 31 00d8 ${'00'.repeat(216)}`), 'own'],
  ['datagrams', hex(`${signature} 21 12 000c ${v4}`), 'own'],
  ['TLVs', hex(`${signature} 21 11 0013 ${v4} 04 0001 00 04 0000`), '192.0.2.1:54321 to 198.51.100.7:25'],
  ['a TLV that goes on beyond the end', hex(`${signature} 21 11 0010 ${v4} 04 0002 00`), /damaged/],
  ['half a TLV', hex(`${signature} 21 11 000e ${v4} 04 00`), /damaged/],
  ['a wrong checksum', hex(`${signature} 21 11 0013 ${v4} 03 0004 00000000`), /damaged/],
  ['a checksum of no length', hex(`${signature} 21 11 000f ${v4} 03 0000`), /damaged/],
  ['too short for its addresses', hex(`${signature} 21 11 000b ${v4.slice(0, -2)}`), /shorter/],
  ['another version', hex(`${signature} 11 11 000c ${v4}`), /version/],
  ['another command', hex(`${signature} 22 11 000c ${v4}`), /version/],
  ['a huge one', hex(`${signature} 21 11 1001`), /longer than 4096/],
  ['the signature broken off', hex(`${signature.slice(0, -2)}0b 21 11 000c ${v4}`), /no PROXY header/],
];

function show(header: ProxyHeader | undefined): string {
  if (header === undefined) return 'unfinished';
  if (header.kind === 'fault') return header.reason;
  return header.kind === 'own'
    ? 'own'
    : `${formatEndpoint(header.remote)} to ${formatEndpoint(header.local)}`;
}

const checksum = '5c2aa979';

describe('the PROXY header', () => {
  for (const [what, given, expected] of table) {
    test(what, () => {
      const bytes = typeof given === 'string' ? latin1ToBytes(given) : given;
      const whole = new ProxyDecoder().push(bytes);
      if (typeof expected === 'string') assert.equal(show(whole), expected);
      else assert.match(show(whole), expected);
      // In two pieces, split anywhere, and with what the client says behind it.
      const said = latin1ToBytes('EHLO x\r\n');
      for (let at = 1; at <= bytes.length; at++) {
        const decoder = new ProxyDecoder();
        const header =
          decoder.push(bytes.subarray(0, at)) ?? decoder.push(concatBytes([bytes.subarray(at), said]));
        assert.equal(show(header), show(whole), `split at ${at}`);
        if (whole?.kind === 'fault' || header === undefined || header.kind === 'fault') continue;
        if (at < bytes.length) assert.equal(bytesToLatin1(header.rest), 'EHLO x\r\n');
      }
    });
  }

  test('a right checksum is taken, and one octet changed anywhere else is not', () => {
    // Made with crc32c of another implementation (Python, table of RFC 9260).
    const bytes = hex(`${signature} 21 11 0013 ${v4} 03 0004 ${checksum}`);
    assert.equal(show(new ProxyDecoder().push(bytes)), '192.0.2.1:54321 to 198.51.100.7:25');
    for (let at = 16; at < 28; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.match(show(new ProxyDecoder().push(changed)), /damaged/);
    }
  });
});
