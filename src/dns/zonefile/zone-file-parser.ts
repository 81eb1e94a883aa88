// Reads zone files (RFC 1035 §5) into records: $ORIGIN, $INCLUDE, $TTL (RFC 2308 §4), BIND's $GENERATE, and any type's data
// in its own form or that of RFC 3597 §5. It goes on after a fault, so that one run tells of all of them.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { parseName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { parseRdata } from '../wire/rdata/registry.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { fillGenerateTemplate, parseGenerateRange, parseGenerateTemplate } from './generate.ts';
import { readRecordHead, readTtl } from './record-head.ts';
import type { EntryFault, RecordHead } from './record-head.ts';
import { maxTtl } from './ttl.ts';
import { ZoneLexer } from './zone-lexer.ts';
import type { ZoneEntry, ZoneToken } from './zone-lexer.ts';
import type { ZoneFileFault, ZonePlace } from './zone-file-fault.ts';

export interface ZoneFileSource {
  /** As faults name it: a path. */
  readonly name: string;
  /** Decoded as UTF-8. */
  readonly text: string;
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

/**
 * Reads a zone file and what it includes. Says nothing about whether the records make a zone: `buildZone` does.
 * The faults come in the order they were found, at least one and at most {@link mostZoneFileFaults}.
 */
export function parseZoneFile(
  source: ZoneFileSource,
  options: ZoneFileOptions,
): Result<ZoneFile, readonly ZoneFileFault[]> {
  const run: Run = { options, records: [], faults: [], includes: 0, generated: 0 };
  new FileParser(run, source, 0, options.origin, undefined).parse();
  return run.faults.length > 0 ? fault(run.faults) : ok({ records: run.records });
}

/** What all files of one run share. */
interface Run {
  readonly options: ZoneFileOptions;
  readonly records: ZoneRecord[];
  readonly faults: ZoneFileFault[];
  includes: number;
  generated: number;
}

class FileParser {
  readonly #run: Run;
  readonly #source: ZoneFileSource;
  readonly #depth: number;
  #origin: DomainName;
  /** `wrong` after an owner that is no name: the lines below without one are then nobody's. */
  #owner: DomainName | 'wrong' | undefined;
  /** From $TTL. */
  #defaultTtl: number | undefined;
  /** The last TTL that a record had of its own (RFC 1035 §5.1: an omitted one is the last stated). */
  #lastTtl: number | undefined;

  constructor(
    run: Run,
    source: ZoneFileSource,
    depth: number,
    origin: DomainName,
    includedFrom: FileParser | undefined,
  ) {
    this.#run = run;
    this.#source = source;
    this.#depth = depth;
    this.#origin = origin;
    if (includedFrom === undefined) return;
    this.#owner = includedFrom.#owner;
    this.#defaultTtl = includedFrom.#defaultTtl;
    this.#lastTtl = includedFrom.#lastTtl;
  }

  parse(): void {
    const lexer = new ZoneLexer(this.#source.text);
    for (let entry = lexer.next(); entry !== undefined; entry = lexer.next()) {
      if (entry.ok) {
        const wrong = this.#entry(entry.value);
        if (wrong !== undefined) this.#report(entry.value, wrong);
      } else {
        this.#reportAt(entry.fault.line, entry.fault.column, entry.fault.length, entry.fault.message);
      }
      if (this.#run.faults.length >= mostZoneFileFaults) return;
    }
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
    return surplus(tokens, 2);
  }

  #ttlDirective({ tokens }: ZoneEntry): EntryFault | undefined {
    const seconds = readTtl(tokens[1]);
    if (!seconds.ok) return seconds.fault;
    this.#defaultTtl = seconds.value;
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
    const source = include(path.text.replaceAll(/\\([^])/g, '$1'), this.#source.name);
    if (!source.ok) return { token: path, message: source.fault };
    new FileParser(this.#run, source.value, this.#depth + 1, origin.value, this).parse();
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
    const data = tokens.slice(head.data);
    const [only] = data;
    if (data.length !== 1 || only === undefined || !only.quoted)
      return this.#record(owner.value, head, data, tokens[2] ?? only);
    const inner = new ZoneLexer(only.text).next();
    if (inner === undefined) return { token: only, message: 'the data is empty' };
    if (!inner.ok) return { token: only, message: inner.fault.message };
    const { line, column, length } = only;
    const words = inner.value.tokens.map((token) => ({ ...token, line, column, length }));
    return this.#record(owner.value, head, words, tokens[2] ?? only);
  }

  #recordEntry(entry: ZoneEntry): EntryFault | undefined {
    const [first] = entry.tokens;
    if (!entry.ownerOmitted) {
      const owner = this.#name(first, 'the owner');
      this.#owner = owner.ok ? owner.value : 'wrong';
      if (!owner.ok) return owner.fault;
    }
    const head = readRecordHead(entry.tokens, entry.ownerOmitted ? 0 : 1);
    if (!head.ok) return head.fault;
    if (this.#owner === undefined)
      return { token: first, message: 'this line begins with white space, but there is no owner before it' };
    // Reported once, where it stands.
    if (this.#owner === 'wrong') return undefined;
    return this.#record(this.#owner, head.value, entry.tokens.slice(head.value.data), first);
  }

  #record(
    owner: DomainName,
    head: RecordHead,
    data: readonly ZoneToken[],
    start: ZoneToken | undefined,
  ): EntryFault | undefined {
    const rdata = parseRdata(head.type, data, this.#origin);
    if (!rdata.ok) return { token: data[rdata.fault.token], message: rdata.fault.message };
    if (head.ttl !== undefined) this.#lastTtl = head.ttl;
    const ttl = head.ttl ?? this.#omittedTtl(head.type, rdata.value);
    if (ttl === undefined)
      return { token: start, message: 'no TTL: there is none here, no $TTL above, and no TTL before' };
    const place = { file: this.#source.name, line: start?.line ?? 1, column: start?.column ?? 1 };
    this.#run.records.push({ owner, type: head.type, class: head.class, ttl, rdata: rdata.value, place });
    return undefined;
  }

  /** RFC 2308 §4: $TTL; before it RFC 1035 §5.1's last stated one; a SOA without either takes its own minimum. */
  #omittedTtl(type: number, rdata: Uint8Array): number | undefined {
    const known = this.#defaultTtl ?? this.#run.options.defaultTtl ?? this.#lastTtl;
    if (known !== undefined || type !== rrType.SOA) return known;
    const minimum = new DataView(rdata.buffer, rdata.byteOffset, rdata.byteLength).getUint32(
      rdata.length - 4,
    );
    this.#lastTtl = Math.min(minimum, maxTtl);
    return this.#lastTtl;
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
      this.#reportAt(token.line, token.column, token.length, message);
      return;
    }
    const last = entry.tokens.at(-1);
    this.#reportAt(last?.line ?? 1, (last?.column ?? 1) + (last?.length ?? 0), 1, message);
  }

  #reportAt(line: number, column: number, length: number, message: string): void {
    if (this.#run.faults.length >= mostZoneFileFaults) return;
    const text = lineOf(this.#source.text, line);
    this.#run.faults.push({ file: this.#source.name, line, column, length, message, text });
  }
}

function surplus(tokens: readonly ZoneToken[], expected: number): EntryFault | undefined {
  const extra = tokens[expected];
  return extra === undefined ? undefined : { token: extra, message: 'nothing may follow here' };
}

/** Line `line` (from 1) without its end. */
export function lineOf(text: string, line: number): string {
  let start = 0;
  for (let i = 1; i < line; i++) {
    const end = text.indexOf('\n', start);
    if (end === -1) return '';
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? text.length : end).replace(/\r$/, '');
}
