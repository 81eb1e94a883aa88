// Lists of names to withhold, and hosts files: read without a throw, and every name that was read is found in the table.
import assert from 'node:assert/strict';
import { bytesToUtf8, utf8ToBytes } from '../../../src/lib/bytes.ts';
import { Hosts } from '../../../src/dns/policy/hosts.ts';
import { hostsEntries } from '../../../src/dns/policy/hosts-file.ts';
import { domainLines, hostsLines } from '../../../src/dns/policy/list-lines.ts';
import { NameTable, NameTableBuilder } from '../../../src/dns/policy/name-table.ts';
import { rpzEntry } from '../../../src/dns/policy/rpz.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import { parseZoneFile } from '../../../src/dns/zonefile/zone-file-parser.ts';
import type { FuzzTarget } from '../target.ts';

const zone = domainName('rpz.');

export const target: FuzzTarget = {
  name: 'name-lists',
  seeds: [
    '# ads\nads.example\n*.tracker.example # all\n',
    '0.0.0.0 ads.example tracker.example\n::1 localhost\nfe80::1%lo0 a\n',
    '@ 1 SOA . . 1 2 3 4 5\nnx.example 1 CNAME .\n*.nd 1 CNAME *.\n32.1.2.0.192.rpz-ip 1 CNAME rpz-drop.\n*.w 1 CNAME *.g.\n',
  ].map(utf8ToBytes),
  words: ['*.', '#', '%', '\n', ' ', 'rpz-ip', '\\000', 'xn--', '::'].map(utf8ToBytes),
  run: (input, random) => {
    const text = bytesToUtf8(input);
    const listed = [...domainLines(text, () => undefined), ...hostsLines(text, () => undefined)];
    const builder = new NameTableBuilder([random.below(2 ** 32), random.below(2 ** 32)]);
    for (const { name, below } of listed) builder.add(name.wire, 1, below);
    const table = new NameTable(builder.build());
    for (const { name, below } of listed) {
      const asked = below ? name.prepend(Uint8Array.of(0x78)) : name;
      if (asked !== undefined) assert.ok(table.find(asked), name.toString());
    }
    const hosts = new Hosts();
    for (const { address, names } of hostsEntries(text)) for (const name of names) hosts.add(name, address);
    const parsed = parseZoneFile({ name: 'rpz', text }, { origin: zone, defaultTtl: 1 });
    if (parsed.ok) for (const record of parsed.value.records) rpzEntry(record, zone);
  },
};
