import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSigningKey } from '../../../test/support/dnssec-signer.ts';
import { rootAnchors } from '../../config/root-anchors.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { extendedError } from '../wire/edns-option.ts';
import { domainName } from '../wire/name.ts';
import { formatRdata } from '../wire/rdata/registry.ts';
import { rrType } from '../wire/rr-type.ts';
import { AnchorSet } from './anchor-set.ts';
import { keysByAnchor, parseTrustAnchors } from './trust-anchor.ts';
import type { AnchoredKeys, TrustAnchor } from './trust-anchor.ts';
import { WorkAllowance } from './work.ts';
import { KeyRing } from './zone-key.ts';

function anchorsOf(...lines: readonly string[]): readonly TrustAnchor[] {
  const parsed = parseTrustAnchors(lines);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.fault);
  return parsed.value;
}

test("the root's own anchors are there", () => {
  const [root, ...others] = anchorsOf(...rootAnchors);
  assert.equal(others.length, 0);
  assert.ok(root?.zone.isRoot === true);
  assert.deepEqual(
    root.ds.map((rdata) => formatRdata(rrType.DS, rdata).split(' ').slice(0, 3).join(' ')),
    ['20326 8 2', '38696 8 2'],
  );
});

test('lines of several zones, DS and DNSKEY alike; others are told', () => {
  const key = makeSigningKey('ED25519', 257);
  const text = formatRdata(rrType.DNSKEY, key.rdata);
  const anchors = anchorsOf(
    `example.org. 3600 IN DNSKEY ${text}`,
    `EXAMPLE.org IN DS 1 13 1 ${'ab'.repeat(20)}`,
    `org. DS 1 13 1 ${'ab'.repeat(20)}`,
  );
  assert.deepEqual(
    anchors.map(({ zone, ds, keys }) => [zone.toString(), ds.length, keys.length]),
    [
      ['example.org.', 1, 1],
      ['org.', 1, 0],
    ],
  );
  for (const line of ['. IN A 192.0.2.1', '. CH DS 1 13 1 abab', 'nonsense', `. IN DS \\# 1 00`])
    assert.equal(parseTrustAnchors([line]).ok, false, line);
});

test('the nearest anchor is found; a negative one as near or nearer turns validation off until it expires', () => {
  const clock = new VirtualClock();
  const set = new AnchorSet(
    clock,
    anchorsOf(`. DS 1 13 1 ${'ab'.repeat(20)}`, `a.example. DS 1 13 1 ${'ab'.repeat(20)}`),
  );
  const closest = (name: string): string => set.closest(domainName(name))?.zone.toString() ?? 'none';
  const at = (): readonly string[] =>
    ['.', 'example.', 'b.example.', 'a.example.', 'x.y.A.Example.', 'org.'].map(closest);
  assert.deepEqual(at(), ['.', '.', '.', 'a.example.', 'a.example.', '.']);
  set.putNegative({ zone: domainName('Example.'), until: clock.now() + 1000 });
  assert.deepEqual(at(), ['.', 'none', 'none', 'a.example.', 'a.example.', '.']);
  set.putNegative({ zone: domainName('a.example.'), until: clock.now() + 2000 });
  assert.deepEqual(at(), ['.', 'none', 'none', 'none', 'none', '.']);
  assert.deepEqual(
    set.negatives().map(({ zone }) => zone.toString()),
    ['Example.', 'a.example.'],
  );
  clock.advance(1000);
  assert.deepEqual(at(), ['.', '.', '.', 'none', 'none', '.']);
  assert.equal(set.removeNegative(domainName('A.example.')), true);
  assert.equal(set.removeNegative(domainName('a.example.')), false);
  assert.deepEqual(set.negatives(), []);
  set.remove(domainName('a.example.'));
  assert.deepEqual(at(), ['.', '.', '.', '.', '.', '.']);
});

test('keys that an anchor vouches for', () => {
  const ring = new KeyRing();
  const zone = domainName('example.org.');
  const [one, two] = [makeSigningKey('ED25519', 257), makeSigningKey('ED25519', 257)];
  const keys = ring.keysOf({ owner: zone, type: rrType.DNSKEY, class: 1, ttl: 1, rdatas: [one.rdata] });
  const outcome = (anchor: Partial<TrustAnchor>): AnchoredKeys =>
    keysByAnchor({ zone, ds: [], keys: [], ...anchor }, keys, ring, new WorkAllowance(0, 9, 0));
  const right = outcome({ keys: [two.rdata, one.rdata] });
  assert.ok(right.ok === true);
  assert.deepEqual(
    right.keys.keys.map(({ tag }) => tag),
    [one.tag],
  );
  const wrong = outcome({ keys: [two.rdata] });
  assert.ok(wrong.ok === false);
  assert.equal(wrong.fault.code, extendedError.DNSKEY_MISSING);
  const unknown = outcome({ keys: [one.rdata.with(3, 3)] });
  assert.equal(unknown.ok, 'insecure');
});
