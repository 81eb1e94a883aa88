// The tree of a message's MIME parts (RFC 2045, RFC 2046) as it is kept: offsets into the message's octets, and what IMAP's
// BODYSTRUCTURE (RFC 9051 §7.5.2) and JMAP's EmailBodyPart tell of each part.
import type { Envelope } from './envelope.ts';

/**
 * As it travels: continuations of RFC 2231 §3 are joined; a value that is encoded by RFC 2231 §4 keeps its code and its name's
 * asterisk (`filename*`, `utf-8''%e2%82%ac`). `parameterValue` decodes.
 */
export interface Parameter {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
}

/** RFC 2183. */
export interface Disposition {
  /** Lower case. */
  readonly type: string;
  readonly parameters: readonly Parameter[];
}

/** What a part's header says of its body. Texts are as written (RFC 2047 words not decoded), unfolded. */
export interface ContentFields {
  /**
   * Lower case, as the part is treated: `text/plain` where nothing is said (RFC 2045 §5.2; `message/rfc822` in a digest), and where a
   * multipart has no boundary or no part; `application/octet-stream` where the encoding is unknown (RFC 2045 §6.4), or hides a message.
   */
  readonly type: string;
  readonly subtype: string;
  readonly parameters: readonly Parameter[];
  /** Content-Transfer-Encoding, lower case; `7bit` where there is none. */
  readonly encoding: string;
  /** With its angle brackets. */
  readonly id: string | undefined;
  readonly description: string | undefined;
  readonly disposition: Disposition | undefined;
  /** RFC 3282. */
  readonly languages: readonly string[];
  /** RFC 2557 §4. */
  readonly location: string | undefined;
  /** RFC 1864. */
  readonly md5: string | undefined;
}

interface PartPlace {
  /** Offset in the message where the header section begins. */
  readonly start: number;
  /** Offset of the body's first octet: after the empty line. */
  readonly bodyStart: number;
  /** Offset after the body's last octet. The line end before a boundary is the boundary's (RFC 2046 §5.1.1). */
  readonly end: number;
  /** Line ends in the body. */
  readonly lines: number;
  readonly content: ContentFields;
}

export interface LeafPart extends PartPlace {
  readonly kind: 'leaf';
  /** Octets of the body after its transfer encoding is undone. */
  readonly decodedSize: number;
}

export interface MultipartPart extends PartPlace {
  readonly kind: 'multipart';
  /** At least one. */
  readonly parts: readonly MimePart[];
}

/** `message/rfc822` or `message/global`, not encoded. */
export interface MessagePart extends PartPlace {
  readonly kind: 'message';
  /** Of the message inside. */
  readonly envelope: Envelope;
  /** The message inside: its header section begins where this part's body does. */
  readonly message: MimePart;
}

export type MimePart = LeafPart | MultipartPart | MessagePart;
