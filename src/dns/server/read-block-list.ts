// Reads one list of `resolver.block` into what `BlockList` takes: in a thread of its own, as a list may have a million names.
import { readFileSync } from 'node:fs';
import type { BlockListConfig } from '../../config/reach-config.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { tableActions } from '../policy/block-list.ts';
import type { BlockListParts, ListRecord } from '../policy/block-list.ts';
import { domainLines, hostsLines } from '../policy/list-lines.ts';
import { NameTableBuilder } from '../policy/name-table.ts';
import { rpzEntry } from '../policy/rpz.ts';
import { DomainName, nameFromWire } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { parseZoneFile, readZoneFile } from '../zonefile/zone-file-parser.ts';

export interface ListRequest {
  readonly list: BlockListConfig;
  /** Of the hash, from a source that can't be foreseen. */
  readonly seeds: readonly [number, number];
}

export interface ReadList {
  readonly parts: BlockListParts;
  /** Words that were no names. */
  readonly unread: number;
  /** Entries of a kind that isn't done here. */
  readonly unsupported: number;
}

/** Seconds, for records without one. */
const defaultTtl = 300;

/** The fault is a sentence. */
export function readBlockList({ list, seeds }: ListRequest): Result<ReadList> {
  try {
    return list.format === 'rpz' ? readRpz(list, seeds) : readNames(list, seeds);
  } catch (error) {
    return fault(`${list.file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readNames(list: BlockListConfig, seeds: readonly [number, number]): Result<ReadList> {
  const given = recordsOf(list);
  if (!given.ok) return given;
  let unread = 0;
  const text = readFileSync(list.file, 'utf8');
  const lines = (list.format === 'hosts' ? hostsLines : domainLines)(text, () => (unread += 1));
  const builder = new NameTableBuilder(seeds);
  for (const { name, below } of lines) builder.add(name.wire, 1, below);
  const { action, reason } = list;
  return ok({
    parts: { table: builder.build(), records: new Map([['', given.value]]), action, reason },
    unread,
    unsupported: 0,
  });
}

function readRpz(list: BlockListConfig, seeds: readonly [number, number]): Result<ReadList> {
  const given = recordsOf(list);
  if (!given.ok) return given;
  const builder = new NameTableBuilder(seeds);
  const records = new Map<string, ListRecord[]>([['', given.value]]);
  let unsupported = 0;
  let zone: DomainName | undefined;
  const take = (record: ResourceRecord, apex: DomainName): void => {
    const entry = rpzEntry(record, apex);
    if (entry === undefined) return;
    const { name, below, rule } = entry;
    if (rule.kind === 'unsupported') {
      unsupported += 1;
      return;
    }
    builder.add(name.wire, tableActions.indexOf(rule.kind === 'data' ? 'records' : rule.kind), below);
    if (rule.kind !== 'data') return;
    const key = `${below ? '*' : ''}${name.key}`;
    const { type, ttl, rdata } = rule;
    records.set(key, [...(records.get(key) ?? []), { type, ttl, rdata }]);
  };
  const source = { name: list.file, text: readFileSync(list.file) };
  const read = readZoneFile(
    source,
    { origin: DomainName.root, defaultTtl },
    {
      add: ({ owner, ownerLength, type, class: rrClass, ttl, rdata, rdataLength }) => {
        const name = nameFromWire(owner.slice(0, ownerLength));
        if (!name.ok) return;
        // The SOA says which zone it is; it comes first (RFC 1035 §5.2 wants one).
        if (type === rrType.SOA) zone ??= name.value;
        if (zone !== undefined)
          take({ owner: name.value, type, class: rrClass, ttl, rdata: rdata.slice(0, rdataLength) }, zone);
      },
    },
  );
  if (!read.ok) {
    const [first] = read.fault;
    return fault(`${list.file}:${first?.line ?? 0}: ${first?.message ?? 'not a zone file'}`);
  }
  if (zone === undefined) return fault(`${list.file} has no SOA record, so it isn't a response policy zone`);
  const { action, reason } = list;
  return ok({ parts: { table: builder.build(), records, action, reason }, unread: 0, unsupported });
}

/** `A 192.0.2.1` for all names of the list. */
function recordsOf({ records }: BlockListConfig): Result<ListRecord[]> {
  const text = records.map((record) => `@ ${record}\n`).join('');
  const parsed = parseZoneFile({ name: 'records', text }, { origin: DomainName.root, defaultTtl });
  if (parsed.ok) return ok(parsed.value.records.map(({ type, ttl, rdata }) => ({ type, ttl, rdata })));
  const [first] = parsed.fault;
  return fault(`'${first?.text.slice(2) ?? ''}': ${first?.message ?? 'not a record'}`);
}
