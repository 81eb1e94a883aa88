// What the main thread asks of the writer's thread, in plain values that cross cheaply. Contents lie one behind the
// other in one buffer that is handed over with the group; steps and recipients cross as the JSON that is stored.
import type { MailAddress } from '../../lib/mail-address.ts';
import type { Credentials } from '../../login/account-store.ts';
import type { Settlement } from '../../smtp/queue/queue-store.ts';
import type { FaultMessage } from './fault.ts';

export interface MessageToWrite {
  readonly id: string;
  readonly receivedAt: number;
  readonly reverseLocal: string | null;
  readonly reverseDomain: string | null;
  readonly eightBit: boolean;
  readonly utf8: boolean;
  readonly size: number;
  /** Each at most once. */
  readonly mailboxes: readonly { readonly account: number; readonly name: string }[];
  /** Each at most once. */
  readonly relays: readonly MailAddress[];
  readonly recipients: string;
  readonly steps: string;
}

export type WriteRequest =
  | { readonly kind: 'accept'; readonly message: MessageToWrite }
  | {
      readonly kind: 'settle';
      readonly settlements: readonly Settlement[];
      readonly journey: readonly { readonly message: string; readonly steps: string }[];
      readonly notices: readonly MessageToWrite[];
    }
  | { readonly kind: 'expunge'; readonly mailbox: number; readonly uids: readonly number[] }
  | { readonly kind: 'retry'; readonly id: number | undefined; readonly now: number }
  | { readonly kind: 'cancel'; readonly id: number }
  | PeopleRequest;

export type PeopleRequest =
  | {
      readonly kind: 'addAccount';
      readonly address: MailAddress;
      readonly credentials: Credentials;
      readonly now: number;
    }
  | { readonly kind: 'setCredentials'; readonly id: number; readonly credentials: Credentials }
  | { readonly kind: 'removeAccount'; readonly id: number }
  | { readonly kind: 'addDomain'; readonly name: string; readonly now: number }
  | { readonly kind: 'removeDomain'; readonly name: string };

/** What a request gives once it is committed; the kinds not listed give nothing. */
export type WriteValue =
  | { readonly kind: 'done' }
  | { readonly kind: 'id'; readonly id: number }
  | { readonly kind: 'count'; readonly count: number }
  /** Nothing was changed, and the sentence says why. */
  | { readonly kind: 'refused'; readonly reason: string };

export type WriteOutcome =
  { readonly ok: true; readonly value: WriteValue } | { readonly ok: false; readonly fault: FaultMessage };

export interface WriteGroup {
  readonly requests: readonly WriteRequest[];
  /** The contents of the requests' messages, in their order, without gaps. */
  readonly contents: Uint8Array;
}

/** What a commit changed, for those who watch. */
export interface Changes {
  readonly mailboxes: readonly number[];
  readonly queue: boolean;
  /** Domains or accounts. */
  readonly people: boolean;
}

export interface WriterData {
  readonly path: string;
  /** The database grows to no more than this; then writing fails as on a full disk. */
  readonly maxOctets: number | undefined;
}

export type ToWriter =
  | { readonly kind: 'group'; readonly group: WriteGroup }
  /** Forget the journeys of messages received before that time; not answered. */
  | { readonly kind: 'forget'; readonly before: number }
  | { readonly kind: 'close' };

export type FromWriter =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly fault: FaultMessage }
  /** One outcome a request, in their order; sent after the commit. */
  | { readonly kind: 'outcomes'; readonly outcomes: readonly WriteOutcome[]; readonly changes: Changes }
  | { readonly kind: 'closed' };
