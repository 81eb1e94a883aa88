// Asks for something until an answer holds: one server of a zone that lies, or loses the signatures, must not make the zone bogus. RFC 4035 §5.5
// leaves to the resolver what else it tries. Bounded by the client query's budget.
import { serverOfZone } from './ask-zone.ts';
import { descend } from './descend.ts';
import type { Found } from './descend.ts';
import type { Engine, Sought, Work } from './engine.ts';
import type { Task } from './task.ts';

export type FoundAnswer = Extract<Found, { readonly kind: 'answer' }>;
export type FoundNothing = Extract<Found, { readonly kind: 'failure' }>;

export interface Judged<Verdict> {
  readonly verdict: Verdict;
  /** Whether another server may do better. */
  readonly doubtful: boolean;
}

export type Opinion<Verdict> =
  { readonly kind: 'answer'; readonly found: FoundAnswer; readonly verdict: Verdict } | FoundNothing;

/** The first answer that `judge` doesn't doubt; else the last that there was; a failure only where there was none at all. */
export function* askUntilItHolds<Verdict>(
  engine: Engine,
  work: Work,
  sought: Sought,
  judge: (found: FoundAnswer) => Task<Judged<Verdict>>,
): Task<Opinion<Verdict>> {
  let avoid: Set<string> | undefined;
  let last: Opinion<Verdict> | undefined;
  for (;;) {
    const found = yield* descend(engine, work, sought, avoid);
    if (found.kind === 'failure') return last ?? found;
    const { verdict, doubtful } = yield* judge(found);
    last = { kind: 'answer', found, verdict };
    if (!doubtful || !work.budget.takeSecondOpinion()) return last;
    avoid ??= new Set();
    avoid.add(serverOfZone(found.delegation.zone, found.server.address));
  }
}
