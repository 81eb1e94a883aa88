// The recipients of a message that is being addressed: a value, as all in a phase is, that costs the same for the thousandth
// recipient as for the first.
import type { MailAddress } from '../../lib/mail-address.ts';
import type { Destination } from '../../mailbox/message.ts';
import type { ReportTerms } from '../../mailbox/terms.ts';

export interface Recipient {
  readonly address: MailAddress;
  /** What two recipients are the same by. */
  readonly key: string;
  /** Where the copies of this recipient go: one, but for aliases and groups. */
  readonly destinations: readonly Destination[];
  /** It was taken because MAIL FROM names a member of a group that takes mail from no one else. */
  readonly membersOnly?: true;
  /** NOTIFY and ORCPT. */
  readonly report?: ReportTerms;
}

/** In the order of RCPT, each once. Never changes: {@link with} gives another list. */
export class Recipients {
  static readonly none: Recipients = new Recipients(new Map(), 0, 0);
  /** Shared by the lists that grew from one another: a list's own are those that were there when it was made. */
  readonly #shared: Map<string, { readonly recipient: Recipient; readonly index: number }>;
  readonly #count: number;
  /** Of all of them; some may turn out to be one. */
  readonly copies: number;

  private constructor(
    shared: Map<string, { readonly recipient: Recipient; readonly index: number }>,
    count: number,
    copies: number,
  ) {
    this.#shared = shared;
    this.#count = count;
    this.copies = copies;
  }

  get count(): number {
    return this.#count;
  }

  has(key: string): boolean {
    return (this.#shared.get(key)?.index ?? this.#count) < this.#count;
  }

  with(recipient: Recipient): Recipients {
    if (this.has(recipient.key)) return this;
    // Only the newest list may grow in place: an older one would see what came after it.
    const newest = this.#count > 0 && this.#shared.size === this.#count;
    const shared = newest
      ? this.#shared
      : new Map(this.toArray().map((each, index) => [each.key, { recipient: each, index }]));
    shared.set(recipient.key, { recipient, index: this.#count });
    return new Recipients(shared, this.#count + 1, this.copies + recipient.destinations.length);
  }

  toArray(): readonly Recipient[] {
    const own: Recipient[] = [];
    for (const { recipient, index } of this.#shared.values()) {
      if (index >= this.#count) break;
      own.push(recipient);
    }
    return own;
  }
}
