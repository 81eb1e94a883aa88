// One list in DNS (RFC 5782): whether something is on it, why, and whether the list itself can be believed.
import type { Lookup } from '../../dns/lookup.ts';
import { formatIpv4 } from '../../dns/wire/ip-address.ts';
import { AddressRanges } from '../../lib/address-ranges.ts';
import { unreachable } from '../../lib/result.ts';
import { DnsQuestions } from '../../mailauth/dns-questions.ts';
import { listedName, testEntries } from './list-names.ts';
import type { Subject } from './list-names.ts';
import type { DnsListSettings } from './list-settings.ts';

export type Listing =
  | {
      readonly kind: 'listed';
      /** The answers that counted. */
      readonly codes: readonly string[];
      /** What the list says of it: printable ASCII, at most {@link longestReason} characters; may be empty. */
      readonly reason: string;
    }
  | { readonly kind: 'not-listed' }
  /** Nobody could say; `reason` is for the log. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Whether the list answers as RFC 5782 §5 wants it to. */
export type ListHealth = { readonly kind: 'sound' } | { readonly kind: 'unsound'; readonly reason: string };

const longestReason = 200;
/**
 * Answers that tell of a mistake of who asks, and list nothing: by a public resolver, too often, a name that is mistyped. The large
 * lists give them from this block.
 */
const errorCodes = '127.255.255.';

export class DnsList {
  readonly settings: DnsListSettings;
  readonly #codes: AddressRanges;
  readonly #lookup: Lookup;

  /** Throws where a block of `codes` is none: the config has checked them. */
  constructor(settings: DnsListSettings, lookup: Lookup) {
    this.settings = settings;
    this.#lookup = lookup;
    const codes = AddressRanges.parse(settings.codes);
    if (!codes.ok) throw new Error(codes.fault);
    this.#codes = codes.value;
  }

  async find(subject: Subject, signal: AbortSignal): Promise<Listing> {
    const name = listedName(subject, this.settings.zone);
    if (name === undefined) return { kind: 'not-listed' };
    const questions = new DnsQuestions(this.#lookup, { signal });
    const answer = await questions.addresses(name, 4);
    switch (answer.kind) {
      case 'failure':
        return { kind: 'unknown', reason: answer.reason };
      case 'void':
        return { kind: 'not-listed' };
      case 'found': {
        const all = answer.values.map(formatIpv4);
        const codes = all.filter((code) => this.#counts(code));
        if (codes.length === 0) {
          const strange = all.find((code) => !code.startsWith('127.') || code.startsWith(errorCodes));
          return strange === undefined
            ? { kind: 'not-listed' }
            : { kind: 'unknown', reason: `it answers ${strange}, which lists nothing` };
        }
        const texts = await questions.texts(name);
        return { kind: 'listed', codes, reason: texts.kind === 'found' ? shown(texts.values) : '' };
      }
      default:
        return unreachable(answer);
    }
  }

  /** RFC 5782 §5: asks for the entries that each list of the kind has, and hasn't. `undefined`: nobody could say. */
  async test(kind: Subject['kind'], signal: AbortSignal): Promise<ListHealth | undefined> {
    const { listed, notListed } = testEntries[kind];
    const questions = new DnsQuestions(this.#lookup, { signal });
    const [has, hasNot] = await Promise.all(
      [listed, notListed].map(async (entry) => {
        const name = listedName(entry, this.settings.zone);
        return name === undefined ? undefined : await questions.addresses(name, 4);
      }),
    );
    if (has === undefined || hasNot === undefined)
      return { kind: 'unsound', reason: 'its name is too long to be asked for' };
    if (has.kind === 'failure' || hasNot.kind === 'failure') return undefined;
    if (has.kind === 'void') return { kind: 'unsound', reason: `it hasn't the entry ${listed.text}` };
    const strange = has.values.map(formatIpv4).find((code) => !code.startsWith('127.'));
    if (strange !== undefined) return { kind: 'unsound', reason: `it answers ${strange}` };
    const refused = has.values.map(formatIpv4).find((code) => code.startsWith(errorCodes));
    if (refused !== undefined)
      return { kind: 'unsound', reason: `it answers ${refused}: it won't be asked by this resolver` };
    if (hasNot.kind === 'found')
      return { kind: 'unsound', reason: `it has the entry ${notListed.text}, so that it lists the world` };
    return { kind: 'sound' };
  }

  #counts(code: string): boolean {
    // RFC 5782 §2.1: answers are in 127.0.0.0/8. Any other comes from whoever took over the list's domain.
    if (!code.startsWith('127.') || code.startsWith(errorCodes) || !this.#codes.include(code)) return false;
    const { bits } = this.settings;
    return bits === undefined || (Number(code.slice(code.lastIndexOf('.') + 1)) & bits) !== 0;
  }
}

/** RFC 5782 §2.1: the reason is for people. It goes into a reply, so nothing of it may end the line or be more than ASCII. */
function shown(texts: readonly string[]): string {
  return (texts[0] ?? '')
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
    .slice(0, longestReason);
}
