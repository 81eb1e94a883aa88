// TTLs in zone files: seconds, or BIND's units as in `1w2d3h` (RFC 2308 §4 names the directive, RFC 2181 §8 the range).
import { parseDuration } from '../wire/duration.ts';

/** RFC 2181 §8. */
export const maxTtl = 0x7fff_ffff;

/** Whether a word can only be a TTL: no record type or class begins with a digit. */
export function looksLikeTtl(text: string): boolean {
  return /^\d/.test(text);
}

/** Seconds, or `undefined` where the text is no TTL or above 2^31 - 1. */
export function parseTtl(text: string): number | undefined {
  const seconds = parseDuration(text);
  return seconds === undefined || seconds > maxTtl ? undefined : seconds;
}
