// SVCB and HTTPS: how to reach a service (RFC 9460).
import type { DomainName } from '../name.ts';
import type { WireReader } from '../reader.ts';
import { rrType } from '../rr-type.ts';
import { nameless } from './field.ts';
import { defineWhole } from './record-type.ts';
import type { RecordType } from './record-type.ts';
import {
  checkConsistency,
  checkSvcParam,
  formatSvcParam,
  formatSvcParamKey,
  parseSvcParamKey,
  parseSvcParamValue,
} from './svc-param.ts';
import type { SvcParam } from './svc-param.ts';
import type { TokenReader } from './token-reader.ts';

export interface SvcbData {
  /** 0: the owner is an alias of the target (AliasMode); others: the lowest is tried first (ServiceMode). */
  readonly priority: number;
  /** `.` in ServiceMode is the owner itself, in AliasMode "not offered" (RFC 9460 §2.5). */
  readonly target: DomainName;
  /** By increasing key, each once. */
  readonly params: readonly SvcParam[];
}

export const svcb: RecordType<SvcbData> = defineSvcb(rrType.SVCB, 'SVCB');

/** RFC 9460 §9 */
export const https: RecordType<SvcbData> = defineSvcb(rrType.HTTPS, 'HTTPS');

function defineSvcb(code: number, mnemonic: string): RecordType<SvcbData> {
  return defineWhole<SvcbData>(
    code,
    mnemonic,
    nameless({
      read,
      skip,
      write: (writer, { priority, target, params }) => {
        writer.u16(priority);
        writer.name(target, 'plain');
        for (const { key, value } of params) {
          writer.u16(key);
          writer.u16(value.length);
          writer.put(value);
        }
      },
      parse: (tokens) => {
        const priority = tokens.integer('priority', 0xffff);
        const target = tokens.name('target');
        const params = parseParams(tokens);
        const wrong = priority === 0 ? undefined : checkConsistency(params);
        if (wrong !== undefined) tokens.fail(wrong);
        return { priority, target, params };
      },
      format: ({ priority, target, params }) => [priority, target, ...params.map(formatSvcParam)].join(' '),
    }),
  );
}

/**
 * RFC 9460 §2.2: keys in strictly increasing order. Whether values have the form of their key is for those who use the record to
 * judge, and reading it does: servers that only carry it would otherwise refuse a whole message for it.
 */
function skip(reader: WireReader): void {
  reader.skip(2);
  reader.skipName();
  for (let last = -1; reader.remaining > 0;) {
    const key = reader.u16();
    reader.skip(reader.u16());
    if (key <= last) reader.fail('parameters that are not in increasing order');
    last = key;
  }
}

/** Also checks the values, each by itself and with the others. */
function read(reader: WireReader): SvcbData {
  const priority = reader.u16();
  const target = reader.name();
  const params: SvcParam[] = [];
  for (let last = -1; reader.remaining > 0;) {
    const param: SvcParam = { key: reader.u16(), value: reader.take(reader.u16()) };
    if (reader.fault !== undefined) break;
    if (param.key <= last) reader.fail('parameters that are not in increasing order');
    const wrong = checkSvcParam(param);
    if (wrong !== undefined) reader.fail(wrong);
    params.push(param);
    last = param.key;
  }
  // RFC 9460 §2.4.2: in AliasMode parameters are ignored.
  const wrong = priority === 0 || reader.fault !== undefined ? undefined : checkConsistency(params);
  if (wrong !== undefined) reader.fail(wrong);
  return { priority, target, params };
}

/** `key=value`, `key="value"` or `key`, in any order (RFC 9460 §2.1). */
function parseParams(tokens: TokenReader): readonly SvcParam[] {
  const params = new Map<number, SvcParam>();
  while (tokens.remaining > 0) {
    const word = tokens.word('parameter');
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const key = parseSvcParamKey(name);
    if (key === undefined) {
      tokens.fail(`'${name}' is not a parameter; one that has no name yet is written key and its number`);
      break;
    }
    const value = parseSvcParamValue(key, tokens.unescape(unquoted(word, equals, tokens)));
    if (!(value instanceof Uint8Array)) tokens.fail(value.wrong);
    else if (value.length > 0xffff) tokens.fail(`'${name}' has more than 65535 octets`);
    else if (params.has(key)) tokens.fail(`'${formatSvcParamKey(key)}' stands twice`);
    else params.set(key, { key, value });
  }
  return [...params.values()].sort((a, b) => a.key - b.key);
}

/** What stands after the `=`, without the quotes around it. */
function unquoted(word: string, equals: number, tokens: TokenReader): string {
  if (equals < 0) return '';
  const value = word.slice(equals + 1);
  const next = tokens.peek();
  // A lexer may give the quoted value as a word of its own.
  if (value === '' && next?.quoted === true) return tokens.word('value');
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
