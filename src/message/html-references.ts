// Character references of HTML: `&amp;`, `&#8364;`, `&#x20ac;`. The names are those of HTML 4 (its three entity sets), which is what mail
// uses; HTML 5's other two thousand stay as they are written.

/** U+00A0 to U+00FF, in order. */
const latin1Names =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil ' +
  'sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave ' +
  'Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute ' +
  'acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml ' +
  'divide oslash ugrave uacute ucirc uuml yacute thorn yuml';

const otherNames =
  'quot:" amp:& lt:< gt:> apos:\' OElig:Œ oelig:œ Scaron:Š scaron:š Yuml:Ÿ circ:ˆ tilde:˜ ndash:– mdash:— lsquo:‘ rsquo:’ ' +
  'sbquo:‚ ldquo:“ rdquo:” bdquo:„ dagger:† Dagger:‡ permil:‰ lsaquo:‹ rsaquo:› euro:€ fnof:ƒ Alpha:Α Beta:Β Gamma:Γ ' +
  'Delta:Δ Epsilon:Ε Zeta:Ζ Eta:Η Theta:Θ Iota:Ι Kappa:Κ Lambda:Λ Mu:Μ Nu:Ν Xi:Ξ Omicron:Ο Pi:Π Rho:Ρ Sigma:Σ Tau:Τ ' +
  'Upsilon:Υ Phi:Φ Chi:Χ Psi:Ψ Omega:Ω alpha:α beta:β gamma:γ delta:δ epsilon:ε zeta:ζ eta:η theta:θ iota:ι kappa:κ ' +
  'lambda:λ mu:μ nu:ν xi:ξ omicron:ο pi:π rho:ρ sigmaf:ς sigma:σ tau:τ upsilon:υ phi:φ chi:χ psi:ψ omega:ω ' +
  'thetasym:ϑ upsih:ϒ piv:ϖ bull:• hellip:… prime:′ Prime:″ oline:‾ frasl:⁄ weierp:℘ image:ℑ real:ℜ trade:™ ' +
  'alefsym:ℵ larr:← uarr:↑ rarr:→ darr:↓ harr:↔ crarr:↵ lArr:⇐ uArr:⇑ rArr:⇒ dArr:⇓ hArr:⇔ forall:∀ part:∂ exist:∃ ' +
  'empty:∅ nabla:∇ isin:∈ notin:∉ ni:∋ prod:∏ sum:∑ minus:− lowast:∗ radic:√ prop:∝ infin:∞ ang:∠ and:∧ or:∨ cap:∩ ' +
  'cup:∪ int:∫ there4:∴ sim:∼ cong:≅ asymp:≈ ne:≠ equiv:≡ le:≤ ge:≥ sub:⊂ sup:⊃ nsub:⊄ sube:⊆ supe:⊇ oplus:⊕ ' +
  'otimes:⊗ perp:⊥ sdot:⋅ lceil:⌈ rceil:⌉ lfloor:⌊ rfloor:⌋ lang:⟨ rang:⟩ loz:◊ spades:♠ clubs:♣ hearts:♥ diams:♦';

const named: ReadonlyMap<string, string> = new Map([
  ...latin1Names.split(' ').map((name, index) => [name, String.fromCharCode(0xa0 + index)] as const),
  ...otherNames.split(' ').map((each) => [each.slice(0, -2), each.slice(-1)] as const),
  ...[
    ['ensp', 0x2002],
    ['emsp', 0x2003],
    ['thinsp', 0x2009],
    ['zwnj', 0x200c],
    ['zwj', 0x200d],
    ['lrm', 0x200e],
    ['rlm', 0x200f],
  ].map(([name, code]) => [String(name), String.fromCharCode(Number(code))] as const),
]);

const longestName = 8;
const mostDigits = 8;
const windows1252: TextDecoder = new TextDecoder('windows-1252');

/** The reference at the `&` that stands at `at`, and where it ends; `undefined` where there is none. The semicolon may lack. */
export function readReference(
  html: string,
  at: number,
): { readonly text: string; readonly end: number } | undefined {
  if (html.charCodeAt(at + 1) === 0x23) return readNumber(html, at + 2);
  let end = at + 1;
  while (end <= at + longestName && isAlphanumeric(html.charCodeAt(end))) end++;
  const text = named.get(html.slice(at + 1, end));
  return text === undefined ? undefined : { text, end: afterSemicolon(html, end) };
}

function readNumber(html: string, from: number): { readonly text: string; readonly end: number } | undefined {
  const isHex = (html.charCodeAt(from) | 0x20) === 0x78;
  const start = isHex ? from + 1 : from;
  let end = start;
  while (end < start + mostDigits && isDigit(html.charCodeAt(end), isHex)) end++;
  if (end === start) return undefined;
  const code = Number.parseInt(html.slice(start, end), isHex ? 16 : 10);
  return { text: character(code), end: afterSemicolon(html, end) };
}

function character(code: number): string {
  // As browsers do: control codes are what windows-1252 has there; what is no character is shown as such.
  if (code >= 0x80 && code <= 0x9f) return windows1252.decode(Uint8Array.of(code));
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : '\ufffd';
}

function afterSemicolon(html: string, end: number): number {
  return html.charCodeAt(end) === 0x3b ? end + 1 : end;
}

function isDigit(code: number, isHex: boolean): boolean {
  if (code >= 0x30 && code <= 0x39) return true;
  const letter = code | 0x20;
  return isHex && letter >= 0x61 && letter <= 0x66;
}

function isAlphanumeric(code: number): boolean {
  const letter = code | 0x20;
  return (code >= 0x30 && code <= 0x39) || (letter >= 0x61 && letter <= 0x7a);
}
