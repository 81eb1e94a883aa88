// SMTP's commands as a client writes them (RFC 5321 §4.1.1) and the parameters of the extensions that we announce, read from
// one line into a closed union. Whether a command is in order is the session's matter.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { parseMailParameters } from './mail-parameters.ts';
import type { MailParameters } from './mail-parameters.ts';
import { splitParameters } from './parameters.ts';
import { parsePath } from './path.ts';
import { parseClientName } from './client-name.ts';
import type { ClientName } from './client-name.ts';
import { parseXclient } from './xclient.ts';
import type { ClientClaims } from './xclient.ts';
import type { Path } from './path.ts';
import { parseRecipientParameters } from './recipient-parameters.ts';
import type { RecipientParameters } from './recipient-parameters.ts';

export type Command =
  | { readonly verb: 'EHLO'; readonly client: ClientName }
  | { readonly verb: 'HELO'; readonly client: ClientName }
  /** LMTP's own (RFC 2033 §4.1). */
  | { readonly verb: 'LHLO'; readonly client: ClientName }
  | { readonly verb: 'MAIL'; readonly reversePath: Path | undefined; readonly parameters: MailParameters }
  | { readonly verb: 'RCPT'; readonly forwardPath: ForwardPath; readonly parameters: RecipientParameters }
  | { readonly verb: 'DATA' }
  /** `size` octets follow the command's line. */
  | { readonly verb: 'BDAT'; readonly size: number; readonly last: boolean }
  | { readonly verb: 'RSET' }
  | { readonly verb: 'VRFY'; readonly what: string }
  | { readonly verb: 'HELP'; readonly topic: string | undefined }
  | { readonly verb: 'NOOP' }
  | { readonly verb: 'QUIT' }
  | { readonly verb: 'STARTTLS' }
  /** `initial` is the initial response as it was written: base64, or `=`. */
  | { readonly verb: 'AUTH'; readonly mechanism: string; readonly initial: string | undefined }
  | { readonly verb: 'XCLIENT'; readonly claims: ClientClaims }
  /** A command of SMTP that we don't offer. */
  | { readonly verb: 'unsupported'; readonly name: string }
  /** Another protocol's request: a web page made a browser talk to us. */
  | { readonly verb: 'foreign'; readonly name: string };

/** `<postmaster>` needs no domain (RFC 5321 §4.1.1.3). */
export type ForwardPath = { readonly kind: 'path'; readonly path: Path } | { readonly kind: 'postmaster' };

export interface CommandFault {
  /**
   * `unknown`: no such command. `syntax`: the command is known, its arguments are wrong. `sender`, `recipient`: the address
   * is no address. `parameter`: a parameter is unknown or not offered. `value`: a parameter's value is wrong. `chunk`: octets may
   * follow, and how many isn't known: nothing more can be read.
   */
  readonly kind: 'unknown' | 'syntax' | 'sender' | 'recipient' | 'parameter' | 'value' | 'chunk';
  /** A whole sentence for the client. Quotes nothing but printable ASCII. */
  readonly reason: string;
}

export type CommandResult = Result<Command, CommandFault>;

/** Reads one line without its CRLF. RFC 5321 §4.1.1: verbs are compared without case, blanks before the CRLF are tolerated. */
export function parseCommand(line: string): CommandResult {
  const text = withoutTrailingBlanks(line);
  const verb = /^[^ \t]*/.exec(text)?.[0] ?? '';
  const rest = text.slice(verb.length).replace(/^[ \t]+/, '');
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(text))
    return fault({ kind: 'unknown', reason: 'A command holds no control characters.' });
  return readArguments(verb.toUpperCase(), rest);
}

function readArguments(verb: string, rest: string): CommandResult {
  switch (verb) {
    case 'EHLO':
    case 'HELO':
    case 'LHLO':
      return readHello(verb, rest);
    case 'MAIL':
      return readMail(rest);
    case 'RCPT':
      return readRecipient(rest);
    // data = "DATA" CRLF, rset = "RSET" CRLF, quit = "QUIT" CRLF; STARTTLS has no parameters (RFC 3207 §4)
    case 'DATA':
    case 'RSET':
    case 'QUIT':
    case 'STARTTLS':
      return rest === ''
        ? ok({ verb })
        : fault({ kind: 'syntax', reason: `${verb} stands alone on its line.` });
    case 'BDAT':
      return readChunk(rest);
    // noop = "NOOP" [ SP String ] CRLF
    case 'NOOP':
      return ok({ verb });
    // vrfy = "VRFY" SP String CRLF
    case 'VRFY':
      return rest === ''
        ? fault({ kind: 'syntax', reason: 'VRFY needs a user or an address.' })
        : ok({ verb, what: rest });
    // help = "HELP" [ SP String ] CRLF
    case 'HELP':
      return ok({ verb, topic: rest === '' ? undefined : rest });
    case 'AUTH':
      return readAuth(rest);
    case 'XCLIENT': {
      const claims = parseXclient(rest);
      return claims.ok ? ok({ verb, claims: claims.value }) : fault({ kind: 'syntax', reason: claims.fault });
    }
    case 'EXPN':
    case 'TURN':
    case 'ETRN':
    case 'ATRN':
    case 'SEND':
    case 'SOML':
    case 'SAML':
    case 'BURL':
      return ok({ verb: 'unsupported', name: verb });
    case 'GET':
    case 'POST':
    case 'PUT':
    case 'HEAD':
    case 'OPTIONS':
    case 'CONNECT':
    case 'PRI':
      return ok({ verb: 'foreign', name: verb });
    default:
      return fault({
        kind: 'unknown',
        reason: 'This is no command of SMTP that is known here. HELP lists those that are.',
      });
  }
}

// ehlo = "EHLO" SP ( Domain / address-literal ) CRLF
// helo = "HELO" SP Domain CRLF; LHLO is written as EHLO (RFC 2033 §4.1)
function readHello(verb: 'EHLO' | 'HELO' | 'LHLO', rest: string): CommandResult {
  if (rest === '') return fault({ kind: 'syntax', reason: `${verb} needs the name of your host.` });
  const client = parseClientName(rest);
  return client === undefined
    ? fault({
        kind: 'syntax',
        reason: `${verb} needs the name of your host: a domain name or an address like [192.0.2.1].`,
      })
    : ok({ verb, client });
}

// mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF
function readMail(rest: string): CommandResult {
  const at = afterKeyword(rest, /^FROM:[ \t]*/i);
  if (at === undefined)
    return fault({ kind: 'syntax', reason: 'The command is written MAIL FROM:<address>.' });
  const parsed = parsePath(rest, at);
  if (!parsed.ok)
    return fault({
      kind: 'sender',
      reason: `The sender's address is wrong: ${printable(parsed.fault.reason)}.`,
    });
  const parameters = splitParameters(rest.slice(parsed.value.end));
  if (!parameters.ok) return parameters;
  const known = parseMailParameters(parameters.value);
  return known.ok ? ok({ verb: 'MAIL', reversePath: parsed.value.path, parameters: known.value }) : known;
}

// rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters] CRLF
function readRecipient(rest: string): CommandResult {
  const at = afterKeyword(rest, /^TO:[ \t]*/i);
  if (at === undefined) return fault({ kind: 'syntax', reason: 'The command is written RCPT TO:<address>.' });
  const postmaster = /^<postmaster>/i.exec(rest.slice(at))?.[0];
  const parsed =
    postmaster === undefined ? parsePath(rest, at) : ok({ path: undefined, end: at + postmaster.length });
  if (!parsed.ok)
    return fault({
      kind: 'recipient',
      reason: `The recipient's address is wrong: ${printable(parsed.fault.reason)}.`,
    });
  const { path, end } = parsed.value;
  if (path === undefined && postmaster === undefined)
    return fault({ kind: 'recipient', reason: 'The recipient is missing: <> is no recipient.' });
  const parameters = splitParameters(rest.slice(end));
  if (!parameters.ok) return parameters;
  const known = parseRecipientParameters(parameters.value);
  if (!known.ok) return known;
  return ok({
    verb: 'RCPT',
    forwardPath: path === undefined ? { kind: 'postmaster' } : { kind: 'path', path },
    parameters: known.value,
  });
}

// bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CRLF         (RFC 3030 §2)
// chunk-size = 1*DIGIT; end-marker = "LAST"
function readChunk(rest: string): CommandResult {
  const match = /^([0-9]{1,15})(?:[ \t]+(LAST))?$/i.exec(rest);
  return match === null
    ? fault({ kind: 'chunk', reason: 'The command is written BDAT size [LAST].' })
    : ok({ verb: 'BDAT', size: Number(match[1]), last: match[2] !== undefined });
}

// auth = "AUTH" SP sasl-mech [SP initial-response]         (RFC 4954 §4, §8)
// sasl-mech = 1*20 mech-char; initial-response = base64 / "="
function readAuth(rest: string): CommandResult {
  const match = /^([A-Za-z0-9_-]{1,20})(?:[ \t]+([^ \t]+))?$/.exec(rest);
  return match?.[1] === undefined
    ? fault({ kind: 'syntax', reason: 'The command is written AUTH mechanism [initial-response].' })
    : ok({ verb: 'AUTH', mechanism: match[1].toUpperCase(), initial: match[2] });
}

function afterKeyword(rest: string, keyword: RegExp): number | undefined {
  // RFC 5321 §3.3 allows no blank after the colon; many clients write one, and it can't be misread.
  return keyword.exec(rest)?.[0].length;
}

/** A regular expression would look at blanks within the line again and again. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  return line.slice(0, end);
}

function printable(text: string): string {
  return text.replaceAll(/[^ -~]/gu, '?');
}
