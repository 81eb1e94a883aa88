// The base subject of RFC 5256 §2.1: what is left of a subject without the marks of replies, forwards and mailing lists. Two messages
// of one thread have the same one.
import { decodeWords } from './encoded-words.ts';

export interface BaseSubject {
  /** Compare without case. */
  readonly text: string;
  /** Marks of a reply or a forward were taken off. */
  readonly isReply: boolean;
}

/** Of a subject as written. Work is linear in its length: each step goes on where the one before ended. */
export function baseSubject(subject: string): BaseSubject {
  // Step 1: decoded, white space joined.
  const text = decodeWords(subject).replaceAll(/\s+/g, ' ').trim();
  let from = 0;
  let to = text.length;
  let isReply = false;
  for (;;) {
    // Step 2. subj-trailer = "(fwd)" / WSP
    for (;;) {
      while (to > from && text.charCodeAt(to - 1) === 0x20) to--;
      if (to - from < 5 || text.slice(to - 5, to).toLowerCase() !== '(fwd)') break;
      to -= 5;
      isReply = true;
    }
    // Steps 3 to 5.
    const leaders = skipLeaders(text, from, to);
    from = leaders.end;
    isReply ||= leaders.isReply;
    // Step 6. subj-fwd-hdr = "[fwd:", subj-fwd-trl = "]"
    if (
      to - from < 6 ||
      text.charCodeAt(to - 1) !== 0x5d ||
      text.slice(from, from + 5).toLowerCase() !== '[fwd:'
    )
      return { text: text.slice(from, to), isReply };
    from += 5;
    to -= 1;
    isReply = true;
  }
}

// subj-leader = (*subj-blob subj-refwd) / WSP
function skipLeaders(
  text: string,
  from: number,
  to: number,
): { readonly end: number; readonly isReply: boolean } {
  let isReply = false;
  let at = from;
  for (;;) {
    while (at < to && text.charCodeAt(at) === 0x20) at++;
    /** Behind the blobs, and where the last of them begins. */
    let behind = at;
    let lastBlob = at;
    for (let end = blobEnd(text, at, to); end !== undefined; end = blobEnd(text, behind, to)) {
      lastBlob = behind;
      behind = end;
    }
    const end = refwdEnd(text, behind, to);
    if (end !== undefined) {
      at = end;
      isReply = true;
      continue;
    }
    // Step 4: blobs go as long as something is left.
    return { end: behind < to ? behind : lastBlob, isReply };
  }
}

// subj-blob = "[" *BLOBCHAR "]" *WSP; a BLOBCHAR is anything but brackets
function blobEnd(text: string, from: number, to: number): number | undefined {
  if (text.charCodeAt(from) !== 0x5b) return undefined;
  for (let at = from + 1; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b) return undefined;
    if (code !== 0x5d) continue;
    let end = at + 1;
    while (end < to && text.charCodeAt(end) === 0x20) end++;
    return end;
  }
  return undefined;
}

// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
function refwdEnd(text: string, from: number, to: number): number | undefined {
  const word = text.slice(from, from + 3).toLowerCase();
  let at = from;
  if (word.startsWith('re')) at += 2;
  else if (word === 'fwd') at += 3;
  else if (word.startsWith('fw')) at += 2;
  else return undefined;
  while (at < to && text.charCodeAt(at) === 0x20) at++;
  at = blobEnd(text, at, to) ?? at;
  return at < to && text.charCodeAt(at) === 0x3a ? at + 1 : undefined;
}
