// A parsed message as octets, to be kept beside its content: what mailboxes ask for most, read back without the content. JSON with lists in
// place of objects, behind a version octet: native code writes and reads it, and a usual message takes about 1 KB.
import { bytesToUtf8, utf8ToBytes } from '../lib/bytes.ts';
import { fault, ok, unreachable } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { Address, MailboxAddress } from './addresses.ts';
import type { Envelope } from './envelope.ts';
import type { ParsedMessage } from './message-parser.ts';
import type { MimeLimit } from './mime-limits.ts';
import type { ContentFields, Disposition, MimePart, Parameter } from './mime-part.ts';
import type { ThreadKey } from './threading.ts';

/** What of a parsed message is kept. The text for search goes to the search index; places of header fields are found again in the header. */
export interface KeptMessage {
  readonly size: number;
  readonly root: MimePart;
  readonly envelope: Envelope;
  readonly preview: string;
  readonly references: readonly string[];
  readonly baseSubject: string;
  readonly isReply: boolean;
  readonly threadKeys: readonly ThreadKey[];
  readonly subjectKey: ThreadKey | undefined;
  /** The bounds that were met in reading: what they cut is missing above. */
  readonly limits: readonly MimeLimit[];
}

/** Another version is another layout: what reads it can ask for the content to be parsed again. */
export const keptVersion = 1;

export function encodeParsedMessage(message: ParsedMessage): Uint8Array {
  const text = utf8ToBytes(JSON.stringify(pack(message)));
  const octets = new Uint8Array(text.length + 1);
  octets[0] = keptVersion;
  octets.set(text, 1);
  return octets;
}

/** A fault is one of the store: `encodeParsedMessage` wrote the octets, or an older program did. */
export function decodeParsedMessage(octets: Uint8Array): Result<KeptMessage, 'version' | 'damaged'> {
  if (octets[0] !== keptVersion) return fault('version');
  try {
    return ok(unpack(JSON.parse(bytesToUtf8(octets.subarray(1))) as PackedMessage));
  } catch {
    return fault('damaged');
  }
}

type Maybe = string | null;
type PackedMailbox = readonly [name: Maybe, localPart: string, domain: string];
type PackedAddress = PackedMailbox | readonly [name: string, members: readonly PackedMailbox[]];
type PackedEnvelope = readonly [
  date: Maybe,
  subject: Maybe,
  /** From, Sender, Reply-To, To, Cc, Bcc. */
  addresses: readonly (readonly PackedAddress[])[],
  inReplyTo: Maybe,
  messageId: Maybe,
];
/** Names and values by turns. */
type PackedParameters = readonly string[];
type PackedContent = readonly [
  type: string,
  subtype: string,
  parameters: PackedParameters,
  encoding: string,
  /** Left out where there is nothing of all this. */
  more?: readonly [
    id: Maybe,
    description: Maybe,
    disposition: readonly [type: string, parameters: PackedParameters] | null,
    languages: readonly string[],
    location: Maybe,
    md5: Maybe,
  ],
];
/** Where header section, body and end are, lengths but for the first; `inside`: a leaf's decoded size, parts, or a message. */
type PackedPart = readonly [
  start: number,
  header: number,
  body: number,
  lines: number,
  content: PackedContent,
  inside: number | readonly PackedPart[] | { readonly e: PackedEnvelope; readonly m: PackedPart },
];
type PackedMessage = readonly [
  size: number,
  root: PackedPart,
  envelope: PackedEnvelope,
  preview: string,
  references: readonly string[],
  baseSubject: string,
  isReply: boolean,
  threadKeys: readonly ThreadKey[],
  subjectKey: ThreadKey | null,
  /** Left out where no bound was met. */
  limits?: readonly MimeLimit[],
];

function pack(message: ParsedMessage): PackedMessage {
  const { threading, limits } = message;
  return [
    message.size,
    packPart(message.root),
    packEnvelope(message.envelope),
    message.preview,
    threading.references,
    threading.baseSubject,
    threading.isReply,
    threading.keys,
    threading.subjectKey ?? null,
    ...(limits.length === 0 ? ([] as const) : ([limits] as const)),
  ];
}

function unpack(packed: PackedMessage): KeptMessage {
  const [size, root, envelope, preview, references, baseSubject, isReply, threadKeys, subjectKey, limits] =
    packed;
  return {
    size,
    root: unpackPart(root),
    envelope: unpackEnvelope(envelope),
    preview,
    references,
    baseSubject,
    isReply,
    threadKeys,
    subjectKey: subjectKey ?? undefined,
    limits: limits ?? [],
  };
}

function packPart(part: MimePart): PackedPart {
  const { start, bodyStart, end, lines } = part;
  return [start, bodyStart - start, end - bodyStart, lines, packContent(part.content), packInside(part)];
}

function packInside(part: MimePart): PackedPart[5] {
  switch (part.kind) {
    case 'leaf':
      return part.decodedSize;
    case 'multipart':
      return part.parts.map(packPart);
    case 'message':
      return { e: packEnvelope(part.envelope), m: packPart(part.message) };
    default:
      return unreachable(part);
  }
}

function unpackPart([start, header, body, lines, packed, inside]: PackedPart): MimePart {
  const bodyStart = start + header;
  const place = { start, bodyStart, end: bodyStart + body, lines, content: unpackContent(packed) };
  if (typeof inside === 'number') return { kind: 'leaf', ...place, decodedSize: inside };
  return 'm' in inside
    ? { kind: 'message', ...place, envelope: unpackEnvelope(inside.e), message: unpackPart(inside.m) }
    : { kind: 'multipart', ...place, parts: inside.map(unpackPart) };
}

function packContent(content: ContentFields): PackedContent {
  const { type, subtype, encoding, id, description, disposition, languages, location, md5 } = content;
  const packed = [type, subtype, packParameters(content.parameters), encoding] as const;
  const more = [
    id ?? null,
    description ?? null,
    disposition === undefined ? null : ([disposition.type, packParameters(disposition.parameters)] as const),
    languages,
    location ?? null,
    md5 ?? null,
  ] as const;
  return more.every((each) => each === null || each.length === 0) ? packed : [...packed, more];
}

function unpackContent([type, subtype, parameters, encoding, more]: PackedContent): ContentFields {
  const [id, description, disposition, languages, location, md5] = more ?? [];
  return {
    type,
    subtype,
    parameters: unpackParameters(parameters),
    encoding,
    id: id ?? undefined,
    description: description ?? undefined,
    disposition: disposition ? unpackDisposition(disposition) : undefined,
    languages: languages ?? [],
    location: location ?? undefined,
    md5: md5 ?? undefined,
  };
}

function unpackDisposition([type, parameters]: readonly [string, PackedParameters]): Disposition {
  return { type, parameters: unpackParameters(parameters) };
}

function packParameters(parameters: readonly Parameter[]): PackedParameters {
  return parameters.flatMap(({ name, value }) => [name, value]);
}

function unpackParameters(packed: PackedParameters): readonly Parameter[] {
  const parameters: Parameter[] = [];
  for (let at = 0; at + 1 < packed.length; at += 2)
    parameters.push({ name: packed[at] ?? '', value: packed[at + 1] ?? '' });
  return parameters;
}

function packEnvelope(envelope: Envelope): PackedEnvelope {
  const { date, subject, from, sender, replyTo, to, cc, bcc, inReplyTo, messageId } = envelope;
  const lists = [from, sender, replyTo, to, cc, bcc].map((list) => list.map(packAddress));
  return [date ?? null, subject ?? null, lists, inReplyTo ?? null, messageId ?? null];
}

function unpackEnvelope([date, subject, lists, inReplyTo, messageId]: PackedEnvelope): Envelope {
  const [from = [], sender = [], replyTo = [], to = [], cc = [], bcc = []] = lists.map((list) =>
    list.map(unpackAddress),
  );
  return {
    date: date ?? undefined,
    subject: subject ?? undefined,
    from,
    sender,
    replyTo,
    to,
    cc,
    bcc,
    inReplyTo: inReplyTo ?? undefined,
    messageId: messageId ?? undefined,
  };
}

function packAddress(address: Address): PackedAddress {
  return address.kind === 'group' ? [address.name, address.members.map(packMailbox)] : packMailbox(address);
}

function packMailbox({ name, localPart, domain }: MailboxAddress): PackedMailbox {
  return [name ?? null, localPart, domain];
}

function unpackAddress(packed: PackedAddress): Address {
  return packed.length === 3
    ? unpackMailbox(packed)
    : { kind: 'group', name: packed[0], members: packed[1].map(unpackMailbox) };
}

function unpackMailbox([name, localPart, domain]: PackedMailbox): MailboxAddress {
  return { kind: 'mailbox', name: name ?? undefined, localPart, domain };
}
