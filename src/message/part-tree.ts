// Builds the tree of MIME parts from what the parser finds: header sections, boundaries, the end (RFC 2046 §5).
import { BodyText } from './body-text.ts';
import { octetStream, plainText, readContentFields } from './content-fields.ts';
import type { MediaType } from './content-fields.ts';
import { readEnvelope } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import { HeaderFields } from './header-fields.ts';
import { HeaderText } from './header-text.ts';
import type { HeaderScan } from './header.ts';
import type { MimeLimit, MimeLimits } from './mime-limits.ts';
import type { ContentFields, MimePart } from './mime-part.ts';
import { parameterValue } from './parameters.ts';
import { readThreading } from './threading.ts';
import type { Threading } from './threading.ts';
import { transferDecoder } from './transfer-decoder.ts';
import type { TransferDecoder } from './transfer-decoder.ts';

const embeddedMessage: MediaType = { type: 'message', subtype: 'rfc822' };
const noContent: ContentFields = {
  ...octetStream,
  parameters: [],
  encoding: 'binary',
  id: undefined,
  description: undefined,
  disposition: undefined,
  languages: [],
  location: undefined,
  md5: undefined,
};

/** A part whose end is not yet found. */
export interface OpenPart {
  readonly start: number;
  /** Where it stands among the open parts. */
  readonly depth: number;
  /** The type it has unless it says another. */
  readonly usual: MediaType;
  bodyStart: number;
  /** Line ends in the message before its body. */
  linesBefore: number;
  kind: MimePart['kind'];
  content: ContentFields;
  boundary: string | undefined;
  /** The outer part that has the same boundary. */
  shadowed: OpenPart | undefined;
  /** Undoes the encoding of a leaf's body, or of a multipart's until its first part begins. */
  decoder: TransferDecoder | undefined;
  readonly children: MimePart[];
  /** Of a message inside. */
  envelope: Envelope | undefined;
}

export class PartTree {
  readonly #limits: MimeLimits;
  readonly #open: OpenPart[] = [];
  /** The multiparts whose parts are not over, by boundary; of equals the innermost. */
  readonly #boundaries = new Map<string, OpenPart>();
  readonly #text: BodyText;
  readonly #met = new Set<MimeLimit>();
  #parts = 0;
  #root: MimePart | undefined;
  #top:
    { readonly envelope: Envelope; readonly threading: Threading; readonly header: HeaderScan } | undefined;

  constructor(limits: MimeLimits) {
    this.#limits = limits;
    this.#text = new BodyText(limits);
    this.#begin(0, plainText);
  }

  /** Whether any line can be a boundary. */
  get hasBoundaries(): boolean {
    return this.#boundaries.size > 0;
  }

  /**
   * The header section of the part that has just begun is over; `octets` begin with it. Gives whether a message inside begins, whose
   * header section follows.
   */
  takeHeader(octets: Uint8Array, scan: HeaderScan, lines: number): boolean {
    const part = this.#current();
    const text = new HeaderText(octets, scan, part.start, this.#limits.valueOctets);
    const fields = new HeaderFields(text, scan);
    const outer = this.#open[part.depth - 1];
    if (outer === undefined) {
      const envelope = this.#envelope(fields);
      const threading = readThreading(fields, envelope.subject, this.#limits.references);
      this.#top = { envelope, threading, header: scan };
    } else if (outer.kind === 'message') outer.envelope = this.#envelope(fields);
    part.bodyStart = scan.bodyStart;
    part.linesBefore = lines;
    const content = readContentFields(fields, part.usual, this.#limits);
    this.#classify(part, content, scan.complete);
    if (part.kind !== 'message') return false;
    this.#begin(part.bodyStart, plainText);
    return true;
  }

  /** Octets of the body of the innermost part. */
  takeBody(octets: Uint8Array, from: number, to: number): void {
    this.#current().decoder?.push(octets, from, to);
  }

  /** What a line that begins with two hyphens is, these left out, without its line end: a boundary, or nothing. */
  findBoundary(line: string): { readonly part: OpenPart; readonly isLast: boolean } | undefined {
    const exact = this.#lookUp(line);
    if (exact !== undefined) return exact;
    // RFC 2046 §5.1.1: white space behind a boundary was added on the way.
    const trimmed = line.trimEnd();
    return trimmed.length === line.length ? undefined : this.#lookUp(trimmed);
  }

  /**
   * A boundary of `part`: what is open inside it ends at `before`, where the boundary's line end begins; `after` is behind its line. Gives
   * whether another part begins there with its header section.
   */
  takeBoundary(part: OpenPart, isLast: boolean, before: Place, after: Place): boolean {
    this.#endInside(part.depth, before);
    if (part.decoder !== undefined) this.#text.dropPart();
    part.decoder = undefined;
    if (isLast) {
      this.#forget(part);
      return false;
    }
    if (this.#parts < this.#limits.parts) {
      // RFC 2046 §5.1.5
      this.#begin(after.offset, part.content.subtype === 'digest' ? embeddedMessage : plainText);
      return true;
    }
    // All that is left is one part that nobody looks into.
    this.#met.add('parts');
    this.#boundaries.clear();
    const rest = this.#begin(after.offset, octetStream);
    rest.linesBefore = after.lines;
    rest.decoder = transferDecoder('binary', undefined);
    return false;
  }

  /** The message is over. */
  finish(end: Place): FinishedTree {
    this.#endInside(-1, end);
    const { text, preview, cut } = this.#text.result();
    if (cut) this.#met.add('text');
    if (this.#root === undefined || this.#top === undefined)
      throw new Error('a message without a header section');
    return { root: this.#root, ...this.#top, text, preview, limits: [...this.#met] };
  }

  #begin(start: number, usual: MediaType): OpenPart {
    this.#parts += 1;
    const part: OpenPart = {
      start,
      depth: this.#open.length,
      usual,
      bodyStart: start,
      linesBefore: 0,
      kind: 'leaf',
      content: noContent,
      boundary: undefined,
      shadowed: undefined,
      decoder: undefined,
      children: [],
      envelope: undefined,
    };
    this.#open.push(part);
    return part;
  }

  #current(): OpenPart {
    const part = this.#open.at(-1);
    if (part === undefined) throw new Error('no part is open');
    return part;
  }

  #envelope(fields: HeaderFields): Envelope {
    const { envelope, cut } = readEnvelope(fields, this.#limits.addresses);
    if (cut) this.#met.add('addresses');
    return envelope;
  }

  /** Decides what the part is treated as. */
  #classify(part: OpenPart, said: ContentFields, isComplete: boolean): void {
    const isMessage = said.type === 'message' && (said.subtype === 'rfc822' || said.subtype === 'global');
    const boundary = said.type === 'multipart' ? parameterValue(said.parameters, 'boundary') : undefined;
    part.content = said;
    if (!isComplete) {
      this.#met.add('header');
      part.content = { ...said, ...octetStream };
    } else if (said.type === 'multipart' && !this.#isBoundary(boundary)) {
      // RFC 2045 §5.2: what can't be read as it says is plain text.
      part.content = { ...said, ...plainText };
    } else if (isMessage && isEncoded(said.encoding)) {
      // RFC 2046 §5.2.1 forbids it. Offsets could not point into what is inside.
      part.content = { ...said, ...octetStream };
    } else if (isMessage || boundary !== undefined) {
      if (part.depth < this.#limits.depth && this.#parts < this.#limits.parts) {
        part.kind = isMessage ? 'message' : 'multipart';
        if (!isMessage && boundary !== undefined) this.#remember(part, boundary);
      } else {
        this.#met.add(part.depth < this.#limits.depth ? 'parts' : 'depth');
        part.content = { ...said, ...octetStream };
      }
    }
    if (part.kind === 'message') return;
    // Until its first part begins, a multipart may turn out to be a text with a wrong header.
    const sink = part.kind === 'multipart' || this.#text.wants(part.content) ? this.#text : undefined;
    part.decoder = transferDecoder(said.encoding, sink);
  }

  #isBoundary(boundary: string | undefined): boundary is string {
    return boundary !== undefined && boundary !== '' && boundary.length <= this.#limits.boundaryOctets;
  }

  #lookUp(line: string): { readonly part: OpenPart; readonly isLast: boolean } | undefined {
    const opening = this.#boundaries.get(line);
    if (opening !== undefined) return { part: opening, isLast: false };
    // close-delimiter := delimiter "--"
    const closing = line.endsWith('--') ? this.#boundaries.get(line.slice(0, -2)) : undefined;
    return closing === undefined ? undefined : { part: closing, isLast: true };
  }

  #remember(part: OpenPart, boundary: string): void {
    part.boundary = boundary;
    part.shadowed = this.#boundaries.get(boundary);
    this.#boundaries.set(boundary, part);
  }

  #forget(part: OpenPart): void {
    if (part.boundary === undefined || this.#boundaries.get(part.boundary) !== part) return;
    if (part.shadowed === undefined) this.#boundaries.delete(part.boundary);
    else this.#boundaries.set(part.boundary, part.shadowed);
  }

  /** Ends the parts that are open deeper than `depth`. */
  #endInside(depth: number, end: Place): void {
    let stop = end;
    while (this.#open.length - 1 > depth) {
      const part = this.#open.pop();
      if (part === undefined) return;
      this.#forget(part);
      // An empty body: the line end before the boundary is that of the header section, and so of all parts around it.
      if (stop.offset < part.bodyStart) stop = { offset: part.bodyStart, lines: part.linesBefore };
      const done = this.#end(part, stop);
      const outer = this.#open.at(-1);
      if (outer === undefined) this.#root = done;
      else outer.children.push(done);
    }
  }

  #end(part: OpenPart, { offset, lines }: Place): MimePart {
    const { start, bodyStart, content, decoder } = part;
    const place = { start, bodyStart, end: offset, lines: lines - part.linesBefore };
    const [first] = part.children;
    if (part.kind === 'message' && first !== undefined && part.envelope !== undefined)
      return { kind: 'message', ...place, content, envelope: part.envelope, message: first };
    if (part.kind === 'multipart' && first !== undefined)
      return { kind: 'multipart', ...place, content, parts: part.children };
    decoder?.finish();
    const treated = part.kind === 'multipart' ? { ...content, ...plainText } : content;
    if (this.#text.wants(treated)) this.#text.endPart(treated);
    return { kind: 'leaf', ...place, content: treated, decodedSize: decoder?.size ?? offset - bodyStart };
  }
}

/** A place in the message. */
export interface Place {
  readonly offset: number;
  /** Line ends before it. */
  readonly lines: number;
}

export interface FinishedTree {
  readonly root: MimePart;
  readonly envelope: Envelope;
  readonly threading: Threading;
  readonly header: HeaderScan;
  readonly text: string;
  readonly preview: string;
  readonly limits: readonly MimeLimit[];
}

function isEncoded(encoding: string): boolean {
  return encoding === 'base64' || encoding === 'quoted-printable';
}
