// The text of an HTML body, for search and preview: tags, comments, scripts and styles are left out, character references decoded.
// It is not for showing: nothing of it is safe to put into a page again. One pass, so that work is linear in the source.
import { readReference } from './html-references.ts';

/** Elements whose content nobody reads. */
const unread: ReadonlySet<string> = new Set(['script', 'style', 'template', 'title']);
/** Elements inside a line; all others part words. */
const inline: ReadonlySet<string> = new Set(
  (
    'a abbr b bdi bdo big cite code del dfn em font i ins kbd mark o:p q s samp small span strike strong sub sup ' +
    'tt u var wbr'
  ).split(' '),
);
/** Longer than any element's name. */
const longestName = 16;

/** Words with one blank between them, lines where the page has blocks. */
export function htmlText(html: string): string {
  return new HtmlReader(html).read();
}

class HtmlReader {
  readonly #html: string;
  readonly #lastDouble: number;
  readonly #lastSingle: number;
  #text = '';
  /** What the text ends with: a word, a blank, or a line's end. */
  #end: 'word' | 'blank' | 'line' = 'line';

  constructor(html: string) {
    this.#html = html;
    this.#lastDouble = html.lastIndexOf('"');
    this.#lastSingle = html.lastIndexOf("'");
  }

  read(): string {
    const html = this.#html;
    /** Characters from here to `at` go into the text as they stand. */
    let run = 0;
    let at = 0;
    while (at < html.length) {
      const code = html.charCodeAt(at);
      if (code > 0x20 && code !== 0x26 && code !== 0x3c && code !== 0xa0) {
        at++;
        this.#end = 'word';
      } else if (code === 0x20 && this.#end === 'word') {
        at++;
        this.#end = 'blank';
      } else {
        this.#text += html.slice(run, at);
        at = code === 0x3c ? this.#tag(at) : code === 0x26 ? this.#reference(at) : this.#blank(at);
        run = at;
      }
    }
    return (this.#text + html.slice(run)).trim();
  }

  #blank(at: number): number {
    if (this.#end === 'word') {
      this.#text += ' ';
      this.#end = 'blank';
    }
    return at + 1;
  }

  #reference(at: number): number {
    const reference = readReference(this.#html, at);
    if (reference === undefined) {
      this.#text += '&';
      this.#end = 'word';
      return at + 1;
    }
    if (reference.text.trim() === '') this.#blank(at);
    else {
      this.#text += reference.text;
      this.#end = 'word';
    }
    return reference.end;
  }

  /** What begins with `<`: gives where the page goes on. */
  #tag(at: number): number {
    const html = this.#html;
    const next = html.charCodeAt(at + 1);
    if (html.startsWith('<!--', at)) return this.#after('-->', at + 4);
    // A declaration, an instruction.
    if (next === 0x21 || next === 0x3f) return this.#after('>', at + 2);
    const isClosing = next === 0x2f;
    const nameStart = isClosing ? at + 2 : at + 1;
    if (!isLetter(html.charCodeAt(nameStart))) {
      this.#text += '<';
      this.#end = 'word';
      return at + 1;
    }
    let nameEnd = nameStart + 1;
    while (nameEnd < html.length && !endsName(html.charCodeAt(nameEnd))) nameEnd++;
    const name = nameEnd - nameStart > longestName ? '' : html.slice(nameStart, nameEnd).toLowerCase();
    const end = this.#tagEnd(nameEnd);
    if (!inline.has(name) && this.#end !== 'line') {
      this.#text += '\n';
      this.#end = 'line';
    }
    return !isClosing && unread.has(name) ? this.#skipElement(name, end) : end;
  }

  /** After the tag's `>`, which is no end inside a quoted attribute. A quotation mark without a partner is nothing. */
  #tagEnd(from: number): number {
    const html = this.#html;
    for (let at = from; at < html.length; at++) {
      const code = html.charCodeAt(at);
      if (code === 0x3e) return at + 1;
      if (code === 0x22 && at < this.#lastDouble) at = html.indexOf('"', at + 1);
      else if (code === 0x27 && at < this.#lastSingle) at = html.indexOf("'", at + 1);
    }
    return html.length;
  }

  #skipElement(name: string, from: number): number {
    const html = this.#html;
    for (let at = html.indexOf('</', from); at >= 0; at = html.indexOf('</', at + 2)) {
      if (html.slice(at + 2, at + 2 + name.length).toLowerCase() === name) return this.#after('>', at);
    }
    return html.length;
  }

  #after(mark: string, from: number): number {
    const found = this.#html.indexOf(mark, from);
    return found < 0 ? this.#html.length : found + mark.length;
  }
}

function isLetter(code: number): boolean {
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x7a;
}

/** Blanks, `/` and `>`. */
function endsName(code: number): boolean {
  return code <= 0x20 || code === 0x2f || code === 0x3e;
}
