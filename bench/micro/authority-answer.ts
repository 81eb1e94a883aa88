// CPU of one authoritative answer without sockets: put together anew, and from the cache; with the zone and the query mix of the bench.
// Run: node bench/micro/authority-answer.ts
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authority } from '../../src/dns/authority/authority.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import { parseType } from '../../src/dns/wire/rdata/registry.ts';
import { loadZone } from '../../src/dns/zone/load-zone.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { writeZone } from '../zone.ts';

const folder = mkdtempSync(join(tmpdir(), 'signpost-bench-'));
const files = writeZone(folder, 20_000);
const text = readFileSync(files.zoneFile, 'utf8');
const queries = readFileSync(files.queryFile, 'utf8').trim().split('\n').map(queryFor);
rmSync(folder, { recursive: true });

const loaded = loadZone({ name: files.zoneFile, text }, { origin: domainName(`${files.name}.`) });
if (!loaded.ok) throw new Error(loaded.fault[0]?.message);
const zones = new ZoneSet([loaded.value.zone]);
const authority = new Authority(zones);

/** `name type`, as dnsperf reads it. */
function queryFor(line: string): Uint8Array {
  const [name = '', type = ''] = line.split(' ');
  return encodeMessage({
    id: 1,
    response: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [{ name: domainName(`${name}.`), type: parseType(type) ?? 1, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: undefined,
  });
}

/** Microseconds of CPU for each query, the median of nine rounds; `fresh` drops the cache before each. */
function measure(asked: readonly Uint8Array[], fresh: boolean): number {
  const rounds: number[] = [];
  for (let round = 0; round < 9; round++) {
    if (fresh) authority.replaceZones(zones);
    const before = process.cpuUsage();
    for (const query of asked) authority.answer(query, 'udp');
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / asked.length);
  }
  return rounds.sort((a, b) => a - b)[4] ?? 0;
}

/** Each question once, so that none of them is answered from the cache. */
const distinct = [...new Map(queries.map((query) => [query.toHex(), query])).values()];
const anew = measure(distinct, true);
const cached = measure(queries, false);
console.log(`anew ${anew.toFixed(2)} µs, from the cache ${cached.toFixed(2)} µs of CPU an answer`);
