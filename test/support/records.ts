// Records from lines of a zone file, for tests.
import { formatZoneFileFault } from '../../src/dns/zonefile/zone-file-fault.ts';
import { parseZoneFile } from '../../src/dns/zonefile/zone-file-parser.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';

/** TTLs are 300 where the text has none. Throws with the faults. */
export function recordsOfText(origin: DomainName, text: string): readonly ResourceRecord[] {
  const parsed = parseZoneFile({ name: 'test', text }, { origin, defaultTtl: 300 });
  if (!parsed.ok) throw new Error(parsed.fault.map(formatZoneFileFault).join('\n'));
  return parsed.value.records.map(({ owner, type, class: ofClass, ttl, rdata }) => ({
    owner,
    type,
    class: ofClass,
    ttl,
    rdata,
  }));
}
