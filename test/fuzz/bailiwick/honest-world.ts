// The honest side of the world for resolver-bailiwick: the root and `good.` with a zone below it, and all that is true of their names. `evil.` is
// delegated, to servers that aren't honest. Once unsigned, and once signed.
import assert from 'node:assert/strict';
import { Authority } from '../../../src/dns/authority/authority.ts';
import { parseTrustAnchors } from '../../../src/dns/dnssec/trust-anchor.ts';
import type { TrustAnchor } from '../../../src/dns/dnssec/trust-anchor.ts';
import type { CachedAnswer } from '../../../src/dns/resolver/answer-cache.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import type { DomainName } from '../../../src/dns/wire/name.ts';
import { nsec } from '../../../src/dns/wire/rdata/nsec.ts';
import { readRdata } from '../../../src/dns/wire/rdata/record-type.ts';
import { recordsOf } from '../../../src/dns/wire/record.ts';
import type { ResourceRecord } from '../../../src/dns/wire/record.ts';
import { formatType, rrType } from '../../../src/dns/wire/rr-type.ts';
import { ZoneSet } from '../../../src/dns/zone/zone-set.ts';
import { bytesToLatin1 } from '../../../src/lib/bytes.ts';
import type { SigningKey } from '../../support/dnssec-signer.ts';
import { keyedHashKey } from '../../support/keyed-hash-signing.ts';
import { recordText, signZone } from '../../support/signed-zone.ts';
import type { SignedZone } from '../../support/signed-zone.ts';
import { records, zoneFrom } from '../../support/simulated-internet.ts';

export const evil: DomainName = domainName('evil.');
export const evilAddress = '192.0.2.66';
export const evilKey: SigningKey = keyedHashKey(66);
/** Of all in the zones but their keys, seconds. */
const plainTtl = 300;

/** When the signatures begin and end to hold, seconds since the epoch: around the start of a virtual clock. */
const start = Date.UTC(2026, 0, 1) / 1000;
export const validity: { readonly inception: number; readonly expiration: number } = {
  inception: start - 3_600,
  expiration: start + 30 * 86_400,
};

const soa = '@ 300 SOA ns h 1 2 3 4 300\n';
/** What `evil.` would say of itself if it were honest. */
const evilText = `${soa}@ 300 NS ns\nns 300 A ${evilAddress}\nwww 300 A 198.51.100.66\n*.sub 300 A 198.51.100.66\n`;
const childText = `${soa}@ 300 NS ns\nns 300 A 192.0.2.3\nwww 300 A 192.0.2.81\n`;
const goodText = `${soa}@ 300 NS ns\nns 300 A 192.0.2.2\nwww 300 A 192.0.2.80\nwww 300 TXT "true"\nmail 300 CNAME www
old 300 DNAME child\n*.wild 300 A 192.0.2.82\nchild 300 NS ns.child\nns.child 300 A 192.0.2.3\n`;
const rootText = `${soa}@ 300 NS ns\nns 300 A 192.0.2.1\ngood 300 NS ns.good\nns.good 300 A 192.0.2.2\nevil 300 NS ns.evil\nns.evil 300 A ${evilAddress}\n`;

const dnameOwner = domainName('old.good.');
const dnameTarget = domainName('child.good.');
const wildcardParent = domainName('wild.good.');

export class HonestWorld {
  readonly anchors: readonly TrustAnchor[];
  readonly #servers: ReadonlyMap<string, Authority>;
  /** TTLs in seconds, by type, owner and data. */
  readonly #truth = new Map<string, number>();
  readonly #sets = new Set<string>();
  /** Names that are there, empty non-terminals too, so that nobody may be told that they aren't. */
  readonly #present = new Set<string>();

  /** `evil.` is signed, too, where the world is. */
  constructor(signed: boolean) {
    const built = signed ? signedZones() : plainZones();
    this.#servers = new Map(
      built.zones.map(([address, origin, text]) => [
        address,
        new Authority(new ZoneSet([zoneFrom(origin, text)])),
      ]),
    );
    for (const [, origin, text] of built.zones) {
      if (origin === 'evil.') continue;
      for (const record of records(origin, text)) this.#learn(record);
    }
    this.anchors = built.anchors;
  }

  /** Whether one of the honest servers has that address. */
  isHonest(address: string): boolean {
    return address !== evilAddress && this.#servers.has(address);
  }

  /** What the server there says; of the liar's address, what it would if it were honest. */
  answer(address: string, query: Uint8Array, transport: 'udp' | 'tcp'): Uint8Array | undefined {
    const client = { from: { address: '192.0.2.200', port: 5353 }, transport };
    let answer: Uint8Array | undefined;
    this.#servers.get(address)?.respond(query, client, (bytes) => (answer = bytes));
    return answer;
  }

  /** Throws unless each record of the answer, proofs and signatures included, is of a name of the liars' own or true, and what is denied isn't there. */
  check(name: DomainName, type: number | undefined, answer: CachedAnswer): void {
    if (answer.kind === 'failure') {
      assert.ok(name.isAtOrBelow(evil), `${name.toString()}: ${answer.reason}`);
      return;
    }
    if (answer.kind === 'records') {
      this.checkRecords(recordsOf(answer.rrset));
      this.checkRecords(answer.signatures);
      this.checkRecords(answer.proofs);
      return;
    }
    this.checkRecords(answer.authorities);
    if (name.isAtOrBelow(evil)) return;
    if (type === undefined || answer.kind === 'nxdomain')
      assert.ok(!this.#isPresent(name), `${name.toString()} is there`);
    else assert.ok(!this.#has(name, type), `${name.toString()} has ${formatType(type)}`);
  }

  checkRecords(all: readonly ResourceRecord[]): void {
    for (const record of all) {
      const { owner, type, rdata, ttl } = record;
      const most = this.#trueTtl(record);
      if (most !== undefined) {
        if (ttl > most && !owner.isAtOrBelow(evil))
          assert.fail(`${recordText(record)} is kept for more than ${most} s`);
        continue;
      }
      if (!owner.isAtOrBelow(evil)) assert.fail(`nobody says ${recordText(record)}`);
      const next = type === rrType.NSEC ? readRdata(nsec, rdata)?.next : owner;
      if (next?.isAtOrBelow(evil) !== true) assert.fail(`${recordText(record)} denies others' names`);
    }
  }

  #learn({ owner, type, rdata, ttl }: ResourceRecord): void {
    this.#truth.set(`${type} ${owner.key} ${bytesToLatin1(rdata)}`, ttl);
    // At a cut the zone above has one, and the zone itself may have none.
    if (type !== rrType.NSEC) this.#sets.add(`${type} ${owner.key}`);
    for (let labels = owner.labelCount; labels >= 0; labels--) this.#present.add(owner.ancestor(labels).key);
  }

  /** `undefined` where the record isn't true. */
  #trueTtl({ owner, type, rdata }: ResourceRecord): number | undefined {
    const data = bytesToLatin1(rdata);
    // What a true DNAME makes of the name.
    if (type === rrType.CNAME && owner.isBelow(dnameOwner))
      return owner.rebase(dnameOwner, dnameTarget)?.key === data ? plainTtl : undefined;
    return this.#truth.get(`${type} ${sourceOf(owner).key} ${data}`);
  }

  #isPresent(name: DomainName): boolean {
    return this.#present.has(sourceOf(name).key);
  }

  #has(name: DomainName, type: number): boolean {
    const { key } = sourceOf(name);
    return this.#sets.has(`${type} ${key}`);
  }
}

/** The name whose records the name has: a wildcard's, maybe. */
function sourceOf(name: DomainName): DomainName {
  return name.isBelow(wildcardParent) ? (wildcardParent.wildcard() ?? name) : name;
}

interface Zones {
  readonly zones: readonly (readonly [address: string, origin: string, text: string])[];
  readonly anchors: readonly TrustAnchor[];
}

function plainZones(): Zones {
  return {
    zones: [
      ['192.0.2.1', '.', rootText],
      ['192.0.2.2', 'good.', goodText],
      ['192.0.2.3', 'child.good.', childText],
      [evilAddress, 'evil.', evilText],
    ],
    anchors: [],
  };
}

function signedZones(): Zones {
  const sign = (origin: string, text: string, key: number): SignedZone =>
    signZone(origin, text, { zsk: keyedHashKey(key), ...validity });
  const child = sign('child.good.', childText, 3);
  const good = signZone('good.', `${goodText}${recordText({ ...child.ds, ttl: plainTtl })}\n`, {
    zsk: keyedHashKey(2),
    ...validity,
    denial: { iterations: 0, salt: '', optOut: false },
  });
  const liar = signZone('evil.', evilText, { zsk: evilKey, ...validity });
  const ds = [good.ds, liar.ds].map((each) => recordText({ ...each, ttl: plainTtl })).join('\n');
  const root = sign('.', `${rootText}${ds}\n`, 1);
  const anchors = parseTrustAnchors([recordText(root.ds)]);
  if (!anchors.ok) throw new Error(anchors.fault);
  return {
    zones: [
      ['192.0.2.1', '.', root.text],
      ['192.0.2.2', 'good.', good.text],
      ['192.0.2.3', 'child.good.', child.text],
      [evilAddress, 'evil.', liar.text],
    ],
    anchors: anchors.value,
  };
}
