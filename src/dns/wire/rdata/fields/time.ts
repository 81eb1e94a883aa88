// Signature times (RFC 4034 §3.2): seconds since 1970 modulo 2^32, in the text form `YYYYMMDDHHmmSS` or a number.
import { nameless } from '../field.ts';
import type { Field } from '../field.ts';
import { u32 } from './number.ts';

/** Seconds, compared by serial number arithmetic (RFC 4034 §3.1.5). */
export const signatureTime: Field<number> = nameless({
  ...u32,
  parse: (tokens, what) => {
    const text = tokens.peek()?.text ?? '';
    const date = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
    if (date === null) return u32.parse(tokens, what);
    tokens.word(what);
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = date.slice(1).map(Number);
    const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
    // Date.UTC carries what is too large over into the next unit; what comes back must be what was written.
    if (formatTime(seconds) !== text) tokens.fail(`the ${what} '${text}' is no date from 1970 to 2106`);
    return seconds >>> 0;
  },
  format: formatTime,
});

function formatTime(seconds: number): string {
  return new Date((seconds >>> 0) * 1000).toISOString().replaceAll(/\.\d{3}Z|\D/g, '');
}
