// What a primary sends when it is asked for a zone: AXFR (RFC 5936 §2.2) and IXFR (RFC 1995 §4), whose answer may be the whole zone,
// the steps between two serials, or one SOA that says there is nothing to take. A push decoder over the messages of one transfer.
import { equalBytes } from '../../../lib/bytes.ts';
import { fault, ok, unreachable } from '../../../lib/result.ts';
import type { Result } from '../../../lib/result.ts';
import { formatRcode, opcode, rcode, rrClass } from '../../wire/codes.ts';
import type { Message } from '../../wire/message.ts';
import type { DomainName } from '../../wire/name.ts';
import { readRdata } from '../../wire/rdata/record-type.ts';
import { canonicalRdata } from '../../wire/rdata/registry.ts';
import { soa as soaType } from '../../wire/rdata/soa.ts';
import type { ResourceRecord } from '../../wire/record.ts';
import { formatType, rrType } from '../../wire/rr-type.ts';
import { isLater } from '../../wire/serial-arithmetic.ts';
import type { ZoneChange } from '../../zone/zone-change.ts';

export interface TransferQuestion {
  readonly origin: DomainName;
  /** `full` asks by AXFR, `steps` by IXFR. */
  readonly kind: 'full' | 'steps';
  readonly id: number;
  /** The serial that we have: only a later one is taken. `undefined` takes any, and is for `full` alone. */
  readonly since: number | undefined;
}

export type TransferEvent =
  /** What the primary has is not later than what we have; its SOA. The transfer is over. */
  | { readonly kind: 'current'; readonly soa: ResourceRecord }
  /** Records of the whole zone; the first of them is the SOA, which doesn't come again. */
  | { readonly kind: 'content'; readonly records: readonly ResourceRecord[] }
  | { readonly kind: 'step'; readonly change: ZoneChange }
  /** All is there. */
  | { readonly kind: 'end' };

export interface TransferFault {
  /**
   * `refused`: the primary won't, and says so by its response code. `odd`: what it sends is no transfer, or none that we asked
   * for. `large`: it is more than the limits allow.
   */
  readonly kind: 'refused' | 'odd' | 'large';
  /** Of a refusal. */
  readonly rcode: number;
  /** A sentence for the log. */
  readonly reason: string;
}

export interface TransferLimits {
  /** Octets of records in wire form, names written out. */
  readonly octets: number;
  /** The same of all steps together, which wait in memory until the last of them is there. */
  readonly stepOctets: number;
  readonly steps: number;
}

export const defaultTransferLimits: TransferLimits = {
  octets: 4 * 1024 ** 3,
  // As objects they take several times as much, in each of the transfers that run at once; above it the whole zone is asked for.
  stepOctets: 32 * 1024 ** 2,
  steps: 100_000,
};

/** A step on its way. */
interface Draft {
  readonly from: ResourceRecord;
  to: ResourceRecord | undefined;
  readonly removed: ResourceRecord[];
  readonly added: ResourceRecord[];
}

type Phase =
  | { readonly kind: 'start' }
  /** One SOA has come, and what comes next says what the transfer is. */
  | { readonly kind: 'soa' }
  | { readonly kind: 'content' }
  | { readonly kind: 'steps'; readonly draft: Draft }
  | { readonly kind: 'over' };

/** Types that no zone holds: OPT, TSIG and the like, and what only questions ask for (RFC 6895 §3.1). */
const firstMetaType = 128;
const lastMetaType = 255;

export class TransferDecoder {
  readonly #question: TransferQuestion;
  readonly #limits: TransferLimits;
  #phase: Phase = { kind: 'start' };
  #first: { readonly record: ResourceRecord; readonly serial: number } | undefined;
  #octets = 0;
  #steps = 0;
  #fault: TransferFault | undefined;

  constructor(question: TransferQuestion, limits: TransferLimits = defaultTransferLimits) {
    this.#question = question;
    this.#limits = limits;
  }

  /** Whether no more messages belong to the transfer. */
  get over(): boolean {
    return this.#phase.kind === 'over' || this.#fault !== undefined;
  }

  /** The next message of the answer. After a fault nothing more may be pushed, and what came before is not to be used. */
  push(message: Message): Result<readonly TransferEvent[], TransferFault> {
    const wrong = this.#checkMessage(message);
    if (wrong !== undefined) return this.#fail(wrong);
    const events: TransferEvent[] = [];
    const content: ResourceRecord[] = [];
    for (const record of message.answers) {
      if (this.#phase.kind === 'over') return this.#fail(odd('records after the end of the transfer'));
      const bad = this.#take(record, content, events);
      if (bad !== undefined) return this.#fail(bad);
      // A primary that has nothing later may send the whole zone all the same: no need to look at it.
      if (events.at(-1)?.kind === 'current') return ok(events);
    }
    if (content.length > 0) events.unshift({ kind: 'content', records: content });
    return ok(events);
  }

  #fail(wrong: TransferFault): Result<never, TransferFault> {
    this.#fault = wrong;
    return fault(wrong);
  }

  /** RFC 5936 §2.2.1 and §2.2.2 */
  #checkMessage(message: Message): TransferFault | undefined {
    const { origin, kind, id } = this.#question;
    if (message.id !== id || !message.response || message.opcode !== opcode.QUERY)
      return odd('an answer to something else');
    if (message.rcode !== rcode.NOERROR) {
      const name = formatRcode(message.rcode);
      return { kind: 'refused', rcode: message.rcode, reason: `the primary answers ${name}` };
    }
    if (message.truncated) return odd('a transfer by TCP that is cut short');
    // RFC 5936 §2.2.1 has AA set, and Knot DNS 3.2 doesn't set it; who has said so when asked for its SOA is believed here.
    // RFC 5936 §2.2.2: later messages may leave the question out.
    const [question, second] = message.questions;
    if (second !== undefined) return odd('more than one question in the answer');
    const asked = kind === 'full' ? rrType.AXFR : rrType.IXFR;
    const same =
      question === undefined ||
      (question.name.equals(origin) && question.class === rrClass.IN && question.type === asked);
    if (!same) return odd('an answer to another question');
    return message.answers.length === 0 ? odd('a message without records') : undefined;
  }

  #take(
    record: ResourceRecord,
    content: ResourceRecord[],
    events: TransferEvent[],
  ): TransferFault | undefined {
    const phase = this.#phase;
    const wrong = this.#checkRecord(record);
    if (wrong !== undefined) return wrong;
    switch (phase.kind) {
      case 'start':
        return this.#begin(record, events);
      case 'soa':
        return this.#second(record, content, events);
      case 'content':
        if (record.type === rrType.SOA) return this.#end(record, events);
        content.push(record);
        return undefined;
      case 'steps':
        return this.#step(phase.draft, record, events);
      case 'over':
        return odd('records after the end of the transfer');
      default:
        return unreachable(phase);
    }
  }

  #checkRecord(record: ResourceRecord): TransferFault | undefined {
    const { owner, type, rdata } = record;
    this.#octets += owner.wire.length + 10 + rdata.length;
    const most = this.#phase.kind === 'steps' ? this.#limits.stepOctets : this.#limits.octets;
    if (this.#octets > most)
      return { kind: 'large', rcode: 0, reason: `the transfer has more than ${most} octets` };
    if (record.class !== rrClass.IN) return odd('a record of another class than IN');
    // RFC 5936 §3.1 has a zone's records at and below its apex, glue included: others are not the primary's to give.
    if (!owner.isAtOrBelow(this.#question.origin))
      return odd(`${owner.toString()} ${formatType(type)} is not in the zone`);
    if ((type >= firstMetaType && type <= lastMetaType) || type === rrType.OPT || type === 0)
      return odd(`a record of type ${formatType(type)}, which no zone holds`);
    if (type === rrType.SOA && !owner.equals(this.#question.origin))
      return odd(`${owner.toString()} SOA stands below the zone's origin`);
    return undefined;
  }

  #begin(record: ResourceRecord, events: TransferEvent[]): TransferFault | undefined {
    const serial = serialOf(record);
    if (serial === undefined) return odd('a transfer that does not begin with the SOA record');
    const { since } = this.#question;
    if (since !== undefined && !isLater(serial, since)) {
      // RFC 1995 §2: nothing new is said by the one SOA.
      this.#phase = { kind: 'over' };
      events.push({ kind: 'current', soa: record });
      return undefined;
    }
    this.#first = { record, serial };
    this.#phase = { kind: 'soa' };
    return undefined;
  }

  /** RFC 1995 §4: a second SOA behind the first begins a step; anything else is the whole zone. */
  #second(
    record: ResourceRecord,
    content: ResourceRecord[],
    events: TransferEvent[],
  ): TransferFault | undefined {
    const first = this.#first;
    if (first === undefined) return odd('a transfer without a SOA record');
    const serial = serialOf(record);
    if (serial !== undefined && serial !== first.serial && this.#question.kind === 'steps') {
      if (serial !== this.#question.since)
        return odd(`steps from serial ${serial}, which is not the one we have`);
      this.#phase = { kind: 'steps', draft: draftFrom(record) };
      return undefined;
    }
    content.push(first.record);
    this.#phase = { kind: 'content' };
    if (record.type === rrType.SOA) return this.#end(record, events);
    content.push(record);
    return undefined;
  }

  /*  final SOA · [ SOA before · removed … · SOA after · added … ] … · final SOA      RFC 1995 §4 */
  #step(draft: Draft, record: ResourceRecord, events: TransferEvent[]): TransferFault | undefined {
    const serial = serialOf(record);
    const { to } = draft;
    if (serial === undefined) {
      (to === undefined ? draft.removed : draft.added).push(record);
      return undefined;
    }
    if (to === undefined) {
      if (!isLater(serial, serialOf(draft.from) ?? serial))
        return odd(`a step that leads back to serial ${serial}`);
      draft.to = record;
      return undefined;
    }
    if (serial !== serialOf(to)) return odd('steps with a gap between them');
    this.#steps += 1;
    if (this.#steps > this.#limits.steps)
      return { kind: 'large', rcode: 0, reason: `more than ${this.#limits.steps} steps` };
    const { from, removed, added } = draft;
    events.push({ kind: 'step', change: { from, to, removed, added } });
    if (serial === this.#first?.serial) return this.#end(record, events);
    this.#phase = { kind: 'steps', draft: draftFrom(record) };
    return undefined;
  }

  #end(record: ResourceRecord, events: TransferEvent[]): TransferFault | undefined {
    const first = this.#first?.record;
    // RFC 5936 §2.2: the last record is the first one again; where it isn't, the zone has changed under the transfer.
    if (first === undefined || !sameSoa(first, record))
      return odd('the last SOA record is not the first one');
    this.#phase = { kind: 'over' };
    events.push({ kind: 'end' });
    return undefined;
  }
}

function draftFrom(from: ResourceRecord): Draft {
  return { from, to: undefined, removed: [], added: [] };
}

function odd(reason: string): TransferFault {
  return { kind: 'odd', rcode: 0, reason };
}

/** The serial of a SOA record; `undefined` where it is none. */
export function serialOf(record: ResourceRecord): number | undefined {
  return record.type === rrType.SOA ? readRdata(soaType, record.rdata)?.serial : undefined;
}

/** Compression may have changed the case of names. */
function sameSoa(a: ResourceRecord, b: ResourceRecord): boolean {
  return equalBytes(canonicalRdata(rrType.SOA, a.rdata), canonicalRdata(rrType.SOA, b.rdata));
}
