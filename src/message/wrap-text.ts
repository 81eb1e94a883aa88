// Text broken into lines, for the reports that we write (RFC 5322 §2.1.1, §2.2.3).

/** The longest reply that is quoted: the rest helps nobody. */
const maxQuoted = 1000;
const columns = 76;

/** Breaks a text at spaces; a word longer than a line is broken too (RFC 5322 §2.1.1: never above 998 octets). */
export function wrap(text: string, indent: string): string[] {
  const wrapped: string[] = [];
  let line = '';
  for (const word of text
    .slice(0, maxQuoted)
    .split(/\s+/)
    .flatMap((each) => pieces(each, 200))) {
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
      wrapped.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? wrapped : [...wrapped, indent + line];
}

/** A header field folded at spaces (RFC 5322 §2.2.3). */
export function fold(field: string): string[] {
  return wrap(field, '').map((line, index) => (index === 0 ? line : ` ${line}`));
}

function pieces(word: string, length: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < word.length; at += length) parts.push(word.slice(at, at + length));
  return parts;
}
