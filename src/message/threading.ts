// What joins a message to its conversation: identifiers (RFC 5322 §3.6.4) and base subject (RFC 5256 §2.1), and keys of both for look-ups
// in a table. Which messages make one thread is decided by who keeps them.
import { hash } from 'node:crypto';
import { baseSubject } from './base-subject.ts';
import type { HeaderFields } from './header-fields.ts';

export interface Threading {
  /** Without angle brackets. */
  readonly messageId: string | undefined;
  readonly inReplyTo: readonly string[];
  /** The oldest first; where there are too many, the latest are kept. */
  readonly references: readonly string[];
  readonly baseSubject: string;
  readonly isReply: boolean;
  /** Keys of the message's own identifier and of all that it names, without repeats. */
  readonly keys: readonly ThreadKey[];
  readonly subjectKey: ThreadKey | undefined;
}

declare const threadKeyBrand: unique symbol;
/** 52 bits of SHA-256: a safe integer, and SQLite's integer. A hash without a secret, but one that nobody can aim. */
export type ThreadKey = number & { readonly [threadKeyBrand]: true };

/** `most`: identifiers of each field. */
export function readThreading(fields: HeaderFields, subject: string | undefined, most: number): Threading {
  const id = fields.value('message-id');
  const messageId = id === undefined ? undefined : (parseMessageIds(id, 1)[0] ?? id);
  const inReplyTo = parseMessageIds(fields.value('in-reply-to') ?? '', most);
  const references = parseMessageIds(fields.value('references') ?? '', most);
  const base = baseSubject(subject ?? '');
  const ids = new Set([...(messageId === undefined ? [] : [messageId]), ...inReplyTo, ...references]);
  return {
    messageId,
    inReplyTo,
    references,
    baseSubject: base.text,
    isReply: base.isReply,
    keys: [...ids].map(threadKey),
    subjectKey: base.text === '' ? undefined : threadKey(base.text.toLowerCase()),
  };
}

/** The key of an identifier without its brackets, or of a base subject in lower case. */
export function threadKey(text: string): ThreadKey {
  return Number.parseInt(hash('sha256', text, 'hex').slice(0, 13), 16) as ThreadKey;
}

// msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]
/** What stands in angle brackets, white space taken out; of more than `most` the last. Phrases between them are obsolete, and passed over. */
export function parseMessageIds(text: string, most: number): readonly string[] {
  const ids: string[] = [];
  for (let to = text.lastIndexOf('>'); to > 0 && ids.length < most;) {
    const from = text.lastIndexOf('<', to);
    if (from < 0) break;
    const id = text.slice(from + 1, to).replaceAll(/[\s<>]/g, '');
    if (id !== '') ids.push(id);
    to = from === 0 ? -1 : text.lastIndexOf('>', from);
  }
  return ids.reverse();
}
