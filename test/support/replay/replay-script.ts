// Reads published resolver scenarios (Unbound's `.rpl` form): a configuration, upstream servers that answer by script, and the steps
// of clients and of time. Told of in the README beside the scenarios. Throws on what isn't in that form: the files are test data.
import assert from 'node:assert/strict';
import { rrClass } from '../../../src/dns/wire/codes.ts';
import type { Question } from '../../../src/dns/wire/message.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import type { EdnsOption } from '../../../src/dns/wire/rdata/opt.ts';
import type { ResourceRecord } from '../../../src/dns/wire/record.ts';
import { parseType } from '../../../src/dns/wire/rr-type.ts';
import { hexToBytes } from '../../../src/lib/bytes.ts';
import { readReplayConfig } from './replay-config.ts';
import type { ReplayConfig } from './replay-config.ts';
import { records } from '../simulated-internet.ts';

/** A message with what of it is looked at (`match`), and what a reply takes from its query (`adjust`). */
export interface ReplayEntry {
  readonly match: readonly string[];
  readonly adjust: readonly string[];
  /** Header flags, DO and the response code, as words. */
  readonly flags: readonly string[];
  readonly question: Question | undefined;
  /** The EDNS options, where the entry speaks of EDNS data. */
  readonly options: readonly EdnsOption[] | undefined;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

/** What the servers at these addresses answer while the steps `from` to `to` are played. */
export interface ReplayRange {
  readonly from: number;
  readonly to: number;
  readonly addresses: readonly string[];
  readonly entries: readonly ReplayEntry[];
}

interface Place {
  readonly number: number;
  /** In the file, from 1. */
  readonly line: number;
}

export type ReplayStep = Place &
  (
    | { readonly kind: 'query' | 'check' | 'reply'; readonly entry: ReplayEntry }
    | { readonly kind: 'time'; readonly seconds: number }
  );
export type CheckStep = Extract<ReplayStep, { readonly entry: ReplayEntry }>;

export interface Replay {
  readonly config: ReplayConfig;
  readonly title: string;
  readonly ranges: readonly ReplayRange[];
  readonly steps: readonly ReplayStep[];
}

const stepKinds: Readonly<Record<string, 'query' | 'check' | 'reply'>> = {
  QUERY: 'query',
  CHECK_ANSWER: 'check',
  REPLY: 'reply',
};

/** Throws where the text is no replay. */
export function readReplay(text: string): Replay {
  const [config, script] = text.split(/^CONFIG_END.*$/m, 2);
  assert.ok(config !== undefined && script !== undefined, 'no CONFIG_END');
  return {
    config: readReplayConfig(config),
    ...new ScriptReader(script, config.split('\n').length - 1).read(),
  };
}

class ScriptReader {
  readonly #lines: readonly string[];
  /** Lines of the file before the script. */
  readonly #offset: number;
  #at = 0;

  constructor(text: string, offset: number) {
    this.#lines = text.split('\n').map(withoutComment);
    this.#offset = offset;
  }

  read(): Omit<Replay, 'config'> {
    const ranges: ReplayRange[] = [];
    const steps: ReplayStep[] = [];
    let title = '';
    for (let words = this.#next(); words !== undefined; words = this.#next()) {
      const [first, ...rest] = words;
      if (first === 'SCENARIO_BEGIN') title = rest.join(' ');
      else if (first === 'RANGE_BEGIN') ranges.push(this.#range(Number(rest[0]), Number(rest[1])));
      else if (first === 'STEP') steps.push(this.#step(words));
      else if (first === 'SCENARIO_END') return { title, ranges, steps };
      else throw this.#fault(`nothing begins with '${first}'`);
    }
    throw this.#fault('no SCENARIO_END');
  }

  #fault(reason: string): Error {
    return new Error(`line ${this.#offset + this.#at}: ${reason}`);
  }

  /** The words of the next line that has any. */
  #next(): readonly string[] | undefined {
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at++] ?? '';
      if (line !== '') return line.split(/\s+/);
    }
    return undefined;
  }

  #step(words: readonly string[]): ReplayStep {
    const [, number, name = ''] = words;
    const place = { number: Number(number), line: this.#offset + this.#at };
    if (name === 'TIME_PASSES') return { ...place, kind: 'time', seconds: Number(words.at(-1)) };
    const kind = stepKinds[name];
    if (kind === undefined) throw this.#fault(`no step is called '${name}'`);
    if (this.#next()?.[0] !== 'ENTRY_BEGIN') throw this.#fault('a step without its entry');
    return { ...place, kind, entry: this.#entry() };
  }

  #range(from: number, to: number): ReplayRange {
    const addresses: string[] = [];
    const entries: ReplayEntry[] = [];
    for (let words = this.#next(); words !== undefined; words = this.#next()) {
      const [first, second = ''] = words;
      if (first === 'RANGE_END') return { from, to, addresses, entries };
      if (first === 'ADDRESS') addresses.push(second);
      else if (first === 'ENTRY_BEGIN') entries.push(this.#entry());
      else throw this.#fault(`nothing in a range begins with '${first}'`);
    }
    throw this.#fault('no RANGE_END');
  }

  #entry(): ReplayEntry {
    const lists = { MATCH: [] as string[], ADJUST: [] as string[], REPLY: [] as string[] };
    const sections = {
      ANSWER: [] as ResourceRecord[],
      AUTHORITY: [] as ResourceRecord[],
      ADDITIONAL: [] as ResourceRecord[],
    };
    let question: Question | undefined;
    let options: readonly EdnsOption[] | undefined;
    let section = '';
    for (let words = this.#next(); words !== undefined; words = this.#next()) {
      const [first = '', second = ''] = words;
      if (first === 'ENTRY_END') {
        const { MATCH: match, ADJUST: adjust, REPLY: flags } = lists;
        const { ANSWER: answers, AUTHORITY: authorities, ADDITIONAL: additionals } = sections;
        return { match, adjust, flags, question, options, answers, authorities, additionals };
      }
      if (first === 'HEX_EDNSDATA_BEGIN') options = this.#ednsData();
      else if (first === 'MATCH' || first === 'ADJUST' || first === 'REPLY')
        lists[first].push(...words.slice(1));
      else if (first === 'SECTION') section = second;
      else if (section === 'QUESTION') question = questionIn(words);
      else if (section === 'ANSWER' || section === 'AUTHORITY' || section === 'ADDITIONAL')
        sections[section].push(...this.#record(words.join(' ')));
      else throw this.#fault(`nothing in an entry begins with '${first}'`);
    }
    throw this.#fault('no ENTRY_END');
  }

  #record(line: string): readonly ResourceRecord[] {
    const whole = withWholeSignature(line);
    try {
      return [unchecked(whole) ?? records('.', whole)].flat();
    } catch (error) {
      throw this.#fault(`'${line}': ${String(error)}`);
    }
  }

  #ednsData(): readonly EdnsOption[] {
    let hex = '';
    for (let words = this.#next(); words !== undefined; words = this.#next()) {
      if (words[0] === 'HEX_EDNSDATA_END') return optionsIn(hexToBytes(hex) ?? new Uint8Array());
      hex += words.join('');
    }
    throw this.#fault('no HEX_EDNSDATA_END');
  }
}

/** A comment begins with a semicolon at the beginning of a line or behind a space. */
function withoutComment(line: string): string {
  return line.replace(/(^|\s);.*$/, '').trim();
}

/** `www.example.com. IN A`; names are absolute, with their last dot or without. */
function questionIn(words: readonly string[]): Question {
  const [name = ''] = words;
  const type = parseType(words.at(-1) ?? '');
  assert.ok(type !== undefined, `no type in '${words.join(' ')}'`);
  return {
    name: domainName(name.endsWith('.') ? name : `${name}.`),
    type,
    class: words.includes('CH') ? 3 : 1,
  };
}

/** An RRSIG with its base64 filled up, and one octet for a signature that was cut away by hand. */
function withWholeSignature(line: string): string {
  const parts = /^(.*\sRRSIG(?:\s+\S+){8})(.*)$/i.exec(line.replaceAll(/[()]/g, ' '));
  if (parts === null) return line;
  const signature = (parts[2] ?? '').replaceAll(/\s/g, '');
  return `${parts[1]} ${signature === '' ? 'AA==' : signature.padEnd(Math.ceil(signature.length / 4) * 4, '=')}`;
}

/**
 * Records with data that no zone file may have, but a server's answer: octets that are no data of their type, a DS record with a digest of
 * a wrong length.
 */
function unchecked(line: string): ResourceRecord | undefined {
  const [start = '', hex] = line.split(/\s\\#\s+\d+\s+/);
  const ds = /\sDS\s+(\d+)\s+(\d+)\s+(\d+)\s+([0-9a-f\s]+)$/i.exec(line)?.slice(1);
  const [owner = '', ...rest] = start.split(/\s+/);
  let rdata: Uint8Array | undefined;
  if (hex !== undefined) rdata = hexToBytes(hex.replaceAll(/\s/g, ''));
  else if (ds !== undefined) {
    const [keyTag = 0, algorithm = 0, digestType = 0] = ds.map(Number);
    const digest = hexToBytes((ds[3] ?? '').replaceAll(/\s/g, '')) ?? [];
    rdata = Uint8Array.of(keyTag >>> 8, keyTag, algorithm, digestType, ...digest);
  }
  const type = parseType(ds === undefined ? (rest.at(-1) ?? '') : 'DS');
  if (rdata === undefined || type === undefined) return undefined;
  const ttl = Number(/^\d+$/.test(rest[0] ?? '') ? rest[0] : 3600);
  return { owner: domainName(owner), type, class: rrClass.IN, ttl, rdata };
}

/** EDNS options as they stand in an OPT record (RFC 6891 §6.1.2). */
function optionsIn(bytes: Uint8Array): readonly EdnsOption[] {
  const options: EdnsOption[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint16(at + 2);
    options.push({ code: view.getUint16(at), bytes: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return options;
}
