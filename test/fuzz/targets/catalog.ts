// Catalog zones: whatever records a primary puts into one, reading it gives members, each once, or says why it is none.
import assert from 'node:assert/strict';
import { readCatalog } from '../../../src/dns/catalog/catalog.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../../src/dns/wire/message-encoder.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import { buildZone } from '../../../src/dns/zone/zone-builder.ts';
import { latin1ToBytes } from '../../../src/lib/bytes.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { record, response } from '../../support/dns-messages.ts';
import type { FuzzTarget } from '../target.ts';

const origin = domainName('cat.example.');
const clock = new VirtualClock();
const always = [
  record('cat.example. 0 IN SOA invalid. invalid. 1 60 60 60 0'),
  record('cat.example. 0 IN NS invalid.'),
];

function message(lines: readonly string[]): Uint8Array {
  return encodeMessage(response({ answers: lines.map(record) }));
}

const version = 'version.cat.example. 0 IN TXT "2"';

export const target: FuzzTarget = {
  name: 'catalog',
  seeds: [
    message([version, 'a.zones.cat.example. 0 IN PTR example.com.']),
    message([
      version,
      'a.zones.cat.example. 0 IN PTR example.com.',
      'coo.a.zones.cat.example. 0 IN PTR other.example.',
      'group.a.zones.cat.example. 0 IN TXT "signed"',
      'b.zones.cat.example. 0 IN PTR example.com.',
    ]),
    message(['version.cat.example. 0 IN TXT "1"']),
  ],
  words: ['zones', 'version', 'coo', 'group', 'ext'].map(latin1ToBytes),
  async run(input) {
    const decoded = decodeMessage(input);
    if (!decoded.ok) return;
    const zone = buildZone(origin, [...always, ...decoded.value.answers]);
    if (!zone.ok) return;
    const read = await readCatalog(zone.value.zone, clock);
    if (!read.ok) return;
    const labels = [...read.value.members.values()].map(({ label }) => label);
    assert.equal(new Set(labels).size, labels.length);
    for (const [key, member] of read.value.members) assert.equal(key, member.zone.key);
  },
};
