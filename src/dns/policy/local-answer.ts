// What the resolver says of its own accord about a name, before any server is asked.
import type { ResourceRecord, RRset } from '../wire/record.ts';

/** What the client is told of the reason (RFC 8914). */
export interface AnswerNote {
  /** An extended error code. */
  readonly code: number;
  /** A sentence. */
  readonly reason: string;
}

export type LocalAnswer = (
  | { readonly kind: 'records'; readonly rrset: RRset }
  /** Its CNAME record, which is followed. */
  | { readonly kind: 'alias'; readonly rrset: RRset }
  /** `soa`: for the authority section (RFC 2308 §2). */
  | { readonly kind: 'nodata' | 'nxdomain'; readonly soa: ResourceRecord | undefined }
  | { readonly kind: 'refuse' }
  /** No reply at all. */
  | { readonly kind: 'drop' }
) & { readonly note?: AnswerNote };

/** Type and name, class IN. */
export interface LocalQuestion {
  readonly name: RRset['owner'];
  readonly type: number;
}
