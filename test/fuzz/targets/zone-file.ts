// Zone files: parsed without a throw, faults within bounds and showable; what parses is written and reads back alike.
import assert from 'node:assert/strict';
import { utf8ToBytes } from '../../../src/lib/bytes.ts';
import { fault, ok } from '../../../src/lib/result.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import { formatRecord } from '../../../src/dns/wire/presentation.ts';
import { formatZoneProblem, loadZone } from '../../../src/dns/zone/load-zone.ts';
import { formatZoneFileFault } from '../../../src/dns/zonefile/zone-file-fault.ts';
import { mostZoneFileFaults, parseZoneFile } from '../../../src/dns/zonefile/zone-file-parser.ts';
import type { ZoneFileOptions } from '../../../src/dns/zonefile/zone-file-parser.ts';
import { formatZone } from '../../../src/dns/zonefile/zone-file-writer.ts';
import type { FuzzTarget } from '../target.ts';

const origin = domainName('example.com.');
const include: ZoneFileOptions['include'] = (path) =>
  path === 'sub' ? ok({ name: path, text: 'a A 192.0.2.1\n b TXT (\n' }) : fault('there is no such file');

export const target: FuzzTarget = {
  name: 'zone-file',
  seeds: [
    '$ORIGIN example.com.\n$TTL 1h\n@ IN SOA ns h ( 1 2h 3m 4w 5 ) ; comment\n  NS ns\nns A 192.0.2.1\n',
    '@ 5 SOA a. b. 1 2 3 4 5\n@ 5 NS a.\n* 5 CNAME www\nwww 5 A 192.0.2.1\n    5 AAAA 2001:db8::1\n',
    '$GENERATE 1-9/2 h${1,3,x} 60 A 10.0.0.$\n$GENERATE 0-3 $.p 60 IN MX "10 m${0,0,n}"\n',
    '$INCLUDE sub x\n$INCLUDE "none" y\na\\.b 1 TXT "q\\"uoted" \\065bc "" alpn="h2,h3"\n',
    'x 1 TYPE65280 \\# 4 0A00 0001\nx 1 TYPE1 \\# 4 0A000001\nd 1 DNAME t.\ny.d 1 A 192.0.2.1\n',
    's 1 SRV 0 1 25 m\ns 1 CAA 0 issue "ca.example"\ns 1 HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1\ns 1 NAPTR 1 2 "u" "s" "!x!y!" .\n',
    's 1 LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m\ns 1 DS 1 8 2 00\ns 1 TLSA 3 1 1 00\n',
  ].map(utf8ToBytes),
  words: [
    '$ORIGIN ',
    '$TTL ',
    '$INCLUDE sub',
    '$GENERATE 1-3 ',
    '${0,2,x}',
    '@',
    '\\#',
    '\\000',
    '"',
    '(',
    ')',
    ';',
    '\n',
    '\r\n',
    ' IN ',
    ' CNAME ',
    ' NS ',
    '*.',
  ].map(utf8ToBytes),
  run(input) {
    const source = { name: 'fuzz', text: input };
    const file = parseZoneFile(source, { origin, defaultTtl: 60, include });
    if (!file.ok) {
      assert.ok(file.fault.length > 0 && file.fault.length <= mostZoneFileFaults);
      for (const each of file.fault) {
        assert.ok(each.line >= 1 && each.column >= 1 && each.length >= 1);
        assert.ok(!formatZoneFileFault(each).includes('\u001b'));
      }
      return;
    }
    const { records } = file.value;
    const again = parseZoneFile({ name: 'again', text: formatZone(origin, records) }, { origin });
    assert.ok(again.ok, again.ok ? '' : again.fault.map(formatZoneFileFault).join('\n'));
    assert.deepEqual(again.value.records.map(formatRecord).sort(), records.map(formatRecord).sort());
    const zone = loadZone(source, { origin, defaultTtl: 60, include });
    for (const problem of zone.ok ? zone.value.warnings : zone.fault) formatZoneProblem(problem);
  },
};
