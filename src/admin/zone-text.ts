// Records as an operator writes them in a command: lines of a zone file, and shorter ones where records are taken away.
import { formatZoneFileFault } from '../dns/zonefile/zone-file-fault.ts';
import { parseZoneFile } from '../dns/zonefile/zone-file-parser.ts';
import type { HandAddition, HandRemoval } from '../dns/update/hand-edit.ts';
import { parseName } from '../dns/wire/name.ts';
import type { DomainName } from '../dns/wire/name.ts';
import { parseType } from '../dns/wire/rr-type.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';

/** One record a text. The fault is one that shows the place, with a caret. */
export function parseAdditions(
  origin: DomainName,
  texts: readonly string[],
  usualTtl: number,
): Result<readonly HandAddition[]> {
  const parsed = texts.map((text) => parseOne(origin, text, usualTtl));
  const additions: HandAddition[] = [];
  for (const each of parsed) {
    if (!each.ok) return each;
    additions.push(...each.value);
  }
  return ok(additions);
}

/** `www`, `www A` or a whole record. */
export function parseRemovals(origin: DomainName, texts: readonly string[]): Result<readonly HandRemoval[]> {
  const removals: HandRemoval[] = [];
  for (const text of texts) {
    const [name = '', type, ...rest] = text
      .trim()
      .split(/\s+/)
      .filter((word) => word.toUpperCase() !== 'IN');
    const code = type === undefined ? undefined : parseType(type);
    if (rest.length === 0 && (type === undefined || code !== undefined)) {
      const owner = name === '@' ? ok(origin) : parseName(name, origin);
      if (!owner.ok) return owner;
      removals.push(
        code === undefined
          ? { kind: 'name', name: owner.value }
          : { kind: 'rrset', name: owner.value, type: code },
      );
      continue;
    }
    const parsed = parseOne(origin, text, 0);
    if (!parsed.ok) return parsed;
    for (const { record } of parsed.value) removals.push({ kind: 'record', record });
  }
  return ok(removals);
}

function parseOne(origin: DomainName, text: string, usualTtl: number): Result<readonly HandAddition[]> {
  const source = { name: 'record', text };
  const parsed = parseZoneFile(source, { origin, defaultTtl: usualTtl });
  // With another default, those whose TTL stands there have the same again.
  const again = parseZoneFile(source, { origin, defaultTtl: usualTtl + 1 });
  if (!parsed.ok) return fault(parsed.fault.map(formatZoneFileFault).join('\n'));
  const { records } = parsed.value;
  if (records.length === 0) return fault(`'${text}' has no record`);
  return ok(
    records.map(({ owner, type, class: ofClass, ttl, rdata }, i) => ({
      record: { owner, type, class: ofClass, ttl, rdata },
      ttlGiven: again.ok && again.value.records[i]?.ttl === ttl,
    })),
  );
}
