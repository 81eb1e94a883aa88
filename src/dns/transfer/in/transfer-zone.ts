// Takes a zone from one primary: by IXFR (RFC 1995) where there is content to build on, by AXFR (RFC 5936) where there is none or
// the steps can't be used. What comes is checked on the way and goes to the zone's keeper, which makes it durable and serves it.
import { Breather } from '../../../lib/breather.ts';
import type { Result } from '../../../lib/result.ts';
import { fault, ok, unreachable } from '../../../lib/result.ts';
import type { DomainName } from '../../wire/name.ts';
import { recordsOf } from '../../wire/record.ts';
import { isZoneData } from '../../wire/rdata/zone-data.ts';
import type { ResourceRecord } from '../../wire/record.ts';
import { rcode } from '../../wire/codes.ts';
import { rrType } from '../../wire/rr-type.ts';
import type { ZoneChange } from '../../zone/zone-change.ts';
import type { ZoneKeeper } from '../../zone/zone-keeper.ts';
import type { ZoneView } from '../../zone/zone-view.ts';
import { questionFor } from './ask-soa.ts';
import { ChangedView } from './changed-view.ts';
import type { Primary, PrimaryFault, PrimaryMeans, PrimaryPatience } from './primary.ts';
import { usualPatience } from './primary.ts';
import { PrimaryStream } from './primary-stream.ts';
import type { PrimaryAnswer } from './primary-stream.ts';
import { defaultTransferLimits, serialOf, TransferDecoder } from './transfer-decoder.ts';
import type { TransferEvent, TransferFault, TransferLimits, TransferQuestion } from './transfer-decoder.ts';

/** Looks at content before it is served; what it gives are faults that refuse it. */
export type ContentCheck = (content: ZoneView) => Promise<readonly string[]>;

export interface TransferMeans extends PrimaryMeans {
  readonly keeper: ZoneKeeper;
  readonly check?: ContentCheck;
  readonly patience?: PrimaryPatience;
  readonly limits?: TransferLimits;
}

export interface TransferWish {
  readonly origin: DomainName;
  /** Takes the whole zone, whatever its serial: asked for by hand, or because what we have is not right. */
  readonly whole: boolean;
}

export interface Transferred {
  /** `current`: the primary has nothing later, and nothing was changed. */
  readonly how: 'current' | 'steps' | 'whole';
  readonly view: ZoneView;
  readonly steps: number;
  /** Why steps were not taken where they might have been, for the log. */
  readonly instead: string | undefined;
  /** The first record taken whose data others will not take from us (`isZoneData`); the zone is its primary's, so it is served all the same. */
  readonly unfit: ResourceRecord | undefined;
}

/** Where the fault is `gone` or `wrong` the next primary may do better. */
export async function transferZone(
  wish: TransferWish,
  primary: Primary,
  means: TransferMeans,
  signal: AbortSignal,
): Promise<Result<Transferred, PrimaryFault>> {
  const newest = await newestOf(means.keeper, wish.origin);
  if (newest === undefined || wish.whole) return await takeWhole(wish, newest, primary, means, signal);
  const steps = await takeSteps(newest, primary, means, signal);
  if (steps.kind === 'done') return steps.outcome;
  const outcome = await takeWhole(wish, newest, primary, means, signal);
  return outcome.ok ? ok({ ...outcome.value, instead: steps.why }) : outcome;
}

/** The content that changes are made upon, be it expired; `undefined` where there is none. */
export async function newestOf(keeper: ZoneKeeper, origin: DomainName): Promise<ZoneView | undefined> {
  let newest: ZoneView | undefined = keeper.view(origin);
  if (newest !== undefined) return newest;
  await keeper.change(origin, (view) => {
    newest = view;
    return ok(undefined);
  });
  return newest;
}

type Steps =
  | { readonly kind: 'done'; readonly outcome: Result<Transferred, PrimaryFault> }
  /** The steps can't be used, and the whole zone is to be asked for. */
  | { readonly kind: 'whole'; readonly why: string };

async function takeSteps(
  newest: ZoneView,
  primary: Primary,
  means: TransferMeans,
  signal: AbortSignal,
): Promise<Steps> {
  const { origin, serial } = newest;
  const opened = await PrimaryStream.open(primary, means, signal, means.patience ?? usualPatience);
  if (!opened.ok) return { kind: 'done', outcome: opened };
  using stream = opened.value;
  const id = means.random.below(0x1_0000);
  // RFC 1995 §3: our SOA stands in the authority section.
  const asked = await stream.ask(questionFor(origin, rrType.IXFR, id, recordsOf(newest.soa)));
  if (!asked.ok) return { kind: 'done', outcome: asked };
  const transfer = new Transfer({ origin, kind: 'steps', id, since: serial }, asked.value, means);
  const changes: ZoneChange[] = [];
  for (;;) {
    const read = await transfer.next();
    if (!read.ok) {
      const { transfer: why } = read.fault;
      // A primary that won't give steps gives the zone (RFC 1995 §4); one that won't give us anything says REFUSED or NOTAUTH.
      return why !== undefined && mayGiveWhole(why)
        ? { kind: 'whole', why: why.reason }
        : { kind: 'done', outcome: fault(read.fault) };
    }
    for (const event of read.value) {
      switch (event.kind) {
        case 'current':
          return { kind: 'done', outcome: ok(current(newest)) };
        case 'content':
          return {
            kind: 'done',
            outcome: await replace(origin, event.records, transfer, means, read.value.at(-1)),
          };
        case 'step':
          changes.push(event.change);
          break;
        case 'end':
          return await makeSteps(newest, changes, means);
        default:
          return unreachable(event);
      }
    }
  }
}

function mayGiveWhole({ kind, rcode: code }: TransferFault): boolean {
  if (kind !== 'refused') return true;
  return code === rcode.FORMERR || code === rcode.NOTIMP || code === rcode.SERVFAIL;
}

/** RFC 1995 §4: nothing is changed before all steps are there. Each is then a change of its own, as it was at the primary. */
async function makeSteps(
  newest: ZoneView,
  changes: readonly ZoneChange[],
  means: TransferMeans,
): Promise<Steps> {
  const { origin } = newest;
  const breather = new Breather(means.clock);
  const ahead = new ChangedView(newest);
  let unfit: ResourceRecord | undefined;
  for (const change of changes) {
    unfit ??= firstUnfit(change.added);
    const applied = ahead.apply(change);
    if (!applied.ok) return { kind: 'whole', why: applied.fault };
    if (breather.due) await breather.rest();
  }
  const faults = (await means.check?.(ahead)) ?? [];
  if (faults.length > 0) return { kind: 'whole', why: faults.join('; ') };
  let view = newest;
  // Not one by one: changes made together share a commit.
  for (let at = 0; at < changes.length; at += changesAtOnce) {
    const made = await Promise.all(
      changes.slice(at, at + changesAtOnce).map((change) =>
        means.keeper.change(origin, (now): Result<ZoneChange> => {
          if (now.serial === serialOf(change.from)) return ok(change);
          return fault(`the zone is at serial ${now.serial} and not where the step begins`);
        }),
      ),
    );
    for (const each of made) {
      if (!each.ok) {
        const why = typeof each.fault === 'string' ? each.fault : each.fault.reasons.join('; ');
        return { kind: 'whole', why };
      }
      view = each.value;
    }
  }
  return {
    kind: 'done',
    outcome: ok({ how: 'steps', view, steps: changes.length, instead: undefined, unfit }),
  };
}

const changesAtOnce = 64;

async function takeWhole(
  wish: TransferWish,
  newest: ZoneView | undefined,
  primary: Primary,
  means: TransferMeans,
  signal: AbortSignal,
): Promise<Result<Transferred, PrimaryFault>> {
  const { origin } = wish;
  const opened = await PrimaryStream.open(primary, means, signal, means.patience ?? usualPatience);
  if (!opened.ok) return opened;
  using stream = opened.value;
  const id = means.random.below(0x1_0000);
  const asked = await stream.ask(questionFor(origin, rrType.AXFR, id));
  if (!asked.ok) return asked;
  const since = wish.whole ? undefined : newest?.serial;
  const transfer = new Transfer({ origin, kind: 'full', id, since }, asked.value, means);
  for (;;) {
    const read = await transfer.next();
    if (!read.ok) return read;
    for (const event of read.value) {
      if (event.kind === 'content')
        return await replace(origin, event.records, transfer, means, read.value.at(-1));
      if (event.kind === 'current' && newest !== undefined) return ok(current(newest));
    }
  }
}

function current(view: ZoneView): Transferred {
  return { how: 'current', view, steps: 0, instead: undefined, unfit: undefined };
}

/** Thrown through the keeper where a transfer breaks off, so that it drops what it has. */
class BrokenOff extends Error {
  readonly why: PrimaryFault;
  constructor(why: PrimaryFault) {
    super(why.reason);
    this.name = 'BrokenOff';
    this.why = why;
  }
}

/** Hands the whole zone on as it comes: it stands nowhere here. `last`: the event that came with the first records and is no content. */
async function replace(
  origin: DomainName,
  first: readonly ResourceRecord[],
  transfer: Transfer,
  means: TransferMeans,
  last: TransferEvent | undefined,
): Promise<Result<Transferred, PrimaryFault>> {
  let unfit = firstUnfit(first);
  async function* records(): AsyncGenerator<readonly ResourceRecord[]> {
    yield first;
    let over = last?.kind === 'end';
    while (!over) {
      const read = await transfer.next();
      if (!read.ok) throw new BrokenOff(read.fault);
      for (const event of read.value) {
        if (event.kind === 'content') {
          unfit ??= firstUnfit(event.records);
          yield event.records;
        } else over = true;
      }
    }
  }
  try {
    const replaced = await means.keeper.replace(origin, records(), means.check);
    if (!replaced.ok)
      return fault({ kind: 'wrong', reason: `the zone is not good: ${replaced.fault.join('; ')}` });
    return ok({ how: 'whole', view: replaced.value, steps: 0, instead: undefined, unfit });
  } catch (error) {
    if (error instanceof BrokenOff) return fault(error.why);
    throw error;
  }
}

function firstUnfit(records: readonly ResourceRecord[]): ResourceRecord | undefined {
  return records.find(({ type, rdata }) => !isZoneData(type, rdata));
}

interface ReadFault extends PrimaryFault {
  /** Where it is the content's and not the connection's. */
  readonly transfer: TransferFault | undefined;
}

/** The answer to one question for a zone, with the events of each message; lets others have their turn between messages. */
class Transfer {
  readonly #answer: PrimaryAnswer;
  readonly #decoder: TransferDecoder;
  readonly #breather: Breather;

  constructor(question: TransferQuestion, answer: PrimaryAnswer, means: TransferMeans) {
    this.#answer = answer;
    this.#decoder = new TransferDecoder(question, means.limits ?? defaultTransferLimits);
    this.#breather = new Breather(means.clock);
  }

  /** The last events come only once all signatures are found right. */
  async next(): Promise<Result<readonly TransferEvent[], ReadFault>> {
    if (this.#breather.due) await this.#breather.rest();
    const message = await this.#answer.next();
    if (!message.ok) return fault({ ...message.fault, transfer: undefined });
    const events = this.#decoder.push(message.value);
    if (!events.ok) {
      const { reason } = events.fault;
      return fault({ kind: 'wrong', reason, transfer: events.fault });
    }
    const wrong = this.#decoder.over ? this.#answer.finish() : undefined;
    return wrong === undefined ? ok(events.value) : fault({ ...wrong, transfer: undefined });
  }
}
