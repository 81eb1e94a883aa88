// The place of DNSSEC validation (RFC 4035 §5): every answer of a zone's servers passes here before it is believed, kept or given on.
// Until validation is built, nothing is proved: everything is insecure, AD is never set.
import type { Found } from './descend.ts';
import type { AliasLink, AnswerEnd } from './read-reply.ts';
import type { Task } from './task.ts';

export interface Validated {
  readonly links: readonly AliasLink[];
  readonly end: AnswerEnd;
  readonly secure: boolean;
}

/** A task, because validation will ask for keys on its way. */
// eslint-disable-next-line require-yield
export function* validate(found: Extract<Found, { readonly kind: 'answer' }>): Task<Validated> {
  return { links: found.links, end: found.end, secure: false };
}
