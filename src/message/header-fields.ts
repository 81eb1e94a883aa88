// The fields of one header section that the server itself reads, found by name in one pass.
import type { HeaderScan, HeaderField } from './header.ts';
import type { HeaderText } from './header-text.ts';

const names = [
  'bcc',
  'cc',
  'content-description',
  'content-disposition',
  'content-id',
  'content-language',
  'content-location',
  'content-md5',
  'content-transfer-encoding',
  'content-type',
  'date',
  'from',
  'in-reply-to',
  'message-id',
  'references',
  'reply-to',
  'sender',
  'subject',
  'to',
] as const;

/** In lower case. What is not here is not looked at. */
export type FieldName = (typeof names)[number];

const read: ReadonlySet<string> = new Set(names);

export class HeaderFields {
  readonly #text: HeaderText;
  readonly #fields = new Map<string, HeaderField[]>();

  constructor(text: HeaderText, scan: HeaderScan) {
    this.#text = text;
    for (const field of scan.fields) {
      const name = field.name.toLowerCase();
      if (!read.has(name)) continue;
      const others = this.#fields.get(name);
      if (others === undefined) this.#fields.set(name, [field]);
      else others.push(field);
    }
  }

  /** The first field's value, unfolded; `undefined` where there is none, or an empty one. */
  value(name: FieldName): string | undefined {
    const [field] = this.#fields.get(name) ?? [];
    if (field === undefined) return undefined;
    const value = this.#text.value(field);
    return value === '' ? undefined : value;
  }

  /** The values of all fields of the name, in order. RFC 5322 §3.6 allows one; of address fields all are shown. */
  values(name: FieldName): readonly string[] {
    return (this.#fields.get(name) ?? []).map((field) => this.#text.value(field));
  }
}
