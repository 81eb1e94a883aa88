// Reads a server's replies (RFC 5321 §4.2), which may have several lines (§4.2.1) and enhanced status codes (RFC 2034,
// RFC 3463). A bare LF ends a line here as CRLF does: a reply is never passed on as lines, so nothing can be smuggled by it,
// and old servers are understood.
import { bytesToUtf8, concatBytes, emptyBytes } from '../../lib/bytes.ts';
import { oneLine } from '../../lib/one-line.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';

export interface ServerReply {
  /** 200 to 599. */
  readonly code: number;
  /** `5.1.1`, where the server gave one of the same class as `code`. */
  readonly enhancedCode: string | undefined;
  /** One text a line, at least one, without the codes; what {@link oneLine} replaces is `?`: replies end up in logs, journeys and bounces. */
  readonly lines: readonly string[];
}

/** RFC 5321 §4.5.3.1.5 allows 512 octets; some servers write more, and nobody needs this much. */
export const maxReplyLine = 2048;
/** Lines of one reply: a greeting to EHLO has about 15. */
export const maxReplyLines = 128;

/**
 * A push decoder. `push` gives the replies that are complete with these bytes, in order; after a fault it gives the same
 * fault for ever, because the peer can't be understood from there on. Holds at most one unfinished reply.
 */
export class ReplyDecoder {
  #rest: Uint8Array = emptyBytes;
  #code: number | undefined;
  #lines: string[] = [];
  #fault: string | undefined;

  /** Whether bytes or lines of an unfinished reply are held: at the end of the stream that is a broken reply. */
  get pending(): boolean {
    return this.#rest.length > 0 || this.#lines.length > 0;
  }

  push(bytes: Uint8Array): Result<readonly ServerReply[]> {
    if (this.#fault !== undefined) return fault(this.#fault);
    const replies: ServerReply[] = [];
    const input = this.#rest.length === 0 ? bytes : concatBytes([this.#rest, bytes]);
    // What was held is at most a line long, and has no LF: it need not be searched again.
    let searchFrom = this.#rest.length;
    let start = 0;
    for (;;) {
      const lineFeed = input.indexOf(0x0a, searchFrom);
      const length = (lineFeed === -1 ? input.length : lineFeed) - start;
      if (length > maxReplyLine) return this.#fail(`a reply line is longer than ${maxReplyLine} octets`);
      if (lineFeed === -1) break;
      const end = lineFeed > start && input[lineFeed - 1] === 0x0d ? lineFeed - 1 : lineFeed;
      const wrong = this.#takeLine(bytesToUtf8(input.subarray(start, end)), replies);
      if (wrong !== undefined) return this.#fail(wrong);
      start = lineFeed + 1;
      searchFrom = start;
    }
    this.#rest = start === input.length ? emptyBytes : input.slice(start);
    return ok(replies);
  }

  /**
   * RFC 5321 §4.2
   *
   *     Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
   *     Reply-code = %x32-35 %x30-35 %x30-39
   */
  #takeLine(line: string, replies: ServerReply[]): string | undefined {
    const match = /^([2-5]\d\d)(?:([ -])(.*))?$/s.exec(line);
    if (match === null) return `'${oneLine(line).slice(0, 80)}' is not a reply`;
    const code = Number(match[1]);
    if (this.#code !== undefined && this.#code !== code) {
      return `one reply has the codes ${this.#code} and ${code}`;
    }
    if (this.#lines.length === maxReplyLines) return `a reply has more than ${maxReplyLines} lines`;
    this.#code = code;
    this.#lines.push(oneLine(match[3] ?? ''));
    if (match[2] === '-') return undefined;
    replies.push(makeReply(code, this.#lines));
    this.#code = undefined;
    this.#lines = [];
    return undefined;
  }

  #fail(reason: string): Result<readonly ServerReply[]> {
    this.#fault = reason;
    this.#rest = emptyBytes;
    this.#lines = [];
    return fault(reason);
  }
}

/** RFC 3463 §2: class, subject and detail; RFC 2034 §4 puts them in front of each line's text. */
const enhancedPattern = /^([245]\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2}))(?: +|$)/;

function makeReply(code: number, texts: readonly string[]): ServerReply {
  const found = enhancedPattern.exec(texts[0] ?? '')?.[1];
  // RFC 2034 §4: the class must agree with the code; one that doesn't is only text.
  const enhancedCode = found?.charCodeAt(0) === 0x30 + Math.floor(code / 100) ? found : undefined;
  const lines = enhancedCode === undefined ? texts : texts.map((text) => text.replace(enhancedPattern, ''));
  return { code, enhancedCode, lines };
}

/** What is kept of a reply's text: journeys and logs shall not grow by what a server likes to say. */
const maxFormatted = 1000;

/** The reply on one line, cut off where it is too long: `550 5.1.1 There is no such mailbox`. */
export function formatServerReply(reply: ServerReply): string {
  const text = reply.lines.filter((line) => line !== '').join(' ');
  const whole = [String(reply.code), reply.enhancedCode, text]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
  return whole.length <= maxFormatted ? whole : `${whole.slice(0, maxFormatted)}…`;
}

/** The enhanced status code, or the one that says as much as the reply code does (RFC 3463 §3: X.0.0). */
export function statusOf(reply: ServerReply): string {
  return reply.enhancedCode ?? `${Math.floor(reply.code / 100)}.0.0`;
}
