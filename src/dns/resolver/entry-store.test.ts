import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { domainName } from '../wire/name.ts';
import { EntryStore } from './entry-store.ts';
import type { StoredOctets } from './entry-store.ts';

const encoder = new TextEncoder();

function wire(name: string): Uint8Array {
  return domainName(name).wire;
}

function content(stored: StoredOctets | undefined): string | undefined {
  if (stored === undefined) return undefined;
  return new TextDecoder().decode(stored.bytes.subarray(stored.at, stored.end));
}

test('what is put under a name and a number is found there, letters in either case', () => {
  const store = new EntryStore(100_000, seededRandom(1));
  store.set(wire('www.Example.org.'), 1, encoder.encode('one'));
  store.set(wire('www.example.org.'), 2, encoder.encode('another'));
  assert.equal(content(store.get(wire('WWW.example.org.'), 1)), 'one');
  assert.equal(content(store.peek(wire('www.example.org.'), 2)), 'another');
  assert.equal(store.get(wire('ww.example.org.'), 1), undefined);
  assert.equal(store.get(wire('www.example.org.'), 3), undefined);
  store.set(wire('www.example.org.'), 1, encoder.encode('a longer one'));
  assert.deepEqual([content(store.get(wire('www.example.org.'), 1)), store.size], ['a longer one', 2]);
  store.delete(wire('www.example.ORG.'), 1);
  assert.deepEqual([store.get(wire('www.example.org.'), 1), store.size], [undefined, 1]);
  store.clear();
  assert.deepEqual([store.size, store.octets, [...store.entries()]], [0, 0, []]);
});

test('what was used stays, what was not goes', () => {
  const store = new EntryStore(64 * 1024, seededRandom(2));
  const used = Array.from({ length: 50 }, (_, i) => wire(`used${i}.example.`));
  for (const name of used) store.set(name, 1, encoder.encode('used'));
  for (let i = 0; i < 20_000; i++) {
    store.set(wire(`once${i}.example.`), 1, encoder.encode('once'));
    if (i % 20 === 0) for (const name of used) store.get(name, 1);
  }
  for (const name of used) assert.equal(content(store.peek(name, 1)), 'used');
  assert.equal(store.peek(wire('once0.example.'), 1), undefined);
  assert.equal(content(store.peek(wire('once19999.example.'), 1)), 'once');
});

test('memory stays within its bound, whatever sizes are put', () => {
  const random = seededRandom(3);
  const limit = 1024 * 1024;
  const sizes = [() => 0, () => random.below(40), () => random.below(4000), () => 60_000];
  const mixed = (): number => [...sizes, () => 300_000][random.below(sizes.length + 1)]?.() ?? 0;
  for (const size of [...sizes, mixed]) {
    const store = new EntryStore(limit, seededRandom(4));
    for (let octets = 0, i = 0; octets < 2 * limit; i++) {
      const bytes = new Uint8Array(size());
      octets += bytes.length + 100;
      const name = wire(`${'a'.repeat(random.below(50) + 1)}${i}.example.`);
      store.set(name, random.below(0x2_0000), bytes);
      if (random.below(3) === 0) store.get(name, 1);
      assert.ok(store.octets <= limit, `${store.octets} octets`);
    }
    assert.ok(store.size > 0);
  }
});

test('it does what a map does, but for what it has forgotten for want of room', () => {
  for (const [limit, names] of [
    [1024 * 1024, 600],
    [20_000, 600],
    [3000, 100],
  ] as const) {
    const random = seededRandom(limit);
    const store = new EntryStore(limit, random);
    const model = new Map<string, string>();
    let forgotten = 0;
    for (let step = 0; step < 20_000; step++) {
      const name = `n${random.below(names)}.example.`;
      const number = random.below(3);
      const key = `${name} ${number}`;
      switch (random.below(8)) {
        case 0:
        case 1:
        case 2: {
          const text = 'x'.repeat(random.below(100)) + step;
          store.set(wire(name), number, encoder.encode(text));
          model.set(key, text);
          break;
        }
        case 3:
          store.delete(wire(name), number);
          model.delete(key);
          break;
        default: {
          const found = content(store.get(wire(name), number));
          if (found === undefined && model.has(key)) forgotten += 1;
          else assert.equal(found, model.get(key), key);
        }
      }
      if (step % 1000 === 999) {
        let count = 0;
        for (const entry of store.entries()) {
          const owner = nameOf(entry);
          assert.equal(content(entry), model.get(`${owner} ${entry.number}`));
          count += 1;
        }
        assert.equal(count, store.size);
      }
    }
    if (limit > 1_000_000) assert.equal(forgotten, 0);
  }
});

test('a walk over the entries survives that they are moved and removed on its way', () => {
  const store = new EntryStore(20_000, seededRandom(5));
  for (let i = 0; i < 300; i++) store.set(wire(`n${i}.example.`), 1, encoder.encode(`${i}`));
  let seen = 0;
  for (const entry of store.entries()) {
    assert.equal(nameOf(entry), `n${content(entry)}.example.`);
    seen += 1;
    if (seen > 2000) break;
    store.get(wire(`n${seen * 7}.example.`), 1);
    store.set(wire(`n${1000 + seen}.example.`), 1, encoder.encode(`${1000 + seen}`));
    if (seen % 3 === 0) store.delete(wire(`n${seen}.example.`), 1);
  }
  assert.ok(seen > 100);
});

function nameOf({ bytes, nameAt }: StoredOctets): string {
  const label = bytes.subarray(nameAt + 1, nameAt + 1 + (bytes[nameAt] ?? 0));
  return `${new TextDecoder().decode(label)}.example.`;
}
