import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { concatBytes, hexToBytes } from '../../lib/bytes.ts';
import { WireReader } from './reader.ts';

function hex(text: string): Uint8Array {
  return hexToBytes(text.replaceAll(' ', '')) ?? assert.fail(text);
}

/** Of a message without header, at an octet of it. */
function readerAt(bytes: Uint8Array, at: number): WireReader {
  const reader = new WireReader(bytes);
  reader.skip(at);
  return reader;
}

test('numbers, and nothing past the end', () => {
  const reader = new WireReader(hex('01 0203 04050607 ffffffffffff'));
  assert.deepEqual(
    [reader.u8(), reader.u16(), reader.u32(), reader.u48()],
    [1, 0x0203, 0x0405_0607, 0xffff_ffff_ffff],
  );
  assert.equal(reader.remaining, 0);
  assert.equal(reader.fault, undefined);
  assert.deepEqual([reader.u8(), reader.u16(), reader.u32(), reader.u48()], [0, 0, 0, 0]);
  assert.equal(reader.fault, 'the data ends too early');
});

test('the first fault sticks and nothing more is read', () => {
  const reader = new WireReader(hex('0102'));
  reader.fail('first');
  reader.fail('second');
  assert.equal(reader.fault, 'first');
  assert.equal(reader.u8(), 0);
  assert.equal(reader.take(1).length, 0);
  assert.equal(reader.rest().length, 0);
  assert.ok(reader.name().isRoot);
});

test('a name seen before is one object, and each of its pointers is still checked', () => {
  const bytes = hex('01 61 00 c000 c000 c000');
  const reader = new WireReader(bytes);
  const first = reader.name();
  assert.equal(reader.name(), first);
  assert.equal(reader.name(), first);
  assert.equal(reader.at, 7);
  const without = new WireReader(bytes, 0, undefined, false);
  without.name();
  without.name();
  assert.match(without.fault ?? '', /pointer where none may be/);
  const cut = new WireReader(bytes, 0, 4);
  cut.name();
  cut.name();
  assert.match(cut.fault ?? '', /pointer runs past the end/);
});

test('a slice ends where it ends, and sees the whole message for pointers', () => {
  const reader = readerAt(hex('0161 00 c000 ffff'), 3);
  const slice = reader.slice(2);
  assert.equal(slice.name().toString(), 'a.');
  assert.equal(slice.u8(), 0);
  assert.notEqual(slice.fault, undefined);
  assert.equal(reader.at, 5);
  assert.equal(reader.slice(3).fault, 'the data ends too early');
});

suite('compressed names (RFC 1035 §4.1.4)', () => {
  const cases: readonly (readonly [name: string, bytes: string, at: number, text: string, end: number])[] = [
    ['plain', '01 61 01 62 00', 0, 'a.b.', 5],
    ['root', '00', 0, '.', 1],
    ['pointer at once', '01 61 00 c000', 3, 'a.', 5],
    ['label, then pointer', '01 61 00 01 62 c000', 3, 'b.a.', 7],
    ['pointer to a pointer', '01 61 00 c000 c003', 5, 'a.', 7],
    ['pointer to a suffix', '01 61 01 62 00 01 63 c002', 5, 'c.b.', 9],
  ];
  for (const [name, bytes, at, text, end] of cases) {
    test(name, () => {
      const reader = readerAt(hex(bytes), at);
      assert.equal(reader.name().toString(), text);
      assert.equal(reader.at, end);
      const skipping = readerAt(hex(bytes), at);
      skipping.skipName();
      assert.equal(skipping.at, end);
    });
  }

  const bad: readonly (readonly [name: string, bytes: string, at: number, fault: RegExp])[] = [
    ['nothing', '', 0, /runs past the end/],
    ['a label that runs out', '05 61', 0, /runs past the end/],
    ['no root label', '01 61', 0, /runs past the end/],
    ['half a pointer', 'c0', 0, /runs past the end/],
    ['a pointer to itself', 'c000', 0, /does not point back/],
    ['a pointer forward', 'c002 00', 0, /does not point back/],
    ['two pointers at each other', 'c002 c000', 2, /does not point back/],
    ['a label that points at its own start', '01 61 c000', 0, /does not point back/],
    ['a pointer into the name it belongs to', '01 61 01 62 c002', 0, /does not point back/],
    ['a pointer past the end', 'c0ff', 0, /does not point back/],
    ['a label of the kind 01 (RFC 6891 §5)', '41 61 00', 0, /unknown kind of label/],
    ['a label of the kind 10', '81 61 00', 0, /unknown kind of label/],
  ];
  for (const [name, bytes, at, fault] of bad) {
    test(`refuses ${name}`, () => {
      const reader = readerAt(hex(bytes), at);
      assert.ok(reader.name().isRoot);
      assert.match(reader.fault ?? 'taken', fault);
    });
  }

  test('a pointer leads no further back than where names begin, for those who read a part of it, too', () => {
    const bytes = hex('01 61 00 01 62 00 c003 c000');
    const reader = new WireReader(bytes, 3);
    assert.equal(reader.name().toString(), 'b.');
    const part = reader.slice(4);
    assert.equal(part.name().toString(), 'b.');
    assert.ok(part.name().isRoot);
    assert.match(part.fault ?? '', /points into the header/);
  });

  test('pointers only where they may be', () => {
    const reader = new WireReader(hex('01 61 00 c000'), 3, undefined, false);
    reader.name();
    assert.match(reader.fault ?? '', /pointer where none may be/);
    assert.equal(new WireReader(hex('0000'), 0, undefined, false).slice(1).name().isRoot, true);
  });

  test('255 octets are a name, 256 are not, with and without pointers', () => {
    const sixtyThree = concatBytes([Uint8Array.of(63), new Uint8Array(63).fill(0x61)]);
    const tail = (length: number): Uint8Array =>
      concatBytes([Uint8Array.of(length), new Uint8Array(length).fill(0x62), Uint8Array.of(0)]);
    for (const [last, taken] of [
      [61, true],
      [62, false],
    ] as const) {
      const plain = new WireReader(concatBytes([sixtyThree, sixtyThree, sixtyThree, tail(last)]));
      assert.equal(plain.name().wire.length === 255, taken);
      assert.equal(plain.fault === undefined, taken);
      const start = tail(last);
      const compressed = readerAt(
        concatBytes([start, sixtyThree, sixtyThree, sixtyThree, Uint8Array.of(0xc0, 0)]),
        start.length,
      );
      assert.equal(compressed.name().wire.length === 255, taken);
      assert.equal(compressed.fault === undefined, taken);
    }
  });

  test('127 labels are a name, 128 are not', () => {
    const labels = (count: number): Uint8Array =>
      concatBytes([...Array.from({ length: count }, () => Uint8Array.of(1, 0x61)), Uint8Array.of(0)]);
    assert.equal(new WireReader(labels(127)).name().labelCount, 127);
    assert.ok(new WireReader(labels(128)).name().isRoot);
  });

  test('a long chain of pointers is refused, so that no name costs more than its 255 octets and as many steps', () => {
    // a root label, then pointers each to the one before.
    const chain = new Uint8Array(2 * 8000 + 2);
    for (let at = 2; at < chain.length; at += 2) {
      const target = at === 2 ? 0 : at - 2;
      chain[at] = 0xc0 | (target >>> 8);
      chain[at + 1] = target;
    }
    const long = readerAt(chain, chain.length - 2);
    long.name();
    assert.match(long.fault ?? '', /too many compression pointers/);
    const short = readerAt(chain, 2 * 127);
    short.name();
    assert.equal(short.fault, undefined);
  });
});
