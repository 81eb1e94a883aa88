import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { domainName } from '../wire/name.ts';
import { parseZoneFile } from '../zonefile/zone-file-parser.ts';
import { buildZone } from './zone-builder.ts';
import type { Zone } from './zone.ts';
import { verifyZonemd, zonemdCheck } from './zonemd.ts';
import type { ZonemdVerdict } from './zonemd.ts';
import { computeZonemd } from './zonemd-digest.ts';

function zoneOf(origin: string, text: string): Zone {
  const file = parseZoneFile({ name: 'z', text }, { origin: domainName(origin) });
  assert.ok(file.ok, JSON.stringify(file));
  // Not as a file is loaded: that verifies the digest already.
  const built = buildZone(domainName(origin), file.value.records);
  assert.ok(built.ok, JSON.stringify(built));
  return built.value.zone;
}

// RFC 8976 appendix A.1
const simple = `
example. 86400 IN SOA ns1 admin 2018031900 1800 900 604800 86400
         86400 IN NS  ns1
         86400 IN NS  ns2
         86400 IN ZONEMD 2018031900 1 1 (
           c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c )
ns1      3600  IN A    203.0.113.63
ns2      3600  IN AAAA 2001:db8::63
`;

// RFC 8976 appendix A.2, without the record of another zone, with which a zone isn't loaded here.
const complex = `
example.      86400  IN  SOA  ns1 admin 2018031900 1800 900 604800 86400
              86400  IN  NS   ns1
              86400  IN  NS   ns2
              86400  IN  ZONEMD 2018031900 1 1 (
                a3b69bad980a3504e1cffcb0fd6397f93848071c93151f552ae2f6b1711d4bd2d8b39808226d7b9db71e34b72077f8fe )
ns1           3600   IN  A      203.0.113.63
NS2           3600   IN  AAAA   2001:db8::63
occluded.sub  7200   IN  TXT    "I'm occluded but must be digested"
sub           7200   IN  NS     ns1
duplicate     300    IN  TXT    "I must be digested just once"
duplicate     300    IN  TXT    "I must be digested just once"
UPPERCASE     3600   IN  TXT    "canonicalize uppercase owner names"
*             777    IN  PTR    dont-forget-about-wildcards
mail          3600   IN  MX     20 MAIL1
mail          3600   IN  MX     10 Mail2.Example.
sortme        3600   IN  AAAA   2001:db8::5:61
sortme        3600   IN  AAAA   2001:db8::3:62
sortme        3600   IN  AAAA   2001:db8::4:63
sortme        3600   IN  AAAA   2001:db8::1:65
sortme        3600   IN  AAAA   2001:db8::2:64
non-apex      900    IN  ZONEMD 2018031900 1 1 (
                616c6c6f776564206275742069676e6f7265642e20616c6c6f776564206275742069676e6f7265642e20616c6c6f7765 )
`;

// RFC 8976 appendix A.3
const sha384 =
  '62e6cf51b02e54b9b5f967d547ce43136792901f9f88e637493daaf401c92c279dd10f0edb1c56f8080211f8480ee306';
const sha512 =
  '08cfa1115c7b948c4163a901270395ea226a930cd2cbcf2fa9a5e6eb85f37c8a4e114d884e66f176eab121cb02db7d652e0cc4827e7a3204f166b47e5613fd27';
function several(digests: readonly string[]): string {
  return `
example.      86400  IN  SOA  ns1 admin 2018031900 1800 900 604800 86400
example.      86400  IN  NS   ns1.example.
example.      86400  IN  NS   ns2.example.
${digests.map((digest) => `example. 86400 IN ZONEMD ${digest}`).join('\n')}
ns1.example.  3600   IN  A    203.0.113.63
ns2.example.  86400  IN  TXT  "This example has multiple digests"
NS2.EXAMPLE.  3600   IN  AAAA 2001:db8::63
`;
}
const privateOnes = [
  '2018031900 1 240 e2d523f654b9422a96c5a8f44607bbee',
  '2018031900 241 1 e1846540e33a9e4189792d18d5d131f605fc283e',
];

// RFC 8976 appendix A.5
const rootServers = `
$TTL 3600000
root-servers.net.  SOA a.root-servers.net. nstld.verisign-grs.com. 2018091100 14400 7200 1209600 3600000
${'abcdefghijklm'
  .split('')
  .map((letter) => `root-servers.net. NS ${letter}.root-servers.net.`)
  .join('\n')}
a  AAAA 2001:503:ba3e::2:30
a  A    198.41.0.4
b  MX   20 mail.isi.edu.
b  AAAA 2001:500:200::b
b  A    199.9.14.201
c  AAAA 2001:500:2::c
c  A    192.33.4.12
d  AAAA 2001:500:2d::d
d  A    199.7.91.13
e  AAAA 2001:500:a8::e
e  A    192.203.230.10
f  AAAA 2001:500:2f::f
f  A    192.5.5.241
g  AAAA 2001:500:12::d0d
g  A    192.112.36.4
h  AAAA 2001:500:1::53
h  A    198.97.190.53
i  MX   10 mx.i.root-servers.org.
i  AAAA 2001:7fe::53
i  A    192.36.148.17
j  AAAA 2001:503:c27::2:30
j  A    192.58.128.30
k  AAAA 2001:7fd::1
k  A    193.0.14.129
l  AAAA 2001:500:9f::42
l  A    199.7.83.42
m  AAAA 2001:dc3::35
m  A    202.12.27.33
root-servers.net. ZONEMD 2018091100 1 1 (
  f1ca0ccd91bd5573d9f431c00ee0101b2545c97602be0a978a3b11dbfc1c776d5b3e86ae3d973d6b5349ba7f04340f79 )
`;

const cases: readonly (readonly [what: string, origin: string, text: string, expected: string])[] = [
  ['RFC 8976 A.1, simple', 'example.', simple, 'right sha384'],
  ['RFC 8976 A.2, complex', 'example.', complex, 'right sha384'],
  [
    'RFC 8976 A.3, several digests',
    'example.',
    several([`2018031900 1 1 ${sha384}`, `2018031900 1 2 ${sha512}`, ...privateOnes]),
    'right sha384',
  ],
  ['SHA-512 alone', 'example.', several([`2018031900 1 2 ${sha512}`]), 'right sha512'],
  [
    'one wrong and one right',
    'example.',
    several([`2018031900 1 1 ${'00'.repeat(48)}`, `2018031900 1 2 ${sha512}`]),
    'right sha512',
  ],
  ['RFC 8976 A.5, root-servers.net', 'root-servers.net.', rootServers, 'right sha384'],
  ['none', 'example.', several([]), 'absent'],
  ['only unknown ones', 'example.', several(privateOnes), 'unsupported'],
  ['another serial', 'example.', several([`2018031901 1 1 ${sha384}`]), 'wrong'],
  [
    'two of one kind',
    'example.',
    several([`2018031900 1 1 ${sha384}`, `2018031900 1 1 ${'00'.repeat(48)}`]),
    'wrong',
  ],
  ['a record changed', 'example.', simple.replace('.63', '.64'), 'wrong'],
  ['a TTL changed', 'example.', simple.replace('3600', '3601'), 'wrong'],
  ['a record more', 'example.', `${simple}x 1 A 192.0.2.1\n`, 'wrong'],
];

function shown(verdict: ZonemdVerdict): string {
  return verdict.kind === 'right' ? `right ${verdict.hash}` : verdict.kind;
}

for (const [what, origin, text, expected] of cases) {
  test(`ZONEMD: ${what}`, async () => {
    const zone = zoneOf(origin, text);
    const clock = new VirtualClock();
    assert.equal(shown(await verifyZonemd(zone, clock)), expected);
    const faults = await zonemdCheck(clock, silentLog)(zone);
    assert.equal(faults.length > 0, expected === 'wrong');
  });
}

test('ZONEMD: a signature is digested with the TTL of what it covers, and that of the digest not at all', () => {
  const rrsig = (ttl: number, covered: string): string =>
    `@ ${ttl} RRSIG ${covered} 8 1 ${ttl} 20300101000000 20200101000000 1 example. AAAA\n`;
  const zone = (signatures: string): Zone => zoneOf('example.', simple + signatures);
  const both = computeZonemd(zone(rrsig(86400, 'NS') + rrsig(300, 'ZONEMD')), 'sha384').toHex();
  assert.equal(both, computeZonemd(zone(rrsig(300, 'ZONEMD') + rrsig(86400, 'NS')), 'sha384').toHex());
  assert.equal(both, computeZonemd(zone(rrsig(86400, 'NS')), 'sha384').toHex());
  assert.notEqual(both, computeZonemd(zone(''), 'sha384').toHex());
});

test('ZONEMD: names of every octet are digested in canonical order', () => {
  // RFC 4034 §6.1 has the first ones as its example.
  const names = [
    'a',
    'yljkjljk.a',
    'Z.a',
    'zABC.a',
    'z',
    '\\001.z',
    '*.z',
    '\\200.z',
    '\\000.z',
    '\\255\\000.z',
    'Z\\000',
  ];
  const lines = names.map((name) => `${name}.example. 60 A 192.0.2.1`);
  const zone = zoneOf(
    'example.',
    `example. 60 SOA ns. h. 1 2 3 4 5\nexample. 60 NS ns.\n${lines.join('\n')}\n`,
  );
  const hash = createHash('sha512');
  for (const rrset of [...zone.all()].sort((a, b) => a.owner.compare(b.owner) || a.type - b.type)) {
    const [rdata = new Uint8Array(0)] = rrset.rdatas;
    const fixed = Uint8Array.of(0, rrset.type, 0, 1, 0, 0, 0, 60, 0, rdata.length);
    hash.update(rrset.owner.lowerCase().wire).update(fixed).update(rdata);
  }
  assert.equal(computeZonemd(zone, 'sha512').toHex(), hash.digest('hex'));
});
