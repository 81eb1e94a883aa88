// TTLs in zone files: seconds, or BIND's units as in `1w2d3h` (RFC 2308 §4 names the directive, RFC 2181 §8 the range).
import { parseDuration } from '../wire/duration.ts';

/** Seconds of each unit, largest first. */
const units: readonly (readonly [letter: string, seconds: number])[] = [
  ['w', 604800],
  ['d', 86400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];

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

/** For people: `3600` as `1h`, `90000` as `1d1h`. */
export function formatTtl(seconds: number): string {
  if (seconds === 0) return '0';
  let text = '';
  let rest = seconds;
  for (const [letter, unit] of units) {
    const count = Math.floor(rest / unit);
    if (count > 0) text += `${count}${letter}`;
    rest %= unit;
  }
  return text;
}
