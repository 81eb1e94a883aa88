// The first words of a message, as a list of messages shows them (RFC 8970 §3.1: at most 256 characters, decoded, of the text only).

const mostCharacters = 256;
/** Of the text this much is looked at: white space and quotations may stand before the first words. */
const mostLooked = 8 * 1024;

/** White space is joined; lines that quote are left out as long as others are left. */
export function previewOf(text: string): string {
  return shorten(text, false) || shorten(text, true);
}

/** Stops as soon as it has enough, as this runs on every delivery. */
function shorten(text: string, withQuotes: boolean): string {
  const length = Math.min(text.length, mostLooked);
  let preview = '';
  let characters = 0;
  let isApart = false;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x3e && !withQuotes && (at === 0 || text.charCodeAt(at - 1) === 0x0a)) {
      const end = text.indexOf('\n', at);
      if (end < 0) break;
      at = end;
      isApart = true;
    } else if (isBlank(code)) isApart = true;
    else if (!isInvisible(code)) {
      // The second half of a surrogate pair is of the same character as the first.
      const isSecondHalf = code >= 0xdc00 && code <= 0xdfff;
      const needed = (isSecondHalf ? 0 : 1) + (isApart && preview !== '' ? 1 : 0);
      if (characters + needed > mostCharacters) break;
      characters += needed;
      if (isApart && preview !== '') preview += ' ';
      preview += text.charAt(at);
      isApart = false;
    }
  }
  return preview;
}

function isBlank(code: number): boolean {
  return (
    code <= 0x20 || code === 0x7f || code === 0xa0 || code === 0x2028 || code === 0x2029 || code === 0x3000
  );
}

/** Characters that show nothing: newsletters put rows of them behind their first sentence. */
function isInvisible(code: number): boolean {
  if (code < 0xad) return false;
  return (
    code === 0xad ||
    code === 0x34f ||
    code === 0x61c ||
    code === 0x115f ||
    code === 0x1160 ||
    code === 0x17b4 ||
    code === 0x17b5 ||
    code === 0x180e ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0xfeff
  );
}
