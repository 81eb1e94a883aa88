// Zones that something is wrong with, each in one way, and what the zone checks say of it. The unit test holds our words to it, the
// interop test asks what other servers' tools refuse.

export interface BadZone {
  readonly what: string;
  /** Of the zone example.com; ends in a newline. */
  readonly text: string;
  /** Found in one of the problems, each `error: …` or `warning: …`. */
  readonly finds: RegExp;
}

export const soa: string = '@ SOA ns1 hostmaster 2026112301 3600 900 1209600 300\n';
/** A zone with nothing wrong in it. */
export const goodHead: string = `$TTL 300\n${soa}@ NS ns1\n@ NS ns2.example.net.\nns1 A 192.0.2.1\n`;

const digest = '00'.repeat(32);
const key =
  '257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==';
const long = Array.from({ length: 300 }, (_, i) => `big TXT "${'x'.repeat(250)}" ${i}\n`).join('');

function zone(what: string, records: string, finds: RegExp): BadZone {
  return { what, text: goodHead + records, finds };
}

export const badZones: readonly BadZone[] = [
  { what: 'nothing at all', text: '', finds: /^error: .*has no SOA record/ },
  { what: 'no SOA', text: `$TTL 300\n@ NS ns.example.net.\n`, finds: /^error: .*has no SOA record/ },
  { what: 'no NS', text: `$TTL 300\n${soa}ns1 A 192.0.2.1\n`, finds: /^error: .*has no NS record/ },
  {
    what: 'no TTL anywhere',
    text: 'www A 192.0.2.1\n',
    finds: /^error: no TTL/,
  },
  zone('two SOA records', '@ SOA ns1 hostmaster 2 3600 900 1209600 300\n', /^error: .*has 2 SOA records/),
  zone(
    'a SOA below the top',
    'sub SOA ns1 hostmaster 2 3600 900 1209600 300\n',
    /^error: .*SOA stands below/,
  ),
  {
    what: 'a SOA with serial 0',
    text: goodHead.replace('2026112301', '0'),
    finds: /^warning: .*serial 0/,
  },
  {
    what: 'a SOA that expires before a refresh',
    text: goodHead.replace('1209600', '600'),
    finds: /^warning: .*expire of 600 s/,
  },
  {
    what: 'a SOA that retries later than it refreshes',
    text: goodHead.replace(' 900 ', ' 7200 '),
    finds: /^warning: .*retry of 7200 s/,
  },
  {
    what: 'a SOA with @ in its mailbox',
    text: goodHead.replace('hostmaster', 'hostmaster\\@example.com.'),
    finds: /^warning: .*@ must be written as a dot/,
  },
  {
    what: 'a SOA with a minimum of weeks',
    text: goodHead.replace(' 300\n@ NS', ' 1209600\n@ NS'),
    finds: /^warning: .*minimum of 1209600 s/,
  },
  zone('data of another zone', 'www.example.org. A 192.0.2.2\n', /^error: .*does not belong to the zone/),
  zone('data of another class', 'www CH TXT x\n', /^error: .*has class CH/),
  zone('a TTL above 2^31 - 1', 'www 2147483648 A 192.0.2.2\n', /^error: .*is not a TTL/),
  zone('an address that is none', 'www A 192.0.2.256\n', /^error: .*is not an IPv4 address/),
  zone('a type that is none', 'www AA 192.0.2.2\n', /^error: .*is not a record type/),
  zone('a string that is too long', `www TXT ${'x'.repeat(256)}\n`, /^error: .*255 at most/),
  zone('a label that is too long', `${'x'.repeat(64)} A 192.0.2.2\n`, /^error: .*63 octets/),
  zone('a name that is too long', `${'x.'.repeat(126)}x A 192.0.2.2\n`, /^error: .*longer than 255/),
  zone('a parenthesis that stays open', 'www ( A 192.0.2.2\n', /^error: .*never closed/),
  zone('a quote that stays open', 'www TXT "x\n', /^error: .*not closed/),
  zone('too much data', 'www A 192.0.2.2 192.0.2.3\n', /^error: .*unexpected '192\.0\.2\.3'/),
  zone('too little data', 'www MX 10\n', /^error: .*exchange is missing/),
  zone(
    'CNAME and other data',
    'www CNAME example.net.\nwww A 192.0.2.2\n',
    /^error: .*has a CNAME and also A/,
  ),
  zone('CNAME at the top', '@ CNAME example.net.\n', /^error: .*has a CNAME and also/),
  zone('two CNAMEs', 'www CNAME a.example.net.\nwww CNAME b.example.net.\n', /^error: .*has 2 CNAME records/),
  zone('a CNAME to itself', 'www CNAME www\n', /^warning: .*which is itself/),
  zone('two DNAMEs', 'd DNAME a.example.net.\nd DNAME b.example.net.\n', /^error: .*has 2 DNAME records/),
  zone(
    'DNAME and CNAME',
    'd DNAME a.example.net.\nd CNAME b.example.net.\n',
    /^error: .*has a CNAME and also DNAME/,
  ),
  zone('DNAME at a cut', 'd DNAME a.example.net.\nd NS ns.example.net.\n', /^error: .*can have no DNAME/),
  zone(
    'data below a DNAME',
    'd DNAME a.example.net.\nx.d A 192.0.2.2\n',
    /^error: .*which a DNAME redirects/,
  ),
  zone(
    'a name server without an address',
    '@ NS ns3\nns3 TXT x\n',
    /^warning: .*ns3\.example\.com\., which has no address/,
  ),
  zone(
    'a name server that is not there',
    '@ NS ns3\n',
    /^warning: .*ns3\.example\.com\., which does not exist/,
  ),
  zone('a name server that is an alias', '@ NS ns3\nns3 CNAME ns1\n', /^warning: .*ns3.*alias/),
  zone('a name server below a DNAME', '@ NS ns.d\nd DNAME example.net.\n', /^warning: .*ns\.d.*DNAME/),
  zone('a delegation without glue', 'sub NS ns.sub\n', /^warning: .*glue/),
  zone('a mail server that is an alias', '@ MX 10 mail\nmail CNAME ns1\n', /^warning: .*mail.*alias/),
  zone('a mail server that is not there', '@ MX 10 mail\n', /^warning: .*mail.*does not exist/),
  zone('a mail server that is an address', '@ MX 10 192.0.2.1.\n', /^warning: .*is an address/),
  zone('a service on an alias', '_x._tcp SRV 0 0 1 srv\nsrv CNAME ns1\n', /^warning: .*srv.*alias/),
  zone('a service on nothing', '_x._tcp SRV 0 0 1 srv\n', /^warning: .*srv.*does not exist/),
  zone(
    'data hidden by a delegation',
    'sub NS ns.example.net.\nwww.sub TXT x\n',
    /^warning: .*never given out/,
  ),
  zone('data beside a delegation', 'sub NS ns.example.net.\nsub MX 10 ns1\n', /^warning: .*never given out/),
  zone('NS of a wildcard', '*.w NS ns.example.net.\n', /^warning: NS records of a wildcard/),
  zone('DNAME of a wildcard', '*.w DNAME example.net.\n', /^warning: DNAME records of a wildcard/),
  zone('TTLs that differ', 'www 60 A 192.0.2.2\nwww 70 A 192.0.2.3\n', /^warning: .*different TTLs/),
  zone('a record twice', 'www A 192.0.2.2\nwww A 192.0.2.2\n', /^warning: .*more than once/),
  zone('an RRset for no message', long, /^error: .*too many for one message/),
  zone('an address of what is no host', 'a_b A 192.0.2.2\n', /^warning: .*is no host name/),
  zone('a mail server that is no host', '@ MX 10 m_x.example.net.\n', /^warning: .*is no host name/),
  zone('two SPF policies', '@ TXT "v=spf1 -all"\n@ TXT "v=spf1 mx -all"\n', /^warning: .*2 SPF policies/),
  zone(
    'two DMARC policies',
    '_dmarc TXT "v=DMARC1; p=none"\n_dmarc TXT "v=DMARC1; p=reject"\n',
    /^warning: .*2 DMARC policies/,
  ),
  zone(
    'DS without a delegation',
    `sub DS 1 13 2 ${digest}\nsub A 192.0.2.2\n`,
    /^warning: .*nothing is delegated/,
  ),
  zone('DS at the top', `@ DS 1 13 2 ${digest}\n`, /^warning: .*belong to its parent/),
  zone(
    'a digest that was cut',
    'sub NS ns.example.net.\nsub DS 1 13 2 0011\n',
    /^error: .*digest has 32 octets/,
  ),
  zone(
    'a key with another protocol',
    `@ DNSKEY ${key.replace('257 3', '257 2')}\n`,
    /^warning: .*protocol 2/,
  ),
  zone('a key elsewhere than at the top', `www DNSKEY ${key}\n`, /^warning: .*stand at its top/),
  zone(
    'a signature of nothing',
    `www RRSIG A 13 3 300 20370101000000 20200101000000 1 @ AAAA\n`,
    /^warning: .*covers records that are not there/,
  ),
  zone(
    'a signature that has expired',
    `www A 192.0.2.2\nwww RRSIG A 13 3 300 20200201000000 20200101000000 1 @ AAAA\n`,
    /^warning: .*expired at 2020-02-01/,
  ),
  zone(
    'a signature that is not valid yet',
    `www A 192.0.2.2\nwww RRSIG A 13 3 300 20370201000000 20370101000000 1 @ AAAA\n`,
    /^warning: .*not valid before 2037/,
  ),
  zone('keys, but nothing is signed', `@ DNSKEY ${key}\n`, /^warning: .*are not signed/),
  zone(
    'an NSEC chain that is broken',
    `@ DNSKEY ${key}\n@ NSEC a NS SOA DNSKEY NSEC\nns1 NSEC @ A NSEC\n`,
    /^warning: .*leads to a\.example\.com/,
  ),
  zone(
    'a name without NSEC',
    `@ DNSKEY ${key}\n@ NSEC @ NS SOA DNSKEY NSEC\n`,
    /^warning: ns1\.example\.com\. has no NSEC/,
  ),
  zone(
    'NSEC3 parameters without a chain',
    `@ DNSKEY ${key}\n@ NSEC3PARAM 1 0 0 -\n`,
    /^warning: .*NSEC3 chain .*has no records/,
  ),
  zone(
    'a digest of another content',
    `@ ZONEMD 2026112301 1 1 ${'00'.repeat(48)}\n`,
    /^error: .*not what its digest/,
  ),
  zone('a digest of another serial', `@ ZONEMD 1 1 1 ${'00'.repeat(48)}\n`, /^error: .*another serial/),
  zone(
    'a digest of an unknown kind',
    `@ ZONEMD 2026112301 240 1 ${'00'.repeat(48)}\n`,
    /^warning: .*unknown here/,
  ),
  zone('NSEC3 with many rounds', `@ NSEC3PARAM 1 0 10 -\n`, /^warning: .*10 more rounds/),
];
