import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainName } from '../wire/name.ts';
import { loadZone } from './load-zone.ts';
import { ZoneSet } from './zone-set.ts';
import { Zone } from './zone.ts';

function zone(name: string): Zone {
  const loaded = loadZone({ name, text: '@ 5 SOA a. b. 1 2 3 4 5\n@ 5 NS a.' }, { origin: domainName(name) });
  assert.ok(loaded.ok);
  return loaded.value.zone;
}

function originOf(found: Zone | 'withheld' | undefined): string | undefined {
  return found instanceof Zone ? found.origin.toString() : found;
}

test('the deepest zone above a name is found', () => {
  const zones = new ZoneSet(['.', 'com.', 'example.com.', 'a.b.example.com.', 'org.'].map(zone));
  const cases: readonly (readonly [name: string, expected: string])[] = [
    ['.', '.'],
    ['net.', '.'],
    ['COM.', 'com.'],
    ['www.example.com.', 'example.com.'],
    ['b.example.com.', 'example.com.'],
    ['x.a.b.example.com.', 'a.b.example.com.'],
    ['notexample.com.', 'com.'],
    ['a.b.c.d.e.f.g.h.org.', 'org.'],
  ];
  for (const [name, expected] of cases)
    assert.equal(originOf(zones.enclosing(domainName(name))), expected, name);
});

test('the parent of a zone is the next one above', () => {
  const zones = new ZoneSet(['com.', 'example.com.', 'a.b.example.com.'].map(zone));
  const parent = (name: string): string | undefined => {
    const child = zones.get(domainName(name));
    return child === undefined
      ? 'none such'
      : originOf(zones.enclosing(child.origin, child.origin.labelCount - 1));
  };
  assert.equal(parent('a.b.example.com.'), 'example.com.');
  assert.equal(parent('example.com.'), 'com.');
  assert.equal(parent('com.'), undefined);
});

test('no zones, no answer', () => {
  const zones = new ZoneSet();
  assert.equal(zones.size, 0);
  assert.equal(zones.enclosing(domainName('example.com.')), undefined);
  assert.equal(new ZoneSet([zone('example.com.')]).enclosing(domainName('com.')), undefined);
  assert.equal(new ZoneSet([zone('example.com.')]).enclosing(domainName('.')), undefined);
});
