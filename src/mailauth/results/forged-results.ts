// Authentication-Results fields that claim to be ours and came with the message (RFC 8601 §5): they have to go before ours is added.
import type { HeaderField } from '../../message/header.ts';
import type { MessageHeader } from '../message-header.ts';

/**
 * The fields to take out, in ascending order. A field whose authserv-id can't be read goes too: somebody else's reader might take it for
 * ours. `authservId`: our own, compared without case.
 */
export function forgedResults(header: MessageHeader, authservId: string): readonly HeaderField[] {
  const own = authservId.toLowerCase();
  return header.named('authentication-results').filter((field) => {
    const id = readAuthservId(header.value(field));
    return id === undefined || id.toLowerCase().replace(/\.$/, '') === own;
  });
}

// authres-payload = [CFWS] authserv-id [ CFWS authres-version ] ( no-result / 1*resinfo ) [CFWS] CRLF
// authserv-id = value ; value = token / quoted-string
/** `undefined` where none stands there. `value`: an octet a character. */
export function readAuthservId(value: string): string | undefined {
  const start = skipBlanks(value, 0);
  if (start === undefined) return undefined;
  const [id, end] = value[start] === '"' ? readQuoted(value, start) : readToken(value, start);
  if (id === undefined || id === '') return undefined;
  const next = skipBlanks(value, end);
  if (next === undefined) return undefined;
  // What follows is a version and results, or nothing; anything glued to the name makes it another's guess.
  return next === value.length || value[next] === ';' || (next > end && /^\d/.test(value.slice(next)))
    ? id
    : undefined;
}

function readToken(value: string, start: number): readonly [string | undefined, number] {
  const token = /[^\x00-\x20\x7f()<>@,;:\\"/[\]?=]*/y;
  token.lastIndex = start;
  const text = token.exec(value)?.[0] ?? '';
  return [text, start + text.length];
}

function readQuoted(value: string, start: number): readonly [string | undefined, number] {
  let text = '';
  for (let at = start + 1; at < value.length; at++) {
    const character = value[at] ?? '';
    if (character === '"') return [text.replaceAll(/[\r\n]/g, ''), at + 1];
    if (character === '\\') at += 1;
    text += value[at] ?? '';
  }
  return [undefined, value.length];
}

/** After white space and nested comments; `undefined` where a comment has no end. */
function skipBlanks(value: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < value.length; at++) {
    const character = value[at] ?? '';
    if (depth > 0 && character === '\\') at += 1;
    else if (character === '(') depth += 1;
    else if (character === ')' && depth > 0) depth -= 1;
    else if (depth === 0 && !' \t\r\n'.includes(character)) return at;
  }
  return depth === 0 ? value.length : undefined;
}
