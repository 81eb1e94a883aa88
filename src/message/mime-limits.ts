// What one message may cost (docs/mime-limits.md). Past a bound the rest of the message is one opaque part, or the rest of a list is
// left out; it is never a fault, because a message that was taken must be kept and shown.

export interface MimeLimits {
  /** Multiparts and messages inside each other. */
  readonly depth: number;
  /** Parts in all. */
  readonly parts: number;
  /** Octets of one part's header section. */
  readonly headerOctets: number;
  /** Fields of one part's header section. */
  readonly headerFields: number;
  /** Octets of a boundary; RFC 2046 §5.1.1 allows 70. */
  readonly boundaryOctets: number;
  /** Parameters of one Content-Type or Content-Disposition field, each piece of RFC 2231 §3 counted. */
  readonly parameters: number;
  /** Addresses in all address fields of one header section. */
  readonly addresses: number;
  /** Octets of an unfolded field's value that are looked at, address fields and subjects alike. */
  readonly valueOctets: number;
  /** Message identifiers taken of one header section. */
  readonly references: number;
  /** Decoded octets of text parts that are looked at, for search and preview. */
  readonly textOctets: number;
  /** UTF-16 units of text that are handed to the search index. */
  readonly searchText: number;
  /** Attachment names. */
  readonly names: number;
}

/** Far above what real mail has; what is met of them is told in the parsed message. */
export const usualMimeLimits: MimeLimits = {
  depth: 50,
  parts: 2_000,
  headerOctets: 1024 * 1024,
  headerFields: 10_000,
  boundaryOctets: 8_192,
  parameters: 200,
  addresses: 2_000,
  valueOctets: 256 * 1024,
  references: 100,
  textOctets: 512 * 1024,
  searchText: 256 * 1024,
  names: 500,
};

/** Which bound was met. */
export type MimeLimit = 'depth' | 'parts' | 'header' | 'text' | 'addresses';
