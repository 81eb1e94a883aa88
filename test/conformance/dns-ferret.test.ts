// Our authoritative answers against those that BIND, NSD, Knot and PowerDNS gave to the 2,535 published cases of the Ferret
// dataset (dns-groot, MIT). Where they agree we must say the same; where they differ we must agree with one of them, and
// docs/authority-choices.md must say with whom and why.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { Authority } from '../../src/dns/authority/authority.ts';
import { formatRcode, rrClass } from '../../src/dns/wire/codes.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import { DomainName, domainName } from '../../src/dns/wire/name.ts';
import { parseType } from '../../src/dns/wire/rdata/registry.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { buildZone } from '../../src/dns/zone/zone-builder.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import type { Zone } from '../../src/dns/zone/zone.ts';
import { formatZoneFileFault } from '../../src/dns/zonefile/zone-file-fault.ts';
import { parseZoneFile } from '../../src/dns/zonefile/zone-file-parser.ts';

const casesPath = resolve(import.meta.dirname, '../../../shared/data/ferret/cases.jsonl');

const choicesPath = resolve(import.meta.dirname, '../../docs/authority-choices.md');

interface Case {
  readonly id: number;
  /** The dataset's own class of it. */
  readonly tag: string;
  readonly zone: string;
  readonly query: { readonly Name: string; readonly Type: string };
  readonly expected: readonly { readonly servers: readonly string[]; readonly response: readonly string[] }[];
}

function loadZone(text: string): Zone {
  const file = parseZoneFile({ name: 'case', text }, { origin: DomainName.root });
  assert.ok(file.ok, file.ok ? '' : file.fault.map(formatZoneFileFault).join('\n'));
  const soa = file.value.records.find((record) => record.type === rrType.SOA);
  const built = buildZone(soa?.owner ?? DomainName.root, file.value.records);
  assert.ok(built.ok, built.ok ? '' : built.fault.map(({ message }) => message).join('\n'));
  return built.value.zone;
}

function ask(zone: Zone, name: string, type: string): Message {
  const query = encodeMessage({
    id: 4711,
    response: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [{ name: domainName(name), type: parseType(type) ?? 0, class: rrClass.IN }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: undefined,
  });
  const response = new Authority(new ZoneSet([zone])).answer(query, 'udp');
  assert.ok(response);
  const message = decodeMessage(response);
  assert.ok(message.ok, message.ok ? '' : message.fault.reason);
  return message.value;
}

/** What the dataset's README says to compare: rcode, AA, the record sets of each section; neither order nor case. */
function summary(code: string, authoritative: boolean, sections: readonly (readonly string[])[]): string {
  const lines = sections.map((records) => [...new Set(records)].sort().join('\n'));
  return [code, authoritative ? 'AA' : '-', ...lines].join('\n;\n');
}

function recordLine(owner: string, ttl: number | string, type: string | number, rdata: Uint8Array): string {
  return `${owner.toLowerCase()} ${ttl} ${type} ${rdata.toHex()}`;
}

function ourSummary(message: Message): string {
  const section = (records: readonly ResourceRecord[]): string[] =>
    records.map(({ owner, ttl, type, rdata }) =>
      recordLine(owner.toString(), ttl, type, lowerNames(rdata, type)),
    );
  return summary(formatRcode(message.rcode), message.authoritative, [
    section(message.answers),
    section(message.authorities),
    section(message.additionals),
  ]);
}

/** The cases' text in the same form, its data read by our own zone-file parser. */
function theirSummary(response: readonly string[]): string {
  const value = (key: string): string =>
    response.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) ?? '';
  const sections: string[][] = [];
  for (const line of response.slice(response.indexOf(';ANSWER'))) {
    if (line.startsWith(';')) {
      sections.push([]);
      continue;
    }
    const file = parseZoneFile({ name: 'response', text: line }, { origin: DomainName.root });
    assert.ok(file.ok, line);
    for (const { owner, ttl, type, rdata } of file.value.records)
      sections.at(-1)?.push(recordLine(owner.toString(), ttl, type, lowerNames(rdata, type)));
  }
  return summary(value('rcode'), value('flags').split(' ').includes('AA'), sections);
}

const nameTypes: ReadonlySet<number> = new Set([
  rrType.NS,
  rrType.CNAME,
  rrType.DNAME,
  rrType.SOA,
  rrType.PTR,
]);

/** No digit or length octet is an upper-case letter, so lower-casing the whole data does no harm here. */
function lowerNames(rdata: Uint8Array, type: number): Uint8Array {
  return nameTypes.has(type)
    ? rdata.map((octet) => (octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet))
    : rdata;
}

test(
  'DNS answers of the Ferret dataset',
  { skip: existsSync(casesPath) ? false : 'needs the Ferret cases in ../shared/data/ferret' },
  () => {
    const wrong: Record<'all' | 'each', number[]> = { all: [], each: [] };
    const choices = new Map<string, number>();
    let asked = 0;
    for (const line of readFileSync(casesPath, 'utf8').split('\n')) {
      if (line === '') continue;
      const { id, tag, zone, query, expected } = JSON.parse(line) as Case;
      asked += 1;
      const ours = ourSummary(ask(loadZone(zone), query.Name, query.Type));
      const theirs = expected.map(({ response }) => theirSummary(response));
      const side = expected[theirs.indexOf(ours)];
      if (side === undefined) wrong[expected.length === 1 ? 'all' : 'each'].push(id);
      else if (expected.length > 1) {
        const row = choiceRow(tag, expected, side.servers);
        choices.set(row, (choices.get(row) ?? 0) + 1);
      }
    }
    assert.ok(asked > 2500, `only ${asked} cases`);
    assert.deepEqual(wrong, { all: [], each: [] });
    assert.deepEqual(
      documentedChoices(),
      Array.from(choices, ([row, count]) => `${row} | ${count}`).sort(),
      'docs/authority-choices.md tells another number of cases, or another side',
    );
  },
);

const serverNames: Readonly<Record<string, string>> = {
  bind: 'BIND',
  nsd: 'NSD',
  knot: 'Knot',
  powerdns: 'PowerDNS',
};

/** The first columns of a row of docs/authority-choices.md: the class, who answers alike, with whom we side. */
function choiceRow(tag: string, expected: Case['expected'], side: readonly string[]): string {
  const names = (servers: readonly string[]): string =>
    servers.map((server) => serverNames[server] ?? server).join(', ');
  return [tag, expected.map(({ servers }) => names(servers)).join(' / '), names(side)].join(' | ');
}

/** The same columns and the number of cases, as the page's table has them. */
function documentedChoices(): readonly string[] {
  const page = readFileSync(choicesPath, 'utf8');
  const rows = page.matchAll(/^\| ([A-Z]\d) +\| ([^|]*?) +\| ([^|]*?) +\| +(\d+) +\|/gm);
  return Array.from(rows, ([, tag, parties, side, count]) => [tag, parties, side, count].join(' | ')).sort();
}
