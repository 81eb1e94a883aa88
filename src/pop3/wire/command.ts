// Commands of POP3 (RFC 1939, RFC 2449, RFC 2595, RFC 5034, RFC 6856) as a closed union, and their parser.
import { bytesToUtf8Strict } from '../../lib/bytes.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';

export type Command =
  | { readonly verb: 'USER'; readonly name: string }
  | { readonly verb: 'PASS'; readonly password: string }
  /** Its arguments aren't read: see `replies.apopNotOffered`. */
  | { readonly verb: 'APOP' }
  /** `mechanism` is absent where the client asks for the list; `initial` is as the client encoded it. */
  | {
      readonly verb: 'AUTH';
      readonly mechanism: string | undefined;
      readonly initial: string | undefined;
    }
  /** `message` is absent where all are listed. */
  | { readonly verb: 'LIST' | 'UIDL'; readonly message: number | undefined }
  | { readonly verb: 'RETR' | 'DELE'; readonly message: number }
  | { readonly verb: 'TOP'; readonly message: number; readonly lines: number }
  | { readonly verb: 'CAPA' | 'STLS' | 'UTF8' | 'STAT' | 'NOOP' | 'RSET' | 'QUIT' };

export type CommandFault =
  | { readonly kind: 'too-long' }
  /** Control characters, or octets that aren't UTF-8. */
  | { readonly kind: 'characters' }
  | { readonly kind: 'unknown' }
  /** `usage` is the form that the command has: `RETR message`. */
  | { readonly kind: 'arguments'; readonly usage: string };

/** Octets of a command without its CRLF: RFC 2449 §4 has 255 with it. */
export const longestCommand = 253;

/** Reads one line (without CRLF). Work is bounded by {@link longestCommand}. */
export function parseCommand(line: Uint8Array): Result<Command, CommandFault> {
  if (line.length > longestCommand) return fault({ kind: 'too-long' });
  const text = bytesToUtf8Strict(line);
  if (text === undefined || /[\u0000-\u001f\u007f]/.test(text)) return fault({ kind: 'characters' });
  const space = text.indexOf(' ');
  // RFC 1939 §3: keywords are case-insensitive, one space stands between a keyword and its argument.
  const keyword = (space === -1 ? text : text.slice(0, space)).toUpperCase();
  const rest = space === -1 ? '' : text.slice(space + 1);
  const parser = parsers.get(keyword);
  if (parser === undefined) return fault({ kind: 'unknown' });
  const command = parser.parse(rest);
  return command === undefined ? fault({ kind: 'arguments', usage: parser.usage }) : ok(command);
}

interface CommandParser {
  readonly usage: string;
  /** Takes what follows the keyword and its space; `undefined` where that doesn't fit. */
  parse(rest: string): Command | undefined;
}

const parsers: ReadonlyMap<string, CommandParser> = new Map<string, CommandParser>([
  //  "USER" SP name    (RFC 1939 §7); the name may hold spaces as a mailbox's local part may.
  ['USER', { usage: 'USER name', parse: (rest) => (rest === '' ? undefined : { verb: 'USER', name: rest }) }],
  //  "PASS" SP string  (RFC 1939 §7: the only argument, so spaces belong to it)
  [
    'PASS',
    {
      usage: 'PASS password',
      parse: (rest) => (rest === '' ? undefined : { verb: 'PASS', password: rest }),
    },
  ],
  ['APOP', { usage: 'APOP name digest', parse: () => ({ verb: 'APOP' }) }],
  ['AUTH', { usage: 'AUTH [mechanism [initial-response]]', parse: parseAuth }],
  ['LIST', { usage: 'LIST [message]', parse: (rest) => parseListing('LIST', rest) }],
  ['UIDL', { usage: 'UIDL [message]', parse: (rest) => parseListing('UIDL', rest) }],
  ['RETR', { usage: 'RETR message', parse: (rest) => parseMessage('RETR', rest) }],
  ['DELE', { usage: 'DELE message', parse: (rest) => parseMessage('DELE', rest) }],
  ['TOP', { usage: 'TOP message lines', parse: parseTop }],
  ...(['CAPA', 'STLS', 'UTF8', 'STAT', 'NOOP', 'RSET', 'QUIT'] as const).map(
    (verb): [string, CommandParser] => [
      verb,
      { usage: verb, parse: (rest) => (words(rest).length === 0 ? { verb } : undefined) },
    ],
  ),
]);

/** Spaces too many at the end or in between do no harm, so they are passed over. */
function words(rest: string): string[] {
  return rest.split(' ').filter((word) => word !== '');
}

/**
 *     "AUTH" SP mechanism [SP initial-response]    (RFC 5034 §4)
 *     "AUTH"                                       (not in the RFC; old clients ask for the list of mechanisms by it)
 */
function parseAuth(rest: string): Command | undefined {
  const [mechanism, initial, ...more] = words(rest);
  return more.length > 0 ? undefined : { verb: 'AUTH', mechanism, initial };
}

/**
 *     ("LIST" / "UIDL") [SP msg]    (RFC 1939 §5, §7)
 */
function parseListing(verb: 'LIST' | 'UIDL', rest: string): Command | undefined {
  const [first, ...more] = words(rest);
  if (first === undefined) return { verb, message: undefined };
  const message = parseNumber(first);
  return message === undefined || more.length > 0 ? undefined : { verb, message };
}

/**
 *     ("RETR" / "DELE") SP msg    (RFC 1939 §5)
 */
function parseMessage(verb: 'RETR' | 'DELE', rest: string): Command | undefined {
  const [first = '', ...more] = words(rest);
  const message = parseNumber(first);
  return message === undefined || more.length > 0 ? undefined : { verb, message };
}

/**
 *     "TOP" SP msg SP n    (RFC 1939 §7)
 */
function parseTop(rest: string): Command | undefined {
  const [first = '', second = '', ...more] = words(rest);
  const message = parseNumber(first);
  const lines = parseNumber(second);
  return message === undefined || lines === undefined || more.length > 0
    ? undefined
    : { verb: 'TOP', message, lines };
}

/** Ten digits are more than any message number or count of lines needs, and still exact. */
function parseNumber(word: string): number | undefined {
  return /^[0-9]{1,10}$/.test(word) ? Number(word) : undefined;
}
