// Writes a zone as a zone file (RFC 1035 §5) that reads back as the same records: the SOA first, then name by name in
// canonical order, owners relative to the origin and named once.
import type { DomainName } from '../wire/name.ts';
import { formatClass, rrClass } from '../wire/codes.ts';
import { formatRdata, formatType } from '../wire/rdata/registry.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';

/** Columns that short owners and types are padded to. */
const ownerWidth = 24;
const typeWidth = 7;

/** The whole file, a newline at the end. Names in record data are written absolute. */
export function formatZone(origin: DomainName, records: Iterable<ResourceRecord>): string {
  const sorted = [...records].sort(
    (a, b) =>
      Number(b.type === rrType.SOA) - Number(a.type === rrType.SOA) ||
      a.owner.compare(b.owner) ||
      a.type - b.type,
  );
  const defaultTtl = commonTtl(sorted);
  const lines = [`$ORIGIN ${origin.toString()}`, `$TTL ${defaultTtl}`];
  let owner: DomainName | undefined;
  for (const record of sorted) {
    const named = owner?.equalsExactly(record.owner) === true ? '' : relativeName(record.owner, origin);
    owner = record.owner;
    const ttl = record.ttl === defaultTtl ? '' : `${record.ttl} `;
    const ofClass = record.class === rrClass.IN ? '' : `${formatClass(record.class)} `;
    const type = formatType(record.type).padEnd(typeWidth);
    lines.push(
      `${named.padEnd(ownerWidth)} ${ttl}${ofClass}${type} ${formatRdata(record.type, record.rdata)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** `@` for the origin; absolute where it isn't below the origin in the same letter case, which a reader would else lose. */
function relativeName(name: DomainName, origin: DomainName): string {
  const text = name.toString();
  if (origin.isRoot || !name.isAtOrBelow(origin)) return text;
  if (!name.ancestor(origin.labelCount).equalsExactly(origin)) return text;
  return name.labelCount === origin.labelCount ? '@' : text.slice(0, -(origin.toString().length + 1));
}

function commonTtl(records: readonly ResourceRecord[]): number {
  const counts = new Map<number, number>();
  for (const { ttl } of records) counts.set(ttl, (counts.get(ttl) ?? 0) + 1);
  let common = 3600;
  let most = 0;
  for (const [ttl, count] of counts) {
    if (count <= most) continue;
    common = ttl;
    most = count;
  }
  return common;
}
