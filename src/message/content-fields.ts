// The Content- fields of a part's header (RFC 2045, RFC 2183, RFC 3282, RFC 1864, RFC 2557 §4), as tolerant as mail programs are.
import type { HeaderFields } from './header-fields.ts';
import type { MimeLimits } from './mime-limits.ts';
import type { ContentFields, Disposition, Parameter } from './mime-part.ts';
import { parseParameters, skipBlanksAndComments } from './parameters.ts';

export interface MediaType {
  readonly type: string;
  readonly subtype: string;
}

/** RFC 2045 §5.2. */
export const plainText: MediaType = { type: 'text', subtype: 'plain' };
export const octetStream: MediaType = { type: 'application', subtype: 'octet-stream' };

/** `usual` is the type of a part that names none, or a wrong one (RFC 2045 §5.2, RFC 2046 §5.1.5). */
export function readContentFields(fields: HeaderFields, usual: MediaType, limits: MimeLimits): ContentFields {
  const type = fields.value('content-type');
  const disposition = fields.value('content-disposition');
  const languages = fields.value('content-language');
  const media = type === undefined ? undefined : parseContentType(type, limits.parameters);
  const encoding = readEncoding(fields.value('content-transfer-encoding'));
  return {
    // RFC 2045 §6.4: nobody can tell what octets of an unknown encoding are.
    ...(encoding.known ? (media?.type ?? usual) : octetStream),
    parameters: media?.parameters ?? [],
    encoding: encoding.name,
    id: fields.value('content-id'),
    description: fields.value('content-description'),
    disposition: disposition === undefined ? undefined : parseDisposition(disposition, limits.parameters),
    languages: languages === undefined ? [] : parseLanguages(languages, limits.parameters),
    location: fields.value('content-location'),
    md5: fields.value('content-md5'),
  };
}

// content := "Content-Type" ":" type "/" subtype *(";" parameter)
function parseContentType(
  text: string,
  most: number,
): { readonly type: MediaType | undefined; readonly parameters: readonly Parameter[] } {
  const from = skipBlanksAndComments(text, 0);
  const slash = tokenEnd(text, from);
  const type = text.slice(from, slash).toLowerCase();
  const subtypeStart = skipBlanksAndComments(text, slash);
  if (text.charCodeAt(subtypeStart) !== 0x2f) {
    // RFC 1049 and old programs say `text` alone.
    const known = type === 'text' ? plainText : undefined;
    return { type: known, parameters: parseParameters(text, slash, most) };
  }
  const start = skipBlanksAndComments(text, subtypeStart + 1);
  const end = tokenEnd(text, start);
  const subtype = text.slice(start, end).toLowerCase();
  const whole = type !== '' && subtype !== '';
  return { type: whole ? { type, subtype } : undefined, parameters: parseParameters(text, end, most) };
}

// disposition := "Content-Disposition" ":" disposition-type *(";" disposition-parm)
function parseDisposition(text: string, most: number): Disposition {
  const from = skipBlanksAndComments(text, 0);
  const end = tokenEnd(text, from);
  const type = text.slice(from, end).toLowerCase();
  // RFC 2183 §2.8: what nobody knows is an attachment.
  return { type: type === '' ? 'attachment' : type, parameters: parseParameters(text, end, most) };
}

/** token := 1*<any CHAR except SPACE, CTLs, or tspecials>; of the tspecials only those that matter here end one. */
function tokenEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Blanks, `"`, `(`, `,`, `/`, `;`, `=`.
    if (
      code <= 0x20 ||
      code === 0x22 ||
      code === 0x28 ||
      code === 0x2c ||
      code === 0x2f ||
      code === 0x3b ||
      code === 0x3d
    )
      break;
  }
  return at;
}

function readEncoding(text: string | undefined): { readonly name: string; readonly known: boolean } {
  if (text === undefined) return { name: '7bit', known: true };
  const from = skipBlanksAndComments(text, 0);
  const semicolon = text.indexOf(';', from);
  const said = text.slice(from, semicolon < 0 ? undefined : semicolon).toLowerCase();
  const comment = said.indexOf('(');
  const name = (comment < 0 ? said : said.slice(0, comment)).trim();
  // `8 bit`, `7-bit`, `7bits`, `quotedprintable` and the like are in use.
  switch (name.length > 40 ? name : name.replaceAll(/[ \t_"-]/g, '')) {
    case '':
    case '7bit':
    case '7bits':
    case 'none':
      return { name: '7bit', known: true };
    case '8bit':
    case '8bits':
    case 'utf8':
      return { name: '8bit', known: true };
    case 'binary':
      return { name: 'binary', known: true };
    case 'base64':
      return { name: 'base64', known: true };
    case 'quotedprintable':
      return { name: 'quoted-printable', known: true };
    default:
      return { name, known: false };
  }
}

/** Content-Language (RFC 3282 §2): a list of tags, with comments. */
function parseLanguages(text: string, most: number): readonly string[] {
  const languages: string[] = [];
  for (let at = skipBlanksAndComments(text, 0); at < text.length && languages.length < most;) {
    const end = tokenEnd(text, at);
    if (end > at) languages.push(text.slice(at, end));
    at = skipBlanksAndComments(text, Math.max(end, at + (end === at ? 1 : 0)));
  }
  return languages;
}
