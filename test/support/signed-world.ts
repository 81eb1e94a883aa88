// A small signed internet: root → com (NSEC3 with opt-out) and org (NSEC) → zones below, each on a server of its own; and a resolver that
// trusts the root's key.
import { AnchorSet } from '../../src/dns/dnssec/anchor-set.ts';
import { parseTrustAnchors } from '../../src/dns/dnssec/trust-anchor.ts';
import { Resolver } from '../../src/dns/resolver/resolver.ts';
import type { Resolved, ResolverOptions } from '../../src/dns/resolver/resolver-options.ts';
import type { Upstream } from '../../src/dns/resolver/upstream.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { parseType } from '../../src/dns/wire/rr-type.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { recordText, signZone } from './signed-zone.ts';
import type { SignedZone, SignedZoneOptions } from './signed-zone.ts';
import { SimulatedInternet } from './simulated-internet.ts';

/** Of one zone. `ds`: zone-file lines for its parent instead of the right ones; '' for none. */
export type ZoneChanges = Partial<SignedZoneOptions> & {
  readonly text?: string;
  readonly unsigned?: true;
  readonly ds?: (zone: SignedZone) => string;
  /** A second server for the zone, with the zone as it should be. */
  readonly secondServer?: true;
};

export interface SignedWorld {
  readonly clock: VirtualClock;
  readonly internet: SimulatedInternet;
  readonly zones: ReadonlyMap<string, SignedZone>;
  readonly resolver: Resolver;
  /** Asks, and moves the clock until the answer is there. */
  ask(name: string, type: string, checking?: boolean): Resolved;
  askOf(resolver: Resolver, name: string, type: string, checking?: boolean): Resolved;
  /** A resolver like the first, which has learnt nothing yet. */
  another(upstream: Upstream): Resolver;
}

const nsec3 = { iterations: 0, salt: '', optOut: false };

interface ZonePlan {
  readonly address: string;
  readonly text: string;
  readonly below: readonly string[];
  readonly denial?: SignedZoneOptions['denial'];
  readonly unsigned?: true;
}

const plans: Readonly<Record<string, ZonePlan>> = {
  '.': { address: '192.0.2.1', text: '', below: ['com.', 'org.'] },
  'com.': {
    address: '192.0.2.2',
    text: '',
    below: ['example.com.', 'hashed.com.', 'plain.com.', 'shop.com.'],
    denial: { ...nsec3, optOut: true },
  },
  'org.': { address: '192.0.2.3', text: '', below: ['plain.org.', 'example.org.'] },
  'example.com.': {
    address: '192.0.2.10',
    text: `www 300 A 203.0.113.1
alias 300 CNAME www
abroad 300 CNAME www.hashed.com.
toplain 300 CNAME www.plain.com.
*.wild 300 A 203.0.113.2
*.cwild 300 CNAME www
a.b.ent 300 A 203.0.113.3
old 300 DNAME hashed.com.
mail 300 MX 10 www`,
    below: [],
  },
  'hashed.com.': {
    address: '192.0.2.11',
    text: `www 300 A 203.0.113.11
*.wild 300 A 203.0.113.12
*.cwild 300 CNAME www
a.b.ent 300 A 203.0.113.13`,
    below: [],
    denial: nsec3,
  },
  'shop.com.': { address: '192.0.2.14', text: 'www 300 A 203.0.113.41', below: [] },
  'plain.com.': {
    address: '192.0.2.12',
    text: 'www 300 A 203.0.113.21\n@ 300 MX 10 www',
    below: [],
    unsigned: true,
  },
  'plain.org.': { address: '192.0.2.13', text: 'www 300 A 203.0.113.31', below: [], unsigned: true },
  'example.org.': { address: '192.0.2.15', text: 'www 300 A 203.0.113.51', below: [] },
};

/** `at`: the time of all signatures' making, and now. */
export function signedWorld(
  changes: Readonly<Record<string, ZoneChanges>> = {},
  options: Partial<ResolverOptions> & {
    readonly anchorsOf?: (zones: ReadonlyMap<string, SignedZone>) => readonly string[];
  } = {},
): SignedWorld {
  const clock = new VirtualClock();
  const now = Math.floor(clock.now() / 1000);
  const internet = new SimulatedInternet(clock);
  const zones = new Map<string, SignedZone>();
  const build = (origin: string): void => {
    const plan = plans[origin];
    if (plan === undefined) throw new Error(`no plan for ${origin}`);
    const own = changes[origin] ?? {};
    const dot = origin === '.' ? '' : origin;
    let text = `@ 3600 SOA ns.${dot} hostmaster.${dot} 1 3600 600 86400 300\n@ 3600 NS ns.${dot}\nns.${dot} 3600 A ${plan.address}\n`;
    if (own.secondServer !== undefined)
      text += `@ 3600 NS ns2.${dot}\nns2.${dot} 3600 A ${second(plan.address)}\n`;
    text += `${own.text ?? plan.text}\n`;
    for (const below of plan.below) {
      build(below);
      const { address } = plans[below] ?? plan;
      text += `${below} 3600 NS ns.${below}\nns.${below} 3600 A ${address}\n`;
      const lower = changes[below] ?? {};
      if (lower.secondServer !== undefined)
        text += `${below} 3600 NS ns2.${below}\nns2.${below} 3600 A ${second(address)}\n`;
      const zone = zones.get(below);
      if (zone !== undefined) text += `${lower.ds?.(zone) ?? recordText(zone.ds)}\n`;
    }
    const how = {
      inception: now - 3600,
      expiration: now + 30 * 86_400,
      ...(plan.denial !== undefined && { denial: plan.denial }),
    };
    if (own.unsigned ?? plan.unsigned) {
      internet.put(plan.address, new Map([[origin, text]]), { delay: 10, does: [] });
      return;
    }
    const zone = signZone(origin, text, { ...how, ...own });
    zones.set(origin, zone);
    internet.put(plan.address, new Map([[origin, zone.text]]), { delay: 10, does: [] });
    if (own.secondServer === undefined) return;
    const right = signZone(origin, text, { ...how, ksk: zone.ksk, zsk: zone.zsk });
    internet.put(second(plan.address), new Map([[origin, right.text]]), { delay: 10, does: [] });
  };
  build('.');
  const root = zones.get('.');
  const anchored = parseTrustAnchors(
    options.anchorsOf?.(zones) ?? (root === undefined ? [] : [recordText(root.ds)]),
  );
  if (!anchored.ok) throw new Error(anchored.fault);
  const anchors = new AnchorSet(clock, anchored.value);
  const { anchorsOf: _, ...given } = options;
  const another = (upstream: Upstream): Resolver =>
    new Resolver({
      clock,
      random: seededRandom(1),
      rootHints: [{ name: domainName('ns.'), addresses: ['192.0.2.1'] }],
      anchors,
      ...given,
      upstream,
    });
  const resolver = another(internet);
  const askOf: SignedWorld['askOf'] = (asked, name, type, checking = true) => {
    const box: { resolved?: Resolved } = {};
    internet.asked = [];
    const sought = { name: domainName(name), type: parseType(type) ?? Number.NaN };
    asked.resolve(sought, { checking, onStep: () => undefined }, (resolved) => (box.resolved = resolved));
    clock.run(() => box.resolved !== undefined);
    if (box.resolved === undefined) throw new Error(`${name} ${type} got no answer`);
    return box.resolved;
  };
  return {
    clock,
    internet,
    zones,
    resolver,
    another,
    askOf,
    ask: (name, type, checking = true) => askOf(resolver, name, type, checking),
  };
}

function second(address: string): string {
  return address.replace('192.0.2.', '198.51.100.');
}
