import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './ip-address.ts';

test('IPv4 is four decimal numbers without leading zeros', () => {
  assert.deepEqual(parseIpv4('192.0.2.1'), Uint8Array.of(192, 0, 2, 1));
  for (const text of [
    '192.0.2',
    '192.0.2.1.1',
    '192.0.2.256',
    '192.0.2.01',
    '0x7f.0.0.1',
    '192.0.2.',
    '1',
    '',
    ' 1.2.3.4',
  ])
    assert.equal(parseIpv4(text), undefined, text);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (octets) =>
      assert.deepEqual(parseIpv4(formatIpv4(octets)), octets),
    ),
  );
});

suite('IPv6', () => {
  const forms: readonly (readonly [text: string, written: string])[] = [
    // RFC 5952 §4.1 to §4.3 and §5.
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8:AAAA::', '2001:db8:aaaa::'],
    ['::ffff:192.0.2.128', '::ffff:192.0.2.128'],
    ['::ffff:c000:280', '::ffff:192.0.2.128'],
    // RFC 4291 §2.2
    ['FF01:0:0:0:0:0:0:101', 'ff01::101'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:13.1.68.3', '::d01:4403'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['::1:2:3:4:5:6:7', '0:1:2:3:4:5:6:7'],
    ['0:0:0:0:1:ffff:1:1', '::1:ffff:1:1'],
  ];
  for (const [text, written] of forms) {
    test(text, () => assert.equal(formatIpv6(parseIpv6(text) ?? assert.fail()), written));
  }

  const bad = [
    '',
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4:5:6:7::8',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '12345::',
    'g::',
    '::192.0.2.256',
    '::192.0.2',
    '192.0.2.1::',
    '1:2:3:4:5:6:7:192.0.2.1',
    'fe80::1%eth0',
    '[::1]',
    '::1/64',
  ];
  test('refuses what is none', () => {
    for (const text of bad) assert.equal(parseIpv6(text), undefined, text);
  });

  test('any address is written and read back', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.nat(16),
        fc.nat(16),
        (octets, from, to) => {
          octets.fill(0, from, to);
          assert.deepEqual(parseIpv6(formatIpv6(octets)), octets);
        },
      ),
    );
  });
});
