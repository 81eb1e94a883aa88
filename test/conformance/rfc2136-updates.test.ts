// Dynamic updates, filed by the sections of RFC 2136: what each leads to, in a zone that is kept as served ones are.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { UpdateRule } from '../../src/config/config.ts';
import type { DnsRequest } from '../../src/dns/desk/request.ts';
import { Keeper } from '../../src/dns/keeper/keeper.ts';
import { UpdatePolicy } from '../../src/dns/update/update-policy.ts';
import { updateHandler } from '../../src/dns/update/update-handler.ts';
import { formatRcode, rrClass } from '../../src/dns/wire/codes.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { formatRecord } from '../../src/dns/wire/presentation.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { buildZone } from '../../src/dns/zone/zone-builder.ts';
import type { ZoneChange } from '../../src/dns/zone/zone-change.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { decoded } from '../support/dns-messages.ts';
import { MemoryZoneStore } from '../support/memory-zone-store.ts';
import { recordsOfText } from '../support/records.ts';
import { updateMessage } from '../support/update-messages.ts';

const origin = domainName('example.com');

const zoneText = `
@      SOA ns1 hostmaster 10 3600 600 86400 60
@      NS ns1
@      NS ns2.example.net.
@      MX 10 mail
ns1    A 192.0.2.1
mail   A 192.0.2.2
mail   A 192.0.2.3
www    CNAME mail
a.ent  TXT "x"
sub    NS ns.sub
ns.sub A 192.0.2.9
old    DNAME new
*.w    A 192.0.2.8
both   A 192.0.2.4
both   TXT "y"
`;

const everything: UpdateRule = {
  addresses: [],
  key: 'key',
  tls: false,
  names: [],
  types: [],
};
const all: readonly UpdateRule[] = [everything, { ...everything, types: ['SOA', 'NS', 'DS'] }];

interface Served {
  readonly keeper: Keeper;
  say(message: Message, parts?: Partial<DnsRequest>): Promise<Message>;
}

async function serve(rules: readonly UpdateRule[] | undefined): Promise<Served> {
  const store = new MemoryZoneStore();
  const keeper = new Keeper({
    zones: new ZoneSet(),
    store,
    clock: new VirtualClock(),
    log: silentLog,
  });
  await keeper.open([{ origin, file: true, durable: true, journalSize: 1 << 20 }]);
  const built = buildZone(origin, recordsOfText(origin, zoneText));
  assert.ok(built.ok);
  await keeper.takeFile(origin, { zone: built.value.zone, hash: '' });
  const policy = rules === undefined ? undefined : UpdatePolicy.compile(rules);
  assert.ok(policy?.ok !== false);
  const handler = updateHandler({ keeper, policyOf: () => policy?.value, log: silentLog });
  const client = { from: { address: '192.0.2.53', port: 53 }, transport: 'tcp' } as const;
  return {
    keeper,
    async say(message, parts = {}) {
      const response = await handler({ message, client, key: domainName('key'), limit: 65_535, ...parts });
      assert.ok(response instanceof Uint8Array);
      return decoded(response);
    },
  };
}

/** What a change does to the records, in lines with relative names; `+SOA` with the serial it leads to. */
function changeText(change: ZoneChange): readonly string[] {
  const line = (record: ResourceRecord): string =>
    formatRecord(record)
      .replace('\tIN\t', '\t')
      .replaceAll('\t', ' ')
      .replace(/^(?:(\S+)\.)?example\.com\. /, (_, name?: string) => `${name ?? '@'} `);
  const serial = /SOA \S+ \S+ (\d+)/.exec(line(change.to))?.[1];
  return [
    ...change.removed.map((record) => `- ${line(record)}`).sort(),
    ...change.added.map((record) => `+ ${line(record)}`).sort(),
    `serial ${serial}`,
  ];
}

interface Case {
  readonly name: string;
  readonly lines: readonly string[];
  /** NOERROR unless given. */
  readonly rcode?: string;
  /** The step that was made; none unless given. */
  readonly step?: readonly string[];
  readonly rules?: readonly UpdateRule[];
}

function cases(title: string, table: readonly Case[]): void {
  suite(title, () => {
    for (const { name, lines, rcode = 'NOERROR', step, rules = all } of table) {
      test(name, async () => {
        const served = await serve(rules);
        const response = await served.say(updateMessage(origin, lines, 77));
        assert.equal(formatRcode(response.rcode), rcode);
        assert.equal(response.id, 77);
        const steps = await served.keeper.changesSince(origin, 10);
        assert.deepEqual(steps?.map(changeText), step === undefined ? [] : [step]);
      });
    }
  });
}

const good = 'add new 60 A 192.0.2.5';
const made = ['+ new 60 A 192.0.2.5', 'serial 11'];

cases('§2.4 and §3.2: prerequisites', [
  { name: 'none', lines: [good], step: made },
  { name: 'an RRset exists', lines: ['yxrrset mail A', good], step: made },
  { name: 'an RRset that doesn’t', lines: ['yxrrset mail AAAA', good], rcode: 'NXRRSET' },
  { name: 'an RRset of an absent name', lines: ['yxrrset absent A', good], rcode: 'NXRRSET' },
  {
    name: 'an RRset with exactly these records, in any order and case',
    lines: ['yxrrset mail A 192.0.2.3', 'yxrrset MAIL A 192.0.2.2', 'yxrrset www CNAME MAIL', good],
    step: made,
  },
  { name: 'fewer records than there are', lines: ['yxrrset mail A 192.0.2.3', good], rcode: 'NXRRSET' },
  {
    name: 'more records than there are',
    lines: ['yxrrset ns1 A 192.0.2.1', 'yxrrset ns1 A 192.0.2.7', good],
    rcode: 'NXRRSET',
  },
  {
    name: 'a record named twice is one',
    lines: ['yxrrset mail A 192.0.2.3', 'yxrrset mail A 192.0.2.3', good],
    rcode: 'NXRRSET',
  },
  { name: 'no RRset', lines: ['nxrrset mail AAAA', good], step: made },
  { name: 'no RRset where there is one', lines: ['nxrrset mail A', good], rcode: 'YXRRSET' },
  { name: 'a name in use', lines: ['yxdomain mail', 'yxdomain ns.sub', good], step: made },
  { name: 'an absent name', lines: ['yxdomain absent', good], rcode: 'NXDOMAIN' },
  { name: 'an empty non-terminal is not in use', lines: ['yxdomain ent', good], rcode: 'NXDOMAIN' },
  { name: 'wildcards don’t answer for others', lines: ['yxdomain x.w', good], rcode: 'NXDOMAIN' },
  { name: 'a wildcard’s own name', lines: ['yxdomain *.w', good], step: made },
  { name: 'aliases aren’t followed', lines: ['nxrrset www A', good], step: made },
  { name: 'a name not in use', lines: ['nxdomain absent', 'nxdomain ent', good], step: made },
  { name: 'a name not in use that is', lines: ['nxdomain mail', good], rcode: 'YXDOMAIN' },
  { name: 'a name of another zone', lines: ['yxdomain example.net.', good], rcode: 'NOTZONE' },
  { name: 'a TTL', lines: ['raw prerequisite mail 255 1 A', good], rcode: 'FORMERR' },
  {
    name: 'data where none may be',
    lines: ['raw prerequisite mail 255 0 A 01020304', good],
    rcode: 'FORMERR',
  },
  {
    name: 'data where none may be, NONE',
    lines: ['raw prerequisite mail 254 0 A 01020304', good],
    rcode: 'FORMERR',
  },
  { name: 'another class', lines: ['raw prerequisite mail 3 0 A 01020304', good], rcode: 'FORMERR' },
  { name: 'a type that asks', lines: ['raw prerequisite mail 255 0 AXFR', good], rcode: 'FORMERR' },
  { name: 'values of a type that asks', lines: ['raw prerequisite mail 1 0 ANY', good], rcode: 'FORMERR' },
  { name: 'they alone change nothing', lines: ['yxdomain mail'] },
]);

cases('§3.4.1: the update section is scanned before anything is done', [
  { name: 'a name of another zone', lines: [good, 'add example.net. 60 A 192.0.2.5'], rcode: 'NOTZONE' },
  { name: 'adding a type that asks', lines: [good, 'raw update x 1 60 ANY'], rcode: 'FORMERR' },
  { name: 'adding OPT’s type', lines: [good, 'raw update x 1 60 TYPE41'], rcode: 'FORMERR' },
  { name: 'deleting with a TTL', lines: [good, 'raw update x 255 1 A'], rcode: 'FORMERR' },
  { name: 'deleting a set with data', lines: [good, 'raw update x 255 0 A 01020304'], rcode: 'FORMERR' },
  { name: 'deleting what asks', lines: [good, 'raw update x 255 0 AXFR'], rcode: 'FORMERR' },
  {
    name: 'deleting one record with a TTL',
    lines: [good, 'raw update x 254 1 A 01020304'],
    rcode: 'FORMERR',
  },
  { name: 'deleting one record of any type', lines: [good, 'raw update x 254 0 ANY'], rcode: 'FORMERR' },
  { name: 'another class', lines: [good, 'raw update x 3 0 A 01020304'], rcode: 'FORMERR' },
  {
    name: 'data that nobody could take from us',
    lines: [good, 'raw update x 1 60 NIMLOC'],
    rcode: 'FORMERR',
  },
  { name: 'such data may be deleted', lines: [good, 'raw update x 254 0 NIMLOC'], step: made },
  { name: 'prerequisites come first', lines: ['yxdomain absent', 'raw update x 3 0 A'], rcode: 'NXDOMAIN' },
]);

cases('§3.4.2.2: records are added', [
  { name: 'a new name', lines: [good], step: made },
  {
    name: 'several at once are one step',
    lines: [good, 'add new 60 A 192.0.2.6', 'add *.x.y 0 TXT "z"'],
    step: ['+ *.x.y 0 TXT "z"', '+ new 60 A 192.0.2.5', '+ new 60 A 192.0.2.6', 'serial 11'],
  },
  { name: 'what is there already makes no step', lines: ['add mail 300 A 192.0.2.2'] },
  { name: 'also in other letter case', lines: ['add WWW 300 CNAME MAIL'] },
  {
    name: 'another TTL counts for the whole set',
    lines: ['add mail 60 A 192.0.2.2'],
    step: [
      '- mail 300 A 192.0.2.2',
      '- mail 300 A 192.0.2.3',
      '+ mail 60 A 192.0.2.2',
      '+ mail 60 A 192.0.2.3',
      'serial 11',
    ],
  },
  {
    name: 'a CNAME takes the place of another',
    lines: ['add www 300 CNAME ns1'],
    step: ['- www 300 CNAME mail.example.com.', '+ www 300 CNAME ns1.example.com.', 'serial 11'],
  },
  { name: 'a CNAME beside other data is passed over', lines: ['add mail 300 CNAME ns1'] },
  { name: 'other data beside a CNAME is passed over', lines: ['add www 300 A 192.0.2.5'] },
  {
    name: 'a CNAME where the other data goes first',
    lines: ['del both', 'add both 300 CNAME mail'],
    step: ['- both 300 A 192.0.2.4', '- both 300 TXT "y"', '+ both 300 CNAME mail.example.com.', 'serial 11'],
  },
  {
    name: 'a DNAME takes the place of another',
    lines: ['add old 300 DNAME newer'],
    step: ['- old 300 DNAME new.example.com.', '+ old 300 DNAME newer.example.com.', 'serial 11'],
  },
  {
    name: 'a WKS of the same address and protocol is replaced (§1.1.5)',
    lines: ['raw update mail 1 300 WKS C00002020602', 'raw update mail 1 300 WKS C00002020601'],
    step: ['+ mail 300 WKS \\# 6 C00002020601', 'serial 11'],
  },
  {
    name: 'what makes no zone is refused whole',
    lines: [good, 'add x.old 60 A 192.0.2.5'],
    rcode: 'REFUSED',
  },
  {
    name: 'a delegation and its glue',
    lines: ['add sub2 60 NS ns.sub2', 'add ns.sub2 60 A 192.0.2.5'],
    step: ['+ ns.sub2 60 A 192.0.2.5', '+ sub2 60 NS ns.sub2.example.com.', 'serial 11'],
  },
]);

cases('§3.4.2.3: RRsets are deleted', [
  {
    name: 'one',
    lines: ['del mail A'],
    step: ['- mail 300 A 192.0.2.2', '- mail 300 A 192.0.2.3', 'serial 11'],
  },
  { name: 'one that isn’t there', lines: ['del mail AAAA', 'del absent A'] },
  {
    name: 'all of a name',
    lines: ['del both'],
    step: ['- both 300 A 192.0.2.4', '- both 300 TXT "y"', 'serial 11'],
  },
  { name: 'all of a name without records', lines: ['del absent', 'del ent'] },
  {
    name: 'all of the apex but SOA and NS',
    lines: ['del @'],
    step: ['- @ 300 MX 10 mail.example.com.', 'serial 11'],
  },
  { name: 'SOA and NS of the apex stay', lines: ['del @ NS', 'del @ SOA'] },
  {
    name: 'the NS of a cut don’t',
    lines: ['del sub NS'],
    step: ['- sub 300 NS ns.sub.example.com.', 'serial 11'],
  },
]);

cases('§3.4.2.4: single records are deleted', [
  { name: 'one of two', lines: ['del mail A 192.0.2.2'], step: ['- mail 300 A 192.0.2.2', 'serial 11'] },
  {
    name: 'by data in other letter case',
    lines: ['del www CNAME MAIL'],
    step: ['- www 300 CNAME mail.example.com.', 'serial 11'],
  },
  { name: 'one that isn’t there', lines: ['del mail A 192.0.2.77', 'del absent A 192.0.2.2'] },
  { name: 'the SOA stays', lines: ['del @ SOA ns1 hostmaster 10 3600 600 86400 60'] },
  {
    name: 'the last NS of the apex stays',
    lines: ['del @ NS ns1', 'del @ NS ns2.example.net.'],
    step: ['- @ 300 NS ns1.example.com.', 'serial 11'],
  },
  {
    name: 'NS can be replaced',
    lines: ['del @ NS ns1', 'add @ 300 NS ns3', 'del @ NS ns2.example.net.'],
    step: [
      '- @ 300 NS ns1.example.com.',
      '- @ 300 NS ns2.example.net.',
      '+ @ 300 NS ns3.example.com.',
      'serial 11',
    ],
  },
  { name: 'what is added and taken away again makes no step', lines: [good, 'del new'] },
  {
    name: 'and so does what is taken away and added again',
    lines: ['del mail A', 'add mail 300 A 192.0.2.3', 'add mail 300 A 192.0.2.2'],
  },
]);

cases('§3.6: serials', [
  {
    name: 'a later SOA takes the place of the zone’s',
    lines: ['add @ 60 SOA ns1 boss 2026010100 1 2 3 4', good],
    step: ['+ new 60 A 192.0.2.5', 'serial 2026010100'],
  },
  { name: 'one with the same serial is passed over', lines: ['add @ 60 SOA ns1 boss 10 1 2 3 4'] },
  {
    name: 'one with an earlier serial is passed over',
    lines: ['add @ 60 SOA ns1 boss 9 1 2 3 4', good],
    step: made,
  },
  { name: 'earlier by RFC 1982', lines: ['add @ 60 SOA ns1 boss 2147483659 1 2 3 4', good], step: made },
  { name: 'elsewhere than at the apex', lines: ['add mail 60 SOA ns1 boss 99 1 2 3 4'] },
]);

const some: readonly UpdateRule[] = [
  { ...everything, names: ['www.example.com', '*.dyn.example.com'] },
  { ...everything, names: ['mail.example.com', 'both.example.com'], types: ['A', 'NS'] },
  { ...everything, key: 'other', names: [] },
];

cases('§3.3: who may change what', [
  {
    name: 'a name of the rule',
    rules: some,
    lines: ['del www CNAME'],
    step: ['- www 300 CNAME mail.example.com.', 'serial 11'],
  },
  {
    name: 'a name below one',
    rules: some,
    lines: ['add A.Dyn 60 A 192.0.2.5'],
    step: ['+ A.Dyn 60 A 192.0.2.5', 'serial 11'],
  },
  { name: 'not that one itself', rules: some, lines: ['add dyn 60 A 192.0.2.5'], rcode: 'REFUSED' },
  {
    name: 'not below a name of the rule',
    rules: some,
    lines: ['add x.mail 60 A 192.0.2.5'],
    rcode: 'REFUSED',
  },
  { name: 'another name', rules: some, lines: ['add www 60 A 192.0.2.5', good], rcode: 'REFUSED' },
  { name: 'another type', rules: some, lines: ['add mail 60 TXT "x"'], rcode: 'REFUSED' },
  { name: 'deleting another type', rules: some, lines: ['del mail AAAA'], rcode: 'REFUSED' },
  {
    name: 'deleting all, being allowed for all that is there',
    rules: some,
    lines: ['del mail'],
    step: ['- mail 300 A 192.0.2.2', '- mail 300 A 192.0.2.3', 'serial 11'],
  },
  {
    name: 'deleting all, not being allowed for all that is there',
    rules: some,
    lines: ['del both'],
    rcode: 'REFUSED',
  },
  { name: 'deleting all of another name', rules: some, lines: ['del absent'], rcode: 'REFUSED' },
  { name: 'NS must be named', rules: [everything], lines: ['add sub2 60 NS ns1'], rcode: 'REFUSED' },
  {
    name: 'SOA must be named',
    rules: [everything],
    lines: ['add @ 60 SOA ns1 boss 99 1 2 3 4'],
    rcode: 'REFUSED',
  },
  {
    name: 'and is',
    rules: some,
    lines: ['add mail 60 NS ns1'],
    step: ['+ mail 60 NS ns1.example.com.', 'serial 11'],
  },
  {
    name: 'DNSSEC’s types must be named',
    rules: [everything],
    lines: ['add sub 60 DS 1 8 2 ' + 'AB'.repeat(32)],
    rcode: 'REFUSED',
  },
  { name: 'deleting all with NS among it', rules: [everything], lines: ['del sub'], rcode: 'REFUSED' },
  { name: 'no rule for that key', rules: some.slice(2), lines: [good], rcode: 'REFUSED' },
  {
    name: 'no rule for that address',
    rules: [{ ...everything, addresses: ['192.0.2.1/32'] }],
    lines: [good],
    rcode: 'REFUSED',
  },
  {
    name: 'no rule for what isn’t TLS',
    rules: [{ ...everything, tls: true }],
    lines: [good],
    rcode: 'REFUSED',
  },
  {
    name: 'nobody learns of the zone who may not change it',
    rules: [],
    lines: ['yxdomain absent', good],
    rcode: 'REFUSED',
  },
]);

suite('§3.1: the zone section', () => {
  const question = { name: origin, type: rrType.SOA, class: rrClass.IN };
  const table: readonly (readonly [string, Message['questions'], string])[] = [
    ['the zone', [question], 'NOERROR'],
    ['a type that isn’t SOA', [{ ...question, type: rrType.A }], 'FORMERR'],
    ['two zones', [question, question], 'FORMERR'],
    ['no zone', [], 'FORMERR'],
    ['another zone', [{ ...question, name: domainName('example.net') }], 'NOTAUTH'],
    ['a name in the zone', [{ ...question, name: domainName('mail.example.com') }], 'NOTAUTH'],
    ['another class', [{ ...question, class: rrClass.CH }], 'NOTAUTH'],
  ];
  for (const [name, questions, expected] of table) {
    test(name, async () => {
      const served = await serve(all);
      const response = await served.say({ ...updateMessage(origin, [good]), questions });
      assert.equal(formatRcode(response.rcode), expected);
      assert.equal(served.keeper.view(origin)?.serial, expected === 'NOERROR' ? 11 : 10);
    });
  }

  test('an update that isn’t signed is refused, whatever the rules', async () => {
    const served = await serve([{ ...everything, key: undefined }]);
    const response = await served.say(updateMessage(origin, [good]), { key: undefined });
    assert.equal(formatRcode(response.rcode), 'REFUSED');
  });

  test('a zone without rules takes none, and one without content can’t', async () => {
    const without = await serve(undefined);
    assert.equal(formatRcode((await without.say(updateMessage(origin, [good]))).rcode), 'REFUSED');
    const served = await serve(all);
    await served.keeper.remove(origin);
    await served.keeper.add({ origin, journalSize: 1000 });
    assert.equal(formatRcode((await served.say(updateMessage(origin, [good]))).rcode), 'SERVFAIL');
  });
});

test('updates on their way to the disk are seen by those after them, and each is a step of its own', async () => {
  const served = await serve(all);
  const codes = await Promise.all(
    [
      ['add n 60 A 192.0.2.1'],
      ['nxdomain n', 'add n 60 A 192.0.2.2'],
      ['yxrrset n A 192.0.2.1', 'del n A'],
    ].map(async (lines) => formatRcode((await served.say(updateMessage(origin, lines))).rcode)),
  );
  assert.deepEqual(codes, ['NOERROR', 'YXDOMAIN', 'NOERROR']);
  assert.deepEqual((await served.keeper.changesSince(origin, 10))?.map(changeText), [
    ['+ n 60 A 192.0.2.1', 'serial 11'],
    ['- n 60 A 192.0.2.1', 'serial 12'],
  ]);
});

test('the messages of these tests say the same on the wire', () => {
  const lines = [
    'yxdomain mail',
    'nxrrset x A',
    'yxrrset mail A 192.0.2.2',
    good,
    'del mail',
    'del mail A',
    'del www CNAME mail',
  ];
  const message = updateMessage(origin, lines);
  const again = decodeMessage(encodeMessage(message));
  assert.ok(again.ok);
  assert.deepEqual(again.value.answers.map(formatRecord), message.answers.map(formatRecord));
  assert.deepEqual(again.value.authorities.map(formatRecord), message.authorities.map(formatRecord));
});
