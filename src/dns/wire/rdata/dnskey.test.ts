import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rdataExamples, rdataTokens } from '../../../../test/support/rdata-examples.ts';
import { hexToBytes } from '../../../lib/bytes.ts';
import { domainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { keyTag } from './dnskey.ts';
import { parseRdata } from './registry.ts';

function keyTagOf(text: string): number | undefined {
  const rdata = parseRdata(rrType.DNSKEY, rdataTokens(text), domainName('.'));
  assert.ok(rdata.ok);
  return keyTag(rdata.value);
}

test('key tags of published keys', () => {
  const cases: readonly (readonly [string, number])[] = [
    // RFC 4034 §2.3, whose RRSIG in §3.3 names the tag.
    [rdataExamples.find(({ type }) => type === 'DNSKEY')?.text ?? assert.fail(), 2642],
    // RFC 4034 §5.4: the key that the DS refers to.
    [
      '256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==',
      60485,
    ],
    // RFC 8080 §6.1
    ['257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=', 3613],
    ['257 3 15 zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=', 35217],
  ];
  for (const [text, tag] of cases) assert.equal(keyTagOf(text), tag);
});

test('RSA/MD5 keys and keys too short', () => {
  assert.equal(keyTag(hexToBytes('01000301010203040506') ?? assert.fail()), 0x0405);
  assert.equal(keyTag(hexToBytes('010003') ?? assert.fail()), undefined);
  assert.equal(keyTag(hexToBytes('01000301') ?? assert.fail()), undefined);
});
