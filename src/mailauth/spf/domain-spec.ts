// The domain-spec of SPF terms and the macros in it (RFC 7208 §7): read once, expanded for each message.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';

export type MacroLetter = 's' | 'l' | 'o' | 'd' | 'i' | 'p' | 'v' | 'h' | 'c' | 'r' | 't';

export type MacroPart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'macro';
      readonly letter: MacroLetter;
      /** Right-hand parts kept; all where 0. */
      readonly keep: number;
      readonly reverse: boolean;
      readonly delimiters: string;
      /** An upper-case letter: the result is escaped as in URLs. */
      readonly escape: boolean;
    };

export type MacroString = readonly MacroPart[];

// macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
const macroExpand = /%(?:\{([slodiphcrtv])(\d*)(r?)([.\-+,/_=]*)\}|([%_-]))/iy;

/** `explains`: the letters `c`, `r` and `t` are allowed, as in the text that an `exp` points to (§7.2), and blanks. */
export function parseMacroString(text: string, explains: boolean): Result<MacroString> {
  const parts: MacroPart[] = [];
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : 0x25;
    if (code !== 0x25) {
      // macro-literal = %x21-24 / %x26-7E
      if (code > 0x7e || code < (explains ? 0x20 : 0x21))
        return fault('a character that may not stand there');
      continue;
    }
    if (at > from) parts.push({ kind: 'text', text: text.slice(from, at) });
    if (at === text.length) break;
    macroExpand.lastIndex = at;
    const match = macroExpand.exec(text);
    if (match === null) return fault("a '%' that begins no macro");
    const [whole, letter, digits = '', reverse, delimiters, escaped] = match;
    if (letter === undefined) {
      parts.push({ kind: 'text', text: escaped === '_' ? ' ' : escaped === '-' ? '%20' : '%' });
    } else {
      const lower = letter.toLowerCase() as MacroLetter;
      if (!explains && (lower === 'c' || lower === 'r' || lower === 't'))
        return fault(`the macro '${lower}' outside an explanation`);
      // RFC 7208 §7.3: the number of parts must not be zero.
      if (digits !== '' && Number(digits) === 0) return fault('a macro that keeps no part');
      parts.push({
        kind: 'macro',
        letter: lower,
        keep: Math.min(Number(digits), 128),
        reverse: reverse !== '',
        delimiters: delimiters === undefined || delimiters === '' ? '.' : delimiters,
        escape: letter !== lower,
      });
    }
    from = at + whole.length;
    at = from - 1;
  }
  return ok(parts);
}

// domain-end = ( "." toplabel [ "." ] ) / macro-expand
// toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
const topLabel = /\.(?=[^.]*[a-z-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?$/i;

export function parseDomainSpec(text: string): Result<MacroString> {
  const parts = parseMacroString(text, false);
  if (!parts.ok) return parts;
  const last = parts.value.at(-1);
  if (last === undefined) return fault('no domain');
  // A macro-expand is what began with a '%'; an escaped character is one, too.
  if (last.kind === 'macro' || /%[%_-]$/.test(text)) return parts;
  return topLabel.test(last.text) ? parts : fault('a domain that ends in no top-level label');
}

export type MacroValues = (letter: MacroLetter) => Promise<string | undefined>;

/** `undefined` where a value is one that no record may be asked about (RFC 8616 §4). */
export async function expandMacros(parts: MacroString, values: MacroValues): Promise<string | undefined> {
  let text = '';
  for (const part of parts) {
    if (part.kind === 'text') {
      text += part.text;
      continue;
    }
    const value = await values(part.letter);
    if (value === undefined) return undefined;
    text += transform(value, part);
  }
  return text;
}

function transform(value: string, macro: MacroPart & { kind: 'macro' }): string {
  let pieces: string[] = [''];
  for (const character of value) {
    if (macro.delimiters.includes(character)) pieces.push('');
    else pieces[pieces.length - 1] += character;
  }
  if (macro.reverse) pieces.reverse();
  if (macro.keep > 0) pieces = pieces.slice(-macro.keep);
  const joined = pieces.join('.');
  // RFC 7208 §7.3: all but the unreserved characters of RFC 3986.
  return macro.escape
    ? joined.replaceAll(
        /[^A-Za-z0-9._~-]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
      )
    : joined;
}
