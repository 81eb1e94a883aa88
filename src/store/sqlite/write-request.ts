// What the main thread asks of the writer's thread, in plain values that cross cheaply. Contents lie one behind the
// other in one buffer that is handed over with the group; steps and recipients cross as the JSON that is stored.
import type { MailAddress } from '../../lib/mail-address.ts';
import type { AddressList, GroupChange } from '../../domains/address-list.ts';
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
  readonly binary: boolean;
  /** JSON. */
  readonly terms: string | null;
  readonly urgency: number;
  /** When it may first be attempted to pass it on. */
  readonly dueAt: number;
  readonly size: number;
  /** Octets that follow the content: `AcceptedMessage.parsed`; 0 where there is none. */
  readonly parsedSize: number;
  /** Each at most once. */
  readonly mailboxes: readonly { readonly account: number; readonly name: string }[];
  /** Each at most once. */
  readonly relays: readonly RelayToWrite[];
  readonly recipients: string;
  readonly steps: string;
}

export interface RelayToWrite extends MailAddress {
  readonly owner: MailAddress | null;
  /** JSON. */
  readonly report: string | null;
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
  | PeopleRequest
  | ReportRequest
  | ZoneRequest;

export type ReportRequest =
  /** Gives how many messages found no room. */
  | {
      readonly kind: 'countReports';
      readonly rows: readonly {
        readonly day: number;
        readonly domain: string;
        readonly facts: string;
        readonly count: number;
      }[];
      readonly mostRows: number;
    }
  /** Deletes some rows of days before that one; gives how many went, 0 at the end. */
  | { readonly kind: 'forgetReports'; readonly before: number };

/** `zone` is the origin as the table `zone` has it. `octets`: how many of the group's contents are the request's. */
export type ZoneRequest =
  | {
      readonly kind: 'appendChange';
      readonly zone: string;
      readonly from: number;
      readonly to: number;
      readonly octets: number;
    }
  | { readonly kind: 'startJournal'; readonly zone: string; readonly serial: number }
  | { readonly kind: 'trimChanges'; readonly zone: string; readonly mostOctets: number }
  | { readonly kind: 'saveZoneState'; readonly zone: string; readonly state: string }
  | { readonly kind: 'removeZone'; readonly zone: string }
  /** Gives an id for `addChunk`; nothing refers to that snapshot yet. */
  | { readonly kind: 'beginSnapshot' }
  | {
      readonly kind: 'addChunk';
      readonly snapshot: number;
      readonly number: number;
      readonly octets: number;
    }
  | {
      readonly kind: 'endSnapshot';
      readonly zone: string;
      readonly snapshot: number;
      readonly serial: number;
      /** Of all chunks. */
      readonly total: number;
      readonly restart: boolean;
    }
  /** One that won't be ended. */
  | { readonly kind: 'dropSnapshot'; readonly snapshot: number }
  /** Deletes some chunks of snapshots that are not used any more; gives how many rows went, 0 at the end. */
  | { readonly kind: 'sweepSnapshots' };

export type PeopleRequest =
  | {
      readonly kind: 'addAccount';
      readonly address: MailAddress;
      readonly credentials: Credentials;
      readonly now: number;
    }
  | { readonly kind: 'setCredentials'; readonly id: number; readonly credentials: Credentials }
  | { readonly kind: 'removeAccount'; readonly id: number }
  | {
      readonly kind: 'setAccountSettings';
      readonly id: number;
      /** JSON. */
      readonly settings: string;
    }
  | {
      readonly kind: 'addDomain';
      readonly name: string;
      readonly aliasOf: string | undefined;
      readonly now: number;
    }
  | { readonly kind: 'setCatchAll'; readonly name: string; readonly target: MailAddress | undefined }
  | { readonly kind: 'removeDomain'; readonly name: string }
  | {
      readonly kind: 'addTargets';
      readonly list: AddressList['kind'];
      readonly address: MailAddress;
      readonly targets: readonly MailAddress[];
      readonly now: number;
    }
  | {
      readonly kind: 'removeTargets';
      readonly address: MailAddress;
      readonly targets: readonly MailAddress[];
    }
  | { readonly kind: 'changeGroup'; readonly address: MailAddress; readonly change: GroupChange }
  | { readonly kind: 'removeList'; readonly address: MailAddress };

/** What a request gives once it is committed; the kinds not listed give nothing. */
export type WriteValue =
  | { readonly kind: 'done' }
  | { readonly kind: 'id'; readonly id: number }
  | { readonly kind: 'count'; readonly count: number }
  /** Nothing was changed, and the sentence says why. */
  | { readonly kind: 'refused'; readonly reason: string };

export function refused(reason: string): WriteValue {
  return { kind: 'refused', reason };
}

export type WriteOutcome =
  { readonly ok: true; readonly value: WriteValue } | { readonly ok: false; readonly fault: FaultMessage };

export interface WriteGroup {
  readonly requests: readonly WriteRequest[];
  /** The contents of the requests, in their order, without gaps. */
  readonly contents: Uint8Array;
}

/** How many octets of the group's contents are the request's. */
export function contentOctets(request: WriteRequest): number {
  if (request.kind === 'accept') return messageOctets(request.message);
  if (request.kind === 'settle')
    return request.notices.reduce((octets, notice) => octets + messageOctets(notice), 0);
  return request.kind === 'appendChange' || request.kind === 'addChunk' ? request.octets : 0;
}

function messageOctets({ size, parsedSize }: MessageToWrite): number {
  return size + parsedSize;
}

/** What a commit changed, for those who watch. */
export interface Changes {
  readonly mailboxes: readonly number[];
  readonly queue: boolean;
  /** Domains, accounts or lists. */
  readonly people: boolean;
}

export interface WriterData {
  readonly path: string;
  /** The database grows to no more than this; then writing fails as on a full disk. */
  readonly maxOctets: number | undefined;
  /** Where contents are handed over; the writer's while a group is being committed. */
  readonly arena: SharedArrayBuffer;
}

export type ToWriter =
  /** `contents`: how many octets of the arena they are, or themselves where they have no room there. */
  | {
      readonly kind: 'group';
      readonly requests: readonly WriteRequest[];
      readonly contents: number | Uint8Array<ArrayBuffer>;
    }
  /** Forget the journeys of messages received before that time; not answered. */
  | { readonly kind: 'forget'; readonly before: number }
  | { readonly kind: 'close' };

export type FromWriter =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly fault: FaultMessage }
  /** One outcome a request, in their order; sent after the commit. */
  | { readonly kind: 'outcomes'; readonly outcomes: readonly WriteOutcome[]; readonly changes: Changes }
  | { readonly kind: 'closed' };
