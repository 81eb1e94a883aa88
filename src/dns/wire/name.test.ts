import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { DomainName, domainName, nameFromWire, parseName } from './name.ts';

const label63 = 'a'.repeat(63);
/** 255 octets on the wire: three labels of 63 and one of 61, their length octets and the root. */
const longest = `${label63}.${label63}.${label63}.${'a'.repeat(61)}.`;

/** Any valid name. */
const names = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 63 }), { maxLength: 6 })
  .map((labels) => labels.reduce((name, label) => name.prepend(label) ?? name, DomainName.root));

suite('presentation form', () => {
  const cases: readonly (readonly [text: string, wire: string, written?: string])[] = [
    ['.', '00'],
    ['example.com.', '07 6578616d706c65 03 636f6d 00'],
    ['example.com', '07 6578616d706c65 03 636f6d 00', 'example.com.'],
    ['ExAmPlE.', '07 4578416d506c45 00'],
    ['a\\.b.c.', '03 612e62 01 63 00'],
    ['\\097.', '01 61 00', 'a.'],
    ['\\000\\255.', '02 00ff 00'],
    ['\\032.', '01 20 00'],
    ['\\"\\;\\(\\)\\@\\$\\\\.', '07 223b282940245c 00'],
    ['_25._tcp.', '03 5f3235 04 5f746370 00'],
    ['*.example.', '01 2a 07 6578616d706c65 00'],
  ];
  for (const [text, wire, written] of cases) {
    test(text, () => {
      const name = domainName(text);
      assert.equal(name.wire.toHex(), wire.replaceAll(' ', ''));
      assert.equal(name.toString(), written ?? text);
    });
  }

  const bad: readonly (readonly [string, RegExp])[] = [
    ['', /empty name/],
    ['..', /empty label/],
    ['.a.', /empty label/],
    ['a..b.', /empty label/],
    [`a${label63}.`, /more than 63 octets/],
    [`b${longest}`, /more than 63|longer than 255/],
    [`a.${longest}`, /longer than 255/],
    [`${label63}.${label63}.${label63}.${'a'.repeat(62)}.`, /longer than 255/],
    [`${label63}.${label63}.${label63}.${'a'.repeat(62)}`, /longer than 255/],
    ['a\\', /unfinished escape/],
    ['a\\1.', /unfinished escape/],
    ['a\\12', /unfinished escape/],
    ['\\256.', /above 255/],
    ['bücher.', /xn--/],
    ['b\\ü.', /three digits/],
    ['漢.', /xn--/],
  ];
  for (const [text, fault] of bad) {
    test(`refuses ${text.slice(0, 30)}`, () => {
      const name = parseName(text);
      assert.match(name.ok ? 'taken' : name.fault, fault);
    });
  }

  test('a fault stays short, whatever was written', () => {
    const name = parseName('a'.repeat(1_000_000));
    assert.ok(!name.ok && name.fault.length < 200);
  });

  test('the longest name is taken, absolute and relative', () => {
    assert.equal(domainName(longest).wire.length, 255);
    assert.equal(domainName(longest.slice(0, -1)).wire.length, 255);
    assert.ok(parseName(`${label63}.${label63}.${label63}`, domainName(`${'a'.repeat(61)}.`)).ok);
    assert.ok(!parseName(`${label63}.${label63}.${label63}`, domainName(`${'a'.repeat(62)}.`)).ok);
  });

  test('relative names stand below their origin', () => {
    const origin = domainName('example.com');
    const relative = parseName('www', origin);
    assert.equal(relative.ok && relative.value.toString(), 'www.example.com.');
    const absolute = parseName('www.', origin);
    assert.equal(absolute.ok && absolute.value.toString(), 'www.');
  });

  test('any name is written and read back', () => {
    fc.assert(fc.property(names, (name) => assert.ok(domainName(name.toString()).equalsExactly(name))));
  });
});

suite('wire form', () => {
  const bad: readonly (readonly [string, readonly number[]])[] = [
    ['nothing', []],
    ['no root label', [1, 0x61]],
    ['a label that runs out', [5, 0x61, 0]],
    ['octets after the root label', [0, 0]],
    ['a pointer', [0xc0, 0]],
    ['an extended label', [0x41, 0x61, 0]],
    ['more than 255 octets', Array.from({ length: 257 }, (_, i) => (i === 256 ? 0 : i % 2 === 0 ? 1 : 0x61))],
  ];
  for (const [name, wire] of bad) {
    test(`refuses ${name}`, () => assert.ok(!nameFromWire(Uint8Array.from(wire)).ok));
  }

  test('takes any name', () => {
    fc.assert(
      fc.property(names, ({ wire }) => {
        const again = nameFromWire(wire);
        assert.ok(again.ok && again.value.wire === wire);
      }),
    );
  });
});

suite('comparison', () => {
  test('canonical order as RFC 4034 §6.1 prints it', () => {
    const ordered = [
      'example.',
      'a.example.',
      'yljkjljk.a.example.',
      'Z.a.example.',
      'zABC.a.EXAMPLE.',
      'z.example.',
      '\\001.z.example.',
      '*.z.example.',
      '\\200.z.example.',
    ].map((text) => domainName(text));
    const shuffled = [...ordered].sort((a, b) => a.toString().localeCompare(b.toString()));
    assert.deepEqual(shuffled.sort((a, b) => a.compare(b)).map(String), ordered.map(String));
  });

  test('order, equality and key agree', () => {
    fc.assert(
      fc.property(names, names, (a, b) => {
        assert.equal(Math.sign(a.compare(b)), -Math.sign(b.compare(a)) || 0);
        assert.equal(a.compare(b) === 0, a.equals(b));
        assert.equal(a.key === b.key, a.equals(b));
        assert.ok(a.equals(a.lowerCase()));
        assert.equal(a.lowerCase().key, a.key);
      }),
    );
  });

  test('case is ignored for ASCII letters only (RFC 4343 §3)', () => {
    assert.ok(domainName('EXAMPLE.').equals(domainName('example.')));
    assert.ok(!domainName('EXAMPLE.').equalsExactly(domainName('example.')));
    // 0x40 and 0x60, 0x5b and 0x7b differ by the same bit as letters of two cases do.
    assert.ok(!domainName('\\064.').equals(domainName('\\096.')));
    assert.ok(!domainName('\\091.').equals(domainName('\\123.')));
    assert.ok(!domainName('\\192.').equals(domainName('\\224.')));
  });

  const relations: readonly (readonly [string, string, boolean, number])[] = [
    ['www.example.com.', 'example.com.', true, 2],
    ['www.example.com.', 'EXAMPLE.com.', true, 2],
    ['example.com.', 'example.com.', true, 2],
    ['example.com.', 'www.example.com.', false, 2],
    ['wwwexample.com.', 'example.com.', false, 1],
    ['a\\.example.com.', 'example.com.', false, 1],
    // Octets in a label that look like a label of their own.
    ['x\\007example.com.', 'example.com.', false, 1],
    ['example.com.', '.', true, 0],
    ['.', '.', true, 0],
    ['.', 'com.', false, 0],
    ['a.org.', 'a.com.', false, 0],
  ];
  for (const [name, other, below, common] of relations) {
    test(`${name} and ${other}`, () => {
      const [a, b] = [domainName(name), domainName(other)];
      assert.equal(a.isAtOrBelow(b), below);
      assert.equal(a.isBelow(b), below && !a.equals(b));
      assert.equal(a.commonLabels(b), common);
      assert.equal(b.commonLabels(a), common);
    });
  }
});

suite('parts', () => {
  const name = domainName('a.b.example.');

  test('labels, parents and ancestors', () => {
    assert.equal(name.labelCount, 3);
    assert.equal(Buffer.from(name.label(2)).toString(), 'example');
    assert.equal(name.label(3).length, 0);
    assert.equal(String(name.parent()), 'b.example.');
    assert.equal(DomainName.root.parent(), undefined);
    assert.equal(String(name.ancestor(1)), 'example.');
    assert.equal(name.ancestor(9), name);
    assert.ok(name.ancestor(-1).isRoot);
  });

  test('wildcards', () => {
    assert.equal(String(name.wildcard()), '*.a.b.example.');
    assert.ok(domainName('*.a.').isWildcard);
    assert.ok(!domainName('**.a.').isWildcard);
    assert.ok(!domainName('a.*.').isWildcard);
    assert.equal(domainName(longest).wildcard(), undefined);
  });

  test('prepending has limits', () => {
    assert.equal(name.prepend(new Uint8Array(0)), undefined);
    assert.equal(name.prepend(new Uint8Array(64)), undefined);
    assert.equal(String(name.prepend(Uint8Array.of(0x2e))), '\\..a.b.example.');
  });

  test('rebasing, as DNAME does (RFC 6672 §2.2)', () => {
    const rebase = (text: string, from: string, to: string): string =>
      String(domainName(text).rebase(domainName(from), domainName(to)));
    // The table of RFC 6672 §2.2, its rows with a result.
    assert.equal(rebase('a.example.com.', 'example.com.', 'example.net.'), 'a.example.net.');
    assert.equal(rebase('a.b.example.com.', 'example.com.', 'example.net.'), 'a.b.example.net.');
    assert.equal(rebase('a.x.', 'x.', '.'), 'a.');
    assert.equal(rebase('shortloop.x.x.', 'x.', '.'), 'shortloop.x.');
    assert.equal(rebase('cyc.example.com.', 'example.com.', 'example.com.'), 'cyc.example.com.');
    assert.equal(rebase('shortloop.x.', 'x.', longest), 'undefined');
  });
});
