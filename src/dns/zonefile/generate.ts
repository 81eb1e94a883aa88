// BIND's `$GENERATE range lhs [ttl] [class] type rhs`: a record for each number of a range, with `$` in its owner and data
// replaced by the number. No RFC has it; https://bind9.readthedocs.io (chapter "The BIND Master File Extension") does.
import { fault, ok, unreachable } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';

/** Records that one directive may make. */
export const mostGenerated = 65536;

export interface GenerateRange {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
}

/** Reads `start-stop` or `start-stop/step`. */
export function parseGenerateRange(text: string): Result<GenerateRange> {
  const match = /^(\d{1,10})-(\d{1,10})(?:\/(\d{1,10}))?$/.exec(text);
  if (match === null) return fault(`'${text}' is not a range like 1-254 or 0-100/10`);
  const [start, stop, step] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 1)];
  if (start > 0x7fff_ffff || stop > 0x7fff_ffff) return fault('a range ends at 2147483647 at most');
  if (start > stop) return fault(`the range begins at ${start}, after its end`);
  if (step === 0) return fault('a step of 0 would never end');
  if (Math.floor((stop - start) / step) >= mostGenerated)
    return fault(`a range of more than ${mostGenerated} numbers`);
  return ok({ start, stop, step });
}

/** A piece of a template: text as it stands, or the place of a number. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'number';
      readonly offset: number;
      readonly width: number;
      readonly base: NumberBase;
    };

type NumberBase = 'd' | 'o' | 'x' | 'X' | 'n' | 'N';

export interface GenerateTemplate {
  readonly pieces: readonly Piece[];
}

/** Reads a template: `$`, `${offset[,width[,base]]}`, and `\$` or `$$` for a dollar sign itself. */
export function parseGenerateTemplate(text: string): Result<GenerateTemplate> {
  const pieces: Piece[] = [];
  for (const [found] of text.matchAll(/\\[^]|\$\$|\$\{[^}]*\}|\$\{|\$|[^\\$]+|\\/g)) {
    if (found === '$') {
      pieces.push({ kind: 'number', offset: 0, width: 0, base: 'd' });
    } else if (found === '\\$' || found === '$$') {
      // The dollar sign means nothing to the record's own parser, so it needs no escape there.
      pieces.push({ kind: 'text', text: '$' });
    } else if (found.startsWith('${')) {
      const match = /^\$\{([+-]?\d{1,10})(?:,(\d{1,3})(?:,([doxXnN]))?)?\}$/.exec(found);
      if (match === null)
        return fault(`'${found}' is not like \${offset,width,base}; a base is d, o, x, X, n or N`);
      const width = Number(match[2] ?? 0);
      if (width > 255) return fault('a width is 255 at most');
      pieces.push({ kind: 'number', offset: Number(match[1]), width, base: numberBase(match[3]) });
    } else {
      pieces.push({ kind: 'text', text: found });
    }
  }
  return ok({ pieces });
}

const bases: readonly NumberBase[] = ['d', 'o', 'x', 'X', 'n', 'N'];

function numberBase(text: string | undefined): NumberBase {
  return bases.find((base) => base === text) ?? 'd';
}

/** The template with its numbers; the fault is a number below zero. */
export function fillGenerateTemplate(template: GenerateTemplate, counter: number): Result<string> {
  let text = '';
  for (const piece of template.pieces) {
    if (piece.kind === 'text') {
      text += piece.text;
      continue;
    }
    const value = counter + piece.offset;
    if (value < 0) return fault(`the offset makes ${value} of ${counter}, which is below zero`);
    text += formatNumber(value, piece.width, piece.base);
  }
  return ok(text);
}

function formatNumber(value: number, width: number, base: NumberBase): string {
  switch (base) {
    case 'd':
      return String(value).padStart(width, '0');
    case 'o':
      return value.toString(8).padStart(width, '0');
    case 'x':
      return value.toString(16).padStart(width, '0');
    case 'X':
      return value.toString(16).toUpperCase().padStart(width, '0');
    case 'n':
      return nibbles(value, width);
    case 'N':
      return nibbles(value, width).toUpperCase();
    default:
      return unreachable(base);
  }
}

/** Hexadecimal digits, the least significant first, with dots between: for ip6.arpa. The width counts the dots too. */
function nibbles(value: number, width: number): string {
  const digits = value.toString(16).padStart(Math.ceil(width / 2), '0');
  return digits.split('').reverse().join('.');
}
