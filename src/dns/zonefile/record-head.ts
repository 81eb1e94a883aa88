// What stands between a record's owner and its data: `[TTL] [class] type` or `[class] [TTL] type` (RFC 1035 §5.1).
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { parseClass, rrClass } from '../wire/codes.ts';
import { parseType } from '../wire/rdata/registry.ts';
import { rrType } from '../wire/rr-type.ts';
import { looksLikeTtl, maxTtl, parseTtl } from './ttl.ts';
import type { ZoneToken } from './zone-lexer.ts';

export interface RecordHead {
  readonly class: number;
  /** Seconds; `undefined` where it is left out. */
  readonly ttl: number | undefined;
  readonly type: number;
  /** Index of the first token of the data. */
  readonly data: number;
}

/** Which word is wrong, and why. Without a token: something is missing at the end of the entry. */
export interface EntryFault {
  readonly token: ZoneToken | undefined;
  readonly message: string;
}

/** Reads the head that begins at token `start`. A class left out is IN. */
export function readRecordHead(tokens: readonly ZoneToken[], start: number): Result<RecordHead, EntryFault> {
  let at = start;
  let ttl: number | undefined;
  let recordClass: number | undefined;
  for (; at < start + 2; at++) {
    const token = tokens[at];
    if (token === undefined || token.quoted) break;
    if (ttl === undefined && looksLikeTtl(token.text)) {
      const read = readTtl(token);
      if (!read.ok) return read;
      ttl = read.value;
      continue;
    }
    const named = parseClass(token.text);
    if (recordClass !== undefined || named === undefined) break;
    // RFC 2136 §2.4, RFC 1035 §3.2.5: these two are for updates and questions.
    if (named === rrClass.NONE || named === rrClass.ANY) return fault({ token, message: notForZones(token) });
    recordClass = named;
  }
  const token = tokens[at];
  if (token === undefined) return fault({ token, message: 'the type of the record is missing' });
  const type = token.quoted ? undefined : parseType(token.text);
  if (type === undefined) return fault({ token, message: `'${token.text}' is not a record type` });
  if (!isDataType(type)) return fault({ token, message: notForZones(token) });
  return ok({ class: recordClass ?? rrClass.IN, ttl, type, data: at + 1 });
}

function notForZones(token: ZoneToken): string {
  return `${token.text} is for questions and updates; no record of a zone has it`;
}

/** RFC 6895 §3.1: OPT and the numbers from 128 to 255 are for questions and messages, 0 is for SIG alone. */
function isDataType(type: number): boolean {
  return type !== 0 && type !== rrType.OPT && (type < 128 || type > 255);
}

export function readTtl(token: ZoneToken | undefined): Result<number, EntryFault> {
  if (token === undefined) return fault({ token, message: 'the TTL is missing' });
  const seconds = token.quoted ? undefined : parseTtl(token.text);
  if (seconds !== undefined) return ok(seconds);
  return fault({
    token,
    message: `'${token.text}' is not a TTL: seconds up to ${maxTtl}, or like 1w2d3h4m5s`,
  });
}
