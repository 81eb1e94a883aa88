// The text of an HTML body, for search and preview: tags, comments, scripts and styles are left out, character references decoded.
// It is not for showing: nothing of it is safe to put into a page again. One pass, so that work is linear in the source.
// A hot path: half of all mail is HTML. Units are written into one array, since joining hundreds of short strings took twice the time, and
// names of elements are compared as numbers. Measure: node bench/micro/mime.ts
import { readReference } from './html-references.ts';

/** Elements whose content nobody reads. */
const unread = ['script', 'style', 'template', 'title'] as const;
/** Elements inside a line; all others part words. */
const inline =
  'a abbr b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strike strong sub sup tt u var wbr';

const unreadKeys: ReadonlyMap<number, string> = new Map(
  unread.map((name) => [nameKey(name, 0, name.length), name]),
);
const inlineKeys: ReadonlySet<number> = new Set(
  inline.split(' ').map((name) => nameKey(name, 0, name.length)),
);

const decoder: TextDecoder = new TextDecoder('utf-16le', { ignoreBOM: true });
/** UTF-16 units of the array that is kept for the next body: a usual one fits. */
const keptUnits = 32 * 1024;
const kept: Uint16Array<ArrayBuffer> = new Uint16Array(keptUnits);

/** Words with one blank between them, lines where the page has blocks. */
export function htmlText(html: string): string {
  return new HtmlReader(html).read();
}

class HtmlReader {
  readonly #html: string;
  readonly #lastDouble: number;
  readonly #lastSingle: number;
  /** The text: never longer than its source. */
  readonly #units: Uint16Array<ArrayBuffer>;
  #length = 0;

  constructor(html: string) {
    this.#html = html;
    this.#lastDouble = html.lastIndexOf('"');
    this.#lastSingle = html.lastIndexOf("'");
    this.#units = html.length <= keptUnits ? kept : new Uint16Array(html.length);
  }

  read(): string {
    const html = this.#html;
    const units = this.#units;
    for (let at = 0; at < html.length;) {
      let code = html.charCodeAt(at);
      let length = this.#length;
      while (code > 0x20 && code !== 0x3c && code !== 0x26 && code !== 0xa0) {
        units[length++] = code;
        code = html.charCodeAt(++at);
      }
      this.#length = length;
      if (code === 0x3c) at = this.#tag(at);
      else if (code === 0x26) at = this.#reference(at);
      else {
        this.#blank();
        at++;
      }
    }
    while (this.#length > 0 && !this.#endsWithWord()) this.#length--;
    return decoder.decode(new Uint8Array(units.buffer, 0, this.#length * 2));
  }

  #blank(): void {
    if (this.#endsWithWord()) this.#units[this.#length++] = 0x20;
  }

  #line(): void {
    this.#trim();
    if (this.#endsWithWord()) this.#units[this.#length++] = 0x0a;
  }

  #trim(): void {
    if (this.#length > 0 && this.#units[this.#length - 1] === 0x20) this.#length--;
  }

  #endsWithWord(): boolean {
    return this.#length > 0 && (this.#units[this.#length - 1] ?? 0) > 0x20;
  }

  #reference(at: number): number {
    const reference = readReference(this.#html, at);
    if (reference === undefined) {
      this.#units[this.#length++] = 0x26;
      return at + 1;
    }
    const { text, end } = reference;
    if (text.trim() === '') this.#blank();
    else for (let i = 0; i < text.length; i++) this.#units[this.#length++] = text.charCodeAt(i);
    return end;
  }

  /** What begins with `<`: gives where the page goes on. */
  #tag(at: number): number {
    const html = this.#html;
    const next = html.charCodeAt(at + 1);
    if (next === 0x21 && html.startsWith('--', at + 2)) return this.#after('-->', at + 4);
    // A declaration, an instruction.
    if (next === 0x21 || next === 0x3f) return this.#after('>', at + 2);
    const isClosing = next === 0x2f;
    const nameStart = isClosing ? at + 2 : at + 1;
    if (!isLetter(html.charCodeAt(nameStart))) {
      this.#units[this.#length++] = 0x3c;
      return at + 1;
    }
    let nameEnd = nameStart + 1;
    while (nameEnd < html.length && !endsName(html.charCodeAt(nameEnd))) nameEnd++;
    const key = nameKey(html, nameStart, nameEnd);
    const end = this.#tagEnd(nameEnd);
    if (inlineKeys.has(key)) return end;
    this.#line();
    const skipped = isClosing ? undefined : unreadKeys.get(key);
    return skipped === undefined ? end : this.#skipElement(skipped, end);
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

/** A name of at most ten letters, without regard to case, as a number of its own; -1 for others, such as `h1`. */
function nameKey(text: string, from: number, to: number): number {
  if (to - from > 10) return -1;
  let key = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (!isLetter(code)) return -1;
    key = key * 27 + (code | 0x20) - 0x60;
  }
  return key;
}

function isLetter(code: number): boolean {
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x7a;
}

/** Blanks, `/` and `>`. */
function endsName(code: number): boolean {
  return code <= 0x20 || code === 0x2f || code === 0x3e;
}
