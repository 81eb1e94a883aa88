// What stands behind the path of MAIL and RCPT (RFC 5321 §4.1.2, "esmtp-param"), cut into parameters.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { CommandFault } from './command.ts';

export interface Parameter {
  /** In upper case. */
  readonly keyword: string;
  readonly value: string | undefined;
}

/** No extension gives a command as many as this. */
const mostParameters = 20;

// Mail-parameters = esmtp-param *(SP esmtp-param)
// esmtp-param = esmtp-keyword ["=" esmtp-value]
// esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
// esmtp-value = 1*(%d33-60 / %d62-126)                    (RFC 6531 §3.3 adds UTF-8)
/** Reads what stands behind a path: nothing, or blanks and parameters. */
export function splitParameters(text: string): Result<readonly Parameter[], CommandFault> {
  if (text === '') return ok([]);
  if (!/^[ \t]/.test(text))
    return fault({ kind: 'syntax', reason: 'Only parameters may stand behind the >, after a blank.' });
  const words = text.split(/[ \t]+/, mostParameters + 2).filter((word) => word !== '');
  if (words.length > mostParameters)
    return fault({ kind: 'syntax', reason: 'These are too many parameters.' });
  const parameters: Parameter[] = [];
  for (const word of words) {
    const match = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\u0080-\u{10ffff}]+))?$/u.exec(word);
    if (match?.[1] === undefined)
      return fault({ kind: 'syntax', reason: 'A parameter is written KEYWORD or KEYWORD=value.' });
    const keyword = match[1].toUpperCase().slice(0, 40);
    if (parameters.some((parameter) => parameter.keyword === keyword))
      return fault({ kind: 'syntax', reason: `The parameter ${keyword} stands twice.` });
    parameters.push({ keyword, value: match[2] });
  }
  return ok(parameters);
}
