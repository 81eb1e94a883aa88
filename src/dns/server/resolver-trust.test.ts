import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { makeSigningKey, signRRset } from '../../../test/support/dnssec-signer.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { domainName } from '../wire/name.ts';
import { formatRdata } from '../wire/rdata/registry.ts';
import type { RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { longestNegative, ResolverTrust } from './resolver-trust.ts';
import type { FollowingResolver } from './resolver-trust.ts';

const zone = domainName('example.org.');
const [a, b] = [makeSigningKey('ED25519', 257), makeSigningKey('ED25519', 257)];
const config = {
  trustAnchors: [`example.org. IN DNSKEY ${formatRdata(rrType.DNSKEY, a.rdata)}`],
  negativeTrustAnchors: ['fixed.example.org'],
};
const day = 86_400_000;

function open(data: string, clock: VirtualClock): ResolverTrust {
  const trust = ResolverTrust.open({ config, data, clock, log: silentLog });
  assert.ok(trust.ok);
  return trust.value;
}

/** A resolver that finds these keys. */
function finding(clock: VirtualClock, rdatas: readonly Uint8Array[]): FollowingResolver {
  return {
    flush: () => undefined,
    resolveAfresh: ({ name, type }, done) => {
      assert.equal(type, rrType.DNSKEY);
      const rrset: RRset = { owner: name, type, class: 1, ttl: 3600, rdatas };
      const seconds = Math.floor(clock.now() / 1000);
      const signature = signRRset(rrset, a, zone, { inception: seconds - 9, expiration: seconds + 864_000 });
      done({
        aliases: [],
        aliasProofs: [],
        name,
        end: { kind: 'records', rrset, signatures: [signature], proofs: [], security: 'unchecked' },
        security: 'unchecked',
        ttl: 3600,
        endTtl: 3600,
        journey: [],
      });
    },
  };
}

test('what a resolver has learnt of its anchors outlives a restart', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'signpost-trust-'));
  const clock = new VirtualClock();
  const first = open(folder.path, clock);
  assert.deepEqual(readdirSync(folder.path), [], 'asks nobody and writes nothing before it follows');
  first.follow(finding(clock, [a.rdata, b.rdata]));
  clock.advance(29 * day);
  first.stop();
  const text = readFileSync(join(folder.path, 'trust-anchors.json'), 'utf8');
  assert.match(text, /"state": "add-pending"/);
  const second = open(folder.path, clock);
  second.follow(finding(clock, [a.rdata, b.rdata]));
  assert.equal(second.anchors.closest(zone)?.keys.length, 1);
  clock.advance(2 * day);
  second.stop();
  assert.deepEqual(open(folder.path, clock).anchors.closest(zone)?.keys, [a.rdata, b.rdata]);
  assert.deepEqual(readdirSync(folder.path), ['trust-anchors.json']);
});

test('with a damaged file the anchors of the config serve', () => {
  for (const text of ['', '{', '[{}]', '[{"zone":"a..","configured":{}}]']) {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'signpost-trust-'));
    writeFileSync(join(folder.path, 'trust-anchors.json'), text);
    writeFileSync(join(folder.path, 'negative-trust-anchors.json'), text);
    const trust = open(folder.path, new VirtualClock());
    assert.deepEqual(trust.anchors.closest(zone)?.keys, [a.rdata]);
    assert.equal(trust.negatives().length, 1);
  }
});

test('negative anchors by command end at their time, also over a restart; those of the config never', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'signpost-trust-'));
  const clock = new VirtualClock();
  const first = open(folder.path, clock);
  const at = (trust: ResolverTrust): readonly string[] =>
    trust.negatives().map((each) => each.zone.toString());
  assert.ok(first.addNegative(domainName('a.example.org.'), day).ok);
  assert.ok(first.addNegative(domainName('b.example.org.'), 2 * day).ok);
  assert.ok(first.addNegative(domainName('c.example.org.'), 2 * day).ok);
  assert.ok(first.removeNegative(domainName('C.example.org.')).ok);
  assert.equal(first.removeNegative(domainName('c.example.org.')).ok, false);
  assert.equal(first.addNegative(zone, longestNegative + 1).ok, false);
  assert.equal(first.addNegative(zone, 0).ok, false);
  assert.equal(first.addNegative(domainName('fixed.example.org.'), day).ok, false);
  assert.equal(first.removeNegative(domainName('fixed.example.org.')).ok, false);
  assert.equal(first.anchors.closest(domainName('x.a.example.org.')), undefined);
  const second = open(folder.path, clock);
  assert.deepEqual(at(second), ['a.example.org.', 'b.example.org.', 'fixed.example.org.']);
  clock.advance(day);
  assert.deepEqual(at(second), ['b.example.org.', 'fixed.example.org.']);
  clock.advance(400 * day);
  assert.deepEqual(at(open(folder.path, clock)), ['fixed.example.org.']);
});

test('a config that says nothing sensible is told', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'signpost-trust-'));
  const parts = { data: folder.path, clock: new VirtualClock(), log: silentLog };
  for (const line of ['. IN DS 1 8 2 ab', '. IN DNSKEY 257 3 8 !!'])
    assert.equal(
      ResolverTrust.open({ ...parts, config: { trustAnchors: [line], negativeTrustAnchors: [] } }).ok,
      false,
    );
});
