// A mailbox as one session sees it: message numbers fixed at login, marks of deletion on top (RFC 1939 §5).
import type { Mailbox, MailboxEntry } from '../../mailbox/mail-store.ts';
import type { ContentId, MailboxId, Uid } from '../../mailbox/message.ts';
import { uniqueId } from '../../mailbox/unique-id.ts';

export interface MaildropMessage {
  /** 1 for the first. */
  readonly number: number;
  readonly uid: Uid;
  readonly content: ContentId;
  /** Octets. */
  readonly size: number;
}

/**
 * Keeps 21 octets a message, so that a session on a mailbox of a million costs about 20 MiB and not hundreds. Marks are the one
 * thing that changes in it; totals are kept up with them, so that STAT and DELE don't depend on how many messages there are.
 */
export class Maildrop {
  readonly mailbox: MailboxId;
  readonly #uidValidity: number;
  readonly #uids: Uint32Array;
  readonly #sizes: Float64Array;
  readonly #contents: Float64Array;
  readonly #deleted: Uint8Array;
  readonly #allOctets: number;
  #count: number;
  #octets: number;

  /** `entries` by ascending uid. */
  constructor(mailbox: Mailbox, entries: readonly MailboxEntry[]) {
    this.mailbox = mailbox.id;
    this.#uidValidity = mailbox.uidValidity;
    this.#uids = Uint32Array.from(entries, (entry) => entry.uid);
    this.#sizes = Float64Array.from(entries, (entry) => entry.size);
    this.#contents = Float64Array.from(entries, (entry) => entry.content);
    this.#deleted = new Uint8Array(entries.length);
    this.#allOctets = entries.reduce((sum, entry) => sum + entry.size, 0);
    this.#count = entries.length;
    this.#octets = this.#allOctets;
  }

  /** How many messages have a number, marked as deleted or not. */
  get length(): number {
    return this.#uids.length;
  }

  /** Messages not marked as deleted, and their octets. */
  get count(): number {
    return this.#count;
  }

  get octets(): number {
    return this.#octets;
  }

  /** `undefined` where there is no such number, or the message is marked as deleted. */
  find(number: number): MaildropMessage | undefined {
    const index = number - 1;
    const uid = this.#uids[index];
    if (uid === undefined || this.#deleted[index] === 1) return undefined;
    return {
      number,
      // The columns hold what the store gave: a brand survives being a number in an array.
      uid: uid as Uid,
      content: (this.#contents[index] ?? 0) as ContentId,
      size: this.#sizes[index] ?? 0,
    };
  }

  /** Messages not marked as deleted, in order, made as they are asked for. */
  *messages(): Iterable<MaildropMessage> {
    for (let number = 1; number <= this.length; number++) {
      const message = this.find(number);
      if (message !== undefined) yield message;
    }
  }

  /** RFC 1939 §7: 1 to 70 characters from 0x21 to 0x7E, the same in every session, never given to another message. */
  uniqueId(message: MaildropMessage): string {
    return uniqueId({ uidValidity: this.#uidValidity }, message);
  }

  markDeleted(message: MaildropMessage): void {
    if (this.#deleted[message.number - 1] === 1) return;
    this.#deleted[message.number - 1] = 1;
    this.#count -= 1;
    this.#octets -= message.size;
  }

  unmarkAll(): void {
    if (this.#count < this.length) this.#deleted.fill(0);
    this.#count = this.length;
    this.#octets = this.#allOctets;
  }

  /** What the UPDATE state removes (RFC 1939 §6). */
  deletedUids(): readonly Uid[] {
    const uids: Uid[] = [];
    for (const [index, uid] of this.#uids.entries()) {
      if (this.#deleted[index] === 1) uids.push(uid as Uid);
    }
    return uids;
  }
}
