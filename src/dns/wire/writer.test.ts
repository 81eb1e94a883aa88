import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { domainName } from './name.ts';
import type { DomainName } from './name.ts';
import { WireReader } from './reader.ts';
import { WireWriter } from './writer.ts';

test('numbers', () => {
  const writer = new WireWriter();
  writer.u8(1);
  writer.u16(0x0203);
  writer.u32(0xffff_fffe);
  writer.u48(0xffff_ffff_fffd);
  assert.equal(writer.finish().toHex(), '010203fffffffefffffffffffd');
});

suite('compression', () => {
  const cases: readonly (readonly [name: string, names: readonly string[], wire: string])[] = [
    ['the same name', ['a.b.', 'a.b.'], '0161016200 c000'],
    ['a suffix', ['a.b.', 'c.b.'], '0161016200 0163c002'],
    ['the whole of a longer one', ['b.', 'a.b.'], '016200 0161c000'],
    ['case is ignored', ['A.B.', 'a.b.'], '0141014200 c000'],
    ['the root is never pointed at', ['.', '.'], '00 00'],
    ['an octet that only looks like a letter', ['\\064.', '\\096.'], '014000 016000'],
    ['labels that end alike', ['xb.', 'b.'], '02786200 016200'],
    ['a suffix of a compressed name', ['a.b.', 'c.b.', 'd.c.b.'], '0161016200 0163c002 0164c005'],
  ];
  for (const [name, names, wire] of cases) {
    test(name, () => {
      const writer = new WireWriter();
      for (const each of names) writer.name(domainName(each), 'compressed');
      assert.equal(writer.finish().toHex(), wire.replaceAll(' ', ''));
    });
  }

  test('plain and lower-case names are written in full', () => {
    const writer = new WireWriter();
    writer.name(domainName('A.'), 'plain');
    writer.name(domainName('A.'), 'lower');
    writer.name(domainName('A.'), 'plain');
    assert.equal(writer.finish().toHex(), '014100016100014100');
  });

  test('nothing beyond 16,383 octets is pointed at, and everything is still right', () => {
    const writer = new WireWriter();
    writer.put(new Uint8Array(0x3fff));
    writer.name(domainName('a.b.'), 'compressed');
    writer.name(domainName('a.b.'), 'compressed');
    // The first label starts at 16,383, which a pointer reaches; the second at 16,385, which none does.
    assert.equal(writer.finish().subarray(0x3fff).toHex(), '0161016200ffff');
    writer.name(domainName('b.'), 'compressed');
    assert.equal(writer.finish().subarray(0x4006).toHex(), '016200');
  });

  test('rewinding forgets the names written since', () => {
    const writer = new WireWriter();
    writer.name(domainName('a.b.'), 'compressed');
    const mark = writer.length;
    for (let i = 0; i < 300; i++) writer.name(domainName(`n${i}.c.`), 'compressed');
    writer.rewind(mark);
    writer.name(domainName('n7.c.'), 'compressed');
    writer.name(domainName('n7.b.'), 'compressed');
    assert.equal(writer.finish().subarray(mark).toHex(), '026e37016300 026e37c002'.replace(' ', ''));
  });

  test('any names, written compressed in any order with rewinds, are read back', () => {
    const label = fc.constantFrom('a', 'b', 'A', 'mail', 'example', 'com', 'x'.repeat(63));
    const name = fc.array(label, { maxLength: 3 }).map((labels) => domainName(`${labels.join('.')}.`));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.boolean()), { maxLength: 60 }), (steps) => {
        const writer = new WireWriter();
        const kept: DomainName[] = [];
        for (const [each, keep] of steps) {
          const mark = writer.length;
          writer.name(each, 'compressed');
          if (keep) kept.push(each);
          else writer.rewind(mark);
        }
        const reader = new WireReader(writer.finish());
        for (const each of kept) assert.ok(reader.name().equals(each));
        assert.equal(reader.remaining, 0);
        assert.equal(reader.fault, undefined);
      }),
    );
  });
});

suite('limits', () => {
  test('what does not fit overflows, and rewinding heals that', () => {
    const writer = new WireWriter(5);
    writer.u32(1);
    const mark = writer.length;
    writer.u16(2);
    assert.ok(writer.overflowed);
    writer.u8(3);
    assert.ok(writer.overflowed);
    writer.rewind(mark);
    assert.ok(!writer.overflowed);
    writer.u8(4);
    assert.equal(writer.finish().toHex(), '0000000104');
  });

  test('a name that is cut off leaves nothing behind to point at', () => {
    const writer = new WireWriter(6);
    const mark = writer.length;
    writer.name(domainName('a.bcdef.'), 'compressed');
    assert.ok(writer.overflowed);
    writer.rewind(mark);
    writer.name(domainName('a.b.'), 'compressed');
    assert.equal(writer.finish().toHex(), '0161016200');
  });

  test('a buffer that grows keeps what it holds', () => {
    const writer = new WireWriter();
    const octets = Uint8Array.from({ length: 60_000 }, (_, i) => i);
    for (let at = 0; at < octets.length; at += 100) writer.put(octets.subarray(at, at + 100));
    assert.deepEqual(writer.finish(), octets);
  });
});
