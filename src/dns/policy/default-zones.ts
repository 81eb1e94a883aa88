// Zones that are answered here unless the config says otherwise, because no server of the world should be asked about them: the reverse zones
// of addresses that aren't the world's (RFC 6303, RFC 7793), and special names (RFC 6761 and those that followed it).
import { rrClass } from '../wire/codes.ts';
import { domainName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { emptyZoneSoa, emptyZoneTtl } from './empty-zone.ts';
import { reverseName } from './reverse-name.ts';
import { LocalZone } from './local-zones.ts';

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Reverse zones that are served empty, without the loopback's. */
const emptyReverseZones: readonly string[] = [
  // RFC 6303 §4.1: the private networks of RFC 1918.
  '10.in-addr.arpa',
  ...range(16, 31).map((octet) => `${octet}.172.in-addr.arpa`),
  '168.192.in-addr.arpa',
  // RFC 6303 §4.2: "this" network, link-local, documentation, broadcast.
  '0.in-addr.arpa',
  '254.169.in-addr.arpa',
  '2.0.192.in-addr.arpa',
  '100.51.198.in-addr.arpa',
  '113.0.203.in-addr.arpa',
  '255.255.255.255.in-addr.arpa',
  // RFC 7793 §3: shared address space.
  ...range(64, 127).map((octet) => `${octet}.100.in-addr.arpa`),
  // RFC 6303 §4.3 to §4.6: unspecified, locally assigned, link-local, documentation.
  `${'0.'.repeat(32)}ip6.arpa`,
  'd.f.ip6.arpa',
  ...['8', '9', 'a', 'b'].map((digit) => `${digit}.e.f.ip6.arpa`),
  '8.b.d.0.1.0.0.2.ip6.arpa',
];

/** Names below which there is nothing in the DNS. */
const absentZones: readonly string[] = [
  // RFC 6761 §6.2 and §6.4.
  'test',
  'invalid',
  // RFC 6762 §22.1: the names of multicast DNS.
  'local',
  // RFC 7686 §2: Tor's names must not be looked for here.
  'onion',
  // RFC 9476 §3: names of other systems altogether.
  'alt',
];

/** Names that exist, with nothing that servers of the world could say. */
const emptyZones: readonly string[] = [
  // RFC 8375 §4: a household's own, unless a route says who serves it.
  'home.arpa',
  // RFC 9462 §8: asked by clients for what their resolver offers beside port 53; with nothing to tell, the answer is that there is nothing.
  'resolver.arpa',
  // RFC 9665 §10: services of a local network.
  'service.arpa',
];

/** RFC 6761 §6.3, §6.1: the names of the loopback addresses, and the other way round. */
function loopbackZones(): readonly LocalZone[] {
  const localhost = domainName('localhost.');
  const one = Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0));
  const addresses = [
    record(localhost, rrType.A, Uint8Array.of(127, 0, 0, 1)),
    record(localhost, rrType.AAAA, one),
  ];
  const reverse6 = domainName(`1.${'0.'.repeat(31)}ip6.arpa.`);
  const reverse = domainName('127.in-addr.arpa.');
  const pointer = record(domainName('1.0.0.127.in-addr.arpa.'), rrType.PTR, localhost.wire);
  return [
    // All names below localhost have its addresses, too.
    new LocalZone(localhost, 'redirect', [...apexOf(localhost), ...addresses]),
    new LocalZone(reverse, 'static', [...apexOf(reverse), pointer]),
    new LocalZone(reverse6, 'static', [...apexOf(reverse6), record(reverse6, rrType.PTR, localhost.wire)]),
  ];
}

export function defaultZones(): readonly LocalZone[] {
  const zoneOf = (text: string): LocalZone => {
    const name = domainName(`${text}.`);
    return new LocalZone(name, 'static', apexOf(name));
  };
  const absentOf = (text: string): LocalZone => new LocalZone(domainName(`${text}.`), 'nxdomain', []);
  return [
    ...[...emptyReverseZones, ...emptyZones].map(zoneOf),
    ...absentZones.map(absentOf),
    ...loopbackZones(),
  ];
}

/** RFC 8880 §7.2: the name by which clients learn the NAT64's prefix (RFC 7050), and the names of its addresses. */
export function ipv4OnlyZones(): readonly LocalZone[] {
  const name = domainName('ipv4only.arpa.');
  const addresses = [170, 171].map((last) => Uint8Array.of(192, 0, 0, last));
  return [
    new LocalZone(name, 'static', [
      ...apexOf(name),
      ...addresses.map((rdata) => record(name, rrType.A, rdata)),
    ]),
    ...addresses.map((octets) => {
      const zone = reverseName(octets);
      return new LocalZone(zone, 'static', [...apexOf(zone), record(zone, rrType.PTR, name.wire)]);
    }),
  ];
}

/** RFC 6303 §3: the SOA and the NS record of an empty zone. */
function apexOf(zone: DomainName): readonly ResourceRecord[] {
  return [emptyZoneSoa(zone), record(zone, rrType.NS, zone.wire)];
}

function record(owner: DomainName, type: number, rdata: Uint8Array): ResourceRecord {
  return { owner, type, class: rrClass.IN, ttl: emptyZoneTtl, rdata };
}
