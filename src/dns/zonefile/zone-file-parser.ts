// Reads zone files (RFC 1035 §5) into records: $ORIGIN, $INCLUDE, $TTL (RFC 2308 §4), BIND's $GENERATE, and any type's data
// in its own form or that of RFC 3597 §5. It goes on after a fault, so that one run tells of all of them.
import { utf8ToBytes } from '../../lib/bytes.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { DomainName, parseName } from '../wire/name.ts';
import { parseRdata } from '../wire/rdata/registry.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { fillGenerateTemplate, parseGenerateRange, parseGenerateTemplate } from './generate.ts';
import { PlainRecordReader } from './plain-record.ts';
import { readRecordHead, readTtl } from './record-head.ts';
import type { EntryFault, RecordHead } from './record-head.ts';
import { RecordScratch } from './record-scratch.ts';
import type { RecordSink } from './record-sink.ts';
import { maxTtl } from './ttl.ts';
import { ZoneLexer } from './zone-lexer.ts';
import type { ZoneEntry, ZoneToken } from './zone-lexer.ts';
import { faultInFile, placeInFile } from './zone-file-fault.ts';
import type { ReadFile, ZoneFileFault, ZonePlace } from './zone-file-fault.ts';

export interface ZoneFileSource {
  /** As faults name it: a path. */
  readonly name: string;
  /** As the octets of the file, which are taken for UTF-8, or decoded. */
  readonly text: Uint8Array | string;
}

/** A record and where it was written; one that no file holds has no place. */
export interface ZoneRecord extends ResourceRecord {
  readonly place?: ZonePlace;
}

export interface ZoneFileOptions {
  /** What relative names are below until $ORIGIN says otherwise. */
  readonly origin: DomainName;
  /** Seconds, for records before any $TTL and any TTL of their own. */
  readonly defaultTtl?: number;
  /** Finds what `$INCLUDE path` in the file `from` names; the fault is a sentence. Without it, $INCLUDE is a fault. */
  readonly include?: (path: string, from: string) => Result<ZoneFileSource>;
  /** Records that all $GENERATE directives together may make; default 1,000,000. */
  readonly mostGenerated?: number;
}

export interface ZoneFile {
  /** In the order of the file, included files in their place. Duplicates are kept. */
  readonly records: readonly ZoneRecord[];
}

/** After so many faults the rest of the file is not read. */
export const mostZoneFileFaults = 50;
const deepestInclude = 10;
const mostIncludes = 1000;
/** Some editors put it before the text. */
const byteOrderMark: readonly number[] = [0xef, 0xbb, 0xbf];

/**
 * Reads a zone file and what it includes, and gives each record to `sink` in the order of the file. Says nothing about whether the
 * records make a zone: the builder does. Where there are faults, what the sink was given is to be thrown away. They come in the
 * order they were found, at least one and at most {@link mostZoneFileFaults}.
 */
export function readZoneFile(
  source: ZoneFileSource,
  options: ZoneFileOptions,
  sink: RecordSink,
): Result<readonly ReadFile[], readonly ZoneFileFault[]> {
  const run: Run = {
    options,
    sink,
    record: new RecordScratch(),
    files: [],
    faults: [],
    includes: 0,
    generated: 0,
  };
  new FileParser(run, source, 0, options.origin, undefined).parse();
  return run.faults.length > 0 ? fault(run.faults) : ok(run.files);
}

/** As `readZoneFile`, with an object for each record: for small files. */
export function parseZoneFile(
  source: ZoneFileSource,
  options: ZoneFileOptions,
): Result<ZoneFile, readonly ZoneFileFault[]> {
  const drafts: (ResourceRecord & { readonly file: number; readonly line: number; readonly at: number })[] =
    [];
  const read = readZoneFile(source, options, {
    add: ({ owner, ownerLength, type, class: recordClass, ttl, rdata, rdataLength, file, line, at }) =>
      drafts.push({
        owner: DomainName.unchecked(owner.slice(0, ownerLength)),
        type,
        class: recordClass,
        ttl,
        rdata: rdata.slice(0, rdataLength),
        file,
        line,
        at,
      }),
  });
  if (!read.ok) return read;
  const records = drafts.map(({ file, line, at, ...record }): ZoneRecord => {
    const from = read.value[file];
    return from === undefined ? record : { ...record, place: placeInFile(from, line, at) };
  });
  return ok({ records });
}

/** What all files of one run share. */
interface Run {
  readonly options: ZoneFileOptions;
  readonly sink: RecordSink;
  readonly record: RecordScratch;
  readonly files: ReadFile[];
  readonly faults: ZoneFileFault[];
  includes: number;
  generated: number;
}

class FileParser {
  readonly #run: Run;
  readonly #file: ReadFile;
  readonly #index: number;
  readonly #depth: number;
  readonly #lexer: ZoneLexer;
  /** Has the TTLs that count where a record has none. */
  readonly #plain: PlainRecordReader;
  #origin: DomainName;
  /**
   * Whether `run.record` has the owner that a line without one means; `wrong` after an owner that is no name: the lines below without
   * one are then nobody's.
   */
  #owner: 'known' | 'unknown' | 'wrong' = 'unknown';
  /** Whether the owner may be another than that of the record that was added last, though no line names one. */
  #ownerUnsure = true;

  constructor(
    run: Run,
    source: ZoneFileSource,
    depth: number,
    origin: DomainName,
    includedFrom: FileParser | undefined,
  ) {
    this.#run = run;
    const bytes = typeof source.text === 'string' ? utf8ToBytes(source.text) : source.text;
    this.#file = { name: source.name, bytes };
    this.#index = run.files.push(this.#file) - 1;
    this.#depth = depth;
    this.#lexer = new ZoneLexer(bytes);
    this.#plain = new PlainRecordReader(bytes, run.record);
    this.#origin = origin;
    this.#plain.origin = origin.wire;
    this.#plain.defaultTtl = run.options.defaultTtl ?? -1;
    if (includedFrom === undefined) return;
    this.#owner = includedFrom.#owner;
    this.#plain.defaultTtl = includedFrom.#plain.defaultTtl;
    this.#plain.statedTtl = includedFrom.#plain.statedTtl;
  }

  parse(): void {
    const { bytes } = this.#file;
    let [at, line] = [startsWithMark(bytes) ? byteOrderMark.length : 0, 1];
    while (at < bytes.length) {
      const plain = this.#plain.read(at, this.#owner === 'known');
      if (plain === 'declined') {
        this.#lexer.moveTo(at, line);
        const more = this.#slowEntry();
        if (!more || this.#run.faults.length >= mostZoneFileFaults) return;
        [at, line] = [this.#lexer.at, this.#lexer.line];
        continue;
      }
      if (plain === 'record') {
        this.#owner = 'known';
        this.#add(line, this.#run.record.at);
      }
      at = this.#plain.at;
      line += 1;
    }
  }

  /** Reads an entry of any kind; gives whether there was one. */
  #slowEntry(): boolean {
    const entry = this.#lexer.next();
    if (entry === undefined) return false;
    if (!entry.ok) {
      this.#reportAt(entry.fault.line, entry.fault.at, entry.fault.length, entry.fault.message);
      return true;
    }
    const wrong = this.#entry(entry.value);
    if (wrong !== undefined) this.#report(entry.value, wrong);
    return true;
  }

  /** Gives the record in `run.record` to the sink. */
  #add(line: number, at: number): void {
    const { record, sink } = this.#run;
    if (this.#ownerUnsure) record.sameOwner = false;
    this.#ownerUnsure = false;
    record.file = this.#index;
    record.line = line;
    record.at = at;
    sink.add(record);
  }

  #entry(entry: ZoneEntry): EntryFault | undefined {
    const [first] = entry.tokens;
    if (first === undefined || entry.ownerOmitted || first.quoted || !first.text.startsWith('$'))
      return this.#recordEntry(entry);
    switch (first.text.toUpperCase()) {
      case '$ORIGIN':
        return this.#originDirective(entry);
      case '$TTL':
        return this.#ttlDirective(entry);
      case '$INCLUDE':
        return this.#includeDirective(entry);
      case '$GENERATE':
        return this.#generateDirective(entry);
      default:
        return {
          token: first,
          message: `${first.text} is not a directive: there are $ORIGIN, $TTL, $INCLUDE and $GENERATE`,
        };
    }
  }

  #originDirective({ tokens }: ZoneEntry): EntryFault | undefined {
    const name = this.#name(tokens[1], 'the new origin');
    if (!name.ok) return name.fault;
    this.#origin = name.value;
    this.#plain.origin = name.value.wire;
    return surplus(tokens, 2);
  }

  #ttlDirective({ tokens }: ZoneEntry): EntryFault | undefined {
    const seconds = readTtl(tokens[1]);
    if (!seconds.ok) return seconds.fault;
    this.#plain.defaultTtl = seconds.value;
    return surplus(tokens, 2);
  }

  /** `$INCLUDE path [origin]`: origin and owner are those of before once the file ends (RFC 1035 §5.1). */
  #includeDirective({ tokens }: ZoneEntry): EntryFault | undefined {
    const [directive, path] = tokens;
    if (path === undefined) return { token: undefined, message: 'the path of the file is missing' };
    const origin = tokens[2] === undefined ? ok(this.#origin) : this.#name(tokens[2], 'the origin');
    if (!origin.ok) return origin.fault;
    const rest = surplus(tokens, 3);
    if (rest !== undefined) return rest;
    const { include } = this.#run.options;
    if (include === undefined) return { token: directive, message: '$INCLUDE is not allowed here' };
    if (this.#depth === deepestInclude)
      return { token: directive, message: `files include each other more than ${deepestInclude} deep` };
    if (++this.#run.includes > mostIncludes)
      return { token: directive, message: `more than ${mostIncludes} files are included` };
    const source = include(path.text.replaceAll(/\\([^])/g, '$1'), this.#file.name);
    if (!source.ok) return { token: path, message: source.fault };
    const { record } = this.#run;
    const owner = record.owner.slice(0, record.ownerLength);
    new FileParser(this.#run, source.value, this.#depth + 1, origin.value, this).parse();
    record.setOwner(owner);
    this.#ownerUnsure = true;
    return undefined;
  }

  #generateDirective({ tokens }: ZoneEntry): EntryFault | undefined {
    const [, rangeToken, owner] = tokens;
    if (rangeToken === undefined) return { token: undefined, message: 'the range is missing' };
    const range = parseGenerateRange(rangeToken.text);
    if (!range.ok) return { token: rangeToken, message: range.fault };
    if (owner === undefined) return { token: undefined, message: 'the owner is missing' };
    const head = readRecordHead(tokens, 3);
    if (!head.ok) return head.fault;
    const { start, stop, step } = range.value;
    this.#run.generated += Math.floor((stop - start) / step) + 1;
    const most = this.#run.options.mostGenerated ?? 1_000_000;
    if (this.#run.generated > most)
      return { token: rangeToken, message: `more than ${most} records are generated in all` };
    const templates: { readonly token: ZoneToken; readonly fill: (counter: number) => Result<string> }[] = [];
    for (const token of tokens) {
      const template = parseGenerateTemplate(token.text);
      if (!template.ok) return { token, message: template.fault };
      templates.push({ token, fill: (counter) => fillGenerateTemplate(template.value, counter) });
    }
    for (let counter = start; counter <= stop; counter += step) {
      const filled: ZoneToken[] = [];
      for (const [index, { token, fill }] of templates.entries()) {
        const text = index === 2 || index >= head.value.data ? fill(counter) : ok(token.text);
        if (!text.ok) return { token, message: text.fault };
        filled.push({ ...token, text: text.value });
      }
      const wrong = this.#generated(filled, head.value);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  /** One record of a $GENERATE: its data is one quoted word that holds all of it, or words as in any record. */
  #generated(tokens: readonly ZoneToken[], head: RecordHead): EntryFault | undefined {
    const owner = this.#name(tokens[2], 'the owner');
    if (!owner.ok) return owner.fault;
    const start = tokens[2];
    const data = this.#generatedData(tokens.slice(head.data));
    if (!data.ok) return data.fault;
    const { record } = this.#run;
    // $GENERATE is no line of its own to those that leave the owner out.
    const before = record.owner.slice(0, record.ownerLength);
    record.setOwner(owner.value.wire);
    const wrong = this.#data(head, data.value, start);
    if (wrong === undefined) this.#add(start?.line ?? 1, start?.at ?? 0);
    record.setOwner(before);
    this.#ownerUnsure = true;
    return wrong;
  }

  #generatedData(data: readonly ZoneToken[]): Result<readonly ZoneToken[], EntryFault> {
    const [only] = data;
    if (data.length !== 1 || only === undefined || !only.quoted) return ok(data);
    const inner = new ZoneLexer(utf8ToBytes(only.text)).next();
    if (inner === undefined) return fault({ token: only, message: 'the data is empty' });
    if (!inner.ok) return fault({ token: only, message: inner.fault.message });
    const { at, line, length } = only;
    return ok(inner.value.tokens.map((token) => ({ ...token, at, line, length })));
  }

  #recordEntry(entry: ZoneEntry): EntryFault | undefined {
    const [first] = entry.tokens;
    const { record } = this.#run;
    if (entry.ownerOmitted) {
      record.sameOwner = true;
    } else {
      const owner = this.#name(first, 'the owner');
      this.#owner = owner.ok ? 'known' : 'wrong';
      if (!owner.ok) return owner.fault;
      record.setOwner(owner.value.wire);
    }
    // Until the record is added.
    const unsure = this.#ownerUnsure;
    this.#ownerUnsure = true;
    const head = readRecordHead(entry.tokens, entry.ownerOmitted ? 0 : 1);
    if (!head.ok) return head.fault;
    if (this.#owner === 'unknown')
      return { token: first, message: 'this line begins with white space, but there is no owner before it' };
    // Reported once, where it stands.
    if (this.#owner === 'wrong') return undefined;
    const wrong = this.#data(head.value, entry.tokens.slice(head.value.data), first);
    if (wrong !== undefined) return wrong;
    this.#ownerUnsure = unsure;
    this.#add(first?.line ?? 1, first?.at ?? 0);
    return undefined;
  }

  /** Puts the rest of a record into `run.record`. `start` is shown where the TTL is missing. */
  #data(head: RecordHead, data: readonly ZoneToken[], start: ZoneToken | undefined): EntryFault | undefined {
    const rdata = parseRdata(head.type, data, this.#origin);
    if (!rdata.ok) return { token: data[rdata.fault.token], message: rdata.fault.message };
    if (head.ttl !== undefined) this.#plain.statedTtl = head.ttl;
    const ttl = head.ttl ?? this.#omittedTtl(head.type, rdata.value);
    if (ttl === undefined)
      return { token: start, message: 'no TTL: there is none here, no $TTL above, and no TTL before' };
    this.#run.record.setData({ type: head.type, class: head.class, ttl, rdata: rdata.value });
    return undefined;
  }

  /** RFC 2308 §4: $TTL; before it RFC 1035 §5.1's last stated one; a SOA without either takes its own minimum. */
  #omittedTtl(type: number, rdata: Uint8Array): number | undefined {
    const { defaultTtl, statedTtl } = this.#plain;
    if (defaultTtl !== -1) return defaultTtl;
    if (statedTtl !== -1) return statedTtl;
    if (type !== rrType.SOA) return undefined;
    const minimum = new DataView(rdata.buffer, rdata.byteOffset, rdata.byteLength).getUint32(
      rdata.length - 4,
    );
    this.#plain.statedTtl = Math.min(minimum, maxTtl);
    return this.#plain.statedTtl;
  }

  #name(token: ZoneToken | undefined, what: string): Result<DomainName, EntryFault> {
    if (token === undefined) return fault({ token, message: `${what} is missing` });
    if (token.quoted) return fault({ token, message: `${what} is a name, which takes no quotes` });
    if (token.text === '@') return ok(this.#origin);
    if (/[^\x00-\x7f]/.test(token.text)) return fault({ token, message: `write ${what} in its xn-- form` });
    const name = parseName(token.text, this.#origin);
    return name.ok ? name : fault({ token, message: name.fault });
  }

  #report(entry: ZoneEntry, { token, message }: EntryFault): void {
    if (token !== undefined) {
      this.#reportAt(token.line, token.at, token.length, message);
      return;
    }
    const last = entry.tokens.at(-1);
    this.#reportAt(last?.line ?? 1, (last?.at ?? 0) + (last?.length ?? 0), 1, message);
  }

  #reportAt(line: number, at: number, length: number, message: string): void {
    if (this.#run.faults.length >= mostZoneFileFaults) return;
    this.#run.faults.push(faultInFile(this.#file, line, at, length, message));
  }
}

function startsWithMark(bytes: Uint8Array): boolean {
  return byteOrderMark.every((octet, index) => bytes[index] === octet);
}

function surplus(tokens: readonly ZoneToken[], expected: number): EntryFault | undefined {
  const extra = tokens[expected];
  return extra === undefined ? undefined : { token: extra, message: 'nothing may follow here' };
}
