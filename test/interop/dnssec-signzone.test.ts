// Zones that BIND's dnssec-signzone signs, by each algorithm and each form of denial: every set verifies, from the DS record down, and what is
// not there is proved by the zone's own records; hashes of names are nsec3hash's.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { denialsOf } from '../../src/dns/dnssec/denials.ts';
import { keysByDs, readDsSet } from '../../src/dns/dnssec/ds-set.ts';
import { nsec3Hash } from '../../src/dns/dnssec/nsec3-hash.ts';
import { verifyWithKeys } from '../../src/dns/dnssec/verify-rrset.ts';
import type { VerifiedRRset } from '../../src/dns/dnssec/verify-rrset.ts';
import { WorkAllowance } from '../../src/dns/dnssec/work.ts';
import { KeyRing } from '../../src/dns/dnssec/zone-key.ts';
import type { ZoneKeys } from '../../src/dns/dnssec/zone-key.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { bytesToBase32Hex } from '../../src/dns/wire/rdata/base32hex.ts';
import type { ResourceRecord, RRset } from '../../src/dns/wire/record.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { missingPrograms } from '../support/programs.ts';
import { recordsOfText } from '../support/records.ts';

const run = promisify(execFile);
const zone = domainName('example.');
const text = `$TTL 300
@ SOA NS Host 5 3600 900 604800 60
@ NS ns
@ MX 10 Mail
ns A 192.0.2.1
mail A 192.0.2.2
mail A 192.0.2.1
mail AAAA 2001:db8::2
a.b.c A 192.0.2.3
*.w TXT "wild"
x.w A 192.0.2.4
alias CNAME www.None
d DNAME Elsewhere.test.
_sip._tcp SRV 1 2 5060 Mail
na NAPTR 10 20 "u" "sip" "!^.*$!sip:a!" Mail
secure NS ns.secure
secure DS 12345 13 2 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
ns.secure A 192.0.2.5
open NS ns.open
ns.open A 192.0.2.6
under.deep NS ns.open
odd TYPE65280 \\# 3 000102
`;

interface Signed {
  readonly records: readonly ResourceRecord[];
  readonly ds: readonly ResourceRecord[];
}

async function sign(algorithm: string, denial: readonly string[]): Promise<Signed> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'signpost-signzone-'));
  const { path } = folder;
  await writeFile(join(path, 'zone'), text);
  for (const kind of [['-f', 'KSK'], []])
    await run('dnssec-keygen', [
      '-q',
      '-K',
      path,
      '-a',
      algorithm,
      ...(algorithm.startsWith('RSA') ? ['-b', '1024'] : []),
      ...kind,
      'example.',
    ]);
  const signing = [
    '-q',
    '-S',
    '-K',
    path,
    '-d',
    path,
    '-o',
    'example.',
    '-f',
    join(path, 'signed'),
    ...denial,
  ];
  await run('dnssec-signzone', [...signing, join(path, 'zone')], { cwd: path });
  const [dsset = ''] = (await readdir(path)).filter((name) => name.startsWith('dsset-'));
  return {
    records: recordsOfText(zone, await readFile(join(path, 'signed'), 'utf8')),
    ds: recordsOfText(zone, await readFile(join(path, dsset), 'utf8')),
  };
}

function setsOf(records: readonly ResourceRecord[]): readonly RRset[] {
  const sets = new Map<string, RRset & { readonly rdatas: Uint8Array[] }>();
  for (const { owner, type, class: ofClass, ttl, rdata } of records) {
    if (type === rrType.RRSIG) continue;
    const key = `${type} ${owner.key}`;
    const set = sets.get(key) ?? { owner, type, class: ofClass, ttl, rdatas: [] };
    set.rdatas.push(rdata);
    sets.set(key, set);
  }
  return [...sets.values()];
}

/** Verifies the whole zone, from its DS record down. */
function verifyZone({ records, ds }: Signed): readonly VerifiedRRset[] {
  const ring = new KeyRing();
  const now = Math.floor(Date.now() / 1000);
  const work = new WorkAllowance(1000, 10, 0);
  const sets = setsOf(records);
  const verify = (rrset: RRset, keys: ZoneKeys): VerifiedRRset | undefined => {
    const signatures = records.filter(
      ({ owner, type }) => type === rrType.RRSIG && owner.equals(rrset.owner),
    );
    const verified = verifyWithKeys(rrset, signatures, keys, now, work);
    return verified.ok ? verified : undefined;
  };
  const dnskeys = sets.find(({ type }) => type === rrType.DNSKEY) ?? assert.fail('no DNSKEY');
  const keys = ring.keysOf(dnskeys);
  const usable = readDsSet(
    zone,
    ds.map(({ rdata }) => rdata),
    ring,
  );
  assert.ok(usable.kind === 'usable');
  const vouched = keysByDs(usable, keys, work);
  assert.ok(vouched.ok && verify(dnskeys, vouched.keys));
  const verified = sets.map((set) => verify(set, keys));
  for (const [index, set] of sets.entries()) {
    // Delegations and what is below them are not the zone's own.
    const isCut = ['open.example.', 'secure.example.', 'under.deep.example.'].includes(set.owner.toString());
    const own = !/^ns\.(?:secure|open)\./.test(set.owner.toString()) && !(isCut && set.type === rrType.NS);
    assert.equal(verified[index] !== undefined, own, `${set.owner.toString()} ${set.type}`);
  }
  return verified.filter((each) => each !== undefined);
}

/** What the zone's own proofs say: by NSEC or NSEC3, and by NSEC3 with opt-out where that differs. */
const proofs: readonly (readonly [question: string, expected: string, optOut?: string])[] = [
  ['absent none', 'proved', 'proved, opt-out'],
  ['absent x.none', 'proved', 'proved, opt-out'],
  ['absent mail', 'not-proved'],
  ['absent q.w', 'not-proved'],
  ['absent c', 'not-proved'],
  ['nodata mail MX', 'proved'],
  ['nodata mail A', 'not-proved'],
  ['nodata alias A', 'not-proved'],
  ['nodata c A', 'proved'],
  ['nodata q.w A', 'proved', 'proved, opt-out'],
  ['nodata q.w TXT', 'not-proved', 'not-proved'],
  ['nodata secure DS', 'not-proved'],
  ['nodata open A', 'not-proved', 'proved, opt-out'],
  ['wildcard q.w', 'proved', 'proved, opt-out'],
  ['wildcard x.w', 'not-proved'],
  ['nods open', 'insecure-delegation', 'insecure-delegation, opt-out'],
  ['nods under.deep', 'insecure-delegation', 'insecure-delegation, opt-out'],
  ['nods deep', 'no-cut', 'insecure-delegation, opt-out'],
  ['nods secure', 'not-proved'],
  ['nods mail', 'no-cut'],
  ['nods none', 'absent', 'insecure-delegation, opt-out'],
];

function prove(sets: readonly VerifiedRRset[], question: string): string {
  const denials = denialsOf(zone, sets, new WorkAllowance(0, 0, 50));
  const [kind, subject = '', type = ''] = question.split(' ');
  const name = domainName(`${subject}.example.`);
  const code = type === '' ? 0 : rrType[type as 'A' | 'MX' | 'TXT' | 'DS'];
  const proof =
    kind === 'absent'
      ? denials.nameError(name)
      : kind === 'nodata'
        ? denials.noData(name, code)
        : kind === 'wildcard'
          ? denials.wildcardAnswer(name, domainName('*.w.example.'))
          : denials.noDs(name);
  return 'optOut' in proof && proof.optOut ? `${proof.kind}, opt-out` : proof.kind;
}

const algorithms = ['RSASHA256', 'RSASHA512', 'ECDSAP256SHA256', 'ECDSAP384SHA384', 'ED25519', 'ED448'];
const forms: readonly (readonly [name: string, options: readonly string[]])[] = [
  ['NSEC', []],
  ['NSEC3', ['-3', 'aabbccdd', '-H', '5']],
  ['NSEC3 with opt-out', ['-3', '-', '-H', '0', '-A']],
];

const skip = missingPrograms('dnssec-signzone', 'dnssec-keygen', 'nsec3hash');

test('zones signed by BIND verify, and prove what is not there', { skip }, async (t) => {
  for (const [index, algorithm] of algorithms.entries()) {
    // Every algorithm by one form, and every form by several algorithms.
    const [form, options] = forms[index % forms.length] ?? assert.fail();
    await t.test(`${algorithm}, ${form}`, async () => {
      const sets = verifyZone(await sign(algorithm, options));
      for (const [question, expected, optOut] of proofs)
        assert.equal(
          prove(sets, question),
          (form.includes('opt-out') ? optOut : undefined) ?? expected,
          question,
        );
    });
  }
});

test("hashes of names are nsec3hash's", { skip }, async () => {
  const names = ['example.', 'A.Example.', '*.w.example.', `${'x'.repeat(63)}.example.`, '.'];
  for (const [salt, iterations] of [
    ['-', 0],
    ['aabbccdd', 12],
    ['00'.repeat(255), 50],
  ] as const) {
    for (const name of names) {
      const { stdout } = await run('nsec3hash', [salt, '1', String(iterations), name]);
      const ours = nsec3Hash(domainName(name), {
        iterations,
        salt: salt === '-' ? new Uint8Array(0) : Uint8Array.fromHex(salt),
      });
      assert.equal(bytesToBase32Hex(ours), stdout.split(' ')[0], `${name} ${salt} ${iterations}`);
    }
  }
});
