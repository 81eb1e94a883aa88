// Domain names: the wire form of RFC 1035 §3.1, the presentation form of RFC 1035 §5.1 (RFC 4343 §2.1), and the
// canonical order of RFC 4034 §6.1. A `DomainName` is always absolute and always within the limits of RFC 1035 §2.3.4.
import { equalBytes } from '../../lib/bytes.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';

/** Octets of a whole name, length octets and root label included (RFC 1035 §2.3.4). */
export const maxNameLength = 255;
export const maxLabelLength = 63;

/** An absolute domain name. Immutable: treat `wire` as read-only. Case is kept; comparisons ignore it. */
export class DomainName {
  /** Length-prefixed labels, root label last; uncompressed. */
  readonly wire: Uint8Array;
  #key: string | undefined;
  #offsets: readonly number[] | undefined;
  /** By their number of labels, as far as anybody asked: a resolver looks for one name's zones in many tables. */
  #ancestors: DomainName[] | undefined;

  /** `wire` must be a valid uncompressed name; `parseName` and `nameFromWire` make sure of it. */
  private constructor(wire: Uint8Array) {
    this.wire = wire;
  }

  static readonly root: DomainName = new DomainName(Uint8Array.of(0));

  /** Trusts its argument: for parsers that have checked each label and the length. */
  static unchecked(wire: Uint8Array): DomainName {
    return new DomainName(wire);
  }

  /** The wire form with ASCII letters in lower case, an octet a character: the key of maps, equal for equal names. */
  get key(): string {
    if (this.#key === undefined) {
      // Ten times as fast for short names as decoding a lower-case copy.
      let key = '';
      for (const octet of this.wire) key += lowerCharacters[octet] ?? '';
      this.#key = key;
    }
    return this.#key;
  }

  /** Where each label's length octet stands in `wire`, the root label's left out. */
  get #starts(): readonly number[] {
    if (this.#offsets === undefined) {
      const offsets: number[] = [];
      for (let at = 0, length = this.wire[0] ?? 0; length !== 0; length = this.wire[at] ?? 0) {
        offsets.push(at);
        at += length + 1;
      }
      // A copy takes no more memory than it needs; an array that has grown has room for 16 more.
      this.#offsets = offsets.slice();
    }
    return this.#offsets;
  }

  /** Labels without the root: 0 for `.`, 2 for `example.com.`. */
  get labelCount(): number {
    return this.#starts.length;
  }

  get isRoot(): boolean {
    return this.wire.length === 1;
  }

  /** RFC 4592 §2.1.1: the first label is a single `*`. */
  get isWildcard(): boolean {
    return this.wire[0] === 1 && this.wire[1] === 0x2a;
  }

  /** The octets of label `index`, 0 being the leftmost. */
  label(index: number): Uint8Array {
    const at = this.#starts[index];
    return at === undefined
      ? this.wire.subarray(0, 0)
      : this.wire.subarray(at + 1, at + 1 + (this.wire[at] ?? 0));
  }

  /** The name without its first label; the root's parent is `undefined`. */
  parent(): DomainName | undefined {
    return this.isRoot ? undefined : this.ancestor(this.labelCount - 1);
  }

  /** The ancestor (or self) that has `labels` labels; fewer than 0 or more than our own are clamped. */
  ancestor(labels: number): DomainName {
    const count = this.labelCount;
    if (labels >= count) return this;
    if (labels <= 0) return DomainName.root;
    this.#ancestors ??= [];
    const known = this.#ancestors[labels];
    if (known !== undefined) return known;
    const at = this.#starts[count - labels] ?? 0;
    const ancestor = new DomainName(this.wire.subarray(at));
    ancestor.#key = this.#key?.slice(at);
    this.#ancestors[labels] = ancestor;
    return ancestor;
  }

  equals(other: DomainName): boolean {
    if (this === other) return true;
    return this.wire.length === other.wire.length && endsWith(this.wire, other.wire);
  }

  isAtOrBelow(other: DomainName): boolean {
    const { wire } = this;
    const extra = wire.length - other.wire.length;
    // The other's first label must start where one of ours does.
    let at = 0;
    while (at < extra) at += (wire[at] ?? 0) + 1;
    return at === extra && endsWith(wire, other.wire);
  }

  isBelow(other: DomainName): boolean {
    return this.wire.length > other.wire.length && this.isAtOrBelow(other);
  }

  /** How many labels, counted from the root, both names share. */
  commonLabels(other: DomainName): number {
    const [mine, theirs] = [this.#starts, other.#starts];
    const most = Math.min(mine.length, theirs.length);
    for (let shared = 0; shared < most; shared++) {
      const a = mine[mine.length - 1 - shared] ?? 0;
      const b = theirs[theirs.length - 1 - shared] ?? 0;
      if (compareLabels(this.wire, a, other.wire, b) !== 0) return shared;
    }
    return most;
  }

  /** Canonical order (RFC 4034 §6.1): negative, zero or positive. */
  compare(other: DomainName): number {
    const [mine, theirs] = [this.#starts, other.#starts];
    const shared = this.commonLabels(other);
    const a = mine[mine.length - 1 - shared];
    const b = theirs[theirs.length - 1 - shared];
    // RFC 4034 §6.1: a name sorts before those below it.
    if (a === undefined || b === undefined) return mine.length - theirs.length;
    return compareLabels(this.wire, a, other.wire, b);
  }

  /** This name below one more label, or `undefined` where the label or the result is too long. */
  prepend(label: Uint8Array): DomainName | undefined {
    if (label.length === 0 || label.length > maxLabelLength) return undefined;
    if (label.length + 1 + this.wire.length > maxNameLength) return undefined;
    const wire = new Uint8Array(label.length + 1 + this.wire.length);
    wire[0] = label.length;
    wire.set(label, 1);
    wire.set(this.wire, label.length + 1);
    return new DomainName(wire);
  }

  /** The wildcard directly below this name (RFC 4592 §3.3.1), or `undefined` where it would be too long. */
  wildcard(): DomainName | undefined {
    return this.prepend(Uint8Array.of(0x2a));
  }

  /**
   * Replaces the ancestor `from` by `to`, as DNAME does (RFC 6672 §2.2); `undefined` where the result is too long.
   * This name must be at or below `from`.
   */
  rebase(from: DomainName, to: DomainName): DomainName | undefined {
    const kept = this.wire.length - from.wire.length;
    if (kept + to.wire.length > maxNameLength) return undefined;
    const wire = new Uint8Array(kept + to.wire.length);
    wire.set(this.wire.subarray(0, kept));
    wire.set(to.wire, kept);
    return new DomainName(wire);
  }

  lowerCase(): DomainName {
    return new DomainName(lowerCased(this.wire));
  }

  /** Octet for octet, case included: what 0x20 compares. */
  equalsExactly(other: DomainName): boolean {
    return equalBytes(this.wire, other.wire);
  }

  /** The presentation form, absolute: `example.com.`, `.`; octets that need it are escaped (RFC 4343 §2.1). */
  toString(): string {
    if (this.isRoot) return '.';
    const { wire } = this;
    let text = '';
    for (let at = 0; wire[at] !== 0;) {
      const end = at + 1 + (wire[at] ?? 0);
      for (at += 1; at < end; at++) text += labelCharacters[wire[at] ?? 0] ?? '';
      text += '.';
    }
    return text;
  }
}

function lowerOctet(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}

const octets: readonly number[] = Array.from({ length: 256 }, (_, octet) => octet);
const lowerCharacters: readonly string[] = octets.map((octet) => String.fromCharCode(lowerOctet(octet)));
const labelCharacters: readonly string[] = octets.map(formatLabelOctet);

/** Length octets are at most 63 and so are never touched. */
function lowerCased(wire: Uint8Array): Uint8Array {
  const lower = wire.slice();
  for (let i = 0; i < lower.length; i++) lower[i] = lowerOctet(lower[i] ?? 0);
  return lower;
}

/** Whether `wire` ends in `end`, case aside. */
function endsWith(wire: Uint8Array, end: Uint8Array): boolean {
  const extra = wire.length - end.length;
  if (extra < 0) return false;
  for (let i = end.length - 1; i >= 0; i--) {
    const [a, b] = [wire[extra + i] ?? 0, end[i] ?? 0];
    if (a !== b && lowerOctet(a) !== lowerOctet(b)) return false;
  }
  return true;
}

/** Orders the label at `a` and the one at `b` as left-justified octet strings in lower case (RFC 4034 §6.1). */
function compareLabels(mine: Uint8Array, a: number, theirs: Uint8Array, b: number): number {
  const [length, otherLength] = [mine[a] ?? 0, theirs[b] ?? 0];
  const shared = Math.min(length, otherLength);
  for (let i = 1; i <= shared; i++) {
    const difference = lowerOctet(mine[a + i] ?? 0) - lowerOctet(theirs[b + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return length - otherLength;
}

function formatLabelOctet(octet: number): string {
  if (octet <= 0x20 || octet >= 0x7f) return `\\${String(octet).padStart(3, '0')}`;
  const character = String.fromCharCode(octet);
  return '."\\;()@$'.includes(character) ? `\\${character}` : character;
}

/** Checks an uncompressed name that fills the array. */
export function nameFromWire(wire: Uint8Array): Result<DomainName> {
  if (wire.length > maxNameLength)
    return fault(`a name of ${wire.length} octets is longer than ${maxNameLength}`);
  for (let at = 0; at < wire.length;) {
    const length = wire[at] ?? 0;
    if (length === 0)
      return at === wire.length - 1 ? ok(DomainName.unchecked(wire)) : fault('octets after the root label');
    if (length > maxLabelLength) return fault('not a plain label');
    at += length + 1;
  }
  return fault('a name without its root label');
}

/** Where a name is put together before its length is known: an array made for each would cost more than the reading. */
const scratch = new Uint8Array(maxNameLength + 1);

/**
 * Reads the presentation form. A name without a trailing dot is relative to `origin`, which is the root unless given.
 * `@` alone is the origin itself only for zone files, so it is not read here. Octets beyond ASCII must be escaped.
 */
export function parseName(text: string, origin: DomainName = DomainName.root): Result<DomainName> {
  if (text === '') return fault('an empty name');
  if (text === '.') return ok(DomainName.root);
  const wire = scratch;
  let start = 0;
  let at = 1;
  let absolute = false;
  for (let i = 0; i < text.length; i++) {
    let octet = text.charCodeAt(i);
    if (octet === 0x2e) {
      if (at === start + 1) return fault(`'${shown(text)}' has an empty label`);
      wire[start] = at - start - 1;
      start = at;
      at += 1;
      absolute = i === text.length - 1;
      continue;
    }
    if (octet === 0x5c) {
      const decimal = /^\d{3}/.exec(text.slice(i + 1, i + 4))?.[0];
      if (decimal !== undefined) {
        octet = Number(decimal);
        if (octet > 255) return fault(`'${shown(text)}': \\${decimal} is above 255`);
        i += 3;
      } else {
        i += 1;
        if (i === text.length || /\d/.test(text[i] ?? ''))
          return fault(`'${shown(text)}' has an unfinished escape`);
        octet = text.charCodeAt(i);
        if (octet > 0x7f) return fault(`'${shown(text)}': write octets beyond ASCII as \\ and three digits`);
      }
    } else if (octet > 0x7f) {
      return fault(`'${shown(text)}': write an internationalised name in its xn-- form`);
    }
    if (at - start > maxLabelLength)
      return fault(`'${shown(text)}' has a label of more than ${maxLabelLength} octets`);
    if (at >= maxNameLength) return fault(`'${shown(text)}' is longer than ${maxNameLength} octets`);
    wire[at] = octet;
    at += 1;
  }
  if (absolute) {
    wire[start] = 0;
    if (at > maxNameLength) return fault(`'${shown(text)}' is longer than ${maxNameLength} octets`);
    return ok(DomainName.unchecked(wire.slice(0, at)));
  }
  wire[start] = at - start - 1;
  if (at + origin.wire.length > maxNameLength)
    return fault(`'${shown(text)}' is longer than ${maxNameLength} octets`);
  wire.set(origin.wire, at);
  return ok(DomainName.unchecked(wire.slice(0, at + origin.wire.length)));
}

/** For messages: what may come from a file of megabytes stays short. */
function shown(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

/** For names that stand in the code. Throws on a bad one: that is a bug. */
export function domainName(text: string): DomainName {
  const name = parseName(text);
  if (!name.ok) throw new Error(name.fault);
  return name.value;
}
