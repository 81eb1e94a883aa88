// RFC 3597: unknown record types.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { canonicalRdata, formatRdata } from '../../src/dns/wire/rdata/registry.ts';
import { formatZone } from '../../src/dns/zonefile/zone-file-writer.ts';
import { parseZoneFile } from '../../src/dns/zonefile/zone-file-parser.ts';
import type { ZoneRecord } from '../../src/dns/zonefile/zone-file-parser.ts';
import { decoded, hex, lines } from '../support/dns-messages.ts';
import { rdataExamples } from '../support/rdata-examples.ts';

const origin = domainName('example');

function read(text: string): readonly ZoneRecord[] {
  // A line that begins with a blank has the owner of the one before.
  const source = { name: 'test', text: text.replaceAll(/^ +(?=\S+\.example)/gm, '') };
  const file = parseZoneFile(source, { origin, defaultTtl: 3600 });
  return file.ok ? file.value.records : assert.fail(file.fault.map(({ message }) => message).join('\n'));
}

function faultsOf(text: string): string {
  const file = parseZoneFile({ name: 'test', text }, { origin, defaultTtl: 3600 });
  return file.ok ? 'taken' : file.fault.map(({ message }) => message).join('\n');
}

suite('§3: transparency', () => {
  test('octets that look like names or pointers are left alone', () => {
    const bytes = hex(`0001 8000 0001 0001 0000 0000 03 636f6d 00 ff00 0001
      c00c ff00 0001 0000003c 0008 c00c 03 636f6d 00 41`);
    const message = decoded(bytes);
    assert.equal(message.answers[0]?.rdata.toHex(), 'c00c03636f6d0041');
    assert.deepEqual(encodeMessage(message), bytes);
  });

  test('types and classes of any number', () => {
    for (const number of [0, 54, 32767, 65535]) {
      const code = number.toString(16).padStart(4, '0');
      const bytes = hex(`0001 8000 0001 0001 0000 0000 00 ${code} ${code} 00 ${code} ${code} 0000003c 0000`);
      assert.deepEqual(encodeMessage(decoded(bytes)), bytes);
    }
  });
});

suite('§5: text form', () => {
  test('its examples', () => {
    const records = read(`
      a.example.   CLASS32     TYPE731         \\# 6 abcd (
                                               ef 01 23 45 )
      b.example.   HS          TYPE62347       \\# 0
      e.example.   IN          A               \\# 4 0A000001
      e.example.   CLASS1      TYPE1           10.0.0.2`);
    assert.deepEqual(lines(records), [
      'a.example. 3600 CLASS32 TYPE731 \\# 6 ABCDEF012345',
      'b.example. 3600 HS TYPE62347 \\# 0',
      'e.example. 3600 IN A 10.0.0.1',
      'e.example. 3600 IN A 10.0.0.2',
    ]);
  });

  test('every example of every type is taken in the generic form as well', () => {
    for (const { type, text } of rdataExamples) {
      if (['TSIG', 'TKEY'].includes(type)) continue;
      const [own] = read(`a.example. IN ${type} ${text}`);
      assert.ok(own !== undefined);
      const generic = `\\# ${own.rdata.length} ${own.rdata.toHex()}`;
      assert.deepEqual(read(`a.example. IN TYPE${own.type} ${generic}`)[0]?.rdata, own.rdata, type);
      // And back through the writer of zone files, whatever the type.
      assert.deepEqual(read(formatZone(origin, [own]))[0]?.rdata, own.rdata, type);
    }
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['a TYPE731 abcd', /must be written as/],
    ['a TYPE731 \\#', /number of octets/],
    ['a TYPE731 \\# 6', /says 6 octets, but 0 follow/],
    ['a TYPE731 \\# 2 abc', /two for each octet/],
    ['a TYPE731 \\# 65536 00', /0 to 65535/],
    ['a A \\# 5 0A00000101', /not A data/],
    ['a MX \\# 4 000ac000', /not MX data/],
    ['a TYPE65536 \\# 0', /not a record type/],
    ['a CLASS65536 TYPE1 \\# 0', /not a record type/],
  ];
  for (const [text, message] of refused) test(`refuses ${text}`, () => assert.match(faultsOf(text), message));
});

suite('§6 and §7: comparison and canonical form', () => {
  test('octets of unknown types keep their case', () => {
    const rdata = hex('03 464f4f 00');
    assert.equal(canonicalRdata(731, rdata), rdata);
  });

  test('names in the types of RFC 1035 and its kin are compared without case', () => {
    for (const [type, text] of [
      ['NS', 'NS.Example.'],
      ['PX', '10 A.Example. B.Example.'],
      ['RT', '10 A.Example.'],
      ['AFSDB', '1 A.Example.'],
      ['RP', 'A.Example. B.Example.'],
    ] as const) {
      const [upper] = read(`a ${type} ${text}`);
      assert.ok(upper !== undefined);
      assert.equal(formatRdata(upper.type, canonicalRdata(upper.type, upper.rdata)), text.toLowerCase());
    }
  });
});
