// Gives zones to those who may have them: whole by AXFR (RFC 5936), or what has changed since by IXFR (RFC 1995), each from one version
// of the zone however long it takes.
import type { Clock } from '../../../lib/clock.ts';
import { formatEndpoint } from '../../../lib/endpoint.ts';
import { limitLog } from '../../../lib/limited-log.ts';
import type { Log, LogFields } from '../../../lib/log.ts';
import type { AccessRules } from '../../desk/access.ts';
import { replyTo } from '../../desk/reply.ts';
import type { ReplyParts } from '../../desk/reply.ts';
import type { DnsRequest, DnsRequestHandler } from '../../desk/request.ts';
import { rcode, rrClass } from '../../wire/codes.ts';
import { extendedError } from '../../wire/edns-option.ts';
import { encodeMessage } from '../../wire/message-encoder.ts';
import type { Question } from '../../wire/message.ts';
import type { DomainName } from '../../wire/name.ts';
import { readRdata } from '../../wire/rdata/record-type.ts';
import { soa as soaType } from '../../wire/rdata/soa.ts';
import { recordsOf } from '../../wire/record.ts';
import type { ResourceRecord } from '../../wire/record.ts';
import { rrType } from '../../wire/rr-type.ts';
import { isLater } from '../../wire/serial-arithmetic.ts';
import { serialOfSoa } from '../../zone/serial.ts';
import type { ZoneChange } from '../../zone/zone-change.ts';
import type { ZoneKeeper } from '../../zone/zone-keeper.ts';
import type { ZoneView } from '../../zone/zone-view.ts';
import { MessagePacker } from './message-packer.ts';
import { OutgoingStream } from './outgoing-stream.ts';
import type { StreamSum } from './outgoing-stream.ts';
import { StepScale, wholeZone, zoneSteps } from './transfer-records.ts';
import { TransferSlots } from './transfer-slots.ts';
import type { SlotLimits } from './transfer-slots.ts';

export interface TransferServerOptions {
  readonly keeper: Pick<ZoneKeeper, 'view' | 'enclosing' | 'changesSince'>;
  /** Who may have that zone; `undefined`: nobody. */
  readonly access: (origin: DomainName) => AccessRules | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Transfers at once, in all and to one client; default 64 and 16. More of them wait for 10 seconds at most. */
  readonly limits?: SlotLimits;
}

/** Milliseconds that a transfer waits for its turn. */
const patience = 10_000;

/** Octets of changes that are read from the journal at once; decoded, they take some ten times as much. */
const pageOctets = 65_536;

/** What of the zone is sent, and how that is called in the log. */
interface Parcel {
  readonly kind: 'AXFR' | 'IXFR';
  readonly pages: AsyncIterator<Iterable<ResourceRecord>, void>;
}

export class TransferServer {
  readonly #options: TransferServerOptions;
  readonly #slots: TransferSlots;
  /** For what strangers cause. */
  readonly #refusals: Log;

  constructor(options: TransferServerOptions) {
    this.#options = options;
    this.#refusals = limitLog(options.log, options.clock);
    this.#slots = new TransferSlots(options.limits ?? { total: 64, perAddress: 16 }, options.clock);
  }

  /** For `DnsRequestHandlers.transfer`. */
  readonly handle: DnsRequestHandler = async (request) => {
    const [question] = request.message.questions;
    if (question === undefined) return respond(request, { rcode: rcode.FORMERR });
    const found = this.#find(question, request);
    if ('refusal' in found) {
      this.#refusals.info('a transfer was refused', { ...whoAndWhat(request), reason: found.reason });
      return respond(request, found.refusal);
    }
    return question.type === rrType.IXFR
      ? await this.#sendSteps(found.view, request)
      : await this.#send(found.view, () => wholeParcel(found.view), request);
  };

  /** The zone as it is now, where it may be had; else what the client is told, and the log. */
  #find(
    question: Question,
    request: DnsRequest,
  ): { readonly view: ZoneView } | { readonly refusal: ReplyParts; readonly reason: string } {
    const { keeper, access } = this.#options;
    const origin = keeper.enclosing(question.name);
    if (origin?.equals(question.name) !== true || question.class !== rrClass.IN) {
      // RFC 5936 §2.2.1
      return {
        refusal: { rcode: rcode.NOTAUTH, extendedError: { code: extendedError.NOT_AUTHORITATIVE, text: '' } },
        reason: 'no such zone is served here',
      };
    }
    if (access(origin)?.allow(request) !== true) {
      return {
        refusal: { rcode: rcode.REFUSED, extendedError: { code: extendedError.PROHIBITED, text: '' } },
        reason: 'no rule of the zone’s transfer-to allows it',
      };
    }
    if (question.type === rrType.AXFR && request.client.transport === 'udp') {
      // RFC 5936 §4.2: not defined.
      return {
        refusal: {
          rcode: rcode.REFUSED,
          extendedError: { code: extendedError.NOT_SUPPORTED, text: 'use TCP' },
        },
        reason: 'AXFR doesn’t go over UDP',
      };
    }
    const view = keeper.view(origin);
    if (view === undefined) {
      return {
        refusal: { rcode: rcode.SERVFAIL, extendedError: { code: extendedError.NOT_READY, text: '' } },
        reason: 'the zone has no content now',
      };
    }
    return { view };
  }

  async #sendSteps(view: ZoneView, request: DnsRequest): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
    const since = serialOfClient(request, view.origin);
    if (since === undefined) return respond(request, { rcode: rcode.FORMERR });
    const current = respond(request, { authoritative: true, answers: recordsOf(view.soa) });
    // RFC 1995 §2: who has the same or a later version is told of ours by its SOA alone.
    if (!isLater(view.serial, since)) return current;
    // RFC 1995 §2: what doesn't fit a datagram is answered by the SOA alone, upon which the client asks by TCP.
    if (request.client.transport === 'udp') return (await this.#packSteps(view, since, request)) ?? current;
    return await this.#send(view, () => this.#stepsOrZone(view, since), request);
  }

  /** In one message, where they fit. Work and memory: little more than fits. */
  async #packSteps(view: ZoneView, since: number, request: DnsRequest): Promise<Uint8Array | undefined> {
    const scale = new StepScale(view);
    const packer = new MessagePacker(replyTo(request.message, { authoritative: true }), request.limit);
    const add = (records: Iterable<ResourceRecord>): boolean => {
      for (const record of records) if (!packer.add(record)) return false;
      return true;
    };
    if (!add(recordsOf(view.soa))) return undefined;
    for await (const changes of this.#steps(view, since))
      if (changes === undefined || scale.outweighs(changes) || !add(zoneSteps(changes))) return undefined;
    return add(recordsOf(view.soa)) ? packer.take() : undefined;
  }

  /** Reads long steps twice, to weigh them and to send them, so that no client has us hold more than a page of them. */
  async #stepsOrZone(view: ZoneView, since: number): Promise<Parcel> {
    const scale = new StepScale(view);
    for await (const changes of this.#steps(view, since))
      if (changes === undefined || scale.outweighs(changes)) return wholeParcel(view);
    return { kind: 'IXFR', pages: this.#stepPages(view, since) };
  }

  async *#stepPages(view: ZoneView, since: number): AsyncGenerator<Iterable<ResourceRecord>, void> {
    yield recordsOf(view.soa);
    for await (const changes of this.#steps(view, since)) {
      if (changes === undefined) throw new Error('the journal was trimmed meanwhile');
      yield zoneSteps(changes);
    }
    yield recordsOf(view.soa);
  }

  /** From that serial to the view's, a page at a time; `undefined` at last where the journal hasn't got them. */
  async *#steps(view: ZoneView, since: number): AsyncGenerator<readonly ZoneChange[] | undefined, void> {
    for (let serial = since; serial !== view.serial;) {
      const found = await this.#options.keeper.changesSince(view.origin, serial, pageOctets);
      // The zone may be further by now than the view is.
      const end = found?.findIndex(({ to }) => serialOfSoa(to.rdata) === view.serial) ?? -1;
      const page = end < 0 ? found : found?.slice(0, end + 1);
      const last = page?.at(-1);
      if (last === undefined) {
        yield undefined;
        return;
      }
      yield page;
      serial = serialOfSoa(last.to.rdata);
    }
  }

  async #send(
    view: ZoneView,
    choose: () => Promise<Parcel> | Parcel,
    request: DnsRequest,
  ): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
    const { clock, log } = this.#options;
    const slot = await this.#slots.take(request.client.from.address, patience);
    if (slot === undefined) {
      log.warn('a transfer waited too long for its turn', whoAndWhat(request));
      return respond(request, {
        rcode: rcode.SERVFAIL,
        extendedError: { code: extendedError.OTHER, text: 'too many transfers at once' },
      });
    }
    let parcel: Parcel;
    try {
      parcel = await choose();
    } catch (error) {
      slot[Symbol.dispose]();
      throw error;
    }
    const packer = new MessagePacker(replyTo(request.message, { authoritative: true }), request.limit);
    return new OutgoingStream(parcel.pages, packer, clock, (sum) => {
      slot[Symbol.dispose]();
      this.#report(view, parcel, request, sum);
    });
  }

  #report(view: ZoneView, { kind }: Parcel, request: DnsRequest, sum: StreamSum): void {
    const { fault, ...figures } = sum;
    const fields = { ...whoAndWhat(request), kind, serial: view.serial, ...figures };
    if (fault === undefined) this.#options.log.info('a zone was transferred', fields);
    else this.#options.log.warn('a transfer was broken off', { ...fields, reason: fault });
  }
}

function respond(request: DnsRequest, parts: ReplyParts): Uint8Array {
  return encodeMessage(replyTo(request.message, parts));
}

function wholeParcel(view: ZoneView): Parcel {
  return { kind: 'AXFR', pages: onePage(wholeZone(view)) };
}

async function* onePage(records: Iterable<ResourceRecord>): AsyncGenerator<Iterable<ResourceRecord>, void> {
  yield records;
}

/** RFC 1995 §3: the client's version stands in the authority section as the zone's SOA. */
function serialOfClient({ message }: DnsRequest, origin: DomainName): number | undefined {
  const [record, ...others] = message.authorities;
  if (record?.type !== rrType.SOA || others.length > 0 || !record.owner.equals(origin)) return undefined;
  return readRdata(soaType, record.rdata)?.serial;
}

function whoAndWhat({ message, client, key }: DnsRequest): LogFields {
  return {
    zone: message.questions[0]?.name.toString(),
    to: formatEndpoint(client.from),
    transport: client.transport,
    key: key?.toString(),
  };
}
