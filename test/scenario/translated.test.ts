// What the resolver makes of answers for clients: DNS64, and no private addresses of foreign names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv4OnlyZones } from '../../src/dns/policy/default-zones.ts';
import { Dns64 } from '../../src/dns/policy/dns64.ts';
import { Policy } from '../../src/dns/policy/policy.ts';
import { PrivateAddresses } from '../../src/dns/policy/private-addresses.ts';
import { reverseName } from '../../src/dns/policy/reverse-name.ts';
import type { Resolved, ResolverOptions } from '../../src/dns/resolver/resolver-options.ts';
import { formatRdata } from '../../src/dns/wire/rdata/registry.ts';
import { parseIpv6 } from '../../src/dns/wire/ip-address.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { parseType } from '../../src/dns/wire/rr-type.ts';
import { resolverInWorld } from '../support/resolver-scenario.ts';

type Ask = (
  question: string,
  options?: { readonly filtered?: boolean; readonly checking?: boolean },
) => Resolved;

function world(options: Partial<ResolverOptions>): Ask {
  const { clock, resolver } = resolverInWorld('internet', 1, options);
  return (question, asker = {}) => {
    const [name = '', type = ''] = question.split(' ');
    const sought = { name: domainName(`${name}.`), type: parseType(type) ?? 0 };
    let resolved: Resolved | undefined;
    resolver.resolve(sought, { filtered: true, ...asker }, (found) => (resolved = found));
    clock.advance(10_000);
    assert.ok(resolved);
    return resolved;
  };
}

function words({ end }: Resolved): string {
  return end.kind === 'records'
    ? end.rrset.rdatas.map((rdata) => formatRdata(end.rrset.type, rdata)).join(' ')
    : end.kind;
}

const dns64 = new Dns64({ prefix: '64:ff9b::/96', exclude: ['::ffff:0:0/96', '2001:db8::/32'] });

test('DNS64: addresses of the world', () => {
  const ask = world({ dns64, policy: new Policy({ zones: ipv4OnlyZones() }) });
  const translated = ask('www.example.com AAAA');
  assert.equal(words(translated), '64:ff9b::c633:6450');
  // No longer than the denial: the zones here have a SOA of a short minimum, or of an hour.
  assert.ok(translated.ttl <= 3600);
  assert.equal(words(ask('shop.example.org AAAA')), '64:ff9b::c633:6450');
  assert.equal(ask('shop.example.org AAAA').aliases.length, 1);
  assert.equal(words(ask('nothing.example.org AAAA')), 'nxdomain');
  assert.equal(words(ask('a.b.c.d.example.org AAAA')), 'nodata');
  // RFC 6147 §5.1.4: its own address is among those that count as none.
  assert.equal(words(ask('mx.example.org AAAA')), '64:ff9b::c000:219');
  // RFC 8880 §7.2.
  assert.equal(words(ask('ipv4only.arpa AAAA')), '64:ff9b::c000:aa 64:ff9b::c000:ab');
  // Whoever checks for himself, and our own mail, get what there is.
  assert.equal(words(ask('www.example.com AAAA', { checking: false })), 'nodata');
  assert.equal(words(ask('www.example.com AAAA', { filtered: false })), 'nodata');
});

test('DNS64: the names of translated addresses (RFC 6147 §5.3.1)', () => {
  const ask = world({ dns64 });
  const address = parseIpv6('64:ff9b::7f00:1');
  assert.ok(address);
  const name = reverseName(address).toString().slice(0, -1);
  const { end, aliases } = ask(`${name} PTR`);
  assert.ok(end.kind === 'records');
  assert.equal(formatRdata(end.rrset.type, end.rrset.rdatas[0] ?? new Uint8Array()), 'localhost.');
  assert.equal(
    formatRdata(aliases[0]?.type ?? 0, aliases[0]?.rdata ?? new Uint8Array()),
    '1.0.0.127.in-addr.arpa.',
  );
});

test('private addresses are not given from the cache either', () => {
  const guard = new PrivateAddresses({ addresses: ['192.0.2.0/24'], except: [] });
  const { clock, resolver } = resolverInWorld('internet', 1, { privateAddresses: guard });
  const question = { name: domainName('mx.example.org.'), type: 1 };
  resolver.resolve(question, { filtered: true }, () => undefined);
  clock.advance(10_000);
  const kept = (filtered: boolean): string | undefined =>
    resolver.resolveFromCache(question, { checking: true, filtered })?.end.kind;
  assert.deepEqual([kept(true), kept(false)], ['nodata', 'records']);
});

test('private addresses are taken out for clients, but for names that may have them', () => {
  const addresses = ['192.0.2.0/24'];
  const ask = world({ privateAddresses: new PrivateAddresses({ addresses, except: ['example.com'] }) });
  const { end, security } = ask('mx.example.org A');
  assert.ok(end.kind === 'nodata');
  assert.deepEqual([end.fault?.code, security], [17, 'insecure']);
  assert.equal(words(ask('mx.example.org A', { filtered: false })), '192.0.2.25');
  assert.equal(words(ask('mx.example.org AAAA')), '2001:db8::25');
  // What counts is the name that has the address, not the one that was asked for.
  assert.equal(words(ask('back.example.com A')), 'nodata');
  assert.equal(words(ask('www.example.com A')), '198.51.100.80');
});
