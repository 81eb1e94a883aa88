// CPU of one authoritative answer without sockets: from octets to octets, with the zone and the query mix of the bench; and of answers made the
// long way, as those to unusual queries are.
// Run: node bench/micro/authority-answer.ts [names]
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
const files = writeZone(folder, Number(process.argv[2] ?? 20_000));
const bytes = readFileSync(files.zoneFile);
const lines = readFileSync(files.queryFile, 'utf8').trim().split('\n');
rmSync(folder, { recursive: true });

const loaded = loadZone({ name: files.zoneFile, text: bytes }, { origin: domainName(`${files.name}.`) });
if (!loaded.ok) throw new Error(loaded.fault[0]?.message);
const zones = new ZoneSet([loaded.value.zone]);
const authority = new Authority(zones, { minimalResponses: true });
const client = { from: { address: '192.0.2.1', port: 5353 }, transport: 'udp' } as const;

/** `name type`, as dnsperf reads it. */
function queryFor(line: string, edns: boolean): Uint8Array {
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
    edns: edns ? { udpSize: 1232, version: 0, dnssecOk: false, options: [] } : undefined,
  });
}

/** Queries in one arena, as they come from the system. */
const arena = new Uint8Array(lines.length * 2 * 128);
const ats = new Int32Array(lines.length * 2);
const lengths = new Int32Array(lines.length * 2);
for (const [index, line] of lines.flatMap((line) => [line, line]).entries()) {
  const query = queryFor(line, index % 2 === 1);
  ats[index] = index * 128;
  lengths[index] = query.length;
  arena.set(query, index * 128);
}
const out = new Uint8Array(65_536);

/** Microseconds of CPU for each query: the median of nine rounds. */
function measure(round: () => number): number {
  const figures: number[] = [];
  for (let count = 0; count < 9; count++) {
    const before = process.cpuUsage();
    const answered = round();
    const { user, system } = process.cpuUsage(before);
    figures.push((user + system) / answered);
  }
  return figures.sort((a, b) => a - b)[4] ?? 0;
}

const plain = measure(() => {
  for (let i = 0; i < ats.length; i++)
    authority.answerInto(arena, ats[i] ?? 0, lengths[i] ?? 0, client, out, 0, 1232);
  return ats.length;
});
/** A record behind the question makes a query unusual. */
const unusual = lines
  .slice(0, 5000)
  .map((line) => Uint8Array.from([...queryFor(line, false), 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]).with(11, 1));
const long = measure(() => {
  for (const query of unusual) authority.answer(query, 'udp');
  return unusual.length;
});
console.log(`plain ${plain.toFixed(3)} µs, the long way ${long.toFixed(2)} µs of CPU an answer`);
