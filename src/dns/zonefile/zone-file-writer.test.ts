import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { parseZoneFile } from './zone-file-parser.ts';
import { formatZone } from './zone-file-writer.ts';

function records(text: string, origin: string): ResourceRecord[] {
  const file = parseZoneFile({ name: 'z', text }, { origin: domainName(origin) });
  assert.ok(file.ok, text);
  return file.value.records.map(({ owner, type, class: ofClass, ttl, rdata }) => ({
    owner,
    type,
    class: ofClass,
    ttl,
    rdata,
  }));
}

test('a zone is written for people: SOA first, canonical order, names and TTLs once', () => {
  const text = `$TTL 300
www 5 A 192.0.2.2
www A 192.0.2.1
www A 192.0.2.3
@ NS ns
a.b TXT "x;y" "z\\"q"
@ SOA ns h 1 2 3 4 5
* CNAME www.example.org.
`;
  assert.equal(
    formatZone(domainName('example.com.'), records(text, 'example.com.')),
    `$ORIGIN example.com.
$TTL 300
@                        SOA     ns.example.com. h.example.com. 1 2 3 4 5
                         NS      ns.example.com.
*                        CNAME   www.example.org.
a.b                      TXT     "x;y" "z\\"q"
www                      5 A       192.0.2.2
                         A       192.0.2.1
                         A       192.0.2.3
`,
  );
});

test('what is written reads back as the same records', () => {
  const zones: readonly (readonly [origin: string, text: string])[] = [
    [
      'example.com.',
      '@ 5 SOA ns h 1 2 3 4 5\n@ 5 NS ns\na\\.b 7 A 192.0.2.1\n\\@ 7 TXT ""\n\\$x 7 TXT "\\000\\255"',
    ],
    ['.', '. 5 SOA a. b. 1 2 3 4 5\ncom. 6 NS a.gtld.\na.gtld. 6 A 192.0.2.1'],
    ['example.com.', 'S 5 A 192.0.2.1\ns 5 TXT x\nEXAMPLE.com. 5 TXT y\na.EXAMPLE.com. 5 TXT z'],
    ['com.', '@ 5 SOA a b 1 2 3 4 5\nmcom 7 TYPE65280 \\# 2 0102\nexample.org. 7 A 192.0.2.1\nx 3 CH TXT y'],
  ];
  for (const [origin, text] of zones) {
    const before = records(text, origin);
    const after = records(formatZone(domainName(origin), before), origin);
    const key = ({ owner, type, class: ofClass, ttl, rdata }: ResourceRecord): string =>
      `${owner.toString()} ${ttl} ${ofClass} ${type} ${rdata.toHex()}`;
    assert.deepEqual(after.map(key).sort(), before.map(key).sort());
  }
});
