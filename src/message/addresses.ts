// Addresses in header fields (RFC 5322 §3.4 with the obsolete forms of §4.4, groups in any field by RFC 6854, UTF-8 by RFC 6532).
// Everything gives addresses: what is broken gives what can be read of it. One pass, so that work is linear in the text.

export interface MailboxAddress {
  readonly kind: 'mailbox';
  /** Display name, or else the comment behind the address; quotes are removed, words of RFC 2047 are not decoded. */
  readonly name: string | undefined;
  /** Without quotes. */
  readonly localPart: string;
  /** As written, a literal with its brackets; empty where there is none. */
  readonly domain: string;
}

/** RFC 5322 §3.4: `Friends: ann@example.com, bob@example.org;`, or `undisclosed-recipients:;`. */
export interface AddressGroup {
  readonly kind: 'group';
  readonly name: string;
  readonly members: readonly MailboxAddress[];
}

export type Address = MailboxAddress | AddressGroup;

/** The addresses of an unfolded field value: the first `most` mailboxes and groups. */
export function parseAddresses(text: string, most: number): readonly Address[] {
  return new AddressParser(text, most).parse();
}

/** What an address is put together from. */
interface Piece {
  readonly kind: 'word' | 'quoted' | 'at';
  readonly text: string;
  /** White space or a comment stands before it. */
  readonly apart: boolean;
}

class AddressParser {
  readonly #text: string;
  readonly #most: number;
  #count = 0;
  #at = 0;
  /** A blank or comment was just passed. */
  #apart = false;
  #pieces: Piece[] = [];
  #comment: string | undefined;
  /** The pieces before `<`. */
  #phrase: readonly Piece[] | undefined;
  #inAngle = false;
  /** A quotation mark or parenthesis has no partner: no further one is looked for, so that many of them don't cost their square. */
  #unclosed = false;
  readonly #list: Address[] = [];
  #group: { readonly name: string; readonly members: MailboxAddress[] } | undefined;

  constructor(text: string, most: number) {
    this.#text = text;
    this.#most = most;
  }

  // address-list = (address *("," address)) / obs-addr-list
  parse(): readonly Address[] {
    while (this.#at < this.#text.length && this.#count < this.#most) this.#step();
    this.#endAddress();
    this.#endGroup();
    return this.#list;
  }

  #step(): void {
    const code = this.#text.charCodeAt(this.#at);
    switch (code) {
      case 0x20:
      case 0x09:
        this.#at++;
        this.#apart = true;
        return;
      case 0x28: // (
        this.#readComment();
        return;
      case 0x22: // "
        this.#readQuoted();
        return;
      case 0x40: // @
        this.#at++;
        this.#add('at', '@');
        return;
      case 0x3c: // <
        this.#at++;
        // A second one is a broken client's: what stood in the first is dropped.
        this.#phrase ??= this.#pieces;
        this.#pieces = [];
        this.#inAngle = true;
        return;
      case 0x3e: // >
        this.#at++;
        this.#inAngle = false;
        return;
      case 0x3a: // :
        this.#at++;
        this.#colon();
        return;
      case 0x2c: // ,
        this.#at++;
        // obs-route = obs-domain-list ":", obs-domain-list = "@" domain *("," ["@" domain])
        if (this.#inAngle && this.#pieces[0]?.kind === 'at') this.#add('word', ',');
        else this.#endAddress();
        return;
      case 0x3b: // ;
        this.#at++;
        this.#endAddress();
        this.#endGroup();
        return;
      default:
        this.#add('word', this.#readWord());
    }
  }

  #add(kind: Piece['kind'], text: string): void {
    // What stands behind `>` is no part of the address.
    if (this.#phrase === undefined || this.#inAngle) this.#pieces.push({ kind, text, apart: this.#apart });
    this.#apart = false;
  }

  #colon(): void {
    if (this.#inAngle) {
      // RFC 5322 §4.4: the route is not used.
      if (this.#pieces[0]?.kind === 'at') this.#pieces = [];
      else this.#add('word', ':');
    } else if (this.#group !== undefined || this.#phrase !== undefined) this.#add('word', ':');
    else {
      // group = display-name ":" [group-list] ";" [CFWS]
      this.#group = { name: phrase(this.#pieces) ?? '', members: [] };
      this.#count++;
      this.#startAddress();
    }
  }

  #startAddress(): void {
    this.#pieces = [];
    this.#phrase = undefined;
    this.#comment = undefined;
    this.#inAngle = false;
    this.#apart = false;
  }

  #endAddress(): void {
    const { name, localPart, domain } =
      this.#phrase === undefined
        ? readBare(this.#pieces)
        : { name: phrase(this.#phrase), ...readAddress(this.#pieces) };
    if (localPart !== '' || domain !== '' || name !== undefined) {
      const comment = this.#comment === '' ? undefined : this.#comment;
      const address: MailboxAddress = { kind: 'mailbox', name: name ?? comment, localPart, domain };
      (this.#group?.members ?? this.#list).push(address);
      this.#count++;
    }
    this.#startAddress();
  }

  #endGroup(): void {
    if (this.#group !== undefined) this.#list.push({ kind: 'group', ...this.#group });
    this.#group = undefined;
  }

  // comment = "(" *([FWS] ccontent) [FWS] ")"
  #readComment(): void {
    const end = this.#unclosed ? undefined : this.#closing(0x29, 0x28);
    if (end === undefined) return this.#addStray();
    this.#comment = unescaped(this.#text.slice(this.#at + 1, end)).trim();
    this.#at = end + 1;
    this.#apart = true;
  }

  // quoted-string = [CFWS] DQUOTE *([FWS] qcontent) [FWS] DQUOTE [CFWS]
  #readQuoted(): void {
    const end = this.#unclosed ? undefined : this.#closing(0x22);
    if (end === undefined) return this.#addStray();
    const text = unescaped(this.#text.slice(this.#at + 1, end));
    this.#at = end + 1;
    this.#add('quoted', text);
  }

  /** Where the quoted string or comment that begins here ends; a comment may hold others. */
  #closing(close: number, open?: number): number | undefined {
    const text = this.#text;
    let depth = 1;
    for (let at = this.#at + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x5c) at++;
      else if (code === open) depth++;
      else if (code === close && --depth === 0) return at;
    }
    this.#unclosed = true;
    return undefined;
  }

  #addStray(): void {
    this.#add('word', this.#text.charAt(this.#at++));
  }

  /** An atom with the dots in it, a domain literal, or characters that have no business here. */
  #readWord(): string {
    const text = this.#text;
    const from = this.#at;
    let at = from;
    if (text.charCodeAt(at) === 0x5b) {
      // domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]; what lacks its end is a word.
      while (at < text.length && !endsLiteral(text.charCodeAt(at))) at++;
      if (text.charCodeAt(at) === 0x5d) {
        this.#at = at + 1;
        return text.slice(from, at + 1);
      }
      at = from + 1;
    }
    while (at < text.length && !endsWord(text.charCodeAt(at))) at++;
    this.#at = Math.max(at, from + 1);
    return text.slice(from, this.#at);
  }
}

/** Blanks and `"(),:;<>@`. */
function endsWord(code: number): boolean {
  switch (code) {
    case 0x20:
    case 0x09:
    case 0x22:
    case 0x28:
    case 0x2c:
    case 0x3a:
    case 0x3b:
    case 0x3c:
    case 0x3e:
    case 0x40:
      return true;
    default:
      return false;
  }
}

/** `]`, and what no literal holds: without it a row of opening brackets would cost its square. */
function endsLiteral(code: number): boolean {
  return code === 0x5d || code === 0x2c || code === 0x3b || code === 0x3c || code === 0x3e || code === 0x40;
}

/** Without the backslashes of quoted pairs (RFC 5322 §3.2.1). */
function unescaped(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\(.?)/gs, '$1') : text;
}

/** A display name: words with one blank where there was white space. */
function phrase(pieces: readonly Piece[]): string | undefined {
  let text = '';
  for (const piece of pieces) text += (piece.apart && text !== '' ? ' ' : '') + piece.text;
  const trimmed = text.trim();
  return trimmed === '' ? undefined : trimmed;
}

// addr-spec = local-part "@" domain
function readAddress(pieces: readonly Piece[]): { readonly localPart: string; readonly domain: string } {
  const at = pieces.findLastIndex((piece) => piece.kind === 'at');
  const text = (from: number, to: number): string => {
    let joined = '';
    for (const piece of pieces.slice(from, to)) joined += piece.text;
    return joined;
  };
  return at < 0
    ? { localPart: text(0, pieces.length), domain: '' }
    : { localPart: text(0, at), domain: text(at + 1, pieces.length) };
}

/** An address without angle brackets; words before it are taken for its name. */
function readBare(pieces: readonly Piece[]): {
  readonly name: string | undefined;
  readonly localPart: string;
  readonly domain: string;
} {
  const at = pieces.findLastIndex((piece) => piece.kind === 'at');
  if (at < 0) return { name: undefined, localPart: phrase(pieces) ?? '', domain: '' };
  // obs-local-part = word *("." word): a blank beside a dot does not part it.
  let from = at;
  while (from > 0 && isJoined(pieces, from)) from--;
  let to = at + 1;
  while (to < pieces.length && (to === at + 1 || isJoined(pieces, to))) to++;
  return { name: phrase(pieces.slice(0, from)), ...readAddress(pieces.slice(from, to)) };
}

/** Whether the piece belongs to the address that the piece before it is of. */
function isJoined(pieces: readonly Piece[], index: number): boolean {
  const piece = pieces[index];
  const before = pieces[index - 1];
  if (piece === undefined || before === undefined) return false;
  return !piece.apart || piece.kind === 'at' || piece.text.startsWith('.') || before.text.endsWith('.');
}
