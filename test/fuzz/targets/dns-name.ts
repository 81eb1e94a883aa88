// Domain names as text and on the wire: what is taken is within its limits and survives being written.
import assert from 'node:assert/strict';
import { bytesToUtf8, latin1ToBytes } from '../../../src/lib/bytes.ts';
import { domainName, nameFromWire, parseName } from '../../../src/dns/wire/name.ts';
import type { DomainName } from '../../../src/dns/wire/name.ts';
import { WireReader } from '../../../src/dns/wire/reader.ts';
import type { FuzzTarget } from '../target.ts';

const label63 = 'a'.repeat(63);
const texts = [
  '.',
  'example.com.',
  'www.Example',
  '*.example.',
  'a\\.b\\046c\\\\.example.',
  '\\000\\255.',
  '_25._tcp.mx.example.',
  `${label63}.${label63}.${label63}.${'a'.repeat(61)}.`,
  'a.'.repeat(127),
];

export const target: FuzzTarget = {
  name: 'dns-name',
  seeds: [...texts.map((text) => latin1ToBytes(text)), ...texts.map((text) => domainName(text).wire)],
  words: ['.', '\\', '\\255', '\\256', '@', label63, '\u00c0\u0000'].map((text) => latin1ToBytes(text)),
  run(input, random) {
    const origin = domainName(random.below(2) === 0 ? '.' : 'origin.example');
    const parsed = parseName(bytesToUtf8(input), origin);
    if (parsed.ok) check(parsed.value);
    else assert.ok(parsed.fault.length < 300);
    const wire = nameFromWire(input);
    if (wire.ok) check(wire.value);
    const reader = new WireReader(input, random.below(input.length + 1));
    const read = reader.name();
    if (reader.fault === undefined) check(read);
    else assert.ok(read.isRoot);
  },
};

function check(name: DomainName): void {
  const again = nameFromWire(name.wire);
  assert.ok(again.ok);
  assert.ok(domainName(name.toString()).equalsExactly(name));
  assert.equal(name.compare(again.value), 0);
  assert.equal(name.commonLabels(again.value), name.labelCount);
  const parent = name.parent();
  assert.ok(parent === undefined ? name.isRoot : name.isBelow(parent) && parent.compare(name) < 0);
}
