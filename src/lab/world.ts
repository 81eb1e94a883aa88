// The internet in a box: who is in it, under which names and addresses, and what their zones say. The names of the root
// and of the TLD servers are the real ones; the two domains and their addresses are those reserved for examples
// (RFC 2606 §3, RFC 5737 §3). Each party is a Signpost of its own with a `signpost.yaml` that anyone can read.

/** What a listener is called in the config. */
export type LabListener = 'dns-authority' | 'dns-resolver' | 'smtp' | 'submission' | 'pop3s';

export interface LabDoor {
  readonly listener: LabListener;
  /** The port that the party would have on the real internet. */
  readonly publicPort: number;
  /** The loopback port that is tried first; another is taken where it is in use. */
  readonly preferredPort: number;
}

export interface LabParty {
  /** The name of its data folder. */
  readonly id: string;
  /** For people: `root server`. */
  readonly role: string;
  readonly hostname: string;
  /** The address that DNS knows it by; reached through `network.map`. */
  readonly address: string;
  readonly doors: readonly LabDoor[];
  readonly zone?: { readonly name: string; readonly text: string };
  /** The accounts of a mail system, with their passwords. */
  readonly accounts: readonly LabAccount[];
}

export interface LabAccount {
  readonly address: string;
  readonly password: string;
}

export const alice: LabAccount = { address: 'alice@example.com', password: 'through-the-looking-glass' };
export const bob: LabAccount = { address: 'bob@example.org', password: 'can-we-fix-it' };

const dnsDoor = (preferredPort: number): readonly LabDoor[] => [
  { listener: 'dns-authority', publicPort: 53, preferredPort },
];

const mailDoors = (thousand: number): readonly LabDoor[] => [
  { listener: 'smtp', publicPort: 25, preferredPort: thousand + 525 },
  { listener: 'submission', publicPort: 587, preferredPort: thousand + 587 },
  { listener: 'pop3s', publicPort: 995, preferredPort: thousand + 995 },
];

const soa = (server: string): string =>
  `@ 3600 IN SOA ${server} hostmaster.example.com. 2026112301 7200 3600 1209600 300`;

const rootZone = `$ORIGIN .
${soa('a.root-servers.net.')}
. 518400 IN NS a.root-servers.net.
a.root-servers.net. 518400 IN A 198.41.0.4
com. 172800 IN NS a.gtld-servers.net.
org. 172800 IN NS a0.org.afilias-nst.info.
a.gtld-servers.net. 172800 IN A 192.5.6.30
a0.org.afilias-nst.info. 172800 IN A 199.19.56.1
`;

const comZone = `$ORIGIN com.
${soa('a.gtld-servers.net.')}
@ 172800 IN NS a.gtld-servers.net.
example 172800 IN NS ns1.example.com.
ns1.example 172800 IN A 192.0.2.53
`;

const orgZone = `$ORIGIN org.
${soa('a0.org.afilias-nst.info.')}
@ 172800 IN NS a0.org.afilias-nst.info.
example 172800 IN NS ns1.example.org.
ns1.example 172800 IN A 198.51.100.53
`;

/**
 * What a mail domain's zone says; `net` is the first three octets of its addresses. Names are mapped to loopback on the way out only, so
 * that SPF has to know loopback, too: it is where all mail in the box comes from.
 */
const mailZone = (domain: string, net: string, other: string): string => `$ORIGIN ${domain}.
$TTL 3600
${soa(`ns1.${domain}.`)}
@ IN NS ns1
ns1 IN A ${net}.53
@ IN MX 10 mx
mx IN A ${net}.25
@ IN A ${net}.80
www IN CNAME @
neighbour IN CNAME www.${other}.
*.wild IN TXT "any name below wild.${domain} has this text"
@ IN TXT "v=spf1 mx ip4:127.0.0.1 -all"
_dmarc IN TXT "v=DMARC1; p=reject"
_submission._tcp IN SRV 0 1 587 mx
_pop3s._tcp IN SRV 0 1 995 mx
`;

/** Everyone in the box, in the order in which they start. */
export const labParties: readonly LabParty[] = [
  {
    id: 'root',
    role: 'root server',
    hostname: 'a.root-servers.net',
    address: '198.41.0.4',
    doors: dnsDoor(5310),
    zone: { name: '.', text: rootZone },
    accounts: [],
  },
  {
    id: 'com',
    role: 'server of com',
    hostname: 'a.gtld-servers.net',
    address: '192.5.6.30',
    doors: dnsDoor(5311),
    zone: { name: 'com', text: comZone },
    accounts: [],
  },
  {
    id: 'org',
    role: 'server of org',
    hostname: 'a0.org.afilias-nst.info',
    address: '199.19.56.1',
    doors: dnsDoor(5312),
    zone: { name: 'org', text: orgZone },
    accounts: [],
  },
  {
    id: 'ns-example-com',
    role: 'authority of example.com',
    hostname: 'ns1.example.com',
    address: '192.0.2.53',
    doors: dnsDoor(5313),
    zone: { name: 'example.com', text: mailZone('example.com', '192.0.2', 'example.org') },
    accounts: [],
  },
  {
    id: 'ns-example-org',
    role: 'authority of example.org',
    hostname: 'ns1.example.org',
    address: '198.51.100.53',
    doors: dnsDoor(5314),
    zone: { name: 'example.org', text: mailZone('example.org', '198.51.100', 'example.com') },
    accounts: [],
  },
  {
    id: 'resolver',
    role: 'resolver',
    hostname: 'resolver.example.net',
    address: '203.0.113.53',
    doors: [{ listener: 'dns-resolver', publicPort: 53, preferredPort: 5315 }],
    accounts: [],
  },
  {
    id: 'mail-example-com',
    role: 'mail system of example.com',
    hostname: 'mx.example.com',
    address: '192.0.2.25',
    doors: mailDoors(2000),
    accounts: [alice],
  },
  {
    id: 'mail-example-org',
    role: 'mail system of example.org',
    hostname: 'mx.example.org',
    address: '198.51.100.25',
    doors: mailDoors(3000),
    accounts: [bob],
  },
];
