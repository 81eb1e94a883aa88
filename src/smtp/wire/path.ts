// Mail addresses and paths as SMTP writes them (RFC 5321 §4.1.2, with the UTF-8 of RFC 6531 §3.3), read into `MailAddress`.
// Commands, the command line and logins all read addresses here, so that one text means one address everywhere.
import { domainToASCII } from 'node:url';
import { utf8ToBytes } from '../../lib/bytes.ts';
import { parseAddress } from '../../lib/endpoint.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';

/** A forward-path, or a reverse-path that isn't null. */
export interface Path {
  readonly address: MailAddress;
  /** Whether it was written with characters outside ASCII, so that SMTPUTF8 is needed (RFC 6531 §3.4). */
  readonly utf8: boolean;
  /** The hosts of a source route, in order. Nothing routes by them (RFC 5321 §3.6.1, appendix C). */
  readonly sourceRoute: readonly string[];
}

export interface PathFault {
  /** Offset in UTF-16 units of what is wrong. */
  readonly at: number;
  /** A sentence's end, to stand after "the address is wrong: ". */
  readonly reason: string;
}

/**
 * Octets. RFC 5321 §4.5.3.1.1 lets us be sent 64; senders that encode a bounce address (VERP, SRS, BATV) go beyond, and
 * refusing those loses mail, so paths take more. Addresses that we give out ourselves keep to 64.
 */
const longestLocalPart = 255;
const longestOwnLocalPart = 64;
/** Octets in A-label form (RFC 1035 §2.3.4: 255 on the wire, so 253 in text). */
const longestDomain = 253;
/** A source route of more hosts than this is an attack, not a path. */
const longestSourceRoute = 20;

/**
 * Reads an address as a person types it: `user@example.com`, `"odd user"@example.com`, `user@[192.0.2.1]`, `jörg@bücher.example`.
 * The domain becomes lower-case A-labels. The fault is a sentence.
 */
export function parseMailAddress(text: string): Result<MailAddress> {
  const reader = new PathReader(text);
  const address = reader.mailbox();
  if (!address.ok) return fault(`'${text}' is not a mail address: ${address.fault.reason}`);
  if (!reader.atEnd()) return fault(`'${text}' is not a mail address: it goes on after its domain`);
  if (utf8ToBytes(address.value.localPart).length > longestOwnLocalPart)
    return fault(`'${text}' is too long: at most ${longestOwnLocalPart} octets may stand before the @`);
  return address;
}

/** Reads a domain name of mail in ASCII or with U-labels; gives lower-case A-labels. The fault is a sentence. */
export function parseMailDomain(text: string): Result<string> {
  const reader = new PathReader(text);
  const domain = reader.domain();
  if (!domain.ok) return fault(`'${text}' is not a domain name: ${domain.fault.reason}`);
  if (!reader.atEnd())
    return fault(`'${text}' is not a domain name: it holds a character that none may have`);
  return domain;
}

/** Reads the `<…>` that begins at `at`, and says where it ends. `undefined` is the null path `<>`. */
export function parsePath(
  text: string,
  at: number,
): Result<{ readonly path: Path | undefined; readonly end: number }, PathFault> {
  const reader = new PathReader(text, at);
  const path = reader.path();
  return path.ok ? ok({ path: path.value, end: reader.position }) : path;
}

/** Reads a whole address literal such as `[192.0.2.1]` or `[IPv6:2001:db8::1]` into its shortest form. */
export function parseAddressLiteral(text: string): string | undefined {
  const reader = new PathReader(text);
  const literal = reader.addressLiteral();
  return literal.ok && reader.atEnd() ? literal.value : undefined;
}

const atext = /[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a0-\u{10ffff}-]+/uy;
/** qtextSMTP, RFC 6531 §3.3: printable ASCII and blank but for `"` and `\`, and what is not ASCII (controls are). */
const qtext = /[ !#-[\]-~\u00a0-\u{10ffff}]+/uy;
const domainText = /[A-Za-z0-9.\u00a0-\u{10ffff}-]+/uy;
const literalText = /[!-Z^-~]+/uy;

class PathReader {
  readonly #text: string;
  #at: number;

  constructor(text: string, at = 0) {
    this.#text = text;
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  // Reverse-path = Path / "<>"
  // Forward-path = Path
  // Path = "<" [ A-d-l ":" ] Mailbox ">"
  path(): Result<Path | undefined, PathFault> {
    const start = this.#at;
    if (!this.#take('<')) return this.#wrong('it must stand between < and >');
    if (this.#take('>')) return ok(undefined);
    const sourceRoute = this.#peek() === '@' ? this.sourceRoute() : ok([]);
    if (!sourceRoute.ok) return sourceRoute;
    const address = this.mailbox();
    if (!address.ok) return address;
    if (!this.#take('>')) return this.#wrong('a > is missing after the domain');
    const utf8 = /[^\0-\x7f]/.test(this.#text.slice(start, this.#at));
    return ok({ address: address.value, utf8, sourceRoute: sourceRoute.value });
  }

  // A-d-l = At-domain *( "," At-domain )
  // At-domain = "@" Domain
  sourceRoute(): Result<readonly string[], PathFault> {
    const hosts: string[] = [];
    do {
      if (!this.#take('@')) return this.#wrong('each host of a source route begins with @');
      const host = this.domain();
      if (!host.ok) return host;
      hosts.push(host.value);
      if (hosts.length > longestSourceRoute) return this.#wrong('its source route is too long');
    } while (this.#take(','));
    return this.#take(':') ? ok(hosts) : this.#wrong('a : is missing after the source route');
  }

  // Mailbox = Local-part "@" ( Domain / address-literal )
  // Local-part = Dot-string / Quoted-string
  mailbox(): Result<MailAddress, PathFault> {
    const start = this.#at;
    const localPart = this.#peek() === '"' ? this.quotedString() : this.dotString();
    if (!localPart.ok) return localPart;
    if (utf8ToBytes(localPart.value).length > longestLocalPart)
      return fault({ at: start, reason: `more than ${longestLocalPart} octets stand before the @` });
    if (!this.#take('@')) {
      return this.#wrong(
        this.atEnd() || this.#peek() === '>'
          ? 'an @ and a domain are missing'
          : `${this.#shown()} can't stand before the @`,
      );
    }
    const domain = this.#peek() === '[' ? this.addressLiteral() : this.domain();
    return domain.ok ? ok({ localPart: localPart.value, domain: domain.value }) : domain;
  }

  // Dot-string = Atom *("." Atom)
  // Atom = 1*atext
  dotString(): Result<string, PathFault> {
    const start = this.#at;
    do {
      if (this.#run(atext) === '') {
        return this.#wrong(
          this.#peek() === '.' || this.#text[this.#at - 1] === '.'
            ? 'a dot must have a letter or digit on each side (or the whole stand between quotes)'
            : this.#peek() === '@' || this.atEnd() || this.#peek() === '>'
              ? 'nothing stands before the @'
              : `${this.#shown()} can't stand before the @`,
        );
      }
    } while (this.#take('.'));
    return ok(this.#text.slice(start, this.#at));
  }

  // Quoted-string = DQUOTE *QcontentSMTP DQUOTE
  // QcontentSMTP = qtextSMTP / quoted-pairSMTP
  // quoted-pairSMTP = %d92 %d32-126
  quotedString(): Result<string, PathFault> {
    if (!this.#take('"')) return this.#wrong('a " is missing');
    let text = '';
    for (;;) {
      text += this.#run(qtext);
      if (this.#take('"')) break;
      if (!this.#take('\\')) return this.#wrong('the closing " is missing');
      const escaped = this.#peek() ?? '';
      if (!/^[ -~]$/.test(escaped)) return this.#wrong('a \\ must escape a character of ASCII');
      text += escaped;
      this.#at++;
    }
    // The grammar has `""@example.com`; no mailbox can be meant by it.
    return text === '' ? this.#wrong('nothing stands between the quotes') : ok(text);
  }

  // Domain = sub-domain *("." sub-domain)
  // sub-domain = Let-dig [Ldh-str] / U-label        (U-label: RFC 6531 §3.3, RFC 5890 §2.3.2.1)
  domain(): Result<string, PathFault> {
    const start = this.#at;
    const written = this.#run(domainText);
    if (written === '') {
      return this.#wrong(
        this.atEnd() || this.#peek() === '>'
          ? 'the domain is missing'
          : `${this.#shown()} can't stand in a domain`,
      );
    }
    const domain = toALabels(written);
    if (domain === undefined) return fault({ at: start, reason: `'${written}' is not a domain name` });
    if (domain.length > longestDomain)
      return fault({ at: start, reason: `its domain is longer than ${longestDomain} octets` });
    return ok(domain);
  }

  // address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"
  // IPv6-address-literal = "IPv6:" IPv6-addr
  // General-address-literal has no registered tag but IPv6 (RFC 5321 §4.1.3), so none is taken.
  addressLiteral(): Result<string, PathFault> {
    if (!this.#take('[')) return this.#wrong('a [ is missing');
    const start = this.#at;
    const text = this.#run(literalText);
    if (!this.#take(']')) return this.#wrong('a ] is missing after the address');
    const tagged = /^ipv6:/i.test(text);
    const written = tagged ? text.slice(5) : text;
    // A zone (`%eth0`) means something on one machine only.
    const address = written.includes('%') ? undefined : parseAddress(written);
    if (address === undefined || tagged !== written.includes(':'))
      return fault({ at: start, reason: `'[${text}]' is not an address literal` });
    return ok(address.includes(':') ? `[IPv6:${address}]` : `[${address}]`);
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #run(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #wrong(reason: string): Result<never, PathFault> {
    return fault({ at: this.#at, reason });
  }

  #shown(): string {
    const code = this.#text.codePointAt(this.#at) ?? 0;
    return code <= 0x20 || (code >= 0x7f && code < 0xa0)
      ? 'a blank or control character'
      : `'${String.fromCodePoint(code)}'`;
  }
}

/** Lower-case A-labels (RFC 5890 §2.3.2.1), or `undefined` where it is no domain name. Does not look at the whole length. */
function toALabels(written: string): string | undefined {
  if (written.length > 1000) return undefined;
  const ascii = /^[ -~]*$/.test(written);
  const domain = ascii ? written.toLowerCase() : domainToASCII(written);
  for (const label of domain.split('.')) {
    if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) return undefined;
  }
  // domainToASCII follows the web's rule that a numeric last label makes an IPv4 address of the name: `１２７.1` must not become one.
  if (!ascii && /(?:^|\.)[0-9]+$/.test(domain)) return undefined;
  return domain;
}
