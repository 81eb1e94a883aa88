// A roll-over of the root's key as a running resolver sees it (RFC 5011): months of a virtual clock, a whole small internet, and a restart on the way.
import assert from 'node:assert/strict';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeSigningKey, signRRset, withFlags } from '../../../test/support/dnssec-signer.ts';
import type { SigningKey } from '../../../test/support/dnssec-signer.ts';
import { signedWorld } from '../../../test/support/signed-world.ts';
import type { SignedWorld } from '../../../test/support/signed-world.ts';
import { recordText, signZone } from '../../../test/support/signed-zone.ts';
import { silentLog } from '../../lib/log.ts';
import { seededRandom } from '../../lib/random.ts';
import { Resolver } from '../resolver/resolver.ts';
import { domainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { ResolverTrust } from './resolver-trust.ts';

const day = 86_400_000;
const root = domainName('.');

/** The root's servers give its zone anew: with these keys, each of `signers` having signed the set of them. */
function publishRoot(world: SignedWorld, zsk: SigningKey, keys: readonly SigningKey[], signers = keys): void {
  const signed = world.zones.get('.') ?? assert.fail();
  const plain = signed.text.split('\n').filter((line) => !/ IN (?:RRSIG|NSEC|DNSKEY) /.test(line));
  const now = Math.floor(world.clock.now() / 1000);
  const times = { inception: now - 3600, expiration: now + 100 * 86_400 };
  // As the root's own: asked for once a day (RFC 5011 §2.3), and not each hour.
  const originalTtl = 172_800;
  const zone = signZone('.', plain.join('\n'), {
    ...times,
    zsk,
    moreKeys: keys.map(({ rdata }) => rdata),
    signing: (rrset) =>
      rrset.type === rrType.DNSKEY
        ? signers.map((key) => signRRset(rrset, key, root, times, { originalTtl }))
        : undefined,
  });
  world.internet.put('192.0.2.1', new Map([['.', zone.text]]), { delay: 10, does: [] });
}

test('a resolver follows the root to a new key, over a restart, and leaves the one that was revoked', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'signpost-roll-over-'));
  const [a, b] = [makeSigningKey('ED25519', 257), makeSigningKey('ED25519', 257)];
  const zsk = makeSigningKey('ED25519', 256);
  const world = signedWorld({ '.': { ksk: a, zsk } });
  const ds = recordText((world.zones.get('.') ?? assert.fail()).ds);
  const begin = (): { readonly trust: ResolverTrust; readonly resolver: Resolver } => {
    const opened = ResolverTrust.open({
      config: { trustAnchors: [ds], negativeTrustAnchors: [] },
      data: folder.path,
      clock: world.clock,
      log: silentLog,
    });
    assert.ok(opened.ok);
    const trust = opened.value;
    const resolver = new Resolver({
      upstream: world.internet,
      clock: world.clock,
      random: seededRandom(1),
      rootHints: [{ name: domainName('ns.'), addresses: ['192.0.2.1'] }],
      anchors: trust.anchors,
      keyRing: trust.ring,
    });
    trust.follow(resolver);
    return { trust, resolver };
  };
  const verdict = (resolver: Resolver): string => {
    resolver.flush();
    const resolved = world.askOf(resolver, '.', 'NS');
    return resolved.end.kind === 'failure' ? resolved.end.reason : resolved.security;
  };
  const first = begin();
  publishRoot(world, zsk, [a]);
  assert.equal(verdict(first.resolver), 'secure');
  publishRoot(world, zsk, [a, b], [a]);
  world.clock.advance(20 * day);
  assert.equal(verdict(first.resolver), 'secure');
  first.trust.stop();
  const second = begin();
  world.clock.advance(15 * day);
  assert.equal(second.trust.anchors.closest(root)?.keys.length, 2);
  const revoked = withFlags(a, 0x181);
  publishRoot(world, zsk, [revoked, b]);
  world.clock.advance(2 * day);
  assert.deepEqual(second.trust.anchors.closest(root)?.keys, [b.rdata]);
  assert.equal(verdict(second.resolver), 'secure');
  publishRoot(world, zsk, [b]);
  assert.equal(verdict(second.resolver), 'secure');
  // Whoever still has the old key, and forges by it, convinces nobody.
  publishRoot(world, zsk, [a]);
  assert.match(verdict(second.resolver), /the root has none of the keys that are trusted/);
  second.trust.stop();
});
