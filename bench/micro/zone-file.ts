// Reading a zone file, without building a zone of it: CPU time for each record.
// `node bench/micro/zone-file.ts [names]`
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { domainName } from '../../src/dns/wire/name.ts';
import { readZoneFile } from '../../src/dns/zonefile/zone-file-parser.ts';
import { writeZone } from '../zone.ts';

const names = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'signpost-bench-'));
const zone = writeZone(folder, names);
const text = readFileSync(zone.zoneFile);
rmSync(folder, { recursive: true });

for (let round = 0; round < 5; round++) {
  let records = 0;
  const start = process.cpuUsage();
  const read = readZoneFile(
    { name: zone.zoneFile, text },
    { origin: domainName(`${zone.name}.`) },
    { add: () => (records += 1) },
  );
  const { user, system } = process.cpuUsage(start);
  if (!read.ok) throw new Error('the zone file has faults');
  const ms = (user + system) / 1000;
  process.stdout.write(
    `${records} records, ${(text.length / 2 ** 20).toFixed(1)} MiB: ${ms.toFixed(0)} ms CPU, ${((ms * 1e6) / records).toFixed(0)} ns each\n`,
  );
}
