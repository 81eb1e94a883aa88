// A server's reply as it is written (RFC 5321 §4.2, §4.2.1; RFC 2034 §4).

export interface Reply {
  readonly code: number;
  /** RFC 3463 `class.subject.detail`; repeated on each line (RFC 2034 §4). Greetings, EHLO and 3xx have none. */
  readonly enhancedCode?: string;
  /** At least one. */
  readonly lines: readonly string[];
}

/** RFC 5321 §4.5.3.1.5: a reply line has at most 512 octets, of which codes and CRLF take up to 16. */
const longestText = 480;

/** With CRLFs. Whatever isn't printable becomes `?`: no reply can hold a line that we didn't write. */
export function formatReply(reply: Reply): string {
  const enhanced = reply.enhancedCode === undefined ? '' : `${reply.enhancedCode} `;
  const last = reply.lines.length - 1;
  return reply.lines
    .map((line, index) => `${reply.code}${index === last ? ' ' : '-'}${enhanced}${clean(line)}\r\n`)
    .join('');
}

function clean(line: string): string {
  return (/^[ -~]*$/.test(line) ? line : line.replaceAll(/[^ -~]/gu, '?')).slice(0, longestText);
}
