// The tag lists of DKIM signatures and keys, ARC fields and DMARC records (RFC 6376 §3.2).

export interface Tag {
  /** Without the white space around it; folding inside it is kept. */
  readonly value: string;
  /** Where the text between `=` and `;` begins and ends. */
  readonly start: number;
  readonly end: number;
}

export type TagList = ReadonlyMap<string, Tag>;

/** Above what any of the formats has. */
const mostTags = 100;

// tag-list = tag-spec *( ";" tag-spec ) [ ";" ]
// tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
/** `undefined` where the text is none, or a tag stands in it twice. `text`: an octet a character, folded or not. */
export function parseTagList(text: string): TagList | undefined {
  const tags = new Map<string, Tag>();
  for (let at = 0; at < text.length;) {
    const semicolon = text.indexOf(';', at);
    const end = semicolon < 0 ? text.length : semicolon;
    const equals = text.indexOf('=', at);
    if (equals < 0 || equals >= end) {
      // Only white space may follow the last semicolon.
      return semicolon < 0 && text.slice(at).trim() === '' ? tags : undefined;
    }
    const name = text.slice(at, equals).trim();
    if (!/^[a-z]\w*$/i.test(name) || tags.has(name) || tags.size === mostTags) return undefined;
    tags.set(name, { value: text.slice(equals + 1, end).trim(), start: equals + 1, end });
    at = end + 1;
  }
  return tags;
}

/** A tag's value with all white space taken out, as base64 and colon-separated lists may be folded anywhere. */
export function compactValue(tags: TagList, name: string): string | undefined {
  return tags.get(name)?.value.replaceAll(/[ \t\r\n]+/g, '');
}
