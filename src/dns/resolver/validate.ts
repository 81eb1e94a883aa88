// The place of DNSSEC validation (RFC 4035 §5): every answer of a zone's servers passes here before it is believed, kept or given on.
// Until validation is built, nothing is proved: everything is insecure, AD is never set.
import type { Checked } from '../dnssec/security.ts';
import type { Found } from './descend.ts';
import type { Engine, Work } from './engine.ts';
import type { AliasLink, AnswerEnd } from './read-reply.ts';
import type { Task } from './task.ts';

export type CheckedLink = AliasLink & Checked;

export interface Validated {
  readonly links: readonly CheckedLink[];
  readonly end: AnswerEnd & Checked;
}

/** A task, because validation asks for keys on its way. Without `work.checking` everything is left `unchecked`. */
// eslint-disable-next-line require-yield
export function* validate(
  _engine: Engine,
  work: Work,
  found: Extract<Found, { readonly kind: 'answer' }>,
): Task<Validated> {
  const security = work.checking ? 'insecure' : 'unchecked';
  return {
    links: found.links.map((link) => ({ ...link, security })),
    end: { ...found.end, security },
  };
}
