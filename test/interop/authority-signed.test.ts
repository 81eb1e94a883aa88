// Zones that Knot's kzonesign has signed, by NSEC and by NSEC3 with and without opt-out: to clients that want proofs (DO) we answer what
// knotd answers from the same file, and what a changed zone and a moved one prove is the same.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Authority } from '../../src/dns/authority/authority.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { formatRcode } from '../../src/dns/wire/codes.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { recordsOf } from '../../src/dns/wire/record.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { buildZone } from '../../src/dns/zone/zone-builder.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { knot } from '../support/dns-peers/knot.ts';
import { DnsPeer } from '../support/dns-peers/peer.ts';
import { queryFor, zoneFromText } from '../support/dns-authority.ts';
import { missingPrograms } from '../support/programs.ts';

const text = `$ORIGIN example.
$TTL 300
@ SOA ns host 5 3600 900 604800 60
@ NS ns
@ MX 10 mail
ns A 192.0.2.1
mail A 192.0.2.2
mail AAAA 2001:db8::2
a.b.c A 192.0.2.3
*.w TXT "wild"
x.w A 192.0.2.4
*.chain CNAME mail
alias CNAME www.none
out CNAME x.w
secure NS ns.secure
secure DS 12345 13 2 ${'ab'.repeat(32)}
ns.secure A 192.0.2.5
plain NS ns.plain
ns.plain A 192.0.2.6
deep.under.it NS ns.elsewhere.test.
d DNAME c
zz TXT "last"
`;

const policies: readonly (readonly [name: string, lines: string])[] = [
  ['NSEC', 'nsec3: off'],
  ['NSEC3', 'nsec3: on\n    nsec3-iterations: 3\n    nsec3-salt-length: 4'],
  [
    'NSEC3 with opt-out',
    'nsec3: on\n    nsec3-opt-out: on\n    nsec3-salt-length: 0\n    nsec3-iterations: 0',
  ],
];

const names = [
  '', 'ns', 'mail', 'c', 'b.c', 'a.b.c', 'q.b.c', 'q.a.b.c', 'w', 'x.w', 'q.w', 'r.q.w', '*.w', 'chain', 'q.chain',
  'alias', 'out', 'secure', 'ns.secure', 'www.secure', 'plain', 'www.plain', 'deep.under.it', 'q.deep.under.it',
  'under.it', 'it', 'q.it', 'd', 'q.d', 'b.d', 'a.b.d', 'zz', 'zzz', '0', 'none', 'q.none', 'www.none',
]; // prettier-ignore
/** Not NSEC and RRSIG themselves: for aliases and wildcards servers differ, and Knot gives one signature of many. */
const types = ['A', 'MX', 'DS', 'NS', 'TXT', 'CNAME', 'SOA', 'DNSKEY', 'NSEC3PARAM'];
const questions = names.flatMap((name) =>
  types.map((type) => `${name === '' ? '' : `${name}.`}example. ${type}`),
);

const run = promisify(execFile);

async function signed(folder: string, policy: string): Promise<string> {
  await writeFile(join(folder, 'example.zone'), text);
  const config = join(folder, 'sign.conf');
  await writeFile(
    config,
    `database:\n    storage: ${folder}\npolicy:\n  - id: signing\n    algorithm: ecdsap256sha256\n    single-type-signing: on\n    ${policy}\n` +
      `zone:\n  - domain: example\n    storage: ${folder}\n    file: example.zone\n    dnssec-signing: on\n    dnssec-policy: signing\n`,
  );
  await run('kzonesign', ['-c', config, '-o', folder, 'example']);
  return await readFile(join(folder, 'example.zone'), 'utf8');
}

/** Asks until there is an answer that isn't a refusal: the server may not have begun yet. */
async function askPeer(port: number, query: Uint8Array): Promise<Message> {
  const socket = createSocket('udp4');
  try {
    for (let attempt = 0; attempt < 100; attempt++) {
      const received = new Promise<Uint8Array | undefined>((settle) => {
        const timer = setTimeout(() => settle(undefined), 100);
        socket.once('message', (bytes) => {
          clearTimeout(timer);
          settle(bytes);
        });
      });
      socket.send(query, port, '127.0.0.1');
      const bytes = await received;
      if (bytes === undefined) continue;
      const message = decodeMessage(bytes);
      if (message.ok && (message.value.rcode === 0 || message.value.rcode === 3)) return message.value;
      await new Promise((settle) => setTimeout(settle, 50));
    }
  } finally {
    socket.close();
  }
  return assert.fail('no answer of knotd');
}

function sectionsOf(message: Message): readonly string[] {
  const lines = (section: string, records: readonly ResourceRecord[]): string[] =>
    records.map(
      ({ owner, type, ttl, rdata }) =>
        `${section} ${owner.toString().toLowerCase()} ${ttl} ${type}${type === rrType.RRSIG ? ` of ${((rdata[0] ?? 0) << 8) | (rdata[1] ?? 0)}` : ''} ${rdata.toHex()}`,
    );
  const flags = `${formatRcode(message.rcode)} ${message.authoritative ? 'AA' : ''}`;
  return [
    flags,
    ...lines('a', message.answers).sort(),
    ...lines('u', message.authorities).sort(),
    ...lines('x', message.additionals).sort(),
  ];
}

function ours(authority: Authority, query: Uint8Array): Message {
  const message = decodeMessage(authority.answer(query, 'tcp') ?? assert.fail('no answer'));
  return message.ok ? message.value : assert.fail(message.fault.reason);
}

const edns = { udpSize: 4096, dnssecOk: true };

for (const [name, policy] of policies) {
  test(
    `a zone signed by ${name} is answered as knotd answers it`,
    { skip: missingPrograms('kzonesign', 'knotd') },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'signpost-signed-'));
      await using cleanup = new AsyncDisposableStack();
      cleanup.defer(() => rm(folder, { recursive: true }));
      const zoneText = await signed(folder, policy);
      const peer = cleanup.use(await DnsPeer.start(knot, [{ name: 'example', text: zoneText }]));
      const zone = zoneFromText('example.', zoneText);
      const authority = new Authority(new ZoneSet([zone]), { minimalResponses: true });
      const wrong: object[] = [];
      for (const question of questions) {
        const query = queryFor(question, { edns });
        const theirs = await askPeer(peer.endpoint.port, query);
        if (theirs.truncated) continue;
        const [left, right] = [sectionsOf(ours(authority, query)), sectionsOf(theirs)];
        if (left.join() !== right.join()) wrong.push({ question, left, right });
      }
      assert.deepEqual(wrong, []);
    },
  );

  test(
    `a zone signed by ${name} proves the same once it has been changed there and back`,
    { skip: missingPrograms('kzonesign') },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'signpost-signed-'));
      await using cleanup = new AsyncDisposableStack();
      cleanup.defer(() => rm(folder, { recursive: true }));
      const zone = zoneFromText('example.', await signed(folder, policy));
      const records = [...zone.all()].flatMap(recordsOf);
      const soa = records[0] ?? assert.fail();
      const part = records.filter(
        ({ type }, index) => type !== rrType.SOA && type !== rrType.NS && index % 3 === 0,
      );
      const rest = records.filter((record) => !part.includes(record));
      const built = buildZone(domainName('example.'), rest);
      assert.ok(built.ok);
      const zones = new ZoneSet([built.value.zone]);
      assert.ok(zones.prepare(domainName('example.'), { from: soa, to: soa, removed: [], added: part }).ok);
      zones.publish(domainName('example.'), zone.serial);
      const [whole, changed] = [new Authority(new ZoneSet([zone])), new Authority(zones)];
      for (const question of questions) {
        const query = queryFor(question, { edns });
        assert.deepEqual(sectionsOf(ours(changed, query)), sectionsOf(ours(whole, query)), question);
      }
    },
  );
}
