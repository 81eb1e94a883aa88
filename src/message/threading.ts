// What joins a message to its conversation: identifiers (RFC 5322 §3.6.4) and base subject (RFC 5256 §2.1), and keys of both for look-ups
// in a table. Which messages make one thread is decided by who keeps them.
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
/**
 * A hash of 53 bits: a safe integer, and SQLite's integer. Who aims at an equal key joins a conversation, which is simpler done by naming its
 * identifier; so it need not be a cryptographic one, which would take a tenth of the time of reading a message.
 */
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
  let high = 0x5160b057;
  let low = 0x2f8b1e6d;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x5bd1e995);
    low ^= low >>> 15;
  }
  return ((mix(high ^ low) >>> 11) * 0x1_0000_0000 + (mix(low ^ text.length) >>> 0)) as ThreadKey;
}

/** Spreads each bit over all: the last step of MurmurHash3. */
function mix(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
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
