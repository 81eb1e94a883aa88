// Domain names: the wire form of RFC 1035 §3.1, the presentation form of RFC 1035 §5.1 (RFC 4343 §2.1), and the
// canonical order of RFC 4034 §6.1. A `DomainName` is always absolute and always within the limits of RFC 1035 §2.3.4.
import { bytesToLatin1, equalBytes } from '../../lib/bytes.ts';
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
    this.#key ??= bytesToLatin1(lowerCased(this.wire));
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
      this.#offsets = offsets;
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
    return new DomainName(this.wire.subarray(this.#starts[count - labels] ?? 0));
  }

  equals(other: DomainName): boolean {
    return this.wire.length === other.wire.length && this.key === other.key;
  }

  isAtOrBelow(other: DomainName): boolean {
    const extra = this.labelCount - other.labelCount;
    return extra >= 0 && this.ancestor(other.labelCount).equals(other);
  }

  isBelow(other: DomainName): boolean {
    return this.labelCount > other.labelCount && this.isAtOrBelow(other);
  }

  /** How many labels, counted from the root, both names share. */
  commonLabels(other: DomainName): number {
    const most = Math.min(this.labelCount, other.labelCount);
    for (let labels = most; labels > 0; labels--) {
      if (this.ancestor(labels).equals(other.ancestor(labels))) return labels;
    }
    return 0;
  }

  /** Canonical order (RFC 4034 §6.1): negative, zero or positive. */
  compare(other: DomainName): number {
    const [mine, theirs] = [this.labelCount, other.labelCount];
    for (let i = 1; i <= Math.min(mine, theirs); i++) {
      const [a, b] = [this.label(mine - i), other.label(theirs - i)];
      const shared = Math.min(a.length, b.length);
      for (let j = 0; j < shared; j++) {
        const difference = lowerOctet(a[j] ?? 0) - lowerOctet(b[j] ?? 0);
        if (difference !== 0) return difference;
      }
      if (a.length !== b.length) return a.length - b.length;
    }
    return mine - theirs;
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
    let text = '';
    for (let i = 0; i < this.labelCount; i++) {
      for (const octet of this.label(i)) text += formatLabelOctet(octet);
      text += '.';
    }
    return text;
  }
}

function lowerOctet(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}

/** Length octets are at most 63 and so are never touched. */
function lowerCased(wire: Uint8Array): Uint8Array {
  return wire.map(lowerOctet);
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

/**
 * Reads the presentation form. A name without a trailing dot is relative to `origin`, which is the root unless given.
 * `@` alone is the origin itself only for zone files, so it is not read here.
 */
export function parseName(text: string, origin: DomainName = DomainName.root): Result<DomainName> {
  if (text === '') return fault('an empty name');
  if (text === '.') return ok(DomainName.root);
  const wire = new Uint8Array(maxNameLength + 1);
  let start = 0;
  let at = 1;
  let absolute = false;
  for (let i = 0; i < text.length; i++) {
    let octet = text.charCodeAt(i);
    if (octet === 0x2e) {
      if (at === start + 1) return fault(`'${text}' has an empty label`);
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
        if (octet > 255) return fault(`'${text}': \\${decimal} is above 255`);
        i += 3;
      } else {
        i += 1;
        if (i === text.length || /\d/.test(text[i] ?? '')) return fault(`'${text}' has an unfinished escape`);
        octet = text.charCodeAt(i);
      }
    }
    if (octet > 0xff) return fault(`'${text}': write an internationalised name in its xn-- form`);
    if (at - start > maxLabelLength)
      return fault(`'${text}' has a label of more than ${maxLabelLength} octets`);
    if (at >= maxNameLength) return fault(`'${text}' is longer than ${maxNameLength} octets`);
    wire[at] = octet;
    at += 1;
  }
  if (absolute) {
    wire[start] = 0;
    return ok(DomainName.unchecked(wire.slice(0, at)));
  }
  wire[start] = at - start - 1;
  if (at + origin.wire.length > maxNameLength)
    return fault(`'${text}' is longer than ${maxNameLength} octets`);
  wire.set(origin.wire, at);
  return ok(DomainName.unchecked(wire.slice(0, at + origin.wire.length)));
}

/** For names that stand in the code. Throws on a bad one: that is a bug. */
export function domainName(text: string): DomainName {
  const name = parseName(text);
  if (!name.ok) throw new Error(name.fault);
  return name.value;
}
